"""No paid order is lost or charged twice, whatever is answered and whoever dies (R1, small).

`python -m tests.chaos.paid --orders 1000 --kills 150` is the long version; `--provider runpod` takes the provider that
cannot list its jobs, where only a callback or a person can tell what became of an order whose answer was lost.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.chaos.buyer import HANGING, OTHER_KEY
from tests.chaos.paid import Plan, Result, run

pytestmark = pytest.mark.slow
SEEDS = (1, 2, 3)


@pytest.fixture(scope="module", params=["dreamlook", "runpod"])
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Result]:
    """All seeds side by side: most of their time is spent waiting for what can be proven only by waiting."""
    provider = request.param
    plans = [
        Plan(seed, 10, 6, pause=1.2, at_once=4, keys=1, patience=0.7, provider=provider, troubles=(HANGING, OTHER_KEY))
        for seed in SEEDS
    ]
    with ThreadPoolExecutor(len(plans)) as pool:
        done = pool.map(lambda plan: run(plan, tmp_path_factory.mktemp(f"{provider}-{plan.seed}")), plans)
        return {result.plan.seed: result for result in done}


@pytest.mark.parametrize("seed", SEEDS)
def test_r1_nothing_is_lost_and_nothing_charged_twice(seed: int, results: dict[int, Result]):
    print(results[seed].table())
    assert results[seed].complaints == []
    assert results[seed].kills.total() == 6
    assert results[seed].books["charges"] == 10
