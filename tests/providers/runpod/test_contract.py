"""What we send and what we understand, held against the documentation's own samples and the worker's own rules."""

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from jobs.operations.results.artifacts import pack, unpack
from jobs.operations.storable import as_json
from jobs.providers.credentials import Secret
from jobs.providers.order import Estimate, Kind, Order
from jobs.providers.params import Param, Type
from jobs.providers.reply import ArtifactKind, State
from jobs.providers.runpod import replies
from jobs.providers.runpod.fields import GENERATION, TRAINING
from jobs.providers.runpod.requests import body
from tests.properties import given, st
from tests.providers.emulators.runpod.schema import INFERENCE, TRAIN, complaints
from tests.providers.runpod.orders import BARE, both, photos, sample, training, typed

HOUR = Estimate((600, 900))
OF_A_BUCKET = {"bucketName": "bucket_name", "accessId": "bucket_access_id", "endpointUrl": "bucket_endpoint"}


def corrected() -> dict[str, Any]:
    """The documentation's request as the contract corrects it: one name and three types are wrong in it, and it names
    two models to start from, of which the worker takes one."""
    request = sample("request_sample_from_docs")
    (drawn,) = request["input"]["inference"]
    drawn["seed_resize_from_w"] = drawn.pop("seed_resized_from_w")
    drawn |= {"hr_resize_y": 0, "s_noise": 0, "sampler_index": str(drawn["sampler_index"])}
    del request["input"]["train"]["ckpt_link"]
    return request


def least(drawn: dict[str, Any]) -> dict[str, Any]:
    """*drawn* with the least that our form takes in the place of "0 pictures of 0 pixels"."""
    bounds = {param.name: param.minimum for param in GENERATION if param.type is Type.INTEGER}
    return {name: max(value, bounds[name]) if name in bounds else value for name, value in drawn.items()}


def ordered(request: dict[str, Any], training: dict[str, Any], drawn: dict[str, Any]) -> Order:
    """The order of *request* with the values of our two forms."""
    train, bucket = request["input"]["train"], request["s3Config"]
    return Order(
        kind=Kind.TRAIN_AND_GENERATE,
        base_model=train["hf_model"],
        token=train["concept_name"],
        photos=photos(),
        training=training,
        generations=(drawn,),
        callback_url=request["webhook"],
        archive_url=train["data_url"],
        key_options={ours: bucket[theirs] for theirs, ours in OF_A_BUCKET.items()},
        reference="string",
    )


def sent(order: Order, secret: str = "string") -> dict[str, Any]:
    return body(order, order.key_options, dict.fromkeys(("hf_token", "bucket_secret"), Secret(secret)), HOUR)


def told(request: dict[str, Any]) -> dict[str, Any]:
    """*request* as we say it: the worker's own no is left out and what counts only after a yes, `passback` carries our
    id, and a limit is always set."""
    request = copy.deepcopy(request)
    train, (drawn,) = request["input"]["train"], request["input"]["inference"]
    for part in (train, drawn):
        for name in [name for name, value in part.items() if value is False]:
            del part[name]
    for param in GENERATION:
        if param.needs and param.needs not in drawn:
            drawn.pop(param.name, None)
    return request | {"policy": {"executionTimeout": 3_600_000, "ttl": 90_000_000}}


def test_the_request_of_our_form_is_the_documentations_request_put_right_field_by_field() -> None:
    request = corrected()
    (drawn,) = request["input"]["inference"] = [least(request["input"]["inference"][0])]
    values = typed(TRAINING, request["input"]["train"]), typed(GENERATION, drawn)
    request["input"]["inference"][0]["passback"] = "string:0"
    assert sent(ordered(request, *values)) == told(request)


def test_the_sample_can_be_said_with_its_empty_pictures_too() -> None:
    """Our form wants at least one picture of 64 pixels; what writes the request does not mind."""
    request = corrected()
    (drawn,) = request["input"]["inference"]
    values = request["input"]["train"], {**drawn, "styles": "string"}
    drawn["passback"] = "string:0"
    assert sent(ordered(request, *values)) == told(request)


def test_the_workers_rules_take_the_sample_as_we_say_it_and_not_as_it_was() -> None:
    assert list(complaints(sample("request_sample_from_docs")["input"]["inference"][0], INFERENCE, old_worker=False))
    request = sent(ordered(corrected(), corrected()["input"]["train"], corrected()["input"]["inference"][0]))
    assert list(complaints(request["input"]["train"], TRAIN, old_worker=True)) == []


def anything(param: Param) -> st.SearchStrategy[object]:
    """Whatever may be typed for *param*, or nothing at all."""
    if param.type in {Type.INTEGER, Type.SEED}:
        found: st.SearchStrategy[object] = st.integers(int(param.minimum or 0), int(param.maximum or 0))
    elif param.type is Type.NUMBER:
        found = st.floats(param.minimum, param.maximum) | st.just(int(param.maximum or 1))
    elif param.type is Type.YES_NO:
        found = st.booleans()
    else:
        found = st.sampled_from([one.value for one in param.choices] or ["a", "a, b"])
    return st.none() | st.just("") | found


TRAINED = st.fixed_dictionaries({param.name: anything(param) for param in TRAINING})
DRAWN = st.fixed_dictionaries({param.name: anything(param) for param in GENERATION if param.name != "prompt"})


@given(TRAINED, st.lists(DRAWN, min_size=1, max_size=3))
def test_whatever_is_filled_in_even_an_old_worker_takes_it(trained: dict[str, Any], drawn: list[dict[str, Any]]):
    generations = tuple({"prompt": "ukj", **one} for one in drawn)
    request = sent(both(training=trained, generations=generations))
    assert list(complaints(request["input"]["train"], TRAIN, old_worker=True)) == []
    for one in request["input"]["inference"]:
        assert list(complaints(one, INFERENCE, old_worker=True)) == []
    assert "null" not in json.dumps(request)


def test_the_documented_shape_of_results_is_two_pictures_with_their_seeds() -> None:
    found = replies.one(sample("status_completed_from_docs"), "c80ffee4-f315-4e25-a146-0f3d98cf024b", BARE)
    assert (found.state, found.raw_state, found.failure) == (State.SUCCESS, "COMPLETED", "")
    assert [(one.id, one.seed, one.url) for one in found.artifacts] == [
        ("0-0", 1, "https://job.results1"),
        ("0-1", 2, "https://job.results2"),
    ]


def test_the_sample_of_a_running_job_has_no_results_yet() -> None:
    found = replies.one(sample("status_in_progress"), "c80ffee4-f315-4e25-a146-0f3d98cf024b", BARE)
    assert (found.state, found.percent, found.artifacts) == (State.RUNNING, None, ())


WORKERS_OWN = {
    "id": "c80ffee4-u1",
    "status": "COMPLETED",
    "delayTime": 2624,
    "executionTime": 412345,
    "output": {
        "inference": [
            {
                "images": [f"https://b.s3.amazonaws.com/{turn}-{number}.png?X-Amz-Date=20260801T100000Z"
                           "&X-Amz-Expires=604800&X-Amz-Signature=abc" for number in range(2)],
                "parameters": {"prompt": "ukj"},
                "info": json.dumps({"all_seeds": [100 * turn, 100 * turn + 1]}),
                "passback": f"job-17:{turn}",
            }
            for turn in range(2)
        ],
        "train": {"checkpoint_url": "https://b.s3.amazonaws.com/c80.ckpt?X-Amz-Date=20260801T100000Z"
                  "&X-Amz-Expires=604800&X-Amz-Signature=abc"},
    },
}  # fmt: skip


def test_the_workers_own_output_is_a_checkpoint_and_pictures_prompt_by_prompt() -> None:
    found = replies.one(WORKERS_OWN, "c80ffee4-u1", BARE)
    checkpoint, *images = found.artifacts
    assert (checkpoint.kind, checkpoint.file_format, checkpoint.available) == (ArtifactKind.CHECKPOINT, "ckpt", True)
    assert checkpoint.expires_at == datetime(2026, 8, 8, 10, tzinfo=UTC)
    assert [(one.id, one.prompt_index, one.seed) for one in images] == [
        ("0-0", 0, 0),
        ("0-1", 0, 1),
        ("1-0", 1, 100),
        ("1-1", 1, 101),
    ]
    assert {one.checkpoint_id for one in images} == {checkpoint.id}


@pytest.mark.parametrize("job", [WORKERS_OWN, sample("status_completed_from_docs"), sample("status_in_progress")])
def test_a_reply_can_be_stored_and_taken_out_again_and_opens_nothing(job: dict[str, Any]) -> None:
    found = replies.snapshot(job, BARE)
    for artifact in found.artifacts:
        assert unpack(pack(artifact)) == artifact
    assert as_json(found.raw)["id"] == job["id"]
    assert "X-Amz-Signature" not in str(found.raw)


def test_what_runpod_repeats_of_an_order_is_kept_without_its_secrets() -> None:
    order = training({}, base_model="studio/private")
    request = sent(order, "sEcReT-of-studio")
    kept = json.dumps(replies.snapshot({"id": "a", "status": "IN_QUEUE", **request}, BARE).raw)
    for secret in ("sEcReT", "token-token", "secretsecret", "AKIASTUDIO"):
        assert secret not in kept
    assert "studio/private" in kept
