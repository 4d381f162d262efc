"""A planted key is used, repeated by the provider and made to fail at every stage, and then found nowhere (R8)."""

import json
from pathlib import Path

import pytest
from django.core import mail

from jobs.models import Job, JobState, Lease
from jobs.operations.api_keys import health, keys
from jobs.operations.jobs import callbacks
from jobs.operations.jobs.poll import poll_key
from jobs.operations.sweep import sweep
from tests.jobs.operations import searched
from tests.jobs.operations.at_dreamlook import Studio, long_ago
from tests.jobs.operations.conftest import again, look
from tests.jobs.operations.searched import found_in, said
from tests.providers.emulators.dreamlook import Fault

__all__ = ["said"]  # a fixture

pytestmark = pytest.mark.django_db

CANARY = "dl-canary/9f3b7a61c0de+wxyz=="
SPELLINGS = searched.spellings(CANARY)
ECHO = f"Not with {CANARY}, {SPELLINGS[2]} or {SPELLINGS[4]}, Authorization: Bearer {CANARY}"
ANSWERS = [{"detail": ECHO}, {"detail": [{"loc": ["body", "prompt"], "msg": ECHO}]}, {"job_id": CANARY, "key": CANARY}]


@pytest.fixture
def canary(dreamlook: Studio, redis: str) -> Studio:
    """The studio with a key that dreamlook accepts and repeats in whatever it answers."""
    dreamlook.emulator.service.open_account(CANARY)
    dreamlook.key = dreamlook.add_key(CANARY)
    return dreamlook


def test_the_search_finds_what_is_there():
    assert all(found_in([("here", f"x{one}y")], CANARY) for one in SPELLINGS)
    assert found_in([("here", "dl-canary")], CANARY) == []


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
    health.test(studio.key, studio.owner)
    studio.send()
    health.email_owners(studio.key.pk)
    sweep()


def call_back(studio: Studio) -> None:
    callback = studio.emulator.service.ledger[0].request["callback"]
    callbacks.receive(
        callback.rstrip("/").rpartition("/")[2], json.dumps({"job_id": "x", "said": ECHO, "key": CANARY}).encode()
    )


def test_r8_a_key_that_fails_at_every_stage_is_found_nowhere(
    canary: Studio, said: list[str], own_media: Path, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        fail_everywhere(canary)
        call_back(canary)
        ask_everywhere(canary)
        fetch_everywhere(canary)
        lose_the_key(canary)
        keys.revoke(canary.key, canary.owner)
    states = {again(job).state for job in Job.objects.all()}
    assert states >= {JobState.SUCCESS, JobState.FAILURE}
    assert len(canary.seen("POST", "/")) > 30
    assert sum(CANARY in seen.headers.get("authorization", "") for seen in canary.emulator.server.seen) > 50

    assert found_in(searched.everywhere(canary.owner, own_media, said), CANARY) == []
    assert len(said) > 50
    assert mail.outbox
