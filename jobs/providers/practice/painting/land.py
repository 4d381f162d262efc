"""What stands on the ground."""

from math import cos, pi, sin
from random import Random

from PIL import Image, ImageDraw

from jobs.providers.practice.painting.brush import dot, pen_on
from jobs.providers.practice.painting.settings import Colour, Setting, mixed


def water(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    """A band of sea under the horizon, with foam where it meets the sand."""
    width, height = image.size
    pen = pen_on(image)
    shore = horizon + int(height * random.uniform(0.05, 0.1))
    sea = mixed(setting.sky[0], (20, 110, 130), 0.45)
    for row in range(horizon - int(height * 0.06), shore):
        share = (row - horizon) / max(1, shore - horizon)
        pen.line((0, row, width, row), fill=(*mixed(sea, (120, 206, 200), max(0.0, share) * 0.7), 235))
    for number in range(26):
        x, y = random.uniform(0, width), random.uniform(horizon - height * 0.05, shore)
        pen.line((x, y, x + width * random.uniform(0.03, 0.12), y), fill=(255, 255, 255, 26 + number), width=1)
    pen.line(
        [(x, shore + sin(x / width * 9) * height * 0.006) for x in range(0, width + 8, 8)], (255, 255, 255, 210), 4
    )
    return image


def firs(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    width, height = image.size
    pen = pen_on(image)
    for row in (0, 1):
        colour = mixed((44, 74, 84), setting.sky[1], 0.55 - 0.35 * row)
        for _ in range(16 - 5 * row):
            x, tall = random.uniform(-0.05, 1.05) * width, height * random.uniform(0.12, 0.24) * (1 + row * 0.6)
            foot = horizon + height * 0.02 * (1 + row)
            for part in (0.0, 0.3, 0.6):
                spread, top = tall * (0.3 - 0.26 * part), foot - tall * (0.45 + part)
                pen.polygon(
                    [(x - spread, foot - tall * part), (x + spread, foot - tall * part), (x, top)], (*colour, 255)
                )
    return image


def trunks(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    width, height = image.size
    pen = pen_on(image)
    for row in (0, 1, 2):
        colour = mixed((52, 40, 26), setting.sky[1], 0.6 - 0.26 * row)
        for _ in range(6 - row):
            x, thick = random.uniform(0, width), width * random.uniform(0.012, 0.026) * (1 + row)
            foot, lean = horizon + height * 0.05 * row, random.uniform(-0.04, 0.04) * width
            pen.polygon(
                [(x - thick, foot), (x + thick, foot), (x + thick * 0.7 + lean, 0), (x - thick * 0.7 + lean, 0)],
                (*colour, 255),
            )
    return image


def flowers(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    width, height = image.size
    pen = pen_on(image)
    colours = random.sample([(236, 96, 110), (250, 206, 84), (252, 250, 244), (166, 110, 196), (240, 140, 70)], 3)
    for number in range(110):
        y = horizon + (height - horizon) * (number / 110) ** 1.3
        size = width * 0.016 * (0.3 + (y - horizon) / (height - horizon))
        x = random.uniform(0, width)
        colour = random.choice(colours)
        for petal in range(5):
            angle = petal * 2 * pi / 5 + number
            dot(pen, x + cos(angle) * size * 0.7, y + sin(angle) * size * 0.5, size * 0.55, colour, 235)
        dot(pen, x, y, size * 0.4, mixed(colour, (255, 230, 120), 0.7), 255)
    return image


def _ridge(image: Image.Image, random: Random, base: float, tall: float, colour: Colour, rough: float) -> None:
    width, height = image.size
    phases = [random.uniform(0, 2 * pi) for _ in range(4)]
    points = []
    for x in range(0, width + 6, 6):
        share = x / width
        up = sum(sin(share * pi * (2 + 3.1 * n) + phase) / (1 + n * rough) for n, phase in enumerate(phases))
        points.append((x, base - tall * (0.5 + 0.28 * up)))
    pen_on(image).polygon([(0, height), *points, (width, height)], fill=(*colour, 255))


def hills(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    height = image.height
    ground = image.crop((0, horizon, image.width, height))
    for row in range(3):
        colour = mixed(setting.sky[1], setting.ground[1], 0.35 + 0.25 * row)
        _ridge(image, random, horizon + height * 0.02 * row, height * (0.16 - 0.04 * row), colour, 1.6)
    image.paste(ground, (0, horizon + int(height * 0.03)))
    return image


def peaks(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    width, height = image.size
    ground = image.crop((0, horizon, width, height))
    pen = pen_on(image)
    for row in (0, 1):
        for _ in range(4):
            x, tall = random.uniform(0, width), height * random.uniform(0.24, 0.4) * (1 - 0.3 * row)
            colour = mixed((84, 98, 122), setting.sky[1], 0.45 - 0.3 * row)
            pen.polygon([(x - tall, horizon), (x, horizon - tall), (x + tall * 0.9, horizon)], (*colour, 255))
            pen.polygon([(x, horizon - tall), (x + tall * 0.9, horizon), (x + tall * 0.1, horizon)], (20, 30, 54, 46))
            cap = tall * 0.3
            edge = [(x - cap, horizon - tall + cap), (x, horizon - tall), (x + cap * 0.9, horizon - tall + cap)]
            pen.polygon(
                [*edge, (x + cap * 0.3, horizon - tall + cap * 0.7), (x - cap * 0.3, horizon - tall + cap * 1.2)],
                (248, 250, 255, 240),
            )
    image.paste(ground, (0, horizon))
    return image


def buildings(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    width, height = image.size
    pen = pen_on(image)
    for row in (0, 1):
        x = -width * 0.03
        while x < width:
            wide, tall = width * random.uniform(0.07, 0.15), height * random.uniform(0.2, 0.52) * (1 - 0.25 * row)
            pen.rectangle(
                (x, horizon - tall, x + wide, horizon), (*mixed(setting.sky[1], (14, 12, 30), 0.45 + 0.35 * row), 255)
            )
            _windows(pen, random, (x, horizon - tall, wide, tall))
            x += wide * random.uniform(0.95, 1.25)
    return image


def _windows(pen: ImageDraw.ImageDraw, random: Random, house: tuple[float, float, float, float]) -> None:
    left, top, wide, tall = house
    step = wide / 5
    for across in range(1, 5):
        for down in range(1, int(tall / step)):
            if random.random() < 0.34:
                x, y = left + across * step - step * 0.3, top + down * step
                pen.rectangle((x, y, x + step * 0.45, y + step * 0.55), (255, random.randint(170, 226), 130, 210))
