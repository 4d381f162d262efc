"""What can be ordered of RunPod, what it is told, and what is not even sent."""

import json
import shlex
from dataclasses import replace

import pytest

from jobs.providers.base import Capability
from jobs.providers.credentials import Secret
from jobs.providers.errors import InvalidOrder
from jobs.providers.order import Estimate, Kind, Order
from jobs.providers.params import Param, Preset, Type
from jobs.providers.runpod.adapter import RunPod
from jobs.providers.runpod.requests import NO_CAPTIONS, body, policy
from tests.providers.runpod.orders import BARE, CALLBACK, STUDIO, both, drawn, photos, runpod, training

OF_THE_CONTRACT = {
    "training": """data_url concept_name offset_noise hf_model hf_token ckpt_link pndm_scheduler text_steps text_seed
        text_batch_size text_resolution text_learning_rate text_lr_scheduler text_8_bit_adam unet_seed unet_batch_size
        unet_resolution unet_epochs unet_learning_rate unet_lr_scheduler unet_8_bit_adam""",
    "generation": """prompt negative_prompt seed subseed subseed_strength seed_resize_from_h seed_resize_from_w
        sampler_name sampler_index batch_size n_iter steps cfg_scale width height restore_faces tiling enable_hr
        denoising_strength firstphase_width firstphase_height hr_scale hr_upscaler hr_second_pass_steps hr_resize_x
        hr_resize_y styles eta s_churn s_tmax s_tmin s_noise script_name passback""",
}
OF_THE_ORDER = {"data_url", "concept_name", "hf_model", "hf_token", "ckpt_link", "passback"}
OURS = {"total_steps"}
PARAMS = [*runpod().key_params, *runpod().training_params, *runpod().generation_params]
LIMITS = Estimate((600, 900))
NO_BUCKET = {"key_options": BARE.options}


def train_part(order: Order, **secrets: str) -> dict[str, object]:
    sealed = {name: Secret(value) for name, value in secrets.items()}
    found: dict[str, object] = body(order, order.key_options, sealed, LIMITS)["input"]["train"]
    return found


@pytest.mark.parametrize(
    ("part", "params"),
    [("training", runpod().training_params), ("generation", runpod().generation_params)],
)
def test_every_field_of_the_contract_can_be_set(part: str, params: tuple[Param, ...]) -> None:
    assert {param.name for param in params} | OF_THE_ORDER >= set(OF_THE_CONTRACT[part].split())
    assert {param.name for param in params} - OURS <= set(OF_THE_CONTRACT[part].split())


@pytest.mark.parametrize("param", PARAMS, ids=lambda param: param.name)
def test_every_field_explains_itself_and_its_default_is_within_its_bounds(param: Param) -> None:
    assert param.help.endswith(".")
    assert param.label
    if param.type in {Type.INTEGER, Type.NUMBER, Type.SEED}:
        assert param.minimum is not None
        assert param.maximum is not None
    if isinstance(param.default, int | float) and param.type is not Type.YES_NO:
        assert param.minimum <= param.default <= param.maximum
    if param.type is Type.CHOICE and param.default is not None:
        assert param.default in {choice.value for choice in param.choices}


def test_the_simple_form_is_short_and_comes_first() -> None:
    service = runpod()
    for params in (service.training_params, service.generation_params):
        assert [one.expert for one in params] == sorted(one.expert for one in params)
    assert [one.name for one in service.training_params if not one.expert] == ["unet_epochs", "total_steps"]
    assert service.generation_params[0].name == "prompt"


def test_nobody_meets_an_epoch_or_a_zip() -> None:
    said = " ".join(f"{one.label} {one.help} {one.unit}" for one in PARAMS) + str(
        [one.reason for one in RunPod.presets]
    )
    for word in ("epoch", "zip", "concept (", "inference", "passback"):
        assert word not in said.lower()


@pytest.mark.parametrize("preset", RunPod.presets, ids=lambda preset: preset.slug)
def test_every_preset_is_an_order_that_can_be_sent(preset: Preset) -> None:
    order = training(preset.values, base_model=runpod().base_model(preset.base_model).id)
    assert runpod().wrong_fields(order) == {}
    assert train_part(order)["unet_epochs"] == preset.values["unet_epochs"]
    assert preset.reason.endswith(".")
    assert str(preset.values["unet_epochs"]) in preset.numbers


def test_there_is_a_preset_for_each_goal() -> None:
    assert [preset.goal for preset in RunPod.presets] == ["person", "pet", "object", "style"]


@pytest.mark.parametrize(
    ("values", "count", "epochs", "text_steps"),
    [
        ({"unet_epochs": 100}, 12, 100, 360),
        ({"unet_epochs": None}, 12, 100, 360),
        ({"unet_epochs": 100, "total_steps": 1200}, 10, 120, 360),
        ({"total_steps": 1000}, 12, 83, 300),
        ({"total_steps": 1}, 12, 1, 200),
        ({"unet_epochs": 50}, 200, 50, 450),
        ({"unet_epochs": 100, "text_steps": 350}, 12, 100, 350),
        ({"unet_epochs": 100, "unet_batch_size": 5}, 12, 100, 200),
        ({"total_steps": 300, "unet_batch_size": 5}, 12, 100, 200),
    ],
)
def test_the_workers_numbers_follow_from_looks_or_steps(values, count: int, epochs: int, text_steps: int) -> None:
    order = training(photos=photos(count), training=values)
    sent = train_part(order)
    assert (sent["unet_epochs"], sent["text_steps"]) == (epochs, text_steps)
    assert "total_steps" not in sent
    found = runpod().study(order, count)
    assert (found.steps, found.text_steps) == (epochs * found.round_steps, text_steps)


def test_how_long_it_studies_is_unknown_without_photos() -> None:
    assert runpod().study(training(photos=()), 0) is None


def test_what_is_not_set_is_not_sent() -> None:
    assert train_part(training()).keys() == {"data_url", "concept_name", "unet_epochs", "text_steps"}
    (one, _) = body(both(values={"seed": -1, "tiling": False, "styles": ""}), {}, {}, LIMITS)["input"]["inference"]
    assert one.keys() == {"prompt", "n_iter", "width", "height", "passback"}


def test_an_order_without_bucket_or_callback_has_no_word_of_them() -> None:
    assert body(both(callback_url=""), {}, {}, LIMITS).keys() == {"input", "policy"}


def test_the_bucket_of_the_key_goes_along() -> None:
    sent = body(training(), STUDIO.options, STUDIO.secrets, LIMITS)
    assert sent["s3Config"] == {
        "bucketName": "models",
        "accessId": "AKIASTUDIO",
        "accessSecret": "bucket/secret+of=studio",
        "endpointUrl": "https://s3.eu-central-1.amazonaws.com",
    }


@pytest.mark.parametrize("token", ["ukj", "größe"])
def test_the_worker_learns_the_name_that_prompts_use_whatever_else_was_typed(token: str) -> None:
    """Another one would be learnt for nothing: an order of an older version may still say one."""
    order = both(token=token, training={"unet_epochs": 100, "concept_name": "an old mug"})
    assert train_part(order)["concept_name"] == token


@pytest.mark.parametrize(("ticked", "sent"), [(True, True), (False, False), (None, False)])
def test_what_the_hires_fix_needs_is_sent_only_with_it(ticked: bool | None, sent: bool) -> None:
    order = both(values={"enable_hr": ticked, "denoising_strength": 0.6, "hr_upscaler": "Latent"})
    for prompt in body(order, {}, {}, LIMITS)["input"]["inference"]:
        assert ("denoising_strength" in prompt, "hr_upscaler" in prompt) == (sent, sent)


def test_each_prompt_keeps_the_settings_of_its_own() -> None:
    order = both(generations=(drawn({"seed": 7, "cfg_scale": 5.0}), drawn({"seed": 8, "sampler_name": "DDIM"})))
    first, second = body(order, {}, {}, LIMITS)["input"]["inference"]
    assert (first["seed"], first["cfg_scale"], second["seed"], second["sampler_name"]) == (7, 5.0, 8, "DDIM")
    assert "sampler_name" not in first
    assert "cfg_scale" not in second


def test_every_prompt_carries_our_id_and_its_number() -> None:
    sent = body(both(prompts=3), {}, {}, LIMITS)["input"]["inference"]
    assert [one["passback"] for one in sent] == ["job-17:0", "job-17:1", "job-17:2"]


@pytest.mark.parametrize(
    ("base_model", "sent"),
    [
        ("stable-diffusion-v1-5", {}),
        ("", {}),
        ("studio/private", {"hf_model": "studio/private", "hf_token": "hf_abc"}),
        ("https://models.example/a.ckpt", {"ckpt_link": "https://models.example/a.ckpt"}),
    ],
)
def test_it_starts_from_a_name_a_link_or_the_workers_own_model(base_model: str, sent: dict[str, str]) -> None:
    part = train_part(training(base_model=base_model), hf_token="hf_abc")
    assert {name: part[name] for name in ("hf_model", "hf_token", "ckpt_link") if name in part} == sent


def test_a_base_model_may_be_typed() -> None:
    assert runpod().base_model(" studio/private ").id == "studio/private"
    assert runpod().base_model("stable-diffusion-v1-5").label == "Stable Diffusion 1.5"
    assert runpod().base_model("  ") is None


@pytest.mark.parametrize(
    "base_model",
    [
        *("model", "a/b/c", "a/b;reboot", "a/$(reboot)", "a/b c", "-a/b", "a/b\n", "ä/b", "a/" + "b" * 200),
        *("https://x.example/a.ckpt;reboot", "https://x.example/a&b", "https://x.example/`id`", "http://x.example/a"),
        *("https://x.example/$HOME", "https://x.example/a b", "https://u:p@x.example/a", "https://x.example/'a'"),
    ],
)
def test_what_a_shell_would_read_as_more_than_a_name_is_no_base_model(base_model: str) -> None:
    assert runpod().wrong_fields(training(base_model=base_model)).keys() == {"base_model"}


def test_a_token_that_a_shell_would_read_is_not_sent() -> None:
    assert "hf_token" not in train_part(training(base_model="a/b"), hf_token="hf;reboot")


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, ("ukj (0).jpg", "ukj (1).jpg")),
        ({"token": "", "class_word": ""}, ("photo (0).jpg", "photo (1).jpg")),
        ({"token": "../x/y"}, ("x y (0).jpg", "x y (1).jpg")),
        ({"token": "größe", "class_word": "🐕"}, ("größe (0).jpg", "größe (1).jpg")),
    ],
)
def test_photos_are_called_as_the_worker_reads_them(fields: dict[str, object], names: tuple[str, ...]) -> None:
    assert runpod().archive_names(training(photos=photos(2), **fields)) == names


def test_names_of_photos_stay_short_and_unique() -> None:
    names = runpod().archive_names(training(photos=photos(500), token="ж" * 200))
    assert len({name.casefold() for name in names}) == 500
    assert max(len(name.encode()) for name in names) < 200


@pytest.mark.parametrize("seconds", [1, 900, 10**6])
def test_a_limit_always_fits_the_order(seconds: int) -> None:
    limits = policy(Estimate((1, seconds)))
    assert 1000 * min(seconds, 86400) <= limits["executionTimeout"] <= 86_400_000
    assert max(3_600_000, limits["executionTimeout"]) < limits["ttl"] <= 7 * 86_400_000


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (training(photos=()), "photos"),
        (training(archive_url=""), "photos"),
        (training(archive_url="/lent/x/photos.zip"), "photos"),
        (training(**NO_BUCKET), "prompt"),
        (training(checkpoint_id="checkpoint"), "checkpoint_id"),
        (training({"unet_epochs": 1.5}), "unet_epochs"),
        (training({"text_steps": "350"}), "text_steps"),
        (training({"text_lr_scheduler": "Linear"}), "text_lr_scheduler"),
        (training(token="r2d2"), "token"),
        (training(token=" "), "token"),
        (both(prompts=0), "prompt"),
        (both(values={"prompt": ""}), "prompt"),
        (both(values={"n_iter": None}), "n_iter"),
        (both(values={"hr_scale": 1.5}), "hr_scale"),
        (both(values={"seed": True}), "seed"),
        (both(kind=Kind.GENERATION), "prompt"),
    ],
)
def test_what_runpod_certainly_will_not_take_is_refused_by_name_and_not_sent(order: Order, field: str) -> None:
    """Without an emulator: an attempt to send would fail otherwise."""
    with pytest.raises(InvalidOrder) as caught:
        runpod("http://127.0.0.1:9").submit(order, STUDIO)
    assert caught.value.fields.keys() == {field}
    assert caught.value.fields[field].endswith(".")


def test_p15_an_order_longer_than_runpod_takes_is_not_sent() -> None:
    order = both(prompts=50, values={"prompt": "x" * 300_000})
    with pytest.raises(InvalidOrder) as caught:
        runpod("http://127.0.0.1:9").submit(order, STUDIO)
    assert "10 MB" in caught.value.sentence


def test_without_a_bucket_the_loss_of_the_model_is_said_before() -> None:
    assert runpod().notices(both()) == ()
    assert runpod().keeps_model(both())
    assert not runpod().keeps_model(both(**NO_BUCKET))
    (said,) = runpod().notices(both(**NO_BUCKET))
    assert said == "The trained model will not be kept: only the pictures. Add your bucket to the key to keep it."


def test_that_captions_are_not_read_is_said_before() -> None:
    captioned = training(photos=(*photos(2), replace(photos(1)[0], caption="asleep")))
    assert runpod().notices(captioned) == (NO_CAPTIONS,)
    assert runpod().notices(training()) == ()


def test_pictures_are_counted_by_both_of_their_fields() -> None:
    order = both(generations=(drawn({"n_iter": 3, "batch_size": 2}), drawn({"n_iter": 1})))
    assert runpod().expected_images(order) == 7


def test_an_estimate_is_a_range_and_knows_no_price() -> None:
    service = runpod()
    for order in (training(), both()):
        estimate = service.estimate(order, photo_count=12)
        assert 0 < estimate.seconds[0] < estimate.seconds[1]
        assert estimate.cost_cents is None
    assert service.estimate(training(), 24).seconds[1] > service.estimate(training(), 12).seconds[1]


def test_the_order_as_a_command_is_what_is_sent_without_anything_secret() -> None:
    order = both(values={"prompt": "it's a $HOME `mug`"})
    command = runpod().as_command(order)
    words = shlex.split(command.replace("\\\n", ""))
    assert words[:2] == ["curl", "https://api.runpod.ai/v2/ep-studio-1/run"]
    assert "Authorization: Bearer $RUNPOD_API_KEY" in words
    shown = json.loads(words[words.index("--data-raw") + 1])
    sent = body(order, STUDIO.options, STUDIO.secrets, LIMITS)
    assert [one["prompt"] for one in shown["input"]["inference"]] == ["it's a $HOME `mug`"] * 2
    assert shown["input"]["train"].keys() == sent["input"]["train"].keys()
    for secret in ("secretsecret", "bucket/secret", CALLBACK):
        assert secret not in command


def test_runpod_says_what_it_can() -> None:
    service = runpod()
    assert service.can(Capability.CANCEL)
    assert service.can(Capability.NEEDS_PHOTO_ARCHIVE)
    for not_there in (Capability.GENERATE, Capability.LIST, Capability.DRY_RUN, Capability.TRAIN_FURTHER):
        assert not service.can(not_there)
    assert service.forgets_after.total_seconds() == 1800
    assert "RunPod" in service.leaves_building
