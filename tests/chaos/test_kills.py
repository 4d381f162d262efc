"""The main job survives the death of any process at any moment. `python -m tests.chaos.kills` is the long version."""

from pathlib import Path

import pytest

from tests.chaos.kills import Plan, run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [11])
def test_whatever_is_killed_nothing_is_lost_and_nothing_is_there_twice(seed: int, tmp_path: Path):
    result = run(Plan(seed, jobs=3, kills=6, photos=3, pause=2.5), tmp_path)
    print(result.table())
    assert result.complaints == []
    assert result.kills.total() == 6
    assert result.books["jobs"] >= 3
