"""The place behind the subject: sky, ground, and what stands there, out of focus."""

from random import Random

from PIL import Image, ImageChops, ImageFilter, ImageOps

from jobs.providers.practice_painting.motifs import MOTIFS
from jobs.providers.practice_painting.prompt import Colour, Look, Setting

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
    clouds = Image.blend(noise(image.size, random, 48), noise(image.size, random, 14), 0.3)
    uneven = ImageChops.soft_light(image, Image.merge("RGB", (clouds, clouds, clouds)))
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
