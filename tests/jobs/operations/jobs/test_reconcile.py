"""Jobs whose answer was lost: found by their token, proven absent, or put before a person (P02, P03, P13)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.models import AuditEntry
from jobs.models import Attempt, Job, JobState
from jobs.operations.api_keys import keys
from jobs.operations.errors import NotPossible
from jobs.operations.jobs.actions import Decision, cancel, decide
from jobs.operations.jobs.order import create
from jobs.operations.jobs.submit import submit
from jobs.operations.photo_grants import grants
from jobs.providers import errors
from jobs.providers.base import Capability
from jobs.providers.reply import Receipt, Snapshot, State
from tests.jobs.operations.conftest import again, later, look, told
from tests.jobs.operations.scripted import Scripted, says


@pytest.fixture
def lost(job: Job, scripted: Scripted) -> Job:
    """The provider took it, and the answer got lost."""
    scripted.answers = [scripted.accept_and_lose_the_answer]
    submit(job.pk)
    return again(job)


@pytest.fixture
def vanished(job: Job, scripted: Scripted) -> Job:
    """The order never arrived, and we don't know."""
    scripted.answers = says(errors.Uncertain("timeout"))
    submit(job.pk)
    return again(job)


def age(job: Job, **span: float) -> None:
    then = timezone.now() - timedelta(**span)
    job.attempts.update(created_at=then)
    Job.objects.filter(pk=job.pk).update(uncertain_since=then)


def test_p03_a_job_that_was_taken_is_found_by_its_token_and_not_sent_again(lost: Job, scripted: Scripted):
    job = look(lost)
    assert (job.state, job.provider_job_id, len(scripted.orders)) == (JobState.QUEUED, "job-1", 1)
    assert job.attempts.get().outcome == Attempt.Outcome.ADOPTED
    assert job.uncertain_since is None


def test_p02_absence_proves_nothing_before_some_time_has_passed(vanished: Job, scripted: Scripted):
    assert look(vanished).state == JobState.UNCERTAIN


def test_p02_proven_absent_it_is_sent_once_more(vanished: Job, scripted: Scripted):
    age(vanished, minutes=1)
    job = look(vanished)
    assert job.state == JobState.READY
    assert job.attempts.get().outcome == Attempt.Outcome.ABSENT
    submit(job.pk)
    assert (again(job).state, len(scripted.orders)) == (JobState.QUEUED, 2)


def test_p02_absence_is_believed_only_once(vanished: Job, scripted: Scripted):
    age(vanished, minutes=1)
    job = look(vanished)
    scripted.answers = says(errors.Uncertain("timeout"))
    submit(job.pk)
    age(job, minutes=1)
    assert look(job).state == JobState.UNCERTAIN
    age(job, minutes=16)
    job = look(job)
    assert (job.state, job.needs_decision, len(scripted.orders)) == (JobState.UNCERTAIN, True, 2)


def test_p02_what_another_key_lists_proves_nothing_and_a_person_decides(vanished: Job, scripted: Scripted, jon):
    keys.replace(vanished.api_key, jon, "the-key-of-another-account")
    age(vanished, minutes=1)
    assert look(vanished).state == JobState.UNCERTAIN
    age(vanished, minutes=16)
    job = look(vanished)
    assert (job.state, job.needs_decision, len(scripted.orders)) == (JobState.UNCERTAIN, True, 1)
    assert "look in the account that this job was sent to" in told(job)[-1]


def test_p03_with_another_key_it_is_still_found_by_its_token(lost: Job, scripted: Scripted, jon):
    keys.replace(lost.api_key, jon, "another-key-of-the-same-account")
    assert (look(lost).state, len(scripted.orders)) == (JobState.QUEUED, 1)


def test_p02_an_attempt_of_the_version_before_is_proven_absent_as_ever(vanished: Job, scripted: Scripted):
    vanished.attempts.update(account_hash="")
    age(vanished, minutes=1)
    assert look(vanished).state == JobState.READY


def test_p02_a_job_whose_photos_were_fetched_has_arrived(vanished: Job, scripted: Scripted, client):
    fetch_photos(scripted, client)
    age(vanished, minutes=1)
    assert look(vanished).state == JobState.UNCERTAIN
    age(vanished, minutes=16)
    job = look(vanished)
    assert (job.state, job.needs_decision, len(scripted.orders)) == (JobState.UNCERTAIN, True, 1)
    assert "so it is probably there" in told(job)[-1]


def fetch_photos(scripted: Scripted, client) -> None:
    token = scripted.orders[0].callback_url.rstrip("/").rpartition("/")[2]
    client.get(f"/lent/{grants.grant_token(token)}/captions.json")


def test_p02_photos_that_are_fetched_after_all_hold_the_second_order(vanished: Job, scripted: Scripted, client, mara):
    age(vanished, minutes=1)
    assert look(vanished).state == JobState.READY
    fetch_photos(scripted, client)
    submit(vanished.pk)
    job = again(vanished)
    assert (job.state, job.needs_decision, len(scripted.orders)) == (JobState.UNCERTAIN, True, 1)
    assert "so it is probably there" in told(job)[-1]
    decide(job, mara, Decision.SEND)
    submit(job.pk)
    assert (again(job).state, len(scripted.orders)) == (JobState.QUEUED, 2)


def test_p02_photos_that_are_fetched_after_a_person_decided_ask_again(vanished: Job, scripted: Scripted, client, mara):
    Job.objects.update(needs_decision=True)
    decide(vanished, mara, Decision.SEND)
    fetch_photos(scripted, client)
    submit(vanished.pk)
    assert (again(vanished).needs_decision, len(scripted.orders)) == (True, 1)


def test_p14_a_rehearsal_whose_answer_is_lost_again_and_again_is_sent_again(scripted, studio, mara, draft):
    rehearsal = create(studio, mara, replace(draft, dry_run=True), "rehearsal")
    for _ in range(3):
        scripted.answers = says(errors.Uncertain("timeout"))
        submit(later(rehearsal).pk)
        age(rehearsal, minutes=1)
        assert look(rehearsal).state == JobState.READY


def test_p02_absence_on_a_full_list_proves_nothing(vanished: Job, scripted: Scripted, monkeypatch):
    monkeypatch.setattr(Scripted, "list_length", 2)
    scripted.jobs = {name: Snapshot(name, State.RUNNING) for name in ("x", "y")}
    age(vanished, minutes=1)
    assert look(vanished).state == JobState.UNCERTAIN


def test_p02_a_full_list_that_shows_an_older_job_of_ours_proves_absence(job, another, scripted: Scripted, monkeypatch):
    submit(job.pk)
    scripted.answers = says(errors.Uncertain("timeout"))
    younger = another("younger")
    submit(younger.pk)
    scripted.jobs["x"], scripted.older = Snapshot("x", State.RUNNING), []
    monkeypatch.setattr(Scripted, "list_length", 2)
    age(younger, minutes=1)
    Attempt.objects.filter(job=job).update(ended_at=timezone.now() - timedelta(minutes=2))
    assert look(younger).state == JobState.READY


def test_p02_a_list_without_the_job_that_was_taken_last_proves_nothing(job, another, scripted: Scripted):
    """An odd answer of a faulty provider, or one of yesterday."""
    submit(job.pk)
    scripted.answers = says(errors.Uncertain("timeout"))
    younger = another("younger")
    submit(younger.pk)
    kept, scripted.jobs = scripted.jobs, {}
    age(younger, minutes=1)
    Attempt.objects.filter(job=job).update(ended_at=timezone.now() - timedelta(minutes=2))
    assert look(younger).state == JobState.UNCERTAIN
    scripted.older = []
    assert look(younger).state == JobState.UNCERTAIN
    scripted.jobs = kept
    assert look(younger).state == JobState.READY


def test_p02_what_was_taken_more_than_a_day_ago_need_not_be_listed(job, another, scripted: Scripted):
    submit(job.pk)
    scripted.answers = says(errors.Uncertain("timeout"))
    younger = another("younger")
    submit(younger.pk)
    scripted.jobs = {}
    age(younger, minutes=1)
    then = timezone.now() - timedelta(hours=25)
    Attempt.objects.filter(job=job).update(created_at=then, ended_at=then)
    assert look(younger).state == JobState.READY


def test_p02_an_empty_list_proves_nothing(vanished: Job, scripted: Scripted):
    scripted.older = []
    age(vanished, minutes=16)
    job = look(vanished)
    assert (job.state, job.needs_decision, len(scripted.orders)) == (JobState.UNCERTAIN, True, 1)


def test_p02_a_listed_job_that_does_not_tell_its_callback_may_be_ours(vanished: Job, scripted: Scripted):
    scripted.jobs = {"x": Snapshot("x", State.RUNNING, tells_callback=False)}
    age(vanished, minutes=1)
    assert look(vanished).state == JobState.UNCERTAIN
    age(vanished, minutes=16)
    job = look(vanished)
    assert (job.state, job.needs_decision, len(scripted.orders)) == (JobState.UNCERTAIN, True, 1)


def test_p02_a_damaged_entry_may_be_ours_even_with_our_callback(lost: Job, scripted: Scripted):
    scripted.jobs = {"": replace(scripted.jobs["job-1"], provider_job_id="")}
    age(lost, minutes=1)
    job = look(lost)
    assert (job.state, job.provider_job_id) == (JobState.UNCERTAIN, "")


def test_p02_one_that_is_another_job_of_ours_or_older_is_not_it(job, another, scripted: Scripted):
    scripted.jobs["foreign"] = Snapshot("foreign", State.RUNNING, tells_callback=False)
    submit(job.pk)
    scripted.answers = [scripted.accept, *says(errors.Uncertain("timeout"))]
    submit(another("middle").pk)
    younger = another("younger")
    submit(younger.pk)
    for id_ in ("job-2", "job-3"):
        scripted.becomes(id_, tells_callback=False, callback_url="")
    age(younger, minutes=1)
    Attempt.objects.filter(job=job).update(ended_at=timezone.now() - timedelta(minutes=2))
    assert look(younger).state == JobState.READY


def test_where_nothing_is_listed_a_person_is_asked_after_half_an_hour(vanished: Job, scripted, monkeypatch):
    monkeypatch.setattr(scripted, "capabilities", frozenset({Capability.GENERATE}))
    age(vanished, minutes=29)
    assert not look(vanished).needs_decision
    age(vanished, minutes=31)
    job = look(vanished)
    assert (job.state, job.needs_decision) == (JobState.UNCERTAIN, True)
    assert "Nothing is sent before you decide" in told(job)[-1]


def test_it_is_still_found_by_itself_after_a_person_was_asked(lost: Job, scripted: Scripted):
    kept, scripted.jobs = scripted.jobs, {}
    monkey = Attempt.objects.get()
    monkey.end(Attempt.Outcome.UNCERTAIN)
    Job.objects.update(needs_decision=True)
    scripted.jobs = kept
    job = look(lost)
    assert (job.state, job.needs_decision) == (JobState.QUEUED, False)


@pytest.fixture
def undecided(vanished: Job) -> Job:
    Job.objects.filter(pk=vanished.pk).update(needs_decision=True)
    return again(vanished)


def test_a_person_says_it_is_there(undecided: Job, mara, scripted: Scripted):
    scripted.jobs["theirs"] = Snapshot("theirs", State.RUNNING)
    decide(undecided, mara, Decision.THERE, " theirs ")
    job = look(undecided)
    assert (job.state, job.provider_job_id, len(scripted.orders)) == (JobState.RUNNING, "theirs", 1)
    assert AuditEntry.objects.filter(action="job.decided", user=mara).exists()


def test_a_person_says_it_is_not_there(undecided: Job, mara, scripted: Scripted):
    decide(undecided, mara, Decision.SEND)
    submit(undecided.pk)
    assert (again(undecided).state, len(scripted.orders)) == (JobState.QUEUED, 2)


def test_a_person_says_it_is_not_there_and_not_wanted_any_more(undecided: Job, mara, scripted: Scripted):
    assert "ends here" in decide(undecided, mara, Decision.FORGET)
    submit(undecided.pk)
    job = again(undecided)
    assert (job.state, job.charged, len(scripted.orders)) == (JobState.CANCELLED, Job.Charged.NO, 1)


def test_what_was_to_be_stopped_is_not_sent_again(undecided: Job, mara, scripted: Scripted):
    Job.objects.update(cancel_requested_at=timezone.now())
    assert "ends here" in decide(undecided, mara, Decision.SEND)
    assert (again(undecided).state, len(scripted.orders)) == (JobState.CANCELLED, 1)


def test_nobody_claims_to_stop_what_nobody_knows_about(undecided: Job, mara):
    with pytest.raises(NotPossible, match="Say so on its page"):
        cancel(undecided, mara)
    assert again(undecided).cancel_requested_at is None


@pytest.mark.parametrize("trouble", [None, errors.Unavailable("Away.")])
def test_an_id_is_believed_only_when_the_provider_knows_it(undecided: Job, mara, scripted: Scripted, trouble):
    scripted.trouble = trouble
    with pytest.raises(NotPossible, match="knows no job" if trouble is None else "could not be asked"):
        decide(undecided, mara, Decision.THERE, "nonsense-id")
    assert (again(undecided).state, undecided.needs_decision) == (JobState.UNCERTAIN, True)


def test_an_id_of_a_job_that_calls_somebody_else_is_not_believed(undecided: Job, mara, scripted: Scripted):
    scripted.jobs["theirs"] = Snapshot("theirs", State.RUNNING, callback_url="https://elsewhere.example/callbacks/x/")
    with pytest.raises(NotPossible, match="is another one"):
        decide(undecided, mara, Decision.THERE, "theirs")


def test_two_decisions_at_once_count_once(undecided: Job, mara, scripted: Scripted):
    decide(undecided, mara, Decision.SEND)
    with pytest.raises(NotPossible):
        decide(undecided, mara, Decision.SEND)


@pytest.mark.parametrize("id_", ["", "  ", "a\x00b", "x" * 201])
def test_an_id_that_cannot_be_one_is_refused(undecided: Job, mara, id_: str):
    with pytest.raises(NotPossible):
        decide(undecided, mara, Decision.THERE, id_)
    assert again(undecided).needs_decision


def test_p13_the_id_of_another_job_is_refused(undecided: Job, another, mara, scripted: Scripted):
    other = another("other")
    submit(other.pk)
    with pytest.raises(NotPossible):
        decide(undecided, mara, Decision.THERE, again(other).provider_job_id)


def test_a_late_answer_to_an_attempt_taken_for_absent_still_counts(job: Job, scripted: Scripted):
    def slow(order):
        later(job)
        Job.objects.filter(pk=job.pk).update(state=JobState.UNCERTAIN, uncertain_since=timezone.now())
        age(job, minutes=1)
        assert look(job).state == JobState.READY
        return Receipt("late")

    scripted.answers = [slow]
    submit(job.pk)
    assert (again(job).state, job.provider_job_id) == (JobState.QUEUED, "late")


def test_a_job_that_is_there_twice_is_told_with_an_alert(vanished: Job, scripted: Scripted):
    """The first order turns up after all, although the second was already taken."""
    age(vanished, minutes=1)
    job = look(vanished)
    scripted.answers = [scripted.accept_and_lose_the_answer]
    submit(job.pk)
    first = scripted.orders[0]
    scripted.jobs["stray"] = Snapshot("stray", State.RUNNING, callback_url=first.callback_url)
    job = look(job)
    assert job.provider_job_id == "job-1"
    assert any("charged twice" in sentence for sentence in told(job))
