"""Sending orders to dreamlook over real HTTP, whatever comes back: sent once, charged once."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.core import mail
from django.utils import timezone

from dashboard.models import AuditEntry
from dashboard.monitoring.condition import examine
from jobs.models import ApiKey, Attempt, Job, JobState
from jobs.operations import failpoints
from jobs.operations.api_keys import health, keys
from jobs.operations.jobs import callbacks, submit
from tests.jobs.operations.at_dreamlook import Studio, long_ago
from tests.jobs.operations.conftest import again, look, told
from tests.jobs.operations.resting import rest_on, rests
from tests.providers.emulators.dreamlook import Fault
from tests.providers.emulators.dreamlook.faults import refused

pytestmark = pytest.mark.django_db

HANG = Fault("hang", seconds=3)
NOT_TAKEN = Fault("hang", accept=False, seconds=3)


def send_with(dreamlook: Studio, *faults: Fault) -> Job:
    dreamlook.plan("submit", *faults)
    return dreamlook.send()


def outcomes(job: Job) -> list[str]:
    return list(job.attempts.order_by("number").values_list("outcome", flat=True))


def test_p02_an_order_that_never_arrived_is_proven_absent_and_sent_once_more(dreamlook: Studio):
    dreamlook.send()
    job = send_with(dreamlook, NOT_TAKEN)
    assert (job.state, job.charged) == (JobState.UNCERTAIN, Job.Charged.UNKNOWN)
    assert look(job).state == JobState.UNCERTAIN, "too early to prove anything"

    job = look(long_ago(job))
    assert (job.state, outcomes(job)) == (JobState.READY, ["absent"])
    job = dreamlook.send(job)
    assert (job.state, dreamlook.charges) == (JobState.QUEUED, 2)


def test_p02_an_empty_list_proves_nothing(dreamlook: Studio):
    job = look(long_ago(send_with(dreamlook, NOT_TAKEN)))
    assert (job.state, outcomes(job)) == (JobState.UNCERTAIN, ["uncertain"])


def test_p02_the_second_order_that_never_arrived_is_left_to_a_person(dreamlook: Studio):
    dreamlook.send()
    job = send_with(dreamlook, NOT_TAKEN, NOT_TAKEN)
    job = dreamlook.send(look(long_ago(job)))
    Job.objects.update(uncertain_since=timezone.now() - timedelta(minutes=16))
    job = look(job)
    assert (job.state, job.needs_decision, dreamlook.charges) == (JobState.UNCERTAIN, True, 1)


def test_p03_an_order_whose_answer_got_lost_is_found_on_the_list_and_charged_once(dreamlook: Studio):
    job = look(send_with(dreamlook, HANG))
    assert (job.state, job.provider_job_id) == (JobState.QUEUED, dreamlook.emulator.service.ledger[0].job_id)
    assert (outcomes(job), dreamlook.charges, job.failure) == (["adopted"], 1, "")


def test_p03_a_callback_finds_it_too(dreamlook: Studio):
    job = send_with(dreamlook, HANG)
    charge = dreamlook.emulator.service.ledger[0]
    callbacks.receive(
        charge.request["callback"].rstrip("/").rpartition("/")[2], f'{{"job_id": "{charge.job_id}"}}'.encode()
    )
    assert (again(job).state, job.provider_job_id, dreamlook.charges) == (JobState.QUEUED, charge.job_id, 1)


@pytest.mark.parametrize("name", ["reset", "cut", "half_json", "html", "empty", "no_id", "nan", "huge", "gzip_bomb"])
def test_p04_an_answer_that_cannot_be_read_may_still_mean_yes(dreamlook: Studio, name: str):
    job = send_with(dreamlook, Fault(name))
    assert job.state == JobState.UNCERTAIN
    assert (look(job).state, dreamlook.charges) == (JobState.QUEUED, 1)


@pytest.mark.parametrize("status", [301, 307, 308])
def test_p05_a_redirect_is_not_followed_and_whoever_looks_after_the_server_learns_of_it(
    dreamlook: Studio, caplog, status: int
):
    elsewhere = {"Location": f"{dreamlook.emulator.url}/dreambooth"}
    dreamlook.send()
    job = send_with(dreamlook, Fault("redirect", accept=False, status=status, headers=elsewhere))
    assert (job.state, len(dreamlook.seen("POST", "/"))) == (JobState.UNCERTAIN, 2)
    assert any("endpoint" in sentence for sentence in told(job))
    assert "wants orders at another address than we know" in str(examine().troubles)
    assert "its endpoint is outdated" in caplog.text
    assert (look(long_ago(job)).state, dreamlook.charges) == (JobState.READY, 1)


def test_p06_a_refused_key_ends_one_job_and_the_others_wait_until_it_is_replaced(
    dreamlook: Studio, django_capture_on_commit_callbacks
):
    key = dreamlook.key = dreamlook.add_key("dl-wrong")
    first, second, third = (dreamlook.order() for _ in range(3))
    first = dreamlook.send(first)
    assert (first.state, first.failure_code, first.charged) == (JobState.FAILURE, "key_refused", Job.Charged.NO)
    second, third = dreamlook.send(second), dreamlook.send(third)
    assert [(job.state, job.failure_code) for job in (second, third)] == [(JobState.READY, "waiting_for_key")] * 2
    assert ApiKey.objects.get(pk=key.pk).health == ApiKey.Health.REJECTED
    assert len(dreamlook.seen("POST", "/")) == 1, "a refused key is not tried again"

    keys.replace(key, dreamlook.owner, "dl-emulator")
    assert dreamlook.send(second).state == JobState.QUEUED
    assert second.failure == ""


def test_p06_the_owners_are_told_once_about_a_refused_key(dreamlook: Studio, mara):
    key = dreamlook.key = dreamlook.add_key("dl-wrong")
    for job in [dreamlook.order() for _ in range(3)]:
        dreamlook.send(job)
    assert AuditEntry.objects.filter(action="key.rejected").count() == 1
    for _ in range(3):
        health.email_owners(key.pk)
    assert [message.to for message in mail.outbox] == [["jon@example.com"]]
    assert "http://likeness.test/w/studio/keys/" in mail.outbox[0].body
    assert "dl-wrong" not in mail.outbox[0].body


def test_p07_an_account_without_tokens_is_told_apart_from_a_refused_key_and_not_tried_again(dreamlook: Studio):
    dreamlook.emulator.service.tokens["dl-emulator"] = 5
    job = dreamlook.send()
    assert (job.state, job.failure_code, job.charged) == (JobState.FAILURE, "no_credit", Job.Charged.NO)
    assert "no tokens left" in job.failure
    key = ApiKey.objects.get(pk=dreamlook.key.pk)
    assert key.health == ApiKey.Health.NO_CREDIT
    dreamlook.emulator.service.tokens["dl-emulator"] = 1000
    assert dreamlook.send().state == JobState.QUEUED, "the next order may go through again"


def test_p08_an_endpoint_that_is_not_there_ends_the_job_and_is_an_alert(dreamlook: Studio):
    job = send_with(dreamlook, refused(404))
    assert (job.state, job.failure_code, job.charged) == (JobState.FAILURE, "no_endpoint", Job.Charged.NO)
    assert job.events.filter(kind="alert").count() == 1


def in_a_minute() -> str:
    return format_datetime(timezone.now() + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("7", 7, 7), (in_a_minute, 59, 60), ("-1", 1, 1), ("1e9", 900, 900), ("soon", 10, 60), ("", 10, 60)],
)
def test_p11_asked_too_often_the_key_rests_as_long_as_it_is_told(dreamlook: Studio, header, least, most):
    begun, said = timezone.now(), header() if callable(header) else header
    job = send_with(dreamlook, refused(429, "slow down", Retry_After=said))
    assert job.state == JobState.READY
    assert rests(job.next_action_at, begun, least, most)
    assert outcomes(job) == ["refused"]
    rest_on()
    assert dreamlook.send(dreamlook.order()).state == JobState.READY, "the whole key rests"
    assert len(dreamlook.seen("POST", "/")) == 1

    ApiKey.objects.update(paused_until=None)
    assert (dreamlook.send(job).state, dreamlook.charges) == (JobState.QUEUED, 1)


def test_p11_one_teams_pause_is_not_anothers(dreamlook: Studio):
    send_with(dreamlook, refused(429, "slow down", Retry_After="60"))
    dreamlook.emulator.service.open_account("dl-another")
    dreamlook.key = dreamlook.add_key("dl-another")
    assert dreamlook.send().state == JobState.QUEUED


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_p12_a_server_error_is_no_reason_to_send_again(dreamlook: Studio, status: int):
    job = send_with(dreamlook, Fault("status", status=status, body={"detail": "sorry"}))
    assert job.state == JobState.UNCERTAIN
    assert (look(job).state, dreamlook.charges, len(dreamlook.seen("POST", "/"))) == (JobState.QUEUED, 1, 1)


def test_p13_an_id_that_another_job_has_is_not_believed_and_a_person_decides(dreamlook: Studio):
    first = dreamlook.send()
    second = send_with(dreamlook, Fault("known_id"))
    assert (second.state, second.provider_job_id, second.needs_decision) == (JobState.UNCERTAIN, "", True)
    assert second.events.filter(kind="alert").exists()
    assert again(first).provider_job_id == dreamlook.emulator.service.ledger[0].job_id


def test_p14_a_rehearsal_is_free_and_ends_with_its_callback(dreamlook: Studio):
    job = dreamlook.send(dreamlook.order(dry_run=True))
    assert (job.state, job.is_pollable, job.charged, dreamlook.charges) == (JobState.QUEUED, False, Job.Charged.NO, 0)
    assert job.provider_job_id.startswith("TEST_")
    callback = dreamlook.seen("POST", "/image_gen")[0].json()["callback"]
    callbacks.receive(callback.rstrip("/").rpartition("/")[2], b'{"job_id": "TEST_1", "state": "success"}')
    assert (again(job).state, job.results_pending, dreamlook.lists, dreamlook.reads) == (JobState.SUCCESS, False, 0, 0)


def test_p14_a_rehearsal_without_a_callback_ends_after_ten_minutes(dreamlook: Studio):
    job = dreamlook.send(dreamlook.order(dry_run=True))
    assert 595 < (job.next_action_at - timezone.now()).total_seconds() <= 600
    job = look(job)
    assert (job.state, job.charged, dreamlook.lists, dreamlook.reads) == (JobState.SUCCESS, Job.Charged.NO, 0, 0)


def test_whatever_is_answered_only_one_request_leaves_for_each_attempt(dreamlook: Studio):
    faults = [HANG, Fault("reset"), refused(422), Fault("redirect"), Fault("status", status=502), refused(403), None]
    for fault in faults:
        send_with(dreamlook, fault)
    assert Attempt.objects.count() == len(dreamlook.seen("POST", "/")) == len(faults)


def test_b11_a_process_that_slept_before_sending_sends_nothing_any_more(dreamlook: Studio, monkeypatch):
    clock = {"now": 0.0}
    monkeypatch.setattr(submit, "awake", lambda: clock["now"])
    monkeypatch.setattr(failpoints, "on_reach", lambda name: clock.update(now=clock["now"] + 3.0))
    job = dreamlook.send()
    assert (job.state, dreamlook.charges) == (JobState.QUEUED, 1)

    monkeypatch.setattr(failpoints, "on_reach", lambda name: clock.update(now=clock["now"] + 300.0))
    job = dreamlook.send()
    assert (job.state, outcomes(job), dreamlook.charges) == (JobState.READY, ["unsent"], 1)
