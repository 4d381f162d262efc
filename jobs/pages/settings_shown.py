"""The settings of a job or a picture in words, by the labels of the provider's own fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.providers.params import Param


@dataclass(frozen=True)
class Setting:
    """One setting as people read it; *name* is the provider's name for it."""

    name: str
    label: str
    text: str


def settings_shown(params: Iterable[Param], values: Mapping[str, Any], *, without: Iterable[str] = ()) -> list[Setting]:
    """*values* in the order of *params*; what no `Param` names any more comes last, under the provider's name.

    Values of None (left out of the request) and the names in *without* are not shown, nor what counts only with
    another field that is not ticked.
    """
    params = tuple(params)
    idle = {param.name for param in params if param.needs and values.get(param.needs) is not True}
    wanted = {name: value for name, value in values.items() if value is not None and name not in {*without, *idle}}
    known = []
    for param in params:
        if param.name not in wanted:
            continue
        value = wanted.pop(param.name)
        if param.worth_showing or value != param.default:
            labels = {choice.value: choice.label for choice in param.choices}
            text = labels.get(str(value), _text(value))
            known.append(Setting(param.name, param.label, f"{text} {param.unit}" if param.unit else text))
    return [*known, *(Setting(name, name, _text(value)) for name, value in wanted.items())]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
