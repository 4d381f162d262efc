"""No paid order is lost or charged twice, whatever is answered and whoever dies (R1, small).

`python -m tests.chaos.paid --orders 1000 --kills 150` is the long version.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.chaos.paid import Plan, run

pytestmark = pytest.mark.slow
SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """All seeds side by side: most of their time is spent waiting for what can be proven only by waiting."""
    plans = [Plan(seed, orders=10, kills=6, pause=1.2, at_once=4, keys=1, patience=0.7) for seed in SEEDS]
    with ThreadPoolExecutor(len(plans)) as pool:
        done = pool.map(lambda plan: run(plan, tmp_path_factory.mktemp(f"seed-{plan.seed}")), plans)
        return {result.plan.seed: result for result in done}


@pytest.mark.parametrize("seed", SEEDS)
def test_r1_nothing_is_lost_and_nothing_charged_twice(seed: int, results: dict):
    print(results[seed].table())
    assert results[seed].complaints == []
    assert results[seed].kills.total() == 6
    assert results[seed].books["charges"] == 10
