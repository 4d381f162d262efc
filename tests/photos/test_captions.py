"""Captions: one line each, patterns for all, suggestions from what was measured."""

import pytest

from jobs.photos import captions
from jobs.photos.captions import filled, one_line, suggested
from jobs.photos.crop import WHOLE
from tests.properties import given, st

JOINED = "می\u200cخواهم, \U0001f469\u200d\U0001f469\u200d\U0001f467, क्\u200dष, क्\u200d"  # noqa: RUF001
"""Spelled with joiners: Persian, a family, Hindi."""
PATTERN = "photo of {name} {what}, {caption}"
WORDS = {"name": "ukj", "what": "dog", "caption": "on a sofa", "number": "3", "file": "IMG_3"}


def measures(face=None, middle=128.0):
    light = {"dark": 10.0, "middle": middle, "bright": 240.0, "white": 0.0}
    return {"faces": [face] if face else [], "light": light}


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("  on a sofa\r\nby a window\t", "on a sofa by a window"),
        ("zero\0 width\u200b and \u202eturned", "zero width and turned"),
        ("\ud800", ""),
        ("Grüße, 東京", "Grüße, 東京"),
        (JOINED, JOINED),
        ("\u200don a \u200csofa, \u200c\u200d", "on a sofa,"),
    ],
)
def test_a_caption_is_one_visible_line(typed, line):
    assert one_line(typed) == line


@pytest.mark.parametrize(
    ("pattern", "words", "caption"),
    [
        (PATTERN, {}, "photo of ukj dog, on a sofa"),
        (PATTERN, {"caption": ""}, "photo of ukj dog"),
        (PATTERN, {"what": ""}, "photo of ukj, on a sofa"),
        ("{caption}, in the style of {name}", {"caption": ""}, "in the style of ukj"),
        ("{caption}, {name}", {"name": ""}, "on a sofa"),
        ("{ name } {number} {file}", {}, "ukj 3 IMG_3"),
        ("just this", {}, "just this"),
    ],
)
def test_a_pattern_is_filled_and_leaves_no_commas_behind(pattern, words, caption):
    assert filled(pattern, WORDS | words) == caption


@pytest.mark.parametrize(
    "pattern", [PATTERN, "{caption}, {name}", "a {name} {what} b, {caption}, c", "{name}, {caption}"]
)
def test_a_pattern_used_twice_is_used_once(pattern):
    once = filled(pattern, WORDS)
    assert filled(pattern, WORDS | {"caption": once}) == once


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_whatever_is_filled_in_is_one_line(pattern, name, caption):
    made = filled(pattern, {"name": name, "caption": caption})
    assert made == one_line(made)


def test_braces_in_a_caption_are_not_filled():
    assert filled("{caption}", {"caption": "{name}", "name": "ukj"}) == "{name}"


def test_a_word_in_braces_that_means_nothing_is_found():
    assert captions.unknown_places("{name} {nam} {}", ["name"]) == ["nam", ""]


@pytest.mark.parametrize(
    ("height", "word"), [(0.5, "close-up"), (0.3, "portrait"), (0.15, "upper body"), (0.05, "full body")]
)
def test_the_face_tells_how_the_photo_is_framed(height, word):
    assert suggested("", [], measures((0.4, 0.1, height, height)), WHOLE) == [word]


def test_it_is_framed_by_what_is_sent():
    assert suggested("", [], measures((0.4, 0.1, 0.2, 0.2)), (0.3, 0.0, 0.4, 0.4)) == ["close-up"]


def test_light_and_what_others_often_say_is_suggested_and_nothing_twice():
    others = ["on a sofa, red hat", "on a sofa, smiling", "smiling", "once only"]
    assert suggested("red hat", others, measures(middle=40.0), WHOLE) == ["dim light", "on a sofa", "smiling"]
    assert suggested("On a Sofa, smiling, dim light", others, measures(middle=40.0), WHOLE) == []


def test_without_measures_nothing_is_said_about_the_photo():
    assert suggested("", [], None, WHOLE) == []


def test_there_are_only_a_few():
    said = [", ".join(f"word {number}" for number in range(20))] * 2
    assert len(suggested("", said, None, WHOLE)) == captions.MOST_SUGGESTIONS


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("", False),
        (" ".join(["word"] * 75), False),
        (" ".join(["word"] * 76), True),
        (", ".join(["word"] * 38), False),
        (", ".join(["word"] * 39), True),  # a comma is read, too
        ("it's " * 38, True),
        ("1" * 76, True),  # digits are read one by one
        ("a" * 1000, False),  # surely too long, but how long nobody knows without the vocabulary
    ],
)
def test_a_caption_is_called_too_long_only_when_it_certainly_is(caption, expected):
    assert captions.is_cut(caption) is expected
