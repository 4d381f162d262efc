"""What the practice painter reads out of a prompt."""

from random import Random

import pytest

from jobs.providers.practice.adapter import Practice
from jobs.providers.practice_painting.prompt import SETTINGS, look_of


@pytest.mark.parametrize("prompt", ["ukj dog underwater", "ukj dog under water", "ukj dog under-water", "Under  Water"])
def test_a_place_of_two_words_is_known_however_it_is_written(prompt: str):
    assert look_of(prompt, Random(1)).setting.name == "underwater"


def test_the_form_says_which_places_practice_knows():
    assert all(setting.name in Practice.prompt_help for setting in SETTINGS)
