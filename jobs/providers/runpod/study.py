"""How long a training studies: people choose looks per photo or steps in all, and the worker's own numbers follow."""

from math import ceil

from jobs.providers.order import Order, Study
from jobs.providers.params import Values

LOOKS = 100
_TEXT_SHARE = 0.3
_LEAST_TEXT, _MOST_TEXT = 200, 450
"""What the trainer's own notebook advises for a small set of photos; more makes every prompt look like the photos."""


def study(order: Order, photo_count: int) -> Study | None:
    """The steps of *order* with so many photos; None where that cannot be told yet."""
    if not order.kind.trains or not photo_count:
        return None
    round_steps = ceil(photo_count / _number(order.training, "unet_batch_size", 1))
    steps = epochs(order, photo_count) * round_steps
    return Study(steps, round_steps, _number(order.training, "text_steps", _text_steps(steps)))


def epochs(order: Order, photo_count: int) -> int:
    """How often the UNet sees each photo: the worker's `unet_epochs`. Its steps are that times the photos."""
    looks, total = (_number(order.training, name, 0) for name in ("unet_epochs", "total_steps"))
    if not total:
        return looks or LOOKS
    return max(1, round(total / max(1, ceil(photo_count / _number(order.training, "unet_batch_size", 1)))))


def _text_steps(steps: int) -> int:
    return int(min(max(round(_TEXT_SHARE * steps, -1), _LEAST_TEXT), _MOST_TEXT))


def _number(values: Values, name: str, otherwise: int) -> int:
    value = values.get(name)
    return value if isinstance(value, int) and value > 0 else otherwise
