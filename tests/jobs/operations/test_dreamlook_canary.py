"""A planted key is used, repeated by the provider and made to fail at every stage, and then found nowhere (R8)."""

import base64
import json
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.apps import apps
from django.core import mail
from django.core.serializers import serialize
from django.test import Client
from django.urls import reverse

from dashboard.logs import TextFormatter
from jobs import versions
from jobs.models import Job, JobState, Lease
from jobs.operations import hint
from jobs.operations.api_keys import keys
from jobs.operations.api_keys.tell_owners import tell_key_rejected
from jobs.operations.asking.poll import poll_key
from jobs.operations.sending import ring
from jobs.operations.sweep import sweep
from tests.conftest import person
from tests.jobs.operations.at_dreamlook import Studio, long_ago
from tests.jobs.operations.conftest import again, look
from tests.providers.emulators.dreamlook import Fault

pytestmark = pytest.mark.django_db

CANARY = "dl-canary/9f3b7a61c0de+wxyz=="
SPELLINGS = (
    CANARY,
    CANARY.replace("/", "\\/"),
    quote(CANARY, safe=""),
    CANARY.encode().hex(),
    base64.b64encode(CANARY.encode()).decode().rstrip("="),
)
ECHO = f"Not with {CANARY}, {SPELLINGS[2]} or {SPELLINGS[4]}, Authorization: Bearer {CANARY}"
ANSWERS = [{"detail": ECHO}, {"detail": [{"loc": ["body", "prompt"], "msg": ECHO}]}, {"job_id": CANARY, "key": CANARY}]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was logged, by anybody, as the product writes it; and what was given to Celery."""
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(TextFormatter().format(record))

    keeper, root = Keeper(), logging.getLogger()
    before = root.level
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    monkeypatch.setattr(hint, "_send", lambda name, args, delay: lines.append(f"{name}{args}"))
    yield lines
    root.removeHandler(keeper)
    root.setLevel(before)


@pytest.fixture
def canary(dreamlook: Studio, redis: str) -> Studio:
    """The studio with a key that dreamlook accepts and repeats in whatever it answers."""
    dreamlook.emulator.service.open_account(CANARY)
    dreamlook.key = dreamlook.add_key(CANARY)
    return dreamlook


def test_the_search_finds_what_is_there():
    assert all(found_in([("here", f"x{one}y")]) for one in SPELLINGS)
    assert found_in([("here", "dl-canary")]) == []


def fail_everywhere(studio: Studio) -> None:
    """One order after the other, each going wrong in another way, and one that goes right."""
    faults = studio.emulator.faults
    for status in (400, 401, 403, 404, 422, 429, 500, 502, 307):
        for body in ANSWERS:
            faults.plan("submit", Fault("status", accept=False, status=status, body=body))
            studio.send()
            keys.replace(studio.key, studio.owner, CANARY)
    for fault in (Fault("id", body=CANARY), Fault("id", body=f"db_{CANARY[3:9]}"), Fault("reset"), Fault("cut", at=40)):
        faults.plan("submit", fault)
        studio.send()
    faults.plan("life", Fault("failure", body={"message": ECHO}))
    studio.send()
    studio.send(studio.order(dry_run=True))
    studio.send_training()


def ask_everywhere(studio: Studio) -> None:
    job = studio.send()
    for door in ("list", "read"):
        for status in (401, 403, 404, 429, 500):
            for body in ANSWERS:
                studio.emulator.faults.plan(door, Fault("status", status=status, body=body))
                look(job)
                keys.replace(studio.key, studio.owner, CANARY)
        for state in (CANARY, ECHO):
            studio.emulator.faults.plan(door, Fault("state", body=state))
            look(job)
    studio.pass_there(60)
    for kind in ("generation", "training"):
        Lease.objects.all().delete()
        poll_key(studio.key.pk, kind)
    for one in Job.objects.filter(state=JobState.UNCERTAIN):
        look(long_ago(one))


def fetch_everywhere(studio: Studio) -> None:
    faults = [Fault("status", status=status, body=ANSWERS[0]) for status in (200, 401, 403, 500)]
    studio.emulator.faults.plan("download", *faults)
    for job in Job.objects.filter(results_pending=True):
        studio.fetch(job)


def lose_the_key(studio: Studio) -> None:
    studio.emulator.service.tokens.pop(CANARY)
    keys.test(studio.key, studio.owner)
    studio.send()
    tell_key_rejected(studio.key.pk)
    sweep()
    callback = studio.emulator.service.ledger[0].request["callback"]
    ring.ring(
        callback.rstrip("/").rpartition("/")[2], json.dumps({"job_id": "x", "said": ECHO, "key": CANARY}).encode()
    )


def tables() -> Iterator[tuple[str, str]]:
    for model in apps.get_models():
        yield f"table {model.__name__}", serialize("json", model._default_manager.all())


def pages(studio: Studio) -> Iterator[tuple[str, str]]:
    chief = person("Chief", is_staff=True, is_superuser=True)
    for user in (studio.owner, chief):
        client = Client()
        client.force_login(user)
        names = ["jobs", "api_keys", "models", "gallery", "team", "new_training", "new_generation"]
        addresses = [reverse(name, args=["studio"]) for name in names]
        addresses += [reverse("job", args=["studio", job.pk]) for job in Job.objects.all()]
        addresses += [reverse("job_clone", args=["studio", job.pk]) for job in Job.objects.all()]
        admin = ["job", "attempt", "apikey", "callback", "checkpoint"]
        addresses += [f"/admin/jobs/{name}/" for name in admin] + ["/system/", "/nothing/like/this/"]
        for address in addresses:
            answer = client.get(address, follow=True)
            assert answer.status_code in {200, 403, 404}, address
            yield f"page {address} of {user}", answer.content.decode()


def in_redis() -> Iterator[tuple[str, str]]:
    client = versions._client()
    for name in client.scan_iter():
        yield "redis", repr((name, client.dump(name)))


def files(folder: Path) -> Iterator[tuple[str, str]]:
    for file in folder.rglob("*"):
        if file.is_file():
            yield f"file {file}", file.read_bytes().decode("latin-1")


def found_in(places: Iterable[tuple[str, str]]) -> list[str]:
    """Each place where the key stands in any spelling, with what stands around it."""
    hits = [(place, text, text.find(one)) for place, text in places for one in SPELLINGS if one in text]
    return [f"{place}: {text[max(0, at - 80) :][:200]}" for place, text, at in hits]


def test_r8_a_key_that_fails_at_every_stage_is_found_nowhere(
    canary: Studio, said: list[str], own_media: Path, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        fail_everywhere(canary)
        ask_everywhere(canary)
        fetch_everywhere(canary)
        lose_the_key(canary)
        keys.revoke(canary.key, canary.owner)
    states = {again(job).state for job in Job.objects.all()}
    assert states >= {JobState.SUCCESS, JobState.FAILURE}
    assert len(canary.seen("POST", "/")) > 30
    assert sum(CANARY in seen.headers.get("authorization", "") for seen in canary.emulator.server.seen) > 50

    hits = [*found_in(tables()), *found_in(pages(canary)), *found_in(in_redis()), *found_in(files(own_media))]
    hits += found_in(("logs and tasks", line) for line in said)
    hits += found_in(("e-mail", f"{message.subject}{message.body}") for message in mail.outbox)
    assert hits == []
    assert len(said) > 50
    assert mail.outbox
