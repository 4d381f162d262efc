"""A large checkpoint arrives whole, whatever happens on the way (R5, small).

`python -m tests.chaos.big_checkpoint --megabytes 2000 --cuts 20 --kills 3` is the long version.
"""

import subprocess
import sys

import pytest

from tests.browser.product import ROOT, _outside_tests

pytestmark = pytest.mark.slow


def test_r5_a_checkpoint_that_is_cut_killed_expired_and_out_of_room_arrives_byte_for_byte():
    command = [sys.executable, "-m", "tests.chaos.big_checkpoint", "--megabytes", "24", "--cuts", "5", "--kills", "2"]
    done = subprocess.run(command, cwd=ROOT, env=_outside_tests(), capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stderr
