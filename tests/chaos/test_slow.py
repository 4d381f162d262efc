"""Strangers who are slow on purpose keep nobody from anything. `python -m tests.chaos.slow` is the long version."""

from pathlib import Path

import pytest

from tests.chaos.slow import ATTACKS, run

pytestmark = pytest.mark.slow
UNHINDERED = {"health": 200, "page": 200, "file": 200, "form": 403}
"""The form lacks its token, which whoever reads the form at all says."""


def test_c06_whoever_never_reads_or_never_sends_keeps_nobody_from_pages_and_forms(tmp_path: Path):
    assert run(50, tmp_path) == dict.fromkeys(ATTACKS, UNHINDERED)
