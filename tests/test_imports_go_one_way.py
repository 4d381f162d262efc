"""Each part of the code uses only what stands below it, so that each can be read and tested without what is above."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LADDERS = {
    "jobs": [
        "urls provider_urls request_urls apps middleware",
        "views tasks templatetags receivers management",
        "admin pages",
        "forms",
        "operations keyset page_polling",
        "files",
        "models versions",
        "formats search",
        "providers photos",
    ],
    "dashboard": [
        "urls apps wsgi management",
        "views admin templatetags celery",
        "forms operations web",
        "access monitoring",
        "vault",
        "worker",
        "models",
        "logs up tokens",
        "settings",
        "environment",
        "master_keys redaction numbers",
    ],
}
"""From top to bottom. What shares a rung does not use each other."""

ROOMS = [
    "sweep",
    "consents",
    "jobs",
    "results",
    "api_keys photos",
    "cleanup",
    # What every room that touches a job stands on: its states, the words for them, and the care for our own mistakes
    "jobs.quarantine",
    "jobs.state",
    "jobs.sentences",
    "photo_grants",
    "bulkheads",
    "enqueue leases",
    "clock errors failpoints providers set_back storable",
]
"""The rooms of `jobs.operations`, from top to bottom. What shares a rung does not use each other; a module that is
named here stands on its own rung and not on that of its room."""

WORDS_OF_PROVIDERS = {"base", "order", "params", "registry", "reply"}
"""What pages and forms may know of providers: their words, never their errors and nothing that speaks to one."""

PLAIN = ("dashboard.redaction", "dashboard.numbers")
"""Plain Python of the dashboard's lowest rung, which everything may use."""

Import = tuple[str, str]
"""Who imports, and what."""


def modules(package: str) -> Iterator[tuple[str, str]]:
    """The dotted name and the text of every module of *package*, migrations aside."""
    for path in sorted((ROOT / package).rglob("*.py")):
        if "migrations" not in path.parts:
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield name.removesuffix(".__init__"), path.read_text()


def imported(text: str) -> Iterator[str]:
    """The dotted names that a module imports, anywhere in it: `from a.b import c` counts as `a.b.c`."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_of(package: str) -> list[Import]:
    return [(name, target) for name, text in modules(package) for target in imported(text)]


def part(name: str) -> str:
    """The part of its package that a dotted name belongs to: `operations` for `jobs.operations.jobs.poll`."""
    return name.partition(".")[2].partition(".")[0]


def rungs(package: str) -> dict[str, int]:
    return {name: rung for rung, names in enumerate(reversed(LADDERS[package])) for name in names.split()}


def climbing(package: str, imports: list[Import]) -> list[Import]:
    """The imports within *package* that lead upwards or sideways."""
    rung = rungs(package)
    inside = [(who, what) for who, what in imports if what.startswith(f"{package}.") and part(who)]
    return [
        (who, what) for who, what in inside if part(who) != part(what) and rung[part(who)] <= rung.get(part(what), -1)
    ]


def room(name: str) -> tuple[int, str]:
    """The rung, and what stands on it, of a dotted name in `jobs.operations`; -1 for the package itself."""
    inside = name.removeprefix("jobs.operations").removeprefix(".")
    known = {entry: rung for rung, names in enumerate(reversed(ROOMS)) for entry in names.split()}
    found = [entry for entry in known if inside == entry or inside.startswith(f"{entry}.")]
    entry = max(found, key=len, default="")
    return known.get(entry, -1), entry


def climbing_rooms(imports: list[Import]) -> list[Import]:
    """The imports between rooms of operations that lead upwards or sideways."""
    inside = [(who, what) for who, what in imports if what.startswith("jobs.operations.")]
    return [(who, what) for who, what in inside if room(who)[1] != room(what)[1] and room(who)[0] <= room(what)[0]]


@pytest.mark.parametrize("package", LADDERS)
def test_every_part_stands_on_a_rung(package: str):
    assert {part(name) for name, _ in modules(package)} - {""} <= set(rungs(package))


@pytest.mark.parametrize("package", LADDERS)
def test_imports_lead_downwards(package: str):
    assert climbing(package, imports_of(package)) == []


def test_every_room_of_operations_stands_on_a_rung():
    assert [name for name, _ in modules("jobs/operations") if name.count(".") > 1 and room(name)[0] < 0] == []


def test_imports_between_rooms_of_operations_lead_downwards():
    assert climbing_rooms(imports_of("jobs/operations")) == []


def test_the_dashboard_knows_nothing_of_jobs():
    assert [pair for pair in imports_of("dashboard") if pair[1].startswith("jobs")] == []


@pytest.mark.parametrize("package", ["jobs/providers", "jobs/photos"])
def test_providers_and_photos_are_plain_python(package: str):
    ours = package.replace("/", ".")
    kept_away = ("django", "celery", "dashboard", "jobs")
    found = [(who, what) for who, what in imports_of(package) if what.startswith(kept_away)]
    assert [(who, what) for who, what in found if not what.startswith((ours, *PLAIN))] == []


@pytest.mark.parametrize("name", PLAIN)
def test_what_everything_may_use_is_plain_python(name: str):
    kept_away = ("django", "celery", "dashboard", "jobs")
    assert [what for who, what in imports_of("dashboard") if who == name and what.startswith(kept_away)] == []


def test_the_supervisor_stays_free_of_django():
    heavy = ("django", "celery", "redis", "jobs")
    assert [pair for pair in imports_of("dashboard/up") if pair[1].startswith(heavy)] == []
    told = (
        "import sys; from dashboard import settings; sys.exit(str([m for m in sys.modules if m.startswith('django')]))"
    )
    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, cwd=ROOT, check=False)
    assert loaded.stderr.strip() == "[]", "it reads the settings as well"


def test_only_operations_speak_to_providers():
    outside = [pair for pair in imports_of("jobs") if part(pair[0]) not in {"operations", "providers"}]
    used = {what.split(".")[2] for _, what in outside if what.startswith("jobs.providers.")}
    assert used <= WORDS_OF_PROVIDERS


def test_only_providers_speak_http():
    assert {part(who) for who, what in imports_of("jobs") if what.startswith(("httpx", "requests"))} == {"providers"}


@pytest.mark.parametrize(
    ("who", "text"),
    [
        ("jobs.operations.jobs.poll", "from jobs.views import job_list"),
        ("jobs.models.job", "def later():\n    import jobs.operations.jobs.poll"),
        ("jobs.pages.cards", "from jobs.admin import inputs"),
    ],
)
def test_a_climbing_import_is_noticed(who: str, text: str):
    assert climbing("jobs", [(who, what) for what in imported(text)]) == [(who, *imported(text))]


@pytest.mark.parametrize(
    ("who", "what"),
    [
        ("jobs.operations.results.fetch", "jobs.operations.jobs.poll"),
        ("jobs.operations.jobs.state", "jobs.operations.jobs.submit"),
        ("jobs.operations.photos.edit", "jobs.operations.api_keys.keys"),
    ],
)
def test_an_import_that_climbs_between_rooms_is_noticed(who: str, what: str):
    assert climbing_rooms([(who, what)]) == [(who, what)]
