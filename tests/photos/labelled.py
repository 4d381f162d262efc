"""Photos with known faults, made by code: scenes with the detail, depth and noise of a camera's, then one fault each.

Half of the scenes are traps: soft backgrounds, studio white, a lit face at night, and noise are no faults.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from jobs.photos import codec, limits
from jobs.photos.codec import decode, within
from jobs.photos.sniff import Kind

Fault = Literal["blur", "exposure", "size", "duplicates", ""]
FACE = Path(__file__).parent / "faces" / "collins.jpg"
SIZES = ((1200, 900), (900, 1200), (1600, 1200), (1000, 1000))
Random = np.random.Generator
_ORDER = ("size", "exposure", "duplicates", "blur")


@dataclass(frozen=True)
class Labelled:
    """One photo as prepared, *name*, its *fault*, and for a duplicate the name of the photo it repeats."""

    name: str
    image: Image.Image
    fault: Fault
    of: str = ""


def scenes(seed: int, count: int) -> Iterator[Labelled]:
    """*count* photos without a fault. Every fourth was taken where the one before was, with the subject elsewhere."""
    return (flawless(seed, number) for number in range(count))


def flawless(seed: int, number: int) -> Labelled:
    """The photo that `scenes` makes as its *number*-th."""
    random = np.random.default_rng((seed, number, 1))
    place = np.random.default_rng((seed, number - (number % 4 == 3), 2))
    return Labelled(f"scene {number}", taken(_harmless(scene(random, place), random), random), "")


def faulty(seed: int, count: int, fault: Fault) -> Iterator[Labelled]:
    """*count* photos of other scenes, each with *fault*. Duplicates repeat those of `scenes` with the same seed."""
    for number in range(count):
        random = np.random.default_rng((seed, number, 10 + _ORDER.index(fault)))
        if fault == "duplicates":
            original = flawless(seed, number)
            yield Labelled(
                f"duplicate {number}", taken(_repeated(original.image, random), random), fault, original.name
            )
        else:
            yield Labelled(f"{fault} {number}", taken(_FAULTS[fault](scene(random), random), random), fault)


def scene(random: Random, place: Random | None = None) -> Image.Image:
    """A place with something in the middle of it: a person, or an object."""
    where = place or random
    size = SIZES[int(where.integers(len(SIZES)))]
    behind = _place(size, where)
    if where.random() < 0.45:
        behind = behind.filter(ImageFilter.GaussianBlur(float(where.uniform(4, 14))))
    return _with_person(behind, random) if random.random() < 0.5 else _with_object(behind, random)


def taken(image: Image.Image, random: Random) -> Image.Image:
    """*image* after a camera's noise and JPEG, taken in as an upload is."""
    grain = random.normal(0, random.uniform(0.5, 4), (*image.size[::-1], 1)) + random.normal(
        0, 1, (*image.size[::-1], 3)
    )
    noisy = Image.fromarray(np.clip(np.asarray(image, dtype=np.float32) + grain, 0, 255).astype(np.uint8))
    file = io.BytesIO()
    noisy.save(file, "JPEG", quality=int(random.integers(78, 96)))
    opened = decode(io.BytesIO(file.getvalue()), frozenset(Kind), limits.MIN_PHOTO_SIDE)
    prepared = within(opened, limits.PREPARED_SHORT_SIDE, limits.PREPARED_LONG_SIDE)
    return Image.open(io.BytesIO(codec.jpeg(prepared)))


def _cloud(size: tuple[int, int], random: Random, roughness: float) -> NDArray[np.float32]:
    """Noise in all sizes, as in nature: -1 to 1."""
    total = np.zeros(size[::-1], dtype=np.float32)
    for octave in range(1, 9):
        cells = random.normal(0, 1, (min(2**octave, size[1]), min(2**octave, size[0]))).astype(np.float32)
        layer = Image.fromarray(cells).resize(size, Image.Resampling.BICUBIC)
        total += np.asarray(layer) * roughness**octave
    return total / (np.abs(total).max() or 1.0)


def _textured(size: tuple[int, int], random: Random, colour: NDArray[np.float64], strength: float) -> Image.Image:
    cloud = _cloud(size, random, float(random.uniform(0.55, 0.8)))[..., None]
    return Image.fromarray(np.clip(colour + cloud * strength, 0, 255).astype(np.uint8))


def _place(size: tuple[int, int], random: Random) -> Image.Image:
    place = _textured(size, random, random.uniform(50, 200, 3), float(random.uniform(15, 60)))
    if random.random() < 0.15:
        return Image.new("RGB", size, (255, 255, 255))
    draw = ImageDraw.Draw(place)
    for _ in range(int(random.integers(6, 30))):
        left, top = (int(random.integers(-100, side)) for side in size)
        box = (left, top, left + int(random.integers(20, 400)), top + int(random.integers(20, 400)))
        shade = tuple(int(value) for value in random.integers(10, 240, 3))
        shape: Callable[..., None] = draw.ellipse if random.random() < 0.4 else draw.rectangle
        shape(box, fill=shade)
    return Image.blend(place, _textured(size, random, random.uniform(60, 190, 3), 60), 0.3)


def _with_object(behind: Image.Image, random: Random) -> Image.Image:
    side = int(min(behind.size) * random.uniform(0.45, 0.75))
    thing = _textured((side, side), random, random.uniform(40, 210, 3), 50)
    draw = ImageDraw.Draw(thing)
    for _ in range(int(random.integers(4, 14))):
        ends = [int(value) for value in random.integers(0, side, 4)]
        draw.line(
            ends, fill=tuple(int(value) for value in random.integers(0, 255, 3)), width=int(random.integers(2, 14))
        )
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).ellipse((0, 0, side - 1, side - 1), fill=255)
    thing = thing.rotate(float(random.uniform(0, 360)))
    behind.paste(thing, _near_middle(behind.size, (side, side), random), mask)
    return behind


def _with_person(behind: Image.Image, random: Random) -> Image.Image:
    """The face of an astronaut (NASA, public domain), in other sizes, tilts, colours and clothes."""
    with Image.open(FACE) as file:
        person = file.convert("RGB")
    if random.random() < 0.5:
        person = person.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    width = int(min(behind.size) * random.uniform(0.45, 0.8))
    height = round(width * person.height / person.width)
    person = person.resize((width, height), Image.Resampling.LANCZOS).filter(ImageFilter.UnsharpMask(2, 120, 2))
    mask = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(mask)
    draw.ellipse((width * 0.1, 0, width * 0.95, height * 0.85), fill=255)
    draw.rectangle((0, int(height * 0.7), width, height), fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(2))
    tilt = float(random.uniform(-12, 12))
    left = _near_middle(behind.size, (width, height), random)[0]
    place = (left, behind.height - height)
    behind.paste(person.rotate(tilt, Image.Resampling.BICUBIC), place, mask.rotate(tilt))
    return behind


def _near_middle(size: tuple[int, int], of: tuple[int, int], random: Random) -> tuple[int, int]:
    left, top = ((outer - inner) / 2 * random.uniform(0.6, 1.4) for outer, inner in zip(size, of, strict=True))
    return int(left), int(top)


def _harmless(image: Image.Image, random: Random) -> Image.Image:
    """What looks like a fault to a machine and is none."""
    kind = random.random()
    if kind < 0.25:
        return _lit(image, float(random.uniform(-0.8, 0.7)))
    if kind < 0.4:
        return image.filter(ImageFilter.GaussianBlur(float(random.uniform(0.3, 0.8))))
    if kind < 0.5:
        return _at_night(image)
    if kind < 0.6:
        return _of_short_side(image, int(random.integers(540, 700)))
    return image


def _at_night(image: Image.Image) -> Image.Image:
    """All but the middle in the dark."""
    mask = Image.new("L", image.size, 0)
    inset = (image.width // 6, image.height // 8)
    ImageDraw.Draw(mask).ellipse((*inset, image.width - inset[0], image.height + inset[1]), fill=255)
    return Image.composite(image, _lit(image, -3), mask.filter(ImageFilter.GaussianBlur(image.width / 20)))


def _lit(image: Image.Image, stops: float) -> Image.Image:
    """*image* as if the shutter had been open for 2 ** *stops* as long."""
    table = [min(255.0, 255 * ((value / 255) ** 2.2 * 2**stops) ** (1 / 2.2)) for value in range(256)]
    return image.point([round(value) for value in table] * 3)


def _of_short_side(image: Image.Image, side: int) -> Image.Image:
    ratio = side / min(image.size)
    return image.resize((round(image.width * ratio), round(image.height * ratio)), Image.Resampling.LANCZOS)


def _blurred(image: Image.Image, random: Random) -> Image.Image:
    unit = min(image.size) / 1024
    kind = random.random()
    if kind < 0.4:
        return image.filter(ImageFilter.GaussianBlur(float(random.uniform(2.4, 6)) * unit))
    if kind < 0.7:
        return _spread(image, _disc(float(random.uniform(5, 11)) * unit))
    return _spread(image, _streak(float(random.uniform(14, 36)) * unit, float(random.uniform(0, np.pi))))


def _disc(radius: float) -> list[tuple[int, int]]:
    reach = range(-int(radius), int(radius) + 1)
    return [(x, y) for x in reach for y in reach if x * x + y * y <= radius * radius]


def _streak(length: float, angle: float) -> list[tuple[int, int]]:
    steps = np.linspace(-length / 2, length / 2, int(length) + 1)
    return [(round(step * np.cos(angle)), round(step * np.sin(angle))) for step in steps]


def _spread(image: Image.Image, offsets: list[tuple[int, int]]) -> Image.Image:
    """Each point of *image* smeared evenly over *offsets*."""
    reach = max(max(abs(x), abs(y)) for x, y in offsets)
    pixels = np.pad(np.asarray(image, dtype=np.float32), ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    height, width = image.height, image.width
    parts = (pixels[reach + y : reach + y + height, reach + x : reach + x + width] for x, y in offsets)
    return Image.fromarray((sum(parts, np.float32(0)) / len(offsets)).astype(np.uint8))


def _badly_lit(image: Image.Image, random: Random) -> Image.Image:
    dark, bright = random.uniform(-6, -4.2), random.uniform(3, 4.5)
    return _lit(image, float(dark if random.random() < 0.5 else bright))


def _too_small(image: Image.Image, random: Random) -> Image.Image:
    return _of_short_side(image, int(random.integers(120, 500)))


def _repeated(image: Image.Image, random: Random) -> Image.Image:
    """The same moment once more: sent by a messenger, trimmed, a little brighter, or the next of a burst."""
    copy = image.convert("RGB")
    kind = random.random()
    if kind < 0.3:
        return _of_short_side(copy, int(random.integers(600, 900)))
    if kind < 0.6:
        inset = random.uniform(0, 0.025, 4)
        edges = (inset[0], inset[1], 1 - inset[2], 1 - inset[3])
        return copy.crop(tuple(round(edge * side) for edge, side in zip(edges, copy.size * 2, strict=True)))
    if kind < 0.8:
        return _lit(copy, float(random.uniform(-0.35, 0.35)))
    return copy.rotate(float(random.uniform(-1.2, 1.2)), Image.Resampling.BICUBIC).crop(
        (round(copy.width * 0.02), round(copy.height * 0.02), round(copy.width * 0.98), round(copy.height * 0.98))
    )


_FAULTS: dict[str, Callable[[Image.Image, Random], Image.Image]] = {
    "blur": _blurred,
    "exposure": _badly_lit,
    "size": _too_small,
}
