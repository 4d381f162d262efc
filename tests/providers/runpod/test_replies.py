"""What is made of a job object of RunPod, whatever stands in it."""

import json

import pytest

from jobs.providers.credentials import Credentials, Secret
from jobs.providers.reply import Snapshot, State
from jobs.providers.runpod import replies
from tests.properties import given, st
from tests.providers.runpod.orders import BARE

TRACEBACK = 'Traceback (most recent call last):\n  File "/src/rp_handler.py", line 7, in handler'
PACKED = {"error_type": "<class 'RuntimeError'>", "error_message": "CUDA out of memory.\nTried", "worker_id": "x"}


def job(**said: object) -> Snapshot:
    return replies.snapshot({"id": "j-u1", "status": "COMPLETED", **said}, BARE)


def pictures(*images: object, **said: object) -> Snapshot:
    return job(output={"inference": [{"images": list(images), **said}]})


@pytest.mark.parametrize(
    ("said", "state", "shown"),
    [
        ("IN_QUEUE", State.QUEUED, "IN_QUEUE"),
        ("in_progress", State.RUNNING, "in_progress"),
        (" RUNNING ", State.RUNNING, " RUNNING "),
        ("COMPLETED", State.SUCCESS, "COMPLETED"),
        ("FAILED", State.FAILURE, "FAILED"),
        ("CANCELLED", State.CANCELLED, "CANCELLED"),
        ("TIMED_OUT", State.FAILURE, "TIMED_OUT"),
        ("THROTTLED", State.UNKNOWN, "THROTTLED"),
        (None, State.UNKNOWN, ""),
        (7, State.UNKNOWN, "7"),
        ({"a": 1}, State.UNKNOWN, '{"a": 1}'),
        ("x" * 1000, State.UNKNOWN, "x" * 100),
    ],
)
def test_p21_only_states_we_know_count(said: object, state: State, shown: str):
    found = job(status=said)
    assert (found.state, found.raw_state) == (state, shown)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("No photos were found.", "No photos were found."),
        (f"It broke.\n{TRACEBACK}", "It broke."),
        (["hr_scale should be int.", "s_noise should be int."], "hr_scale should be int. (and 1 more)"),
        (["only this"], "only this"),
        (json.dumps(PACKED), "CUDA out of memory."),
        (PACKED, "CUDA out of memory."),
        (json.dumps({"error_type": "<class 'KeyError'>", "error_message": ""}), "<class 'KeyError'>"),
        ('{"not": ', '{"not":'),
        ('{"other": 5}', '{"other": 5}'),
        ({"error_message": {"a": 1}}, '{"a": 1}'),
        ("Could not fetch https://us.example/lent/secret/photos.zip", "Could not fetch (an address)"),
        ("a" * 10_000, "a" * 500),
        (None, ""),
        ([], ""),
        ({}, ""),
        (17, "17"),
    ],
)
def test_a_failure_is_told_by_its_first_line(error: object, said: str):
    assert job(status="FAILED", error=error).failure == said


def test_the_rest_of_a_failure_is_kept_for_admins():
    found = job(status="FAILED", error=json.dumps({**PACKED, "error_traceback": TRACEBACK}))
    assert "rp_handler" in json.dumps(found.raw)


def test_p04_a_failure_that_repeats_a_secret_shows_and_keeps_it_nowhere():
    key = Credentials("x", Secret("rpa_x"), {}, {"hf_token": Secret("hf_canary123")})
    error = "Error executing command: git remote add origin https://USER:hf_canary123@huggingface.co/a/b\nhf_canary123"
    for said in (
        error,
        "the hf_canary123 is wrong",
        ["the hf_canary123 is wrong"],
        json.dumps({"error_message": error}),
    ):
        found = replies.snapshot({"id": "j-u1", "status": "FAILED", "error": said}, key)
        assert "canary" not in found.failure
        assert "canary" not in json.dumps(found.raw)
    unknown = replies.snapshot({"id": "j-u1", "status": "FAILED", "error": error.partition("\n")[0]}, BARE)
    assert "canary" not in unknown.failure + json.dumps(unknown.raw)


def test_a_run_that_took_too_long_says_so():
    assert job(status="TIMED_OUT").failure == "It took longer than its time limit at RunPod."


def test_p28_completed_without_output_is_a_success_without_results():
    found = job()
    assert (found.state, found.artifacts, found.failure) == (State.SUCCESS, (), "")


def test_completed_with_nothing_but_an_error_is_a_failure():
    found = job(error="Please provide either an inference input or an S3 config.")
    assert (found.state, found.failure) == (
        State.FAILURE,
        "Please provide either an inference input or an S3 config.",
    )
    assert job(output={"error": "no"}).state is State.FAILURE


def test_completed_with_pictures_and_an_error_is_a_success():
    found = job(error="grid failed", output=[{"image": "https://x.example/1.png"}])
    assert (found.state, found.failure, len(found.artifacts)) == (State.SUCCESS, "", 1)


@pytest.mark.parametrize("status", ["IN_QUEUE", "IN_PROGRESS", "RUNNING"])
def test_output_before_the_end_is_no_result(status: object):
    found = job(status=status, output=[{"image": "https://x.example/1.png", "seed": 1}])
    assert found.artifacts == ()
    assert found.state is not State.SUCCESS


PICTURE = [{"image": "https://x.example/1.png", "seed": 1}]


@pytest.mark.parametrize("status", ["COMPLETED_WITH_WARNINGS", None])
def test_p21_in_an_unknown_state_results_that_are_there_are_taken_and_the_state_is_not_guessed(status: object):
    found = job(status=status, output=PICTURE)
    assert (found.state, len(found.artifacts), found.is_guess) == (State.UNKNOWN, 1, False)
    assert job(status=status, output=[{"image": "local_upload/0-0.png"}]).artifacts == ()


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"output": PICTURE}, State.SUCCESS),
        ({"output": PICTURE, "error": "grid failed"}, State.SUCCESS),
        ({"error": "CUDA out of memory"}, State.FAILURE),
        ({}, State.UNKNOWN),
    ],
)
def test_p21_a_run_that_is_over_in_an_unknown_state_ended_as_what_came_of_it_says(said, state: State):
    found = job(status="COMPLETED_WITH_WARNINGS", executionTime=412345, **said)
    assert (found.state, found.raw_state) == (state, "COMPLETED_WITH_WARNINGS")
    assert found.is_guess is (state is not State.UNKNOWN)


@pytest.mark.parametrize("executed", [None, 0, "long", {}, -(10**300)])
def test_p21_only_a_sound_time_says_that_a_run_is_over(executed: object):
    assert job(status="PAUSED", executionTime=executed, output=PICTURE).state is State.UNKNOWN


@pytest.mark.parametrize(
    ("output", "percent"),
    [
        (37, 37),
        ("37%", 37),
        ("Training: 37% done", 37),
        ("37.5 %", 37),
        ({"progress": 37}, 37),
        ({"percent": "37%"}, 37),
        ({"progress": 1e300}, None),
        (370, 100),
        (-5, 0),
        ("step 37 of 100", None),
        ("", None),
        (None, None),
        ([37], None),
        (True, None),
    ],
)
def test_progress_is_read_from_the_output_of_a_running_job_only(output: object, percent: int | None):
    assert job(status="IN_PROGRESS", output=output).percent == percent
    assert job(status="IN_QUEUE", output=output).percent is None


@pytest.mark.parametrize("said", ["local_upload/0-0.png", "/tmp/0.png", "javascript:alert(1)", "", None, 5, "aGVsbG8="])
def test_p28_a_picture_without_an_address_is_announced_and_not_there(said: object):
    (image,) = pictures(said).artifacts
    assert (image.id, image.available, image.url) == ("0-0", False, "")


def test_an_overview_before_the_pictures_is_none_of_them():
    urls = [f"https://x.example/{number}.png" for number in range(3)]
    info = json.dumps({"all_seeds": [5, 6], "index_of_first_image": 1})
    found = pictures(*urls, info=info).artifacts
    assert [(one.id, one.seed, one.url) for one in found] == [("0-0", 5, urls[1]), ("0-1", 6, urls[2])]


@pytest.mark.parametrize("info", [None, "", "{", "[1]", "null", '{"all_seeds": 5}', {"all_seeds": ["x"]}, "NaN", 7])
def test_p22_odd_info_costs_the_seed_only(info: object):
    (image,) = pictures("https://x.example/1.png", info=info).artifacts
    assert (image.seed, image.available) == (None, True)


def test_groups_in_another_order_are_told_apart_by_what_was_given_along():
    groups = [{"images": [f"https://x.example/{turn}.png"], "passback": f"17:{turn}"} for turn in (1, 0)]
    found = job(output={"inference": groups}).artifacts
    assert [(one.id, one.prompt_index, one.url[-5:]) for one in found] == [("1-0", 1, "1.png"), ("0-0", 0, "0.png")]


def test_two_groups_that_claim_the_same_prompt_keep_all_their_pictures():
    groups = [{"images": ["https://x.example/1.png"], "passback": "17:0"}] * 2
    assert [one.id for one in job(output={"inference": groups}).artifacts] == ["0-0", "0-1"]


def test_a_model_at_a_local_path_is_announced_and_not_there():
    (model,) = job(output={"train": {"checkpoint_url": "local_upload/a.ckpt"}}).artifacts
    assert (model.id, model.available) == ("checkpoint", False)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
ADDRESS = st.sampled_from(["https://x.example/1.png?X-Amz-Date=20260801T100000Z&X-Amz-Expires=9", "local/1.png"])
INFO = ANYTHING | st.builds(json.dumps, ANYTHING)
GROUP = st.fixed_dictionaries(
    {},
    optional={
        "images": st.lists(ADDRESS | ANYTHING, max_size=3) | ANYTHING,
        "info": INFO,
        "passback": ANYTHING | st.just("17:1") | st.just("17:99999"),
    },
)
OUTPUT = st.fixed_dictionaries(
    {},
    optional={
        "inference": st.lists(GROUP | ANYTHING, max_size=3) | ANYTHING,
        "train": st.fixed_dictionaries({"checkpoint_url": ADDRESS | ANYTHING}) | ANYTHING,
        "error": ANYTHING,
    },
)
FLAT = st.lists(st.fixed_dictionaries({"image": ADDRESS | ANYTHING, "seed": ANYTHING}) | ANYTHING, max_size=3)
STATUS = st.sampled_from(["IN_QUEUE", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"])
JOB = {
    "id": ANYTHING | st.just("j-u1"),
    "status": STATUS | ANYTHING,
    "output": OUTPUT | FLAT | ANYTHING,
    "error": ANYTHING | st.builds(json.dumps, ANYTHING),
    "input": ANYTHING,
}


@given(st.fixed_dictionaries({}, optional=JOB))
def test_p22_any_json_at_all_makes_a_sound_snapshot(said: dict[str, object]):
    found = replies.snapshot(said, BARE)
    assert found.percent is None or 0 <= found.percent <= 100
    assert len(found.raw_state) <= 100
    assert len(found.failure) <= 500
    assert "\n" not in found.failure
    assert len({one.id for one in found.artifacts}) == len(found.artifacts)
    for one in found.artifacts:
        assert 0 < len(one.id) <= 200
        assert one.available is bool(one.url)
        assert 0 <= one.prompt_index <= 10_000
        assert one.seed is None or 0 <= one.seed < 2**63
