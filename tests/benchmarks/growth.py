"""F4: what each page of lists and pictures costs with few jobs and with many.

Each page is asked for again and again, and before each time something in the workspace changes, so that no answer is
one that was kept. What counts is the CPU time of the server's processes: waiting for a busy machine is not in it.
"""

from dataclasses import dataclass

from jobs import versions
from tests.benchmarks import seeding
from tests.benchmarks.figures import table
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.seeding import Team
from tests.benchmarks.server import Server
from tests.benchmarks.visitor import Owner

TIMES = 40
FEW_IMAGES = 1_000


@dataclass(frozen=True)
class Size:
    """So many jobs and pictures."""

    jobs: int
    images: int


def report(server: Server, owner: Owner, team: Team, few: int, many: int) -> str:
    """Seed pictures, measure, seed up to *many* jobs and as many pictures, measure again."""
    small, large = Size(few, FEW_IMAGES), Size(many, many)
    seeding.images(team, 0, small.images)
    before = {name: _milliseconds(server, owner, team, path) for name, path in pages(owner.home, team, small).items()}
    seeding.jobs(team, small.jobs, large.jobs - small.jobs)
    seeding.images(team, small.images, large.images - small.images)
    after = {name: _milliseconds(server, owner, team, path) for name, path in pages(owner.home, team, large).items()}
    rows = [(name, ms, after[name], after[name] / ms, "≤ 1.5") for name, ms in before.items()]
    head = (
        f"CPU ms with {small.jobs} jobs, {small.images} pictures",
        "few",
        f"{large.jobs} of both",
        "ratio",
        "to reach",
    )
    return table(head, rows)


def pages(home: str, team: Team, size: Size) -> dict[str, str]:
    """The newest and a middle page of every list and filter, easy and hard ones."""
    jobs, gallery = f"{home}/jobs/", f"{home}/gallery/"
    return {
        "jobs": jobs,
        "jobs, in the middle": f"{jobs}?before={size.jobs // 2}",
        "jobs running": f"{jobs}?tab=running",
        "jobs that need somebody": f"{jobs}?tab=needs-you",
        "jobs done": f"{jobs}?tab=done",
        "jobs failed": f"{jobs}?tab=failed",
        "jobs failed, in the middle": f"{jobs}?tab=failed&before={size.jobs // 2}",
        "trainings": f"{jobs}?kind=training",
        "jobs of one who orders often": f"{jobs}?person={team.regulars[0].pk}",
        "jobs of one who ordered five": f"{jobs}?person={team.founder.pk}",
        "jobs by a word many have": f"{jobs}?q=beach",
        "jobs by a word none has": f"{jobs}?q=submarine",
        "gallery": gallery,
        "gallery, in the middle": f"{gallery}page/?before={size.images // 2}",
        "gallery, starred": f"{gallery}?starred=on",
        "gallery, one job": f"{gallery}?job={size.jobs}",
        "gallery, a word many have": f"{gallery}?prompt=sunset",
        "gallery, a word none has": f"{gallery}?prompt=submarine",
    }


def _milliseconds(server: Server, owner: Owner, team: Team, path: str) -> float:
    """What an answer costs that nobody had before; the first one, which makes the cards, does not count."""
    owner.get(path)
    before = cpu_seconds(server.pid)
    for _ in range(TIMES):
        versions.touch(team.workspace)
        owner.get(path)
    return (cpu_seconds(server.pid) - before) / TIMES * 1000
