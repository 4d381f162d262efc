"""Fields for numbers as people of all countries type them: in any script's digits, with a decimal comma, with spaces
between thousands. What may be meant in two ways is asked about and never guessed: to some, 1.000 is a thousand.
"""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

_SIGNS = str.maketrans({"\u2212": "-", "\u066b": ".", "\u066c": " ", "\u060c": ",", "\u3001": ",", "\u2019": "'"})
"""The minus sign, Arabic decimal, thousands and list signs, the ideographic comma, the typographic apostrophe."""
_WHOLE = re.compile(r"[-+]?\d+")
_SPACED = re.compile(r"([-+]?[1-9]\d{0,2}(?: \d{3})+)(?![\d ])")
_POINTED = re.compile(r"[-+]?[1-9]\d{0,2}([.,'])\d{3}(?:\1\d{3})*")
_PAIR = re.compile(r"(?<![\d.,'])([1-9]\d{0,2})([ ,.'])(\d{3})(?!\d)")
_SEPARATORS = re.compile(r"[\s,;]+")


def plain(text: str) -> str:
    """*text* with ASCII digits and signs, as it was typed otherwise."""
    signs = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    digits = (str(unicodedata.decimal(sign, sign)) for sign in signs)
    return " ".join("".join(digits).split())


def joined(text: str) -> str:
    """*text* without the signs between its thousands."""
    return re.sub(r"[ .,']", "", text)


def number_text(value: float) -> str:
    """A number as people who know it write it: 0.5, 1200, 1e-6; with a zero more where it could be read as another."""
    text = f"{value:.12g}"
    if _POINTED.fullmatch(text):
        return f"{text}0"
    return re.sub(r"e([+-])0*(\d)", lambda found: f"e{found[1].strip('+')}{found[2]}", text)


class WholeNumberField(forms.IntegerField):
    """A whole number."""

    def to_python(self, value: object) -> int | None:
        if not isinstance(value, str):
            return super().to_python(value)
        text = plain(value)
        if found := _POINTED.fullmatch(text):
            raise ValidationError(f"Do you mean {joined(text)}? Then type it without “{found[1]}”.")
        text = joined(text) if _SPACED.fullmatch(text) else text
        if text and not _WHOLE.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(text)


class NumberField(forms.FloatField):
    """A finite number. A comma is a decimal point, as half of Europe types it."""

    def to_python(self, value: object) -> Any:  # noqa: ANN401 - to Django, a float field is one of whole numbers
        if not isinstance(value, str):
            return super().to_python(value)
        text = plain(value)
        if _POINTED.fullmatch(text):
            raise ValidationError(self._asked(text))
        text = _SPACED.sub(lambda found: joined(found[1]), text)
        if "_" in text or " " in text:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(text.replace(",", ".") if text.count(",") == 1 else text)

    def _asked(self, text: str) -> str:
        one = joined(text)
        if len(re.findall(r"[.,']", text)) > 1 or "'" in text:
            return f"Do you mean {one}? Then type it so."
        other = number_text(float(text.replace(",", ".")))
        return f"Do you mean {one} or {other}? Type {one} or {other}."

    def clean(self, value: object) -> float | None:
        number: float | None = super().clean(value)
        return number if number is None else number + 0.0  # never -0.0

    def prepare_value(self, value: object) -> object:
        return number_text(value) if isinstance(value, float) else value


class SeedField(WholeNumberField):
    """A seed; left empty, each picture gets a new one (-1)."""

    def clean(self, value: object) -> int:
        seed: int | None = super().clean(value)
        return -1 if seed is None else seed

    def prepare_value(self, value: object) -> object:
        return "" if value in (-1, "-1") else value


class WholeNumbersField(forms.CharField):
    """Whole numbers with commas or spaces between them, in order and each once."""

    def __init__(self, *, one: WholeNumberField, most: int, **options: Any) -> None:
        super().__init__(**options)
        self.one, self.most = one, most

    def prepare_value(self, value: object) -> object:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: object) -> list[int] | None:
        text = plain(super().clean(value))
        for found in _PAIR.finditer(text):
            self._ask(found)
        numbers = sorted({self.one.clean(part) for part in _SEPARATORS.split(text) if part})
        if len(numbers) > self.most:
            raise ValidationError(f"No more than {self.most} numbers.")
        return numbers or None

    def _ask(self, found: re.Match[str]) -> None:
        """Raises `ValidationError` where two numbers may as well be one."""
        first, sign, second = found.groups()
        one, most = int(first + second), self.one.max_value
        if sign in ".'":
            raise ValidationError(f"Do you mean {one}? Then type it without “{sign}”.")
        if not isinstance(most, int) or one <= most:
            two = f"{first}, {int(second)}"
            raise ValidationError(f"Is “{found[0]}” one number or two? Type {one}, or {two} with a comma and a space.")
