"""The main job survives the death of any process at any moment. `python -m tests.chaos.kills` is the long version."""

from pathlib import Path

import pytest

from tests.chaos.kills import Plan, run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [11])
def test_b03_whatever_is_killed_nothing_is_lost_and_nothing_is_there_twice(seed: int, tmp_path: Path):
    points = ("submit.answered", "results.image_stored")
    result = run(Plan(seed, jobs=3, kills=6, pause=2.0, photos=3, points=points, latest_reach=1), tmp_path)
    assert not result.complaints, result.table()
    assert result.kills.total() == 6
    assert result.points_hit == 2
    assert result.books["jobs"] >= 3
