"""The place behind the subject: sky, ground, and what stands there, out of focus."""

from collections.abc import Callable
from math import cos, pi, sin
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from jobs.providers.practice_painting.prompt import WHITE, Colour, Look, Setting, mixed

Size = tuple[int, int]


def backdrop(look: Look, size: Size, random: Random) -> Image.Image:
    """The empty scene. It is painted at half size: out of focus, nobody can tell."""
    width, height = max(2, size[0] // 2), max(2, size[1] // 2)
    setting = look.setting
    horizon = int(height * (setting.horizon + random.uniform(-0.05, 0.05)))
    image = _sky_and_ground(setting, (width, height), horizon)
    for motif in setting.motifs:
        image = MOTIFS[motif](image, setting, horizon, random)
    # Unevenness, as of a painted wall.
    spots = Image.blend(noise(image.size, random, 48), noise(image.size, random, 14), 0.3)
    uneven = ImageChops.soft_light(image, Image.merge("RGB", (spots, spots, spots)))
    image = Image.blend(image, uneven, 0.45).filter(ImageFilter.GaussianBlur(width / 190))
    if look.tint is not None and setting.name != "studio":
        image = Image.blend(image, ImageChops.soft_light(image, Image.new("RGB", image.size, look.tint)), 0.55)
    return image.resize(size, Image.Resampling.BICUBIC)


def _sky_and_ground(setting: Setting, size: Size, horizon: int) -> Image.Image:
    width, height = size
    image = gradient((width, height), setting.sky)
    image.paste(gradient((width, horizon), setting.sky), (0, 0))
    ground = gradient((width, max(1, height - horizon)), setting.ground)
    edge = Image.new("L", size)
    edge.paste(255, (0, horizon, width, height))
    blur = height / (9 if setting.name == "studio" else 110)
    whole = Image.new("RGB", size)
    whole.paste(gradient((width, horizon), (setting.ground[0], setting.ground[0])), (0, 0))
    whole.paste(ground, (0, horizon))
    image.paste(whole, (0, 0), edge.filter(ImageFilter.GaussianBlur(blur)))
    return image


def gradient(size: Size, colours: tuple[Colour, Colour]) -> Image.Image:
    """From the first colour at the top to the second at the bottom."""
    ramp = Image.linear_gradient("L").resize((max(1, size[0]), max(1, size[1])), Image.Resampling.BILINEAR)
    return ImageOps.colorize(ramp, colours[0], colours[1])


def noise(size: Size, random: Random, grain: int) -> Image.Image:
    """Grey cloudiness around 128 whose spots are about *grain* pixels wide."""
    width, height = max(2, size[0] // grain), max(2, size[1] // grain)
    spots = Image.frombytes("L", (width, height), random.randbytes(width * height))
    return spots.resize(size, Image.Resampling.BICUBIC)


def pen_on(image: Image.Image) -> ImageDraw.ImageDraw:
    return ImageDraw.Draw(image, "RGBA")


def dot(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: Colour, alpha: int) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(*colour, alpha))


def glowing(image: Image.Image, paint: Callable[[ImageDraw.ImageDraw], None], blur: float) -> Image.Image:
    """*image* with light added: what *paint* draws on black, blurred."""
    light = Image.new("RGB", image.size)
    paint(ImageDraw.Draw(light))
    return ImageChops.screen(image, light.filter(ImageFilter.GaussianBlur(blur)))


def around(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return x - radius, y - radius, x + radius, y + radius


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


def hills(image: Image.Image, setting: Setting, horizon: int, random: Random) -> Image.Image:
    width, height = image.size
    ground = image.crop((0, horizon, width, height))
    for row in range(3):
        base, tall = horizon + height * 0.02 * row, height * (0.16 - 0.04 * row)
        phases = [random.uniform(0, 2 * pi) for _ in range(4)]
        ridge = []
        for x in range(0, width + 6, 6):
            waves = (sin(x / width * pi * (2 + 3.1 * n) + phase) / (1 + n * 1.6) for n, phase in enumerate(phases))
            ridge.append((x, base - tall * (0.5 + 0.28 * sum(waves))))
        colour = mixed(setting.sky[1], setting.ground[1], 0.35 + 0.25 * row)
        pen_on(image).polygon([(0, height), *ridge, (width, height)], fill=(*colour, 255))
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


Motif = Callable[[Image.Image, Setting, int, Random], Image.Image]
"""Takes backdrop, setting, the height of the horizon in pixels and random numbers; returns the backdrop with it."""

MOTIFS: dict[str, Motif] = {
    "bokeh": bokeh,
    "bubbles": bubbles,
    "buildings": buildings,
    "clouds": clouds,
    "confetti": confetti,
    "firs": firs,
    "flakes": flakes,
    "flowers": flowers,
    "hills": hills,
    "lights": lights,
    "moon": moon,
    "nebula": nebula,
    "peaks": peaks,
    "rays": rays,
    "stars": stars,
    "sun": sun,
    "trunks": trunks,
    "water": water,
    "window": window,
}
