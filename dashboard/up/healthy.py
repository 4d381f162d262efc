"""`python -m dashboard.up.healthy`: whether the web server of this container answers, as the exit status."""

import os
import sys

from dashboard.up.address import Address, ask, host_header

PORT = 8000


def main() -> int:
    """0 when `/health/live/` answers 200, else 1."""
    status, _ = ask(Address("127.0.0.1", PORT), "/health/live/", host_header(os.environ))
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
