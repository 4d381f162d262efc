"""Forged callbacks change nothing and are answered like any unknown address (R4, small).

`python -m tests.chaos.forged --count 10000` is the long version.
"""

from pathlib import Path

import pytest

from tests.chaos.forged import run

pytestmark = pytest.mark.slow


def test_r4_forged_callbacks_change_nothing_and_look_like_any_unknown_address(tmp_path: Path):
    result = run(300, 1, tmp_path)
    print(result.table())
    assert (dict(result.answers), result.changed, len(result.bodies)) == ({404: 300}, [], 1)
