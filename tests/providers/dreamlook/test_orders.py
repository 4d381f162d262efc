"""What can be ordered of dreamlook, what it is told, and what is not even sent."""

import json
import re
import shlex

import pytest

from jobs.providers.base import Capability
from jobs.providers.dreamlook.adapter import Dreamlook
from jobs.providers.dreamlook.requests import body
from jobs.providers.errors import InvalidOrder
from jobs.providers.order import Order
from jobs.providers.params import Param, Preset, Type
from tests.providers.dreamlook.orders import CALLBACK, STUDIO, both, drawn, dreamlook, generation, photos, training

OF_THE_CONTRACT = {
    "training": """image_urls instance_prompt steps learning_rate learning_rate_te learning_rate_te1 learning_rate_te2
        base_model model_type checkpoint_id crop_method saved_model_format saved_model_weights_format extract_lora
        enable_offset_noise captions_file_url save_checkpoints_at checkpoint_availability_mode priority callback dry_run
        tags""",
    "generation": """prompt negative_prompt num_samples width height num_inference_steps scheduler_type guidance_scale
        enable_hrf denoising_strength seed output_format model_type checkpoint_id base_model""",
}
OF_THE_ORDER = {"image_urls", "base_model", "model_type", "checkpoint_id", "callback", "dry_run"}
PARAMS = [*dreamlook().training_params, *dreamlook().generation_params]
XL = {"base_model": "stable-diffusion-xl-v1-0", "model_type": "sdxl-v1"}


@pytest.mark.parametrize(
    ("part", "params"),
    [("training", dreamlook().training_params), ("generation", dreamlook().generation_params)],
)
def test_every_field_of_the_contract_can_be_set(part: str, params: tuple[Param, ...]) -> None:
    assert {param.name for param in params} | OF_THE_ORDER >= set(OF_THE_CONTRACT[part].split())
    assert {param.name for param in params} <= set(OF_THE_CONTRACT[part].split())


@pytest.mark.parametrize("param", PARAMS, ids=lambda param: param.name)
def test_every_field_explains_itself_and_its_default_is_within_its_bounds(param: Param) -> None:
    assert param.help.endswith(".")
    assert param.label
    if param.type in {Type.INTEGER, Type.NUMBER, Type.SEED, Type.INTEGERS}:
        assert param.minimum is not None
        assert param.maximum is not None
    if isinstance(param.default, int | float) and param.type is not Type.YES_NO:
        assert param.minimum <= param.default <= param.maximum
    if param.type is Type.CHOICE and param.default is not None:
        assert param.default in {choice.value for choice in param.choices}


def test_simple_fields_come_before_expert_ones() -> None:
    for params in (dreamlook().training_params, dreamlook().generation_params):
        assert [one.expert for one in params] == sorted(one.expert for one in params)
    assert dreamlook().generation_params[0].name == "prompt"


@pytest.mark.parametrize("preset", Dreamlook.presets, ids=lambda preset: preset.slug)
def test_every_preset_is_an_order_that_can_be_sent(preset: Preset) -> None:
    model = dreamlook().base_model(preset.base_model)
    order = training(preset.values, base_model=model.id, model_type=model.type)
    assert dreamlook().wrong_fields(order) == {}
    assert body(order)["steps"] == preset.values["steps"]
    assert preset.reason.endswith(".")
    assert preset.goal in {"person", "pet", "object", "style"}


def test_both_families_have_a_preset() -> None:
    found = {dreamlook().base_model(preset.base_model).type for preset in Dreamlook.presets}
    assert found == {"sd-v1", "sdxl-v1"}


def test_a_base_model_may_be_typed_and_its_family_is_guessed() -> None:
    service = dreamlook()
    assert service.base_model("stable-diffusion-v1-5").label == "Stable Diffusion 1.5"
    assert service.base_model(" juggernaut-XL-v9 ").id == "juggernaut-XL-v9"
    assert service.base_model("juggernaut-XL-v9").type == "sdxl-v1"
    assert service.base_model("dreamshaper-v8").type == "sd-v1"
    assert service.base_model("  ") is None
    assert body(training(base_model="dreamshaper-v8"))["base_model"] == "dreamshaper-v8"


def test_an_sdxl_training_names_its_family_and_has_only_its_own_rates() -> None:
    sent = body(training({"learning_rate_te1": 3e-6, "learning_rate_te2": 0.0}, **XL))
    assert (sent["model_type"], sent["learning_rate_te1"], sent["learning_rate_te2"]) == ("sdxl-v1", 3e-6, 0.0)
    assert "learning_rate_te" not in sent
    assert "enable_offset_noise" not in sent


def test_a_checkpoint_to_train_on_excludes_the_base_model() -> None:
    sent = body(training(checkpoint_id="ckp_1"))
    assert sent["checkpoint_id"] == "ckp_1"
    assert "base_model" not in sent


def test_offset_noise_is_told_only_when_it_is_on() -> None:
    assert body(training({"enable_offset_noise": True}))["enable_offset_noise"] is True
    assert "enable_offset_noise" not in body(training({"enable_offset_noise": False}))


def test_train_and_generate_nests_both_and_has_callback_and_rehearsal_once() -> None:
    sent = body(both(prompts=2, dry_run=True))
    assert sent.keys() == {"dreambooth", "image_gen", "callback", "dry_run"}
    assert sent["dreambooth"]["instance_prompt"] == "photo of ukj person"
    assert sent["dreambooth"].keys().isdisjoint({"callback", "dry_run", "tags"})
    assert [one["prompt"] for one in sent["image_gen"]] == ["ukj person on the beach"] * 2
    for one in sent["image_gen"]:
        assert one.keys().isdisjoint({"checkpoint_id", "base_model"})


def test_tags_are_sent_as_pairs() -> None:
    assert body(training({"tags": "client=acme, urgent"}))["tags"] == [
        {"key": "client", "value": "acme"},
        {"key": "urgent", "value": ""},
    ]


def test_captions_go_by_the_end_of_each_photos_address() -> None:
    shown = photos("https://us.example/p/x/photo%201.jpg?sig=1", caption=" asleep ") + photos(
        "https://us.example/2.jpg"
    )
    assert json.loads(dreamlook().captions_file(shown)) == {"photo 1.jpg": "asleep"}
    assert dreamlook().captions_file(photos()) == b""


def test_a_captions_file_of_ones_own_comes_before_ours() -> None:
    ours = "https://us.example/captions.json"
    assert body(training(captions_url=ours))["captions_file_url"] == ours
    own = "https://mine.example/captions.json"
    assert body(training({"captions_file_url": own}, captions_url=ours))["captions_file_url"] == own


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (training(photos=()), "photos"),
        (training(photos=photos("")), "photos"),
        (training(photos=photos("/m/1/photo.jpg")), "photos"),
        (training(photos=photos("https://us.example/a/1.jpg", "https://us.example/b/1.jpg")), "photos"),
        (training(base_model=""), "base_model"),
        (training(model_type="flux"), "base_model"),
        (training({"steps": None}), "steps"),
        (training({"learning_rate": ""}), "learning_rate"),
        (training({"learning_rate_te": 1e-6}, **XL), "learning_rate_te"),
        (training({"learning_rate_te1": 1e-6}), "learning_rate_te1"),
        (training({"learning_rate_te2": 1e-6}, **XL), "learning_rate_te2"),
        (training({"enable_offset_noise": True}, **XL), "enable_offset_noise"),
        (training({"captions_file_url": "http://mine.example/c.json"}), "captions_file_url"),
        (training({"captions_file_url": "javascript:alert(1)"}), "captions_file_url"),
        (training({"save_checkpoints_at": [400, 1600]}), "save_checkpoints_at"),
        (training({"tags": "=acme"}), "tags"),
        (training(token="", class_word=""), "instance_prompt"),
        (generation({"prompt": ""}), "prompt"),
        (generation({"num_samples": None}), "num_samples"),
        (generation(generations=()), "prompt"),
        (generation(generations=(drawn(), drawn())), "prompt"),
        (both(prompts=0), "prompt"),
    ],
)
def test_what_dreamlook_certainly_will_not_take_is_refused_by_name_and_not_sent(order: Order, field: str) -> None:
    """Without an emulator: an attempt to send would fail otherwise."""
    with pytest.raises(InvalidOrder) as caught:
        dreamlook("http://127.0.0.1:9").submit(order, STUDIO)
    assert caught.value.fields.keys() == {field}
    assert caught.value.fields[field].endswith(".")


def test_an_estimate_is_a_range_and_knows_no_price() -> None:
    for order in (training(), generation(), both()):
        estimate = dreamlook().estimate(order, photo_count=12)
        assert 0 < estimate.seconds[0] < estimate.seconds[1]
        assert estimate.cost_cents is None
    assert dreamlook().estimate(training(dry_run=True), 12).seconds[1] <= 60


def test_the_order_as_a_command_is_what_is_sent_without_key_photos_or_callback() -> None:
    order = training({"instance_prompt": "it's a $HOME `mug`"}, photos=photos(caption="x"), name="Rex")
    command = dreamlook().as_command(order)
    words = shlex.split(command.replace("\\\n", ""))
    assert words[:2] == ["curl", "https://api.dreamlook.ai/dreambooth"]
    assert "Authorization: Bearer $DREAMLOOK_API_KEY" in words
    shown = json.loads(words[words.index("--data-raw") + 1])
    sent = body(order)
    for name in ("image_urls", "captions_file_url", "callback"):
        shown.pop(name, None)
        sent.pop(name, None)
    assert shown == sent
    assert "secret" not in command
    assert CALLBACK not in command


def test_a_command_for_many_prompts_is_one_request_each() -> None:
    command = dreamlook().as_command(generation(generations=(drawn(), drawn(), drawn())))
    assert len(re.findall("^curl ", command, re.MULTILINE)) == 3


def test_dreamlook_says_what_it_can() -> None:
    service = dreamlook()
    assert service.can(Capability.DRY_RUN)
    assert service.can(Capability.NEEDS_PUBLIC_PHOTOS)
    assert not service.can(Capability.CANCEL)
    assert "dreamlook.ai" in service.leaves_building
