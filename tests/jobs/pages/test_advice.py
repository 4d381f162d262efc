"""Advice before an order is sent."""

import pytest

from jobs.forms import subject
from jobs.pages import advice
from jobs.providers.order import Study
from jobs.providers.params import Preset

PERSON = Preset("person", "A person", "person", "Because.", "base", {}, photos=(7, 16))


def test_suggested_tokens_need_no_warning():
    assert [token for token in subject.TOKENS if advice.on_token(token)] == []
    assert subject.suggest_token() in subject.TOKENS


@pytest.mark.parametrize("token", ["rex", "Luna", "dog", "teddy", "portrait"])
def test_words_and_names_are_warned_about(token: str):
    assert "looks like a word or a name" in advice.on_token(token)


def test_the_rifle_is_named():
    assert "rifle" in advice.on_token("SKS")


@pytest.mark.parametrize("token", ["bmx1", "xjw", "qwrt"])
def test_meaningless_letters_are_fine(token: str):
    assert advice.on_token(token) == ""


def test_too_few_and_too_many_photos_are_said():
    assert "is little" in advice.on_photos(4, PERSON)
    assert "is a lot" in advice.on_photos(40, PERSON)
    assert advice.on_photos(12, PERSON) == ""


def test_a_rate_for_the_other_method_is_said():
    assert any("LoRA" in said for said in advice.on_rates({"learning_rate": 1e-4}))
    assert any("hardly anything" in said for said in advice.on_rates({"learning_rate": 1e-9}))
    assert list(advice.on_rates({"learning_rate": 1e-6, "learning_rate_te2": 0.0})) == []


@pytest.mark.parametrize(
    ("study", "said"),
    [
        (Study(1500, 15), "1 500 steps, about 100 looks at each photo"),
        (Study(1500, 0), "1 500 steps"),
        (Study(1200, 12, text_steps=360), "1 200 steps, about 100 looks at each photo, and 360 steps for its name"),
    ],
)
def test_steps_are_put_in_relation_to_the_photos(study: Study, said: str):
    assert advice.looks(study).replace("\N{NARROW NO-BREAK SPACE}", " ") == said
