"""What the practice provider takes, refuses and loses."""

import pytest

from jobs.providers.base import Capability
from jobs.providers.context import Context
from jobs.providers.errors import InvalidOrder, KeyRefused, NoCredit, Uncertain, Unsent
from jobs.providers.order import Kind, Order, OrderPhoto
from jobs.providers.params import Param, Preset, Type
from jobs.providers.practice.adapter import Practice
from jobs.providers.registry import PROVIDERS, load
from tests.providers.practice.orders import STUDIO, both, generation, practice, training


def test_every_provider_of_the_registry_can_be_made() -> None:
    for slug in PROVIDERS:
        assert load(slug, Context()).slug == slug


def test_an_unknown_provider_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        load("nobody", Context())


def test_practice_needs_no_key_and_is_recognisable() -> None:
    provider = practice()
    assert provider.is_practice
    assert not provider.can(Capability.NEEDS_KEY)
    assert provider.test_key(STUDIO).ok


def test_the_same_order_twice_is_two_jobs() -> None:
    """As at a real provider: not paying twice is our own business."""
    provider = practice()
    ids = {provider.submit(training(), STUDIO).provider_job_id for _ in range(2)}
    assert len(ids) == 2


def test_p03_an_answer_lost_after_accepting_leaves_a_job_that_the_list_finds() -> None:
    provider = practice()
    with pytest.raises(Uncertain):
        provider.submit(training({"practice_outcome": "answer_lost_after"}), STUDIO)
    (found,) = provider.list_latest(Kind.TRAINING, STUDIO)
    assert found.callback_url == "https://us.example/callback/token"


def test_p02_an_answer_lost_before_accepting_leaves_nothing() -> None:
    provider = practice()
    with pytest.raises(Uncertain):
        provider.submit(training({"practice_outcome": "answer_lost_before"}), STUDIO)
    assert provider.list_latest(Kind.TRAINING, STUDIO) == []


@pytest.mark.parametrize(
    ("outcome", "error"), [("key_refused", KeyRefused), ("no_tokens", NoCredit), ("invalid_field", InvalidOrder)]
)
def test_a_refusal_on_request_leaves_nothing(outcome: str, error: type[Exception]) -> None:
    provider = practice()
    for order in (training({"practice_outcome": outcome}), generation({"practice_outcome": outcome})):
        with pytest.raises(error):
            provider.submit(order, STUDIO)
        assert provider.list_latest(order.kind, STUDIO) == []


def test_an_invalid_field_on_request_is_one_that_the_form_has() -> None:
    provider = practice()
    with pytest.raises(InvalidOrder) as caught:
        provider.submit(training({"practice_outcome": "invalid_field"}), STUDIO)
    assert caught.value.fields.keys() <= {one.name for one in provider.training_params}


def test_the_outcome_of_any_prompt_counts() -> None:
    order = both(prompts=2)
    spoilt = {**order.generations[1], "practice_outcome": "no_tokens"}
    with pytest.raises(NoCredit):
        practice().submit(training(kind=order.kind, generations=(order.generations[0], spoilt)), STUDIO)


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (training(photos=()), "photos"),
        (training(base_model="stable-diffusion-v9"), "base_model"),
        (training({"steps": 1}), "steps"),
        (training({"steps": 10**9}), "steps"),
        (training({"save_checkpoints_at": [400, 10**9]}), "save_checkpoints_at"),
        (training({"learning_rate": 5.0}), "learning_rate"),
        (training({"learning_rate_te2": 1e-6}, base_model="practice-sdxl", model_type="sdxl-v1"), "learning_rate_te2"),
        (generation({"prompt": ""}), "prompt"),
        (generation({"num_samples": 17}), "num_samples"),
        (generation({"width": 8}), "width"),
        (generation(generations=()), "prompt"),
        (generation(checkpoint_id="pt_0000000000000000-step-5", base_model=""), "checkpoint_id"),
        (generation(checkpoint_id="../x", base_model=""), "checkpoint_id"),
    ],
)
def test_a_wrong_value_is_refused_by_name(order: Order, field: str) -> None:
    with pytest.raises(InvalidOrder) as caught:
        practice().submit(order, STUDIO)
    assert field in caught.value.fields


def test_a_rehearsal_finds_the_same_faults() -> None:
    with pytest.raises(InvalidOrder):
        practice().submit(training({"steps": 1}, dry_run=True), STUDIO)


def test_a_photo_that_cannot_be_read_sends_nothing() -> None:
    def gone() -> bytes:
        raise FileNotFoundError

    for read in (gone, lambda: b"not a picture"):
        provider = practice()
        with pytest.raises(Unsent, match=r"gone\.jpg"):
            provider.submit(training(photos=(OrderPhoto("gone.jpg", "", "", read),)), STUDIO)
        assert provider.list_latest(Kind.TRAINING, STUDIO) == []


def test_an_estimate_is_free_and_covers_what_happens() -> None:
    provider = practice()
    for order, seconds in ((training(), 20), (generation({"num_samples": 8}), 5), (both(prompts=3), 23)):
        estimate = provider.estimate(order, photo_count=12)
        assert estimate.cost_cents == 0
        assert estimate.seconds[0] <= seconds <= estimate.seconds[1]


@pytest.mark.parametrize("param", [*practice().training_params, *practice().generation_params])
def test_every_field_explains_itself_and_its_default_is_within_its_bounds(param: Param) -> None:
    assert param.help.endswith(".")
    assert param.label
    if param.type in {Type.INTEGER, Type.NUMBER, Type.SEED}:
        assert isinstance(param.default, int | float)
        assert param.minimum <= param.default <= param.maximum
    if param.type is Type.CHOICE:
        assert param.default in {choice.value for choice in param.choices}


def test_simple_fields_come_before_expert_ones() -> None:
    for params in (practice().training_params, practice().generation_params):
        assert [one.expert for one in params] == sorted(one.expert for one in params)
    assert practice().generation_params[0].name == "prompt"


@pytest.mark.parametrize("preset", Practice.presets)
def test_every_preset_is_an_order_that_is_accepted(preset: Preset) -> None:
    model = next(one for one in Practice.base_models if one.id == preset.base_model)
    order = training(preset.values, base_model=model.id, model_type=model.type)
    assert practice().submit(order, STUDIO).provider_job_id
    assert preset.reason.endswith(".")
    assert preset.goal in {"person", "pet", "object", "style"}


def test_the_largest_advised_photo_set_stays_within_the_steps() -> None:
    steps = next(one for one in practice().training_params if one.name == "steps")
    for preset in Practice.presets:
        if preset.steps_per_photo:
            assert preset.photos[1] * preset.steps_per_photo <= steps.maximum
