"""Sending orders to RunPod over real HTTP, whatever comes back: sent once, charged once.

RunPod lists nothing, so what got lost is settled by its webhook or by a person.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.monitoring.condition import examine
from jobs.models import ApiKey, Attempt, Job, JobState
from jobs.operations.api_keys import keys
from jobs.operations.errors import NotPossible
from jobs.operations.jobs.actions import Decision, decide
from tests.jobs.operations.at_provider import long_ago
from tests.jobs.operations.at_runpod import Endpoint
from tests.jobs.operations.conftest import again, look
from tests.jobs.operations.resting import rest_on, rests
from tests.providers.emulators.runpod import Fault
from tests.providers.emulators.runpod.faults import refused

pytestmark = pytest.mark.django_db

HANG = Fault("hang", seconds=3)
NOT_TAKEN = Fault("hang", accept=False, seconds=3)
HALF_AN_HOUR = timedelta(minutes=31)


def send_with(runpod: Endpoint, *faults: Fault) -> Job:
    runpod.plan("submit", *faults)
    return runpod.send()


def undecided(runpod: Endpoint, fault: Fault) -> Job:
    """A job of which nothing was heard for half an hour."""
    return look(long_ago(send_with(runpod, fault), HALF_AN_HOUR))


def outcomes(job: Job) -> list[str]:
    return list(job.attempts.order_by("number").values_list("outcome", flat=True))


def test_an_order_goes_to_the_endpoint_of_its_key_with_its_bucket_and_a_limit(runpod: Endpoint):
    job = runpod.send(runpod.order(prompts=2))
    (charge,) = runpod.emulator.service.ledger
    assert (job.state, job.provider_job_id) == (JobState.QUEUED, charge.job_id)
    assert charge.request["s3Config"]["bucketName"] == runpod.key.options["bucket_name"]
    assert [one["passback"] for one in charge.request["input"]["inference"]] == [f"{job.pk}:0", f"{job.pk}:1"]
    assert runpod.finish(job).state == JobState.SUCCESS


def test_p01_where_nobody_listens_the_job_waits_and_is_tried_again(runpod: Endpoint):
    job = runpod.order()
    runpod.emulator.server.shutdown()  # a socket that is waited at goes on taking connections
    runpod.emulator.server.server_close()
    job = runpod.send(job)
    assert (job.state, outcomes(job), job.charged) == (JobState.READY, ["unsent"], Job.Charged.NO)


@pytest.mark.parametrize("fault", [NOT_TAKEN, HANG], ids=["not taken", "taken"])
def test_p02_p03_nothing_is_sent_again_before_a_person_decides_and_that_is_asked_after_half_an_hour(
    runpod: Endpoint, fault: Fault
):
    job = send_with(runpod, fault)
    assert (job.state, job.charged) == (JobState.UNCERTAIN, Job.Charged.UNKNOWN)
    job = look(long_ago(job, timedelta(minutes=29)))
    assert (job.state, job.needs_decision) == (JobState.UNCERTAIN, False)
    job = look(long_ago(job, HALF_AN_HOUR))
    assert (job.needs_decision, len(runpod.seen("POST", "/v2/")), runpod.reads) == (True, 1, 0)


def test_p02_a_person_finds_nothing_there_and_it_is_sent_once_more(runpod: Endpoint):
    job = undecided(runpod, NOT_TAKEN)
    decide(job, runpod.mara, Decision.SEND)
    assert (runpod.send(job).state, outcomes(job), runpod.charges) == (JobState.QUEUED, ["absent", "accepted"], 1)


def test_p03_a_person_finds_it_there_and_it_goes_on(runpod: Endpoint):
    job = undecided(runpod, HANG)
    decide(job, runpod.mara, Decision.THERE, runpod.emulator.service.ledger[0].job_id)
    assert (runpod.finish(job).state, runpod.charges) == (JobState.SUCCESS, 1)


@pytest.mark.parametrize("minutes", [0, 31])
def test_p03_its_webhook_finds_it_before_and_after_a_person_was_asked(runpod: Endpoint, minutes: int):
    job = look(long_ago(send_with(runpod, HANG), timedelta(minutes=minutes)))
    runpod.pass_there(60)
    assert runpod.ring() == 200
    job = look(job)
    assert (job.state, job.needs_decision, runpod.charges) == (JobState.SUCCESS, False, 1)
    assert outcomes(job) == ["adopted"]


@pytest.mark.parametrize("name", ["reset", "cut", "half_json", "html", "empty", "no_id", "nan", "huge", "gzip_bomb"])
def test_p04_an_answer_that_cannot_be_read_may_still_mean_yes(runpod: Endpoint, name: str):
    job = send_with(runpod, Fault(name))
    assert job.state == JobState.UNCERTAIN
    runpod.ring()
    assert (again(job).state, runpod.charges) == (JobState.QUEUED, 1)


def test_p05_a_redirect_is_not_followed_and_whoever_looks_after_the_server_learns_of_it(runpod: Endpoint):
    elsewhere = {"Location": f"{runpod.emulator.url}/v2/dream-booth-v1/run"}
    job = send_with(runpod, Fault("redirect", accept=False, headers=elsewhere))
    assert (job.state, len(runpod.seen("POST", "/"))) == (JobState.UNCERTAIN, 1)
    assert "wants orders at another address than we know" in str(examine().troubles)


def test_p06_a_refused_key_ends_one_job_and_the_others_wait_until_it_is_replaced(runpod: Endpoint):
    runpod.key = runpod.add_key("rpa_wrong_wrong_wrong")
    first, second = runpod.order(), runpod.order()
    first, second = runpod.send(first), runpod.send(second)
    assert (first.state, first.failure_code, first.charged) == (JobState.FAILURE, "key_refused", Job.Charged.NO)
    assert (second.state, second.failure_code) == (JobState.READY, "waiting_for_key")
    assert len(runpod.seen("POST", "/")) == 1, "a refused key is not tried again"

    keys.replace(runpod.key, runpod.owner, "rp-emulator")
    assert runpod.send(second).state == JobState.QUEUED


def test_p07_a_403_ends_the_job_and_costs_nothing(runpod: Endpoint):
    job = send_with(runpod, refused(403))
    assert (job.state, job.failure_code, job.charged) == (JobState.FAILURE, "no_credit", Job.Charged.NO)
    assert "no credit left" in job.failure


def test_p08_an_endpoint_that_is_not_there_is_named_and_an_alert(runpod: Endpoint):
    runpod.key = runpod.add_key(options={"endpoint_id": "retired-one"})
    job = runpod.send()
    assert (job.state, job.failure_code, job.charged) == (JobState.FAILURE, "no_endpoint", Job.Charged.NO)
    assert "retired-one" in job.failure
    assert job.events.filter(kind="alert").count() == 1


@pytest.mark.parametrize("status", [400, 422])
def test_p09_p10_a_complaint_at_once_ends_the_job_in_its_words_and_costs_nothing(runpod: Endpoint, status: int):
    job = send_with(runpod, refused(status, "input is required"))
    assert (job.state, job.charged) == (JobState.FAILURE, Job.Charged.NO)
    assert "input is required" in job.failure


def test_p09_what_the_worker_finds_later_is_a_failure_of_the_run(runpod: Endpoint):
    job = runpod.send()
    runpod.emulator.fail(job.provider_job_id, ["n_iter should be <class 'int'> type", "and more"])
    job = look(job)
    assert (job.state, job.charged) == (JobState.FAILURE, Job.Charged.UNKNOWN)
    assert "n_iter should be" in job.failure


def test_p11_asked_too_often_the_key_rests_as_long_as_it_is_told(runpod: Endpoint):
    begun = timezone.now()
    job = send_with(runpod, refused(429, "slow down", Retry_After="7"))
    assert (job.state, outcomes(job)) == (JobState.READY, ["refused"])
    assert rests(job.next_action_at, begun, 7, 7)
    rest_on()
    assert runpod.send().state == JobState.READY, "the whole key rests"
    ApiKey.objects.update(paused_until=None)
    assert (runpod.send(job).state, runpod.charges) == (JobState.QUEUED, 1)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_p12_a_server_error_is_no_reason_to_send_again(runpod: Endpoint, status: int):
    job = send_with(runpod, Fault("status", status=status, body={"error": "sorry"}))
    assert (look(job).state, runpod.charges, len(runpod.seen("POST", "/"))) == (JobState.UNCERTAIN, 1, 1)


def test_p13_an_id_that_another_job_has_is_not_believed_and_a_person_decides(runpod: Endpoint):
    first = runpod.send()
    second = send_with(runpod, Fault("known_id"))
    assert (second.state, second.provider_job_id, second.needs_decision) == (JobState.UNCERTAIN, "", True)
    assert again(first).provider_job_id == runpod.emulator.service.ledger[0].job_id


def test_p14_a_rehearsal_is_not_taken_for_it_would_be_charged(runpod: Endpoint):
    with pytest.raises(NotPossible, match="does not rehearse"):
        runpod.order(dry_run=True)
    assert runpod.charges == 0


def test_p15_an_order_longer_than_ten_megabytes_never_leaves(runpod: Endpoint):
    job = runpod.send(runpod.order({"prompt": "x" * 2000}, prompts=5200))
    assert (job.state, job.charged, runpod.seen("POST", "/")) == (JobState.FAILURE, Job.Charged.NO, [])
    assert "10 MB" in job.failure


def test_a_training_that_would_leave_nothing_never_leaves(runpod: Endpoint):
    runpod.key = runpod.add_key(bucket=False)
    job = runpod.send_training()
    assert (job.state, job.charged, runpod.charges) == (JobState.FAILURE, Job.Charged.NO, 0)
    assert "would leave nothing" in job.failure


def test_whatever_is_answered_only_one_request_leaves_for_each_attempt(runpod: Endpoint):
    faults = [HANG, Fault("reset"), refused(422), Fault("redirect"), Fault("status", status=502), refused(403), None]
    for fault in faults:
        send_with(runpod, fault)
    assert Attempt.objects.count() == len(runpod.seen("POST", "/")) == len(faults)
