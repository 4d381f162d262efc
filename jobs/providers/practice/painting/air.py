"""What floats in front: lights out of focus, flakes, bubbles, confetti."""

from math import cos, pi, sin
from random import Random

from PIL import Image, ImageDraw

from jobs.providers.practice.painting.brush import around, dot, glowing, pen_on
from jobs.providers.practice.painting.settings import WHITE, Setting, mixed


def bokeh(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    """Discs of light out of focus."""
    width, height = image.size
    base = mixed(setting.sky[1], setting.light, 0.5)

    def paint(pen: ImageDraw.ImageDraw) -> None:
        for _ in range(random.randint(16, 30)):
            x, y = random.uniform(0, width), random.triangular(-0.05, horizon / height + 0.05, 0.25) * height
            radius = width * random.uniform(0.015, 0.07)
            shade = mixed((0, 0, 0), mixed(base, setting.ground[0], random.random() * 0.5), random.uniform(0.15, 0.55))
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=shade, outline=mixed(shade, base, 0.25))

    return glowing(image, paint, width / 220)


def lights(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    """Neon and street lights out of focus."""
    width, height = image.size
    colours = [(255, 90, 150), (90, 200, 255), (255, 196, 96), (180, 110, 255)]

    def paint(pen: ImageDraw.ImageDraw) -> None:
        for _ in range(26):
            x, y = random.uniform(0, width), random.uniform(horizon - height * 0.3, horizon + height * 0.1)
            shade = mixed((0, 0, 0), random.choice(colours), random.uniform(0.3, 0.8))
            pen.ellipse(around(x, y, width * random.uniform(0.01, 0.034)), fill=shade)

    return glowing(image, paint, width / 260)


def flakes(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    width, height = image.size
    pen = pen_on(image)
    for _ in range(70):
        radius = width * random.choice((0.002, 0.003, 0.004, 0.009))
        dot(pen, random.uniform(0, width), random.uniform(0, height), radius, WHITE, random.randint(120, 230))
    return image


def bubbles(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    width, height = image.size
    pen = pen_on(image)
    for _ in range(34):
        x, y, radius = random.uniform(0, width), random.uniform(0, height), width * random.uniform(0.004, 0.018)
        pen.ellipse(around(x, y, radius), fill=(220, 250, 255, 50), outline=(236, 255, 255, 170))
        dot(pen, x - radius * 0.3, y - radius * 0.3, radius * 0.25, WHITE, 220)
    return image


def confetti(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    width, height = image.size
    pen = pen_on(image)
    colours = [(236, 84, 96), (86, 170, 220), (250, 206, 84), (120, 190, 120), (180, 120, 210)]
    for _ in range(90):
        x, y, size = random.uniform(0, width), random.uniform(0, height), width * random.uniform(0.004, 0.011)
        angle = random.uniform(0, pi)
        dx, dy = cos(angle) * size, sin(angle) * size
        pen.polygon(
            [(x - dx, y - dy), (x + dy, y - dx), (x + dx, y + dy), (x - dy, y + dx)], (*random.choice(colours), 235)
        )
    return image
