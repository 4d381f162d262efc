"""What is made of a job object of dreamlook, whatever stands in it."""

import pytest

from jobs.providers.dreamlook import replies
from jobs.providers.order import Kind
from tests.properties import given, st
from tests.providers.dreamlook.orders import sample


@pytest.mark.parametrize("said", ["image-gen", "image_gen", "IMAGE-GEN", None, 7, "brand_new"])
def test_p27_every_spelling_of_a_type_is_the_same_and_an_unknown_one_may_be_any(said: object):
    job = sample("job_image_gen_success") | {"job_type": said}
    assert len(replies.listed([job], Kind.GENERATION, 50)) == 1
    assert len(replies.listed([job], Kind.TRAINING, 50)) == (said in {None, 7, "brand_new"})


@pytest.mark.parametrize("said", ["2023-06-05T14:01:16.279400", "2023-06-05T14:01:16Z", "2023-06-05T16:01:16+02:00"])
def test_p24_times_without_a_zone_are_utc(said: str):
    job = sample("job_dreambooth_success") | {"state_running_end": said}
    for one in job["dreambooth_result"]["checkpoints"]:
        one["url"] = one["url"].partition("?")[0]
    for one in replies.snapshot(job).artifacts:
        assert one.expires_at.isoformat().startswith("2023-06-07T14:01:16")


@pytest.mark.parametrize("said", [None, 5, "soon", "9999-12-31T23:59:59", "0001-01-01T00:00:00", "x" * 10_000, {}])
def test_p24_an_odd_time_is_no_time(said: object):
    job = sample("job_dreambooth_success") | {"state_running_end": said}
    assert len(replies.snapshot(job).artifacts) == 2


@pytest.mark.parametrize(
    ("reason", "data", "said"),
    [
        ("No face was found.", None, "No face was found."),
        ("No face\n\twas found.", None, "No face was found."),
        ({"message": "No face."}, None, "No face."),
        (None, {"code": 7}, '{"code": 7}'),
        ("Could not fetch https://us.example/p/secret/1.jpg", None, "Could not fetch (an address)"),
        ("a" * 10_000, "b", "a" * 500),
        (None, None, ""),
        ([], {}, ""),
        (["x"], 5, '["x"] 5'),
    ],
)
def test_a_failure_is_told_in_one_short_line(reason: object, data: object, said: str):
    job = sample("job_dreambooth_success") | {"state": "failure", "failure_reason": reason}
    assert replies.snapshot(job | {"failure_reason_data": data}).failure == said


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
OF_A_RESULT = """checkpoint_id generated_image_id url is_extracted_lora checkpoint_type model_type training_step
    size_bytes file_format is_available seed generation_idx"""
RESULT = st.fixed_dictionaries({}, optional=dict.fromkeys(OF_A_RESULT.split(None), ANYTHING))
GROUP = st.fixed_dictionaries({"generated_images": st.lists(RESULT, max_size=3) | ANYTHING, "config_idx": ANYTHING})
TRAINED = st.fixed_dictionaries({"checkpoints": st.lists(RESULT, max_size=3) | ANYTHING})
JOB = {
    **dict.fromkeys([*sample("job_dreambooth_success"), "callback"], ANYTHING),
    "image_gen_results": st.lists(GROUP, max_size=3) | ANYTHING,
    "dreambooth_result": TRAINED | ANYTHING,
}


@given(st.fixed_dictionaries({}, optional=JOB))
def test_p22_any_json_at_all_makes_a_sound_snapshot(job: dict[str, object]):
    found = replies.snapshot(job)
    assert found.percent is None or 0 <= found.percent <= 100
    assert len(found.raw_state) <= 100
    assert len(found.failure) <= 500
    for one in found.artifacts:
        assert 0 < len(one.id) <= 200
        assert one.available is False or one.url
        assert one.step is None or 0 <= one.step < 2**31
        assert one.seed is None or abs(one.seed) < 2**63
        assert one.size is None or 0 < one.size < 2**63
