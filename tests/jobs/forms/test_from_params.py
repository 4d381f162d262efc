"""A Param becomes a field that takes what it should and answers the rest with a sentence."""

import pytest
from django import forms

from jobs.forms import from_params
from jobs.providers.params import Choice, Param, Type, Value, chosen
from tests.properties import given, st

STEPS = Param(
    "steps", "Steps", Type.INTEGER, "How long.", default=1200, unit="steps", minimum=50, maximum=4000, step=50
)
RATE = Param("learning_rate", "Learning rate", Type.NUMBER, "How fast.", default=1e-6, minimum=1e-8, maximum=1e-3)
GUIDANCE = Param("guidance", "Guidance", Type.NUMBER, "How.", default=7.5, minimum=0, maximum=5000)
SEED = Param("seed", "Seed", Type.SEED, "Which.", default=-1, minimum=-1, maximum=2**32 - 1)
PROMPT = Param("prompt", "Prompt", Type.LONG_TEXT, "What.", required=True, max_length=20)
SAMPLER = Param("sampler", "Sampler", Type.CHOICE, "How.", default="a", choices=(Choice("a", "A"), Choice("b", "B")))
FREE = Param("vae", "VAE", Type.CHOICE, "Which.", choices=(Choice("a", "A"),), free=True, max_length=10)
NOISE = Param("noise", "Noise", Type.YES_NO, "Whether.", default=True)
SAVE_AT = Param("save_at", "Save at", Type.INTEGERS, "When.", minimum=1, maximum=4000, max_length=3)


def sentence(param: Param, typed: str) -> str:
    """What is said of *typed*."""
    with pytest.raises(forms.ValidationError) as refused:
        from_params.field(param).clean(typed)
    return " ".join(refused.value.messages)


@pytest.mark.parametrize(
    ("param", "typed", "value"),
    [
        (STEPS, "1210", 1210),
        (STEPS, " 1210 ", 1210),
        (STEPS, "", None),
        (RATE, "1e-6", 1e-6),
        (RATE, "0,0005", 0.0005),
        (SEED, "", -1),
        (SEED, "0", 0),
        (SEED, str(2**32 - 1), 2**32 - 1),
        (PROMPT, "photo of ukj dog", "photo of ukj dog"),
        (PROMPT, "{{7*7}} \u202e \U0001f436", "{{7*7}} \u202e \U0001f436"),
        (SAMPLER, "b", "b"),
        (FREE, "mine", "mine"),
        (NOISE, "on", True),
        (NOISE, "", False),
        (STEPS, "1 500", 1500),
        (STEPS, "1\u202f500", 1500),
        (STEPS, "\uff11\uff15\uff10\uff10", 1500),
        (STEPS, "\u0661\u0665\u0660\u0660", 1500),
        (STEPS, "\u0967\u096b\u0966\u0966", 1500),
        (STEPS, "1\u066c500", 1500),
        (SEED, "\u22121", -1),
        (GUIDANCE, "7,5", 7.5),
        (GUIDANCE, "7.5", 7.5),
        (GUIDANCE, "\u0667\u066b\u0665", 7.5),
        (GUIDANCE, "7\uff0c5", 7.5),
        (GUIDANCE, "1 500,25", 1500.25),
        (GUIDANCE, "0.125", 0.125),
        (GUIDANCE, "1.1250", 1.125),
        (SAVE_AT, "800, 400 400;1200", [400, 800, 1200]),
        (SAVE_AT, "1, 500", [1, 500]),
        (SAVE_AT, "400,800", [400, 800]),
        (SAVE_AT, "\u0664\u0660\u0660\u060c \u0668\u0660\u0660", [400, 800]),
        (SAVE_AT, " ", None),
    ],
)
def test_what_fits_is_taken(param: Param, typed: str, value: Value):
    assert from_params.field(param).clean(typed) in ((value,) if value is not None else (None, ""))


@pytest.mark.parametrize(
    ("param", "typed", "said"),
    [
        (STEPS, "49", "50 steps is the least."),
        (STEPS, "4001", "4000 steps is the most."),
        (STEPS, str(2**64), "4000 steps is the most."),
        (STEPS, "1" * 5000, "Type a whole number, for example 1200."),
        (STEPS, "NaN", "Type a whole number, for example 1200."),
        (STEPS, "1.5", "Type a whole number, for example 1200."),
        (STEPS, "1,5", "Type a whole number, for example 1200."),
        (STEPS, "1200.0", "Type a whole number, for example 1200."),
        (STEPS, "1_200", "Type a whole number, for example 1200."),
        (STEPS, "1 50", "Type a whole number, for example 1200."),
        (STEPS, "1.000", "Do you mean 1000? Then type it without “.”."),
        (STEPS, "1,500", "Do you mean 1500? Then type it without “,”."),
        (STEPS, "1'500", "Do you mean 1500? Then type it without “'”."),
        (STEPS, "1’500", "Do you mean 1500? Then type it without “'”."),
        (STEPS, "1.000.000", "Do you mean 1000000? Then type it without “.”."),
        (STEPS, "\u0661.\u0660\u0660\u0660", "Do you mean 1000? Then type it without “.”."),
        (SEED, "1.000", "Do you mean 1000? Then type it without “.”."),
        (GUIDANCE, "1.000", "Do you mean 1000 or 1? Type 1000 or 1."),
        (GUIDANCE, "1,125", "Do you mean 1125 or 1.1250? Type 1125 or 1.1250."),
        (GUIDANCE, "1.000.000", "Do you mean 1000000? Then type it so."),
        (GUIDANCE, "1.000,5", "Type a number, for example 7.5."),
        (GUIDANCE, "1_0", "Type a number, for example 7.5."),
        (SAVE_AT, "1.000, 2.000", "Do you mean 1000? Then type it without “.”."),
        (SAVE_AT, "1 500", "Is “1 500” one number or two? Type 1500, or 1, 500 with a comma and a space."),
        (SAVE_AT, "1,000", "Is “1,000” one number or two? Type 1000, or 1, 0 with a comma and a space."),
        (STEPS, "\x00", "Type a whole number, for example 1200."),
        (RATE, "NaN", "Type a number, for example 1e-6."),
        (RATE, "1e309", "Type a number, for example 1e-6."),
        (RATE, "-inf", "Type a number, for example 1e-6."),
        (RATE, "1,000,5", "Type a number, for example 1e-6."),
        (RATE, "1", "0.001 is the most."),
        (SEED, str(2**64), "4294967295 is the most."),
        (SEED, "-2", "-1 is the least."),
        (PROMPT, "", "This is needed."),
        (PROMPT, "x" * 21, "That is too long: 20 characters is the most."),
        (PROMPT, "a\x00b", "Null characters are not allowed."),
        (SAMPLER, "c", "Choose one of the answers in the list."),
        (FREE, "x" * 11, "That is too long: 10 characters is the most."),
        (SAVE_AT, "400, soon", "Type a whole number, for example 1."),
        (SAVE_AT, "0", "1 is the least."),
        (SAVE_AT, "1 2 3 4", "No more than 3 numbers."),
    ],
)
def test_what_does_not_fit_gets_a_sentence(param: Param, typed: str, said: str):
    assert sentence(param, typed) == said


@pytest.mark.parametrize(("param", "typed"), [(STEPS.__class__("n", "N", Type.INTEGER, ""), "-0"), (RATE, "-0.0")])
def test_minus_nothing_is_nothing(param: Param, typed: str):
    loose = Param(param.name, param.label, param.type, param.help)
    assert str(from_params.field(loose).clean(typed)) in ("0", "0.0")


def test_a_number_without_bounds_stays_within_what_json_keeps():
    loose = Param("n", "N", Type.INTEGER, "")
    assert from_params.field(loose).clean(str(2**53 - 1)) == 2**53 - 1
    assert "is the most" in sentence(loose, str(2**53))


def test_fields_for_another_family_of_models_are_left_out():
    only_xl = Param("te2", "TE2", Type.NUMBER, "", model_types=frozenset({"sdxl-v1"}))
    assert list(from_params.fields([STEPS, only_xl], "sd-v1")) == ["steps"]
    assert list(from_params.fields([STEPS, only_xl], "sdxl-v1")) == ["steps", "te2"]


def test_what_was_left_empty_is_left_out_of_the_order():
    cleaned: dict[str, Value] = {"steps": None, "seed": 0, "noise": False, "vae": "", "other": 1}
    assert chosen([STEPS, SEED, NOISE, FREE], cleaned) == {"seed": 0, "noise": False}


@pytest.mark.parametrize(
    ("value", "text"), [(1e-6, "1e-6"), (5e-06, "5e-6"), (0.5, "0.5"), (1200.0, "1200"), (1e21, "1e21")]
)
def test_numbers_are_written_as_people_write_them(value: float, text: str):
    assert from_params.number_text(value) == text


def test_a_free_choice_suggests_and_takes_others():
    class Asking(forms.Form):
        vae = from_params.field(FREE)

    html = str(Asking({"vae": '"><script>'})["vae"])
    assert '<datalist id="id_vae_choices"><option value="a">A</option></datalist>' in html
    assert "<script>" not in html


@pytest.mark.parametrize(("minimum", "step"), [(50, "50"), (0, "50"), (None, "50"), (1, "1")])
def test_the_arrows_of_a_number_lead_by_values_that_the_browser_does_not_mark_as_wrong(minimum, step: str):
    """It counts steps from the least value on: by 50 from 1 on it would come by 1201, and mark 1200."""
    asked = Param("steps", "Steps", Type.INTEGER, "How long.", default=1200, minimum=minimum, maximum=4000, step=50)
    assert from_params.field(asked).widget.attrs["step"] == step


@given(st.floats(0, 5000, allow_subnormal=False))
def test_a_number_as_we_write_it_is_never_asked_about(value: float):
    written = from_params.number_text(value)
    assert from_params.field(GUIDANCE).clean(written) == pytest.approx(value, rel=1e-9)
