"""What is up there: clouds, sun, moon, stars, light."""

from math import cos, pi, sin
from random import Random

from PIL import Image, ImageDraw, ImageFilter

from jobs.providers.practice.painting.brush import around, dot, glowing, pen_on
from jobs.providers.practice.painting.settings import WHITE, Setting, mixed


def clouds(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    width, _ = image.size
    layer = Image.new("L", image.size)
    pen = ImageDraw.Draw(layer)
    for _ in range(random.randint(3, 5)):
        x, y = random.uniform(0, width), random.uniform(0.1, 0.75) * horizon
        for _ in range(9):
            radius = width * random.uniform(0.02, 0.07)
            dx, dy = random.gauss(0, width * 0.08), random.gauss(0, width * 0.012)
            pen.ellipse(
                (x + dx - radius * 1.6, y + dy - radius * 0.6, x + dx + radius * 1.6, y + dy + radius * 0.6), fill=190
            )
    layer = layer.filter(ImageFilter.GaussianBlur(width / 45))
    image.paste(mixed(setting.sky[1], WHITE, 0.8), (0, 0), layer)
    return image


def sun(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    width, height = image.size
    x, y, radius = width * random.uniform(0.2, 0.8), horizon - height * random.uniform(0.05, 0.16), width * 0.075

    def paint(pen: ImageDraw.ImageDraw) -> None:
        for spread, strength in ((4.2, 0.18), (2.2, 0.3)):
            pen.ellipse(around(x, y, radius * spread), fill=mixed((0, 0, 0), setting.light, strength))

    image = glowing(image, paint, width / 14)
    dot(pen_on(image), x, y, radius, mixed(setting.light, WHITE, 0.6), 255)
    return image


def moon(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    width, _ = image.size
    x, y = width * random.choice((0.2, 0.26, 0.76, 0.82)), horizon * random.uniform(0.2, 0.4)
    radius = width * random.uniform(0.045, 0.075)
    image = glowing(image, lambda pen: pen.ellipse(around(x, y, radius * 2.2), fill=(70, 80, 110)), width / 16)
    pen = pen_on(image)
    dot(pen, x, y, radius, (244, 240, 222), 255)
    for _ in range(5):
        angle, far = random.uniform(0, 2 * pi), random.uniform(0, radius * 0.6)
        dot(pen, x + cos(angle) * far, y + sin(angle) * far, radius * random.uniform(0.1, 0.24), (206, 202, 188), 130)
    return image


def stars(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    width, _ = image.size
    pen = pen_on(image)
    for _ in range(150):
        size = width * random.choice((0.0012, 0.0018, 0.0034))
        dot(pen, random.uniform(0, width), random.uniform(0, horizon), size, (255, 252, 236), random.randint(90, 255))
    return image


def nebula(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    width, _ = image.size
    colours = random.sample([(150, 50, 160), (40, 90, 190), (210, 80, 100), (40, 150, 160)], 3)

    def paint(pen: ImageDraw.ImageDraw) -> None:
        for number in range(14):
            x, y, radius = random.uniform(0, width), random.uniform(0, horizon), width * random.uniform(0.05, 0.16)
            pen.ellipse(around(x, y, radius), fill=mixed((0, 0, 0), colours[number % 3], 0.5))

    return glowing(image, paint, width / 12)


def rays(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    width, height = image.size

    def paint(pen: ImageDraw.ImageDraw) -> None:
        for _ in range(7):
            x, wide = random.uniform(-0.1, 1.0) * width, width * random.uniform(0.02, 0.07)
            far = x + width * 0.22
            pen.polygon([(x, 0), (x + wide, 0), (far + wide * 2.4, height), (far, height)], fill=(44, 70, 66))

    return glowing(image, paint, width / 40)


def window(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    """Light through a window, fallen on the wall."""
    width, height = image.size
    left, top = width * random.uniform(0.02, 0.5), height * random.uniform(0.03, 0.12)
    wide, tall, lean = width * 0.2, height * 0.24, width * 0.07

    def paint(pen: ImageDraw.ImageDraw) -> None:
        for across in (0, 1):
            for down in (0, 1):
                x, y = left + across * wide * 1.08 + down * lean, top + down * tall * 1.08
                pen.polygon(
                    [(x, y), (x + wide, y), (x + wide + lean, y + tall), (x + lean, y + tall)], fill=(62, 54, 40)
                )

    return glowing(image, paint, width / 90)
