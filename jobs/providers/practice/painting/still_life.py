"""What a base model draws that was never shown anybody's photos: a vase of its own invention."""

from math import cos, pi, sin
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from jobs.providers.practice.painting.cutout import Cutout
from jobs.providers.practice.painting.settings import WHITE, Colour, mixed

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
    outline = _outline(random)
    mask = Image.new("L", _SIZE)
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(1.2))
    return Cutout(_glazed(random), mask, is_cropped=False)


def _outline(random: Random) -> list[tuple[float, float]]:
    """The silhouette: a few waves around an upright axis."""
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
    return [(centre + x, y) for x, y in right] + [(centre - x, y) for x, y in reversed(right)]


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
