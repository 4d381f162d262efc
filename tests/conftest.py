"""The cast: Jon owns the studio, Ann is its admin, Mara edits, Vic only looks; Sam owns another workspace."""

import gc
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.cache import caches
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client

from dashboard.models import Membership, Role, User, Workspace
from jobs.operations.providers import provider
from jobs.photos import intake
from jobs.providers.registry import PROVIDERS
from tests import lock_order
from tests.database import django_db_setup
from tests.no_skips import pytest_make_collect_report, pytest_runtest_makereport
from tests.photos import warm_child

__all__ = ["django_db_setup", "pytest_make_collect_report", "pytest_runtest_makereport"]  # pytest finds them here

OPERATIONS = Path(__file__).parent / "jobs/operations"
PASSWORD = "correct horse battery"


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Browser tests come last: Playwright's event loop stays in their thread, and Django refuses to work beside one.

    What changes jobs, and what looks at its work from another transaction, is for PostgreSQL too. There a test with
    many cases runs one of them, since all send the same SQL, unless it is about transactions or says that its cases
    differ in what the database sees.
    """
    for item in items:
        if OPERATIONS in item.path.parents or is_about_transactions(item):
            item.add_marker(pytest.mark.services)
    yield
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    if connection.vendor == "postgresql" and "services" in config.getoption("-m"):
        first = {item.nodeid.partition("[")[0]: item for item in reversed(items)}
        left_out = [item for item in items if first[item.nodeid.partition("[")[0]] is not item and not differs(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage again and again took a tenth of all tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def is_about_transactions(item: pytest.Item) -> bool:
    database = item.get_closest_marker("django_db")
    return database is not None and bool(database.kwargs.get("transaction"))


def differs(item: pytest.Item) -> bool:
    """Whether the cases of the test that *item* is one of are different for the database, too."""
    marks = item.iter_markers("services")
    return is_about_transactions(item) or any(mark.kwargs.get("every_case") for mark in marks)


def person(name: str, workspace: Workspace | None = None, role: Role = Role.EDITOR, **fields: object) -> User:
    user = User.objects.create_user(f"{name.lower()}@example.com", PASSWORD, name=name, **fields)
    if workspace is not None:
        Membership.objects.create(workspace=workspace, user=user, role=role)
    return user


def without_tokens(response: HttpResponse) -> str:
    """The page, less the form tokens, which are other ones each time."""
    return re.sub(r"[A-Za-z0-9]{64}", "", response.content.decode())


def text_of(response: HttpResponse) -> str:
    """A page as a browser takes it in, where one space is as good as a new line."""
    return " ".join(response.content.decode().split())


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done to the database in the block is undone at its end, for the next case of the same test."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def rows_are_locked_in_one_order() -> Iterator[None]:
    with lock_order.watched() as watch:
        yield
    assert watch.complaints() == []


@pytest.fixture(scope="session", autouse=True)
def warm_children() -> Iterator[None]:
    with warm_child.lit():
        yield


@pytest.fixture
def cold_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are decoded as in the product, by a Python started for each."""
    monkeypatch.setattr(intake, "start", warm_child.COLD)


@pytest.fixture(autouse=True)
def no_kept_fragments() -> None:
    """Ids begin again with each test, so what was kept for the last one's rows must go."""
    caches["fragments"].clear()
    caches["pages"].clear()


@pytest.fixture
def studio(db: None) -> Workspace:
    return Workspace.objects.create(name="Studio", slug="studio")


@pytest.fixture
def elsewhere(db: None) -> Workspace:
    return Workspace.objects.create(name="Elsewhere", slug="elsewhere")


@pytest.fixture
def jon(studio: Workspace) -> User:
    return person("Jon", studio, Role.OWNER)


@pytest.fixture
def ann(studio: Workspace) -> User:
    return person("Ann", studio, Role.ADMIN)


@pytest.fixture
def mara(studio: Workspace) -> User:
    return person("Mara", studio, Role.EDITOR)


@pytest.fixture
def vic(studio: Workspace) -> User:
    return person("Vic", studio, Role.VIEWER)


@pytest.fixture
def sam(elsewhere: Workspace) -> User:
    return person("Sam", elsewhere, Role.OWNER)


@pytest.fixture
def as_jon(jon: User) -> Client:
    return client_of(jon)


@pytest.fixture
def as_ann(ann: User) -> Client:
    return client_of(ann)


@pytest.fixture
def as_mara(mara: User) -> Client:
    return client_of(mara)


@pytest.fixture
def as_vic(vic: User) -> Client:
    return client_of(vic)


@pytest.fixture
def as_sam(sam: User) -> Client:
    return client_of(sam)


@pytest.fixture
def with_dreamlook(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A provider that takes keys, under dreamlook's name."""
    monkeypatch.setitem(PROVIDERS, "dreamlook", "tests.jobs.keyed_provider.KeyedProvider")
    provider.cache_clear()
    yield
    provider.cache_clear()
