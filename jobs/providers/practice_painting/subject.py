"""What stands in the picture: the subject cut out of a photo, or a vase where there are no photos.

Nothing but colours tells the subject apart: a guess, and it knows when it is a bad one. Seeds grow from the photo's
middle and from its edge, wherever colours change least; where they meet is the outline. An outline that does not follow
edges in the photo is not believed: then the whole photo is used, fading out in an oval.
"""

from dataclasses import dataclass
from functools import lru_cache
from heapq import heappop, heappush
from io import BytesIO
from math import cos, pi, sin
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from jobs.providers.practice_painting.prompt import WHITE, Colour, mixed

_EDGE = 128
_FAR = 0.12
_SMALLEST = 24
_COLOURS = 40
_SUBJECT, _BACKDROP = 255, 1
_NEIGHBOURS = ((1, 0), (-1, 0), (0, 1), (0, -1))


@dataclass(frozen=True)
class Cutout:
    """The subject: its picture, the mask of what belongs to it, and whether it runs out of the photo at the bottom."""

    image: Image.Image
    mask: Image.Image
    is_cropped: bool


@lru_cache(maxsize=32)
def cut_out(jpeg: bytes) -> Cutout:
    """The subject of a photo, trimmed to its bounds."""
    photo = Image.open(BytesIO(jpeg)).convert("RGB")
    small = photo.copy()
    small.thumbnail((_EDGE, _EDGE))
    mask = _outlined(small)
    if mask is None:
        width, height = photo.size
        oval = Image.new("L", photo.size)
        ImageDraw.Draw(oval).ellipse((width * 0.12, height * 0.08, width * 0.88, height * 1.2), fill=255)
        return Cutout(photo, oval.filter(ImageFilter.GaussianBlur(min(photo.size) / 14)), is_cropped=True)
    left, top, right, bottom = mask.getbbox() or (0, 0, *mask.size)
    full = mask.resize(photo.size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(photo.width / 180))
    full = full.point([max(0, min(255, (value - 120) * 4)) for value in range(256)])
    x, y = photo.width / mask.width, photo.height / mask.height
    box = (int(left * x), int(top * y), int(right * x), int(bottom * y))
    return Cutout(photo.crop(box), full.crop(box), is_cropped=bottom >= mask.height - 2)


def _outlined(small: Image.Image) -> Image.Image | None:
    """The subject's mask at the size of *small*, or None where no outline can be believed."""
    if min(small.size) < _SMALLEST:
        return None
    hues = _hues(small.filter(ImageFilter.GaussianBlur(0.6)))
    frame = _frame_seeds(small.size)
    _, distance = _grown(small.size, hues, frame)
    owner, _ = _grown(small.size, hues, ImageChops.lighter(frame, _subject_seeds(small, distance)))
    mask = Image.frombytes("L", small.size, bytes(owner)).point([255 * (one == _SUBJECT) for one in range(256)])
    # Without stray specks, holes and spikes.
    mask = mask.filter(ImageFilter.MedianFilter(3)).filter(ImageFilter.ModeFilter(5))
    return mask if _is_plausible(mask, small) else None


def _hues(small: Image.Image) -> list[tuple[float, float, float]]:
    """Each pixel as brightness and the shares of red and green, which a shadow hardly changes."""
    flat = small.tobytes()
    found = []
    for red, green, blue in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
        total = red + green + blue + 40
        found.append((total / 4, 600 * red / total, 600 * green / total))
    return found


def _frame_seeds(size: tuple[int, int]) -> Image.Image:
    """The frame is backdrop, but for the bottom's middle, where people are cut off."""
    width, height = size
    band = max(2, width // 28)
    frame = Image.new("L", size, _BACKDROP)
    ImageDraw.Draw(frame).rectangle((band, band, width - band - 1, height), fill=0)
    ImageDraw.Draw(frame).rectangle((0, height - band, width // 6, height), fill=_BACKDROP)
    ImageDraw.Draw(frame).rectangle((width - width // 6, height - band, width, height), fill=_BACKDROP)
    return frame


def _subject_seeds(small: Image.Image, distance: list[float]) -> Image.Image:
    """The middle, where colours are that the frame lacks and that lie far from it."""
    likely = _likelihood(small).point([255 * (value > 200) for value in range(256)])
    middle = ImageChops.multiply(likely, _middle(small.size))
    inside = sorted(far for far, value in zip(distance, _middle(small.size).tobytes(), strict=True) if value)
    least = inside[len(inside) * 3 // 4] * _FAR
    far = Image.frombytes("L", small.size, bytes(255 * (one >= least) for one in distance))
    return ImageChops.multiply(middle, far).filter(ImageFilter.MinFilter(3))


def _likelihood(small: Image.Image) -> Image.Image:
    """How likely each pixel is subject, 0 to 255, from how often its colour occurs in the middle and at the frame."""
    palette = small.quantize(_COLOURS, Image.Quantize.MEDIANCUT)
    # The frame is the outer band, but not the bottom's middle, where people are cut off.
    width, height = small.size
    band = max(3, width // 10)
    frame = Image.new("L", small.size, 255)
    ImageDraw.Draw(frame).rectangle((band, band, width - band, height), fill=0)
    ImageDraw.Draw(frame).rectangle((0, int(height * 0.94), int(width * 0.2), height), fill=255)
    ImageDraw.Draw(frame).rectangle((int(width * 0.8), int(height * 0.94), width, height), fill=255)
    inside = palette.histogram(_middle(small.size))[:_COLOURS]
    outside = palette.histogram(frame)[:_COLOURS]
    share = sum(outside) / max(1, sum(inside))
    odds = [one * share / max(1.0, one * share + 2 * other) for one, other in zip(inside, outside, strict=True)]
    chances = [round(255 * one) for one in odds] + [0] * (256 - _COLOURS)
    return Image.frombytes("L", small.size, palette.tobytes()).point(chances).filter(ImageFilter.GaussianBlur(1.2))


def _middle(size: tuple[int, int]) -> Image.Image:
    width, height = size
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).ellipse((width * 0.3, height * 0.28, width * 0.7, height * 0.76), fill=255)
    return mask


def _grown(
    size: tuple[int, int], hues: list[tuple[float, float, float]], seeds: Image.Image
) -> tuple[bytearray, list[float]]:
    """Which seed reaches each pixel over the least change of colour, and how much that is (Dijkstra's algorithm)."""
    width, height = size
    owner = bytearray(seeds.tobytes())
    cost = [0.0 if one else float("inf") for one in owner]
    front = [(0.0, place) for place, one in enumerate(owner) if one]
    while front:
        reached, place = heappop(front)
        if reached > cost[place]:
            continue
        x, y = place % width, place // width
        light, red, green = hues[place]
        for dx, dy in _NEIGHBOURS:
            if not (0 <= x + dx < width and 0 <= y + dy < height):
                continue
            other = place + dx + dy * width
            one = hues[other]
            change = abs(light - one[0]) + abs(red - one[1]) + abs(green - one[2])
            total = reached + 0.5 + change * change / 40
            if total < cost[other]:
                cost[other] = total
                owner[other] = owner[place]
                heappush(front, (total, other))
    return owner, cost


def _is_plausible(mask: Image.Image, small: Image.Image) -> bool:
    """Whether the outline lies where the photo has edges, and the subject has a believable size."""
    covered = mask.histogram()[255] / (mask.width * mask.height)
    outline = ImageChops.subtract(mask.filter(ImageFilter.MaxFilter(3)), mask.filter(ImageFilter.MinFilter(3)))
    grey = small.convert("L")
    across, down = (ImageChops.difference(grey, ImageChops.offset(grey, *by)) for by in ((2, 0), (0, 2)))
    edges = ImageChops.lighter(across, down)
    along = _mean(edges, outline)
    inside = _mean(edges, mask)
    return 0.06 < covered < 0.62 and along > 1.1 * inside and along > 12


def _mean(image: Image.Image, mask: Image.Image) -> float:
    counts = image.histogram(mask)
    return sum(value * count for value, count in enumerate(counts)) / max(1, sum(counts))


_SIZE = (420, 560)
_GLAZES: tuple[Colour, ...] = (
    (196, 96, 70),
    (70, 120, 130),
    (216, 178, 96),
    (112, 126, 92),
    (156, 108, 140),
    (60, 72, 110),
)


def still_life(random: Random) -> Cutout:
    """A turned vase with a glaze, always the same for the same random numbers."""
    # The silhouette is a few waves around an upright axis.
    width, height = _SIZE
    belly, neck = random.uniform(0.3, 0.46), random.uniform(0.07, 0.16)
    high, waist = random.uniform(0.4, 0.72), random.uniform(0.0, 0.05)
    right = []
    for number in range(61):
        share = number / 60
        round_part = sin(pi * min(1.0, share / (high * 1.35))) ** 0.8 if share < high * 1.35 else 0.0
        wide = max(neck, belly * round_part, 0.16 * (share < 0.04)) + waist * cos(share * 14)
        right.append((wide * width, height * (0.99 - 0.97 * share)))
    centre = width / 2
    outline = [(centre + x, y) for x, y in right] + [(centre - x, y) for x, y in reversed(right)]
    mask = Image.new("L", _SIZE)
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    return Cutout(_glazed(random), mask.filter(ImageFilter.GaussianBlur(1.2)), is_cropped=False)


def _glazed(random: Random) -> Image.Image:
    width, height = _SIZE
    upper, lower = random.sample(_GLAZES, 2)
    image = Image.new("RGB", _SIZE, lower)
    dip = height * random.uniform(0.3, 0.7)
    drops = [(x, dip + sin(x / 37) * 16 + random.uniform(-6, 6)) for x in range(0, width + 12, 12)]
    ImageDraw.Draw(image).polygon([(0, 0), (width, 0), *reversed(drops)], fill=upper)
    image = image.filter(ImageFilter.GaussianBlur(2))
    ramp = Image.linear_gradient("L").rotate(90).resize(_SIZE)
    round_ = ramp.point([int(70 + 185 * max(0.0, sin(pi * (0.08 + value / 300)))) for value in range(256)])
    image = ImageChops.multiply(image, Image.merge("RGB", (round_, round_, round_)))
    shine = Image.new("L", _SIZE)
    ImageDraw.Draw(shine).rounded_rectangle((width * 0.3, height * 0.1, width * 0.36, height * 0.82), 12, fill=150)
    shine = shine.filter(ImageFilter.GaussianBlur(12))
    return ImageChops.screen(image, ImageOps.colorize(shine, (0, 0, 0), mixed(upper, WHITE, 0.8)))
