"""What RunPod says of jobs, and what is made of it, over real HTTP: faults P20 to P30, one by one.

P24: RunPod tells no times, only how long things took.
"""

import json

import pytest

from jobs.providers.credentials import Credentials, Secret
from jobs.providers.errors import KeyRefused, NotThere, ProviderError, TooMany, Unavailable
from jobs.providers.order import Kind, Order
from jobs.providers.reply import ArtifactKind, Snapshot, State
from jobs.providers.runpod.adapter import RunPod
from tests.providers.emulators.runpod import Emulator, Fault
from tests.providers.emulators.runpod.faults import CATALOGUE, refused
from tests.providers.emulators.runpod.limits import CANCEL, STATUS
from tests.providers.emulators.runpod.odd import SCRIPT
from tests.providers.emulators.runpod.output import packed_error
from tests.providers.runpod.orders import BARE, BUCKET_SECRET, KEY, STUDIO, both, runpod, training

DONE = 60.0
BOTH = Kind.TRAIN_AND_GENERATE


@pytest.fixture
def job(asked: RunPod) -> str:
    return asked.submit(both(), STUDIO).provider_job_id


def look(asked: RunPod, job: str) -> Snapshot:
    return asked.read(BOTH, job, STUDIO)


def looked(endpoint: Emulator, asked: RunPod, job: str, fault: Fault | None = None) -> Snapshot:
    """What is made of one answer with a fault."""
    endpoint.faults.plan("read", fault)
    return look(asked, job)


def finished(endpoint: Emulator, asked: RunPod, order: Order, credentials: Credentials = STUDIO) -> Snapshot:
    job = asked.submit(order, credentials).provider_job_id
    endpoint.clock.advance(DONE)
    return asked.read(order.kind, job, credentials)


def test_a_job_waits_runs_and_succeeds(endpoint, asked, job):
    seen = []
    for seconds in (0, 1.5, 5):
        endpoint.clock.advance(seconds)
        seen.append(look(asked, job).state)
    assert seen == [State.QUEUED, State.RUNNING, State.SUCCESS]


@pytest.mark.parametrize("said", ["RUNNING", "in_progress", " IN_PROGRESS "])
def test_p21_running_is_said_in_several_ways(endpoint, asked, job, said: str):
    assert looked(endpoint, asked, job, Fault("state", body=said)).state is State.RUNNING


@pytest.mark.parametrize("said", ["PAUSED", "", None, 5, {"a": 1}, "SUCCESS", SCRIPT * 100])
def test_p21_only_states_we_know_count(endpoint, asked, job, said: object):
    found = looked(endpoint, asked, job, Fault("state", body=said))
    assert found.state is State.UNKNOWN
    assert len(found.raw_state) <= 100


@pytest.mark.parametrize(
    "fault",
    [
        *(Fault(name) for name in ("reset", "hang", "cut", "half_json", "html", "empty", "nan", "huge", "gzip_bomb")),
        *(Fault("status", status=status, body="oops") for status in (302, 307, 408, 500, 502, 503, 504)),
        Fault("other_job"),
    ],
    ids=lambda fault: f"{fault.name} {fault.status}",
)
def test_p20_a_question_without_a_good_answer_says_nothing_about_the_job(endpoint, asked, fault: Fault):
    job = asked.submit(both(), STUDIO).provider_job_id
    with pytest.raises(Unavailable):
        looked(endpoint, runpod(endpoint.url, patience=0.5), job, fault)
    assert look(asked, job).state is State.QUEUED


def test_p20_asked_too_often_it_says_how_long_to_wait(endpoint, asked, job):
    with pytest.raises(TooMany) as caught:
        looked(endpoint, asked, job, refused(429, Retry_After="9"))
    assert caught.value.wait == 9
    assert (endpoint.service.status_limit.count, endpoint.service.cancel_limit.count) == (STATUS, CANCEL) == (2000, 100)


@pytest.mark.parametrize("name", ["odd_types", "extra", "bare", "hostile", "huge_numbers", "echo"])
@pytest.mark.parametrize("order", [training(), both()], ids=lambda order: order.kind.value)
def test_p22_whatever_else_is_said_state_and_results_are_read(endpoint, asked, order: Order, name: str):
    plain = finished(endpoint, asked, order)
    found = looked(endpoint, asked, plain.provider_job_id, Fault(name))
    assert found.state is State.SUCCESS
    assert [one.id for one in found.artifacts] == [one.id for one in plain.artifacts]


@pytest.mark.parametrize("name", ["echo", "hostile", ""])
def test_p22_what_is_kept_of_a_job_has_no_secret_no_callback_and_no_address(endpoint, asked, job, name: str):
    """RunPod repeats the whole order, the bucket's secret and the Hugging Face token included."""
    told = Credentials(STUDIO.account, STUDIO.secret, STUDIO.options, {**STUDIO.secrets, "hf_token": Secret("hf_kept")})
    order = both(base_model="owner/model")
    receipt = asked.submit(order, told)
    assert endpoint.service.ledger[-1].request["input"]["train"]["hf_token"] == "hf_kept"
    endpoint.clock.advance(DONE)
    endpoint.faults.plan("read", Fault(name) if name else None)
    kept = json.dumps([dict(asked.read(BOTH, receipt.provider_job_id, told).raw), dict(receipt.raw)])
    for secret in (KEY, BUCKET_SECRET, "hf_kept", "token-token", "secretsecret", "X-Amz-Signature"):
        assert secret not in kept


def test_p22_provider_strings_come_capped_on_one_line(endpoint, asked, job):
    endpoint.fail(job, "x")
    found = looked(endpoint, asked, job, Fault("hostile"))
    assert (found.state, len(found.failure) <= 500, "\n" in found.failure) == (State.FAILURE, True, False)


def test_p23_going_backwards_is_reported_as_it_is_said(endpoint, asked, job):
    endpoint.clock.advance(DONE)
    assert look(asked, job).state is State.SUCCESS
    found = looked(endpoint, asked, job, Fault("backwards"))
    assert (found.state, found.artifacts) == (State.RUNNING, ())


@pytest.mark.parametrize("name", ["progress", "early_output"])
def test_output_before_the_end_is_no_result(endpoint, asked, job, name: str):
    endpoint.clock.advance(2)
    found = looked(endpoint, asked, job, Fault(name))
    assert (found.state, found.artifacts) == (State.RUNNING, ())


def test_p25_a_job_is_forgotten_half_an_hour_after_its_end_and_we_know_it(endpoint, asked, job):
    assert asked.forgets_after.total_seconds() == 1800
    endpoint.clock.advance(DONE + 1800)
    with pytest.raises(NotThere):
        look(asked, job)


def test_p25_a_job_of_another_endpoint_is_not_there(endpoint, asked, job):
    endpoint.service.endpoints.add("another")
    with pytest.raises(NotThere):
        asked.read(BOTH, job, Credentials("x", Secret(KEY), {"endpoint_id": "another"}))


def test_p26_a_job_that_never_ends_keeps_running_whatever_its_limit(endpoint, asked):
    endpoint.faults.plan("life", Fault("never_ends"))
    job = asked.submit(both(), STUDIO).provider_job_id
    endpoint.clock.advance(24 * 3600)
    assert look(asked, job).state is State.RUNNING


def test_p26_the_limit_is_told_in_words(endpoint, asked):
    endpoint.faults.plan("life", Fault("times_out"))
    job = asked.submit(both(), STUDIO).provider_job_id
    endpoint.clock.advance(endpoint.service.jobs[job].limit + 5)
    found = look(asked, job)
    assert (found.state, "time limit" in found.failure) == (State.FAILURE, True)


def test_p27_only_the_second_version_is_spoken(endpoint, asked, job):
    look(asked, job)
    assert {one.path.split("/")[1] for one in endpoint.server.seen} == {"v2"}


@pytest.mark.parametrize(
    ("name", "there", "available"),
    [("", 5, 5), ("few_results", 3, 3), ("local_paths", 5, 1), ("no_output", 0, 0), ("no_results", 0, 0)],
)
def test_p28_missing_results_are_missing_and_the_others_are_there(endpoint, asked, name: str, there, available):
    """Two prompts of two pictures, and the model."""
    whole = finished(endpoint, asked, both())
    found = looked(endpoint, asked, whole.provider_job_id, Fault(name) if name else None)
    assert found.state is State.SUCCESS
    assert (len(found.artifacts), sum(one.available for one in found.artifacts)) == (there, available)


def test_p28_pictures_belong_to_their_prompt_and_have_their_seed_from_the_text_in_info(endpoint, asked):
    found = finished(endpoint, asked, both(3, {"seed": 7}))
    images = [one for one in found.artifacts if one.kind is ArtifactKind.IMAGE]
    assert [(one.id, one.prompt_index, one.seed) for one in images] == [
        (f"{prompt}-{turn}", prompt, 7 + turn) for prompt in range(3) for turn in range(2)
    ]
    assert asked.expected_images(both(3)) == len(images)
    assert {one.seed for one in looked(endpoint, asked, found.provider_job_id, Fault("no_info")).artifacts} == {None}


def test_p28_the_other_documented_shape_is_read_too(endpoint, asked):
    order = both(key_options=BARE.options)
    found = finished(endpoint, asked, order, BARE)
    listed = looked(endpoint, asked, found.provider_job_id, Fault("listed"))
    assert [one.url for one in listed.artifacts] == [one.url for one in found.artifacts]
    assert all(one.seed is not None for one in listed.artifacts)


def test_p28_the_model_lives_a_week_and_only_where_there_is_a_bucket(endpoint, asked):
    (model,) = finished(endpoint, asked, training()).artifacts
    assert (model.kind, model.file_format) == (ArtifactKind.CHECKPOINT, "ckpt")
    assert 604_700 < model.expires_at.timestamp() - endpoint.clock.now() + DONE < 604_900
    bare = finished(endpoint, asked, both(key_options=BARE.options), BARE)
    assert {one.kind for one in bare.artifacts} == {ArtifactKind.IMAGE}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("The photos show no face.", "The photos show no face."),
        ("CUDA out of memory\nat line 3", "CUDA out of memory"),
        (["first", "second"], "first (and 1 more)"),
        (packed_error("<class 'RuntimeError'>", "No such repository"), "No such repository"),
        (packed_error("<class 'RuntimeError'>", ""), "<class 'RuntimeError'>"),
        ({"message": "odd"}, "odd"),
        (17, "17"),
    ],
)
def test_every_shape_of_error_is_told_in_its_first_line_and_kept_whole(endpoint, asked, job, error: object, said: str):
    endpoint.fail(job, error)
    found = look(asked, job)
    assert (found.state, said in found.failure) == (State.FAILURE, True)
    assert "Traceback" not in found.failure


def test_p29_whatever_runpod_says_after_a_cancel_counts(endpoint, asked, job):
    asked.cancel(BOTH, job, STUDIO)
    asked.cancel(BOTH, job, STUDIO)
    assert look(asked, job).state is State.CANCELLED


def test_p29_a_job_that_ended_just_before_it_was_cancelled_succeeded(endpoint, asked, job):
    endpoint.faults.plan("cancel", Fault("finished_first"))
    asked.cancel(BOTH, job, STUDIO)
    found = look(asked, job)
    assert (found.state, len(found.artifacts)) == (State.SUCCESS, 5)


def test_p30_a_key_revoked_meanwhile_is_told_apart_from_a_lost_job(endpoint, asked, job):
    endpoint.service.accounts.clear()
    for question in (lambda: look(asked, job), lambda: asked.cancel(BOTH, job, STUDIO)):
        with pytest.raises(KeyRefused):
            question()


@pytest.mark.parametrize("door", ["read", "cancel", "health"])
def test_no_fault_of_the_catalogue_gets_out_as_anything_but_an_error_of_ours(endpoint, asked, door: str):
    job, hurried = asked.submit(both(), STUDIO).provider_job_id, runpod(endpoint.url, patience=0.3)
    endpoint.clock.advance(DONE)
    questions = {
        "read": lambda: look(hurried, job),
        "cancel": lambda: hurried.cancel(BOTH, job, STUDIO),
        "health": lambda: (hurried.test_key(STUDIO), hurried.why_waiting(STUDIO)),
    }
    for fault in CATALOGUE[door]:
        endpoint.faults.plan(door, fault)
        try:
            questions[door]()
        except ProviderError as error:
            assert error.sentence.endswith(".")  # noqa: PT017 - some faults are harmless


def test_jobs_that_only_wait_are_explained_by_the_endpoints_own_health(endpoint, asked, job):
    endpoint.service.hire(0)
    assert "No worker" in asked.why_waiting(STUDIO)
    endpoint.service.hire(1)
    assert asked.why_waiting(STUDIO) == ""
