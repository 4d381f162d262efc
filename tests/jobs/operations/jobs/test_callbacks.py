"""Callbacks are doorbells: whatever they say, the job is asked after, and only the answer counts."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from jobs.models import Attempt, Callback, Job, JobEvent, JobState
from jobs.operations.jobs import callbacks, poll, submit
from jobs.operations.jobs.order import create
from jobs.operations.results.fetch import fetch
from jobs.providers.errors import Uncertain
from jobs.providers.reply import Receipt, State
from tests.conftest import without_tokens
from tests.jobs.operations.conftest import again, later, look
from tests.jobs.operations.scripted import Scripted, image, says

pytestmark = [pytest.mark.django_db, pytest.mark.services(every_case=True)]

SUCCESS = {"job_id": "job-1", "state": "success"}


def address(scripted: Scripted, order: int = -1) -> str:
    """The path of the callback address that an order carried."""
    return "/callbacks/" + scripted.orders[order].callback_url.partition("/callbacks/")[2]


def ring(path: str, body: object = SUCCESS, **extra: object):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client(enforce_csrf_checks=True).post(path, content, content_type="application/json", **extra)


def everything() -> list[object]:
    rows = Job.objects.values_list("pk", "state", "next_action_at", "version", "provider_job_id")
    return [*rows, *Callback.objects.values_list("pk"), *JobEvent.objects.values_list("pk", "sentence")]


@pytest.mark.parametrize("path", ["/callbacks/x/", f"/callbacks/{'A' * 43}/", "/callbacks/%00/", "/callbacks/é/"])
def test_c01_a_forged_callback_is_a_404_like_any_unknown_address_and_changes_nothing(sent, path):
    before = everything()
    answer = ring(path)
    assert answer.status_code == 404
    assert without_tokens(answer) == without_tokens(Client().get("/nothing/like/this/"))
    assert everything() == before


def test_c01_forged_callbacks_are_counted_without_their_token(sent, caplog):
    with caplog.at_level(logging.WARNING):
        ring(f"/callbacks/{'A' * 43}/")
    assert "an address that nobody was given" in caplog.text
    assert "AAAA" not in caplog.text


def test_c01_the_id_in_a_callback_moves_no_job_that_has_one(scripted, sent):
    ring(address(scripted), {"job_id": "job-of-somebody-else", "state": "failure"})
    assert (again(sent).provider_job_id, sent.state) == ("job-1", JobState.QUEUED)


def test_c02_a_hundred_times_the_same_is_one_entry_and_one_question(scripted, sent):
    assert {ring(address(scripted)).status_code for _ in range(100)} == {200}
    assert Callback.objects.count() == 1
    assert look(sent).state == JobState.QUEUED
    assert scripted.lists == 1


@pytest.mark.django_db(transaction=True)
def test_c02_ten_at_once_are_one_entry_too(scripted, sent):
    def press(_: int) -> int:
        try:
            return ring(address(scripted)).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as crowd:
        assert set(crowd.map(press, range(10))) == {200}
    assert Callback.objects.count() == 1


@pytest.fixture
def absent(job, scripted) -> Job:
    """It was taken for absent and waits to be sent once more; the provider has it all the same."""
    scripted.answers = says(Uncertain("timeout"))
    submit.submit(job.pk)
    then = timezone.now() - timedelta(minutes=1)
    job.attempts.update(created_at=then)
    Job.objects.filter(pk=job.pk).update(uncertain_since=then)
    assert look(job).state == JobState.READY
    scripted.accept(scripted.orders[0])
    return again(job)


def test_p03_a_callback_finds_what_was_taken_for_absent_before_it_is_sent_again(scripted, absent):
    assert ring(address(scripted)).status_code == 200
    submit.submit(later(absent).pk)
    assert (again(absent).state, absent.provider_job_id, len(scripted.orders)) == (JobState.QUEUED, "job-1", 1)


def test_p03_a_callback_of_what_was_sent_twice_is_said_once(scripted, absent):
    submit.submit(later(absent).pk)
    assert (again(absent).state, absent.provider_job_id) == (JobState.QUEUED, "job-2")
    for _ in range(2):
        ring(address(scripted, order=0))
    ring(address(scripted))
    (alert,) = absent.events.filter(kind="alert")
    assert "also has another try of this job (job-1)" in alert.sentence


def test_p03_of_what_was_sent_twice_both_results_are_fetched(scripted, absent):
    submit.submit(later(absent).pk)
    ring(address(scripted, order=0))
    other = Job.objects.get(cloned_from=absent)
    assert (other.state, other.provider_job_id, other.spec) == (JobState.QUEUED, "job-1", absent.spec)
    for id_ in ("job-1", "job-2"):
        scripted.becomes(id_, state=State.SUCCESS, artifacts=(image(f"{id_}-a"), image(f"{id_}-b")))
    for job in (absent, other):
        assert look(job).state == JobState.SUCCESS
        fetch(job.pk)
        assert (again(job).image_count, job.missing_count) == (2, 0)
    assert absent.attempts.count() == other.attempts.count() == 1


def test_c03_out_of_order_only_the_answer_to_our_question_counts(scripted, sent):
    scripted.becomes("job-1", state=State.RUNNING, percent=40)
    ring(address(scripted), SUCCESS)
    ring(address(scripted), {"job_id": "job-1", "state": "running"})
    assert again(sent).state == JobState.QUEUED
    assert sent.next_action_at <= timezone.now()
    poll.poll_key(sent.api_key_id, sent.kind)
    assert (again(sent).state, sent.percent) == (JobState.RUNNING, 40)


def test_c04_a_callback_before_the_answer_to_the_order_is_its_id_when_that_answer_is_lost(scripted, job):
    def ring_first(order):
        receipt = scripted.accept(order)
        assert ring(address(scripted), {"job_id": receipt.provider_job_id}).status_code == 200
        raise Uncertain("The answer got lost.")

    scripted.answers = [ring_first]
    submit.submit(job.pk)
    assert (again(job).state, job.provider_job_id) == (JobState.QUEUED, "job-1")
    assert JobState.UNCERTAIN not in job.events.values_list("state", flat=True)
    assert Attempt.objects.get().outcome == Attempt.Outcome.ADOPTED


def test_c04_a_callback_before_the_answer_changes_nothing_when_the_answer_comes(scripted, job):
    def ring_first(order):
        receipt = scripted.accept(order)
        ring(address(scripted), {"job_id": "another-id"})
        return receipt

    scripted.answers = [ring_first]
    submit.submit(job.pk)
    assert (again(job).state, job.provider_job_id) == (JobState.QUEUED, "job-1")


def test_a_callback_finds_a_job_whose_answer_was_lost(scripted, job):
    scripted.answers = [scripted.accept_and_lose_the_answer]
    submit.submit(job.pk)
    assert again(job).state == JobState.UNCERTAIN
    ring(address(scripted))
    assert (again(job).state, job.provider_job_id) == (JobState.QUEUED, "job-1")
    assert len(scripted.orders) == 1


def test_p13_a_callback_with_the_id_of_another_job_lets_a_person_decide(scripted, sent, another):
    lost = another("second")
    scripted.answers = [scripted.accept_and_lose_the_answer]
    submit.submit(lost.pk)
    ring(address(scripted), {"job_id": sent.provider_job_id})
    assert (again(lost).state, lost.needs_decision) == (JobState.UNCERTAIN, True)
    assert again(sent).state == JobState.QUEUED


def test_c05_nothing_that_has_ended_is_revived(scripted, sent):
    scripted.becomes("job-1", state=State.FAILURE, failure="Out of memory")
    assert look(sent).state == JobState.FAILURE
    before = Job.objects.values().get()
    assert ring(address(scripted)).status_code == 404
    assert Job.objects.values().get() == before


def test_c05_a_deleted_job_has_no_callback_address(scripted, sent):
    Job.objects.update(deleted_at=timezone.now())
    assert ring(address(scripted)).status_code == 404


def test_c05_a_deleted_workspace_has_none_either(scripted, sent):
    sent.workspace.delete()
    assert ring(address(scripted)).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"3",
        b'"text"',
        b"{",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b"[" * 100_000,
        b'{"a":' * 1000 + b"1" + b"}" * 1000,
        b'{"job_id": "' + b"x" * (10 << 20) + b'"}',
    ],
    ids=["empty", "text", "list", "number", "string", "cut", "utf-16", "nan", "twice", "deep", "deep-object", "10-mb"],
)
def test_c06_what_is_no_callback_is_a_400_and_leaves_no_trace(scripted, sent, body):
    before = everything()
    assert ring(address(scripted), body).status_code == 400
    assert everything() == before


@pytest.mark.parametrize("called", [None, 7, ["job-1"], {"a": 1}, "x" * 5000, "\x00", "\ud800"])
def test_c06_an_odd_id_is_no_id(scripted, job, called):
    scripted.answers = [scripted.accept_and_lose_the_answer]
    submit.submit(job.pk)
    assert ring(address(scripted), {"job_id": called}).status_code in (200, 400)
    assert len(again(job).provider_job_id) <= 200


def test_c06_only_post_is_answered(scripted, sent):
    assert Client().get(address(scripted)).status_code == 405


def test_c07_without_the_database_it_is_asked_to_come_again(scripted, sent, monkeypatch):
    def away(*args: object) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr("jobs.operations.jobs.callbacks.receive", away)
    assert ring(address(scripted)).status_code == 503


def test_c08_what_the_provider_says_when_asked_wins(scripted, sent):
    ring(address(scripted), {"job_id": "job-1", "state": "failure", "failure_reason": "Liar"})
    scripted.becomes("job-1", state=State.SUCCESS)
    poll.poll_key(sent.api_key_id, sent.kind)
    assert again(sent).state == JobState.SUCCESS
    assert "Liar" in Callback.objects.get().body


def test_p14_a_rehearsal_ends_with_its_callback(scripted, studio, mara, draft):
    scripted.answers = [lambda order: Receipt("TEST_1")]
    rehearsal = create(studio, mara, replace(draft, dry_run=True), "rehearsal")
    submit.submit(rehearsal.pk)
    assert again(rehearsal).state == JobState.QUEUED
    ring(address(scripted), {"job_id": "TEST_1", "state": "success"})
    assert (again(rehearsal).state, rehearsal.charged) == (JobState.SUCCESS, Job.Charged.NO)


def test_p14_a_rehearsal_whose_answer_was_lost_ends_with_its_callback(scripted, studio, mara, draft):
    scripted.answers = says(Uncertain("timeout"))
    rehearsal = create(studio, mara, replace(draft, dry_run=True), "rehearsal")
    submit.submit(rehearsal.pk)
    assert again(rehearsal).state == JobState.UNCERTAIN
    ring(address(scripted), {"job_id": "TEST_1", "state": "success"})
    assert (look(rehearsal).state, rehearsal.charged, scripted.reads) == (JobState.SUCCESS, Job.Charged.NO, 0)


def test_p14_a_rehearsal_whose_callback_came_before_the_answer_ends_with_the_answer(scripted, studio, mara, draft):
    def ring_first(order):
        ring(address(scripted), {"job_id": "TEST_1"})
        return Receipt("TEST_1")

    scripted.answers = [ring_first]
    rehearsal = create(studio, mara, replace(draft, dry_run=True), "rehearsal")
    submit.submit(rehearsal.pk)
    poll.poll_key(rehearsal.api_key_id, rehearsal.kind)
    assert again(rehearsal).state == JobState.SUCCESS


def test_p14_a_rehearsal_whose_callback_cannot_come_ends_at_once(scripted, studio, mara, draft, settings):
    settings.PUBLIC_URL = ""
    scripted.answers = [lambda order: Receipt("TEST_1")]
    rehearsal = create(studio, mara, replace(draft, dry_run=True), "rehearsal")
    submit.submit(rehearsal.pk)
    assert again(rehearsal).next_action_at < timezone.now() + timedelta(seconds=5)


def test_p14_a_rehearsal_without_a_callback_ends_after_ten_minutes(scripted, studio, mara, draft, settings):
    settings.PUBLIC_URL = "https://likeness.example.com"
    scripted.answers = [lambda order: Receipt("TEST_1")]
    rehearsal = create(studio, mara, replace(draft, dry_run=True), "rehearsal")
    submit.submit(rehearsal.pk)
    later(rehearsal)
    poll.poll_key(rehearsal.api_key_id, rehearsal.kind)
    assert again(rehearsal).state == JobState.SUCCESS
    assert scripted.lists == scripted.reads == 0


def test_what_is_kept_of_a_callback_names_no_secret(scripted, sent):
    told = {"job_id": "job-1", "config": {"callback": scripted.orders[0].callback_url, "image_urls": ["https://x/y"]}}
    ring(address(scripted), told)
    kept = Callback.objects.get().body
    assert address(scripted).split("/")[2] not in kept
    assert "https://x/y" not in kept


def test_c05_once_the_job_has_ended_its_address_is_like_any_unknown_one_and_opens_no_secret(scripted, sent):
    Job.objects.filter(pk=sent.pk).update(state=JobState.SUCCESS)
    before = everything()
    for number in range(3):
        assert ring(address(scripted), SUCCESS | {"n": number}).status_code == 404
    assert everything() == before


def test_c02_of_one_job_only_so_many_callbacks_are_kept(scripted, sent, monkeypatch):
    monkeypatch.setattr(callbacks, "MOST_KEPT", 3)
    for number in range(6):
        assert ring(address(scripted), SUCCESS | {"n": number}).status_code == 200
    assert Callback.objects.count() == 3
