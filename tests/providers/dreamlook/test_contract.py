"""What we send and what we understand, held against the provider's own samples."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from jobs.operations.results.artifacts import pack, unpack
from jobs.operations.storable import as_json
from jobs.providers.dreamlook import replies
from jobs.providers.dreamlook.requests import body
from jobs.providers.order import Order
from jobs.providers.reply import ArtifactKind, State
from tests.providers.dreamlook.orders import dreamlook, generation, photos, sample, training, typed

TRAINED = sample("job_dreambooth_success")
DRAWN = sample("job_image_gen_success")
REHEARSAL = sample("request_dreambooth_dry_run")


def said(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings that are there, without those that the provider leaves empty."""
    return {name: value for name, value in settings.items() if value is not None}


def test_the_request_of_our_form_is_the_sample_request_field_by_field() -> None:
    values = typed(dreamlook().training_params, REHEARSAL)
    order = Order(
        kind=training().kind,
        base_model=REHEARSAL["base_model"],
        model_type="sd-v1",
        photos=photos(*REHEARSAL["image_urls"]),
        training=values,
        dry_run=True,
    )
    assert body(order) == REHEARSAL


def test_a_subject_with_a_name_gives_the_instance_prompt_of_the_sample() -> None:
    assert body(training())["instance_prompt"] == REHEARSAL["instance_prompt"]


def test_the_training_of_the_sample_job_can_be_ordered_field_by_field() -> None:
    config = said(TRAINED["config"])
    values = typed(dreamlook().training_params, config)
    order = training(photos=photos(*config["image_urls"]), callback_url="", base_model=config["base_model"])
    sent = body(replace(order, training=values))
    assert sent.pop("enable_offset_noise", False) == config.pop("enable_offset_noise")
    assert sent == config


def test_the_generation_of_the_sample_job_can_be_ordered_field_by_field() -> None:
    config = said(DRAWN["config"])
    values = typed(dreamlook().generation_params, config)
    order = generation(generations=(values,), checkpoint_id=config["checkpoint_id"], callback_url="")
    assert body(order) == config


def test_the_sample_training_is_a_success_with_a_checkpoint_and_its_lora() -> None:
    found = replies.one(TRAINED, "db_1ccb410f")
    assert (found.state, found.percent, found.failure) == (State.SUCCESS, 100, "")
    whole, lora = found.artifacts
    assert (whole.id, whole.is_lora, whole.size, whole.step) == ("ckp_12ed2b03", False, 2132625438, 100)
    assert (lora.id, lora.is_lora, lora.size, lora.step) == ("ckp_dc155e79", True, 75611048, 100)
    for one in found.artifacts:
        assert one.kind is ArtifactKind.CHECKPOINT
        assert one.available
        assert (one.file_format, one.model_type) == ("safetensors", "sd-v1")
        assert one.expires_at == datetime(2023, 6, 7, 14, 1, 16, tzinfo=UTC)


def test_the_sample_generation_is_a_success_with_two_pictures() -> None:
    found = replies.one(DRAWN, "ig_90c7ebd5")
    assert (found.state, found.percent) == (State.SUCCESS, 100)
    assert [(one.id, one.seed) for one in found.artifacts] == [("c7102f3f", 2811570194), ("577ab3c6", 1587936907)]
    for one in found.artifacts:
        assert one.kind is ArtifactKind.IMAGE
        assert one.available
        assert (one.checkpoint_id, one.prompt_index) == ("ckp_15f9112b", 0)


def test_the_sample_generation_does_not_say_whether_it_had_a_callback() -> None:
    """So a lost generation may be any job on the list that looks like this."""
    assert replies.one(TRAINED, "db_1ccb410f").tells_callback
    assert not replies.one(DRAWN, "ig_90c7ebd5").tells_callback


def test_the_samples_stand_on_their_lists_however_their_type_is_spelt() -> None:
    both = [DRAWN, TRAINED]
    assert [one.provider_job_id for one in replies.listed(both, training().kind, 50)] == ["db_1ccb410f"]
    assert [one.provider_job_id for one in replies.listed(both, generation().kind, 50)] == ["ig_90c7ebd5"]


def test_p02_a_full_list_with_jobs_of_other_kinds_on_it_does_not_show_what_came_before():
    replied = [TRAINED, *[DRAWN] * 49]
    assert [one.provider_job_id for one in replies.listed(replied, training().kind, 51)] == ["db_1ccb410f"]
    assert [one.provider_job_id for one in replies.listed(replied, training().kind, 50)] == ["db_1ccb410f", ""]


@pytest.mark.parametrize("job", [TRAINED, DRAWN])
def test_a_sample_can_be_stored_and_taken_out_again(job: dict[str, Any]) -> None:
    found = replies.snapshot(job)
    for artifact in found.artifacts:
        assert unpack(pack(artifact)) == artifact
    assert as_json(found.raw)["job_id"] == job["job_id"]


@pytest.mark.parametrize("job", [TRAINED, DRAWN])
def test_what_is_kept_of_a_sample_opens_nothing(job: dict[str, Any]) -> None:
    kept = str(replies.snapshot(job).raw)
    assert "X-Goog-Signature" not in kept
    assert "gs://" not in kept
