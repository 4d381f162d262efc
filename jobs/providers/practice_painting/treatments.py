"""What makes a picture look painted, drawn or filmed."""

from collections.abc import Callable
from random import Random

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from jobs.providers.practice_painting.backdrop import noise
from jobs.providers.practice_painting.prompt import Look

Treatment = Callable[[Image.Image, Random], Image.Image]


def treated(image: Image.Image, look: Look, random: Random) -> Image.Image:
    """*image* in the look's style."""
    treatment = TREATMENTS.get(look.style)
    return treatment(image, random) if treatment else image


def _grey(image: Image.Image) -> Image.Image:
    return Image.merge("RGB", (image, image, image))


def _halved(image: Image.Image, paint: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """*paint* done at half size, which is four times as quick and leaves broader strokes."""
    small = image.resize((image.width // 2, image.height // 2), Image.Resampling.BILINEAR)
    return paint(small).resize(image.size, Image.Resampling.BICUBIC)


def oil(image: Image.Image, random: Random) -> Image.Image:
    """Patches of colour with relief, on canvas."""
    painted = _halved(image, lambda small: ImageOps.posterize(small.filter(ImageFilter.MedianFilter(5)), 5))
    painted = painted.filter(ImageFilter.SMOOTH_MORE)
    relief = Image.blend(painted.convert("L"), noise(image.size, random, 3), 0.22).filter(ImageFilter.EMBOSS)
    painted = ImageChops.overlay(painted, _grey(relief.point([min(255, 64 + value // 2) for value in range(256)])))
    return ImageEnhance.Color(ImageEnhance.Contrast(painted).enhance(1.12)).enhance(1.3)


def watercolour(image: Image.Image, random: Random) -> Image.Image:
    """Washes that run, pale, with darker rims, on rough paper."""
    washed = _halved(
        image, lambda small: small.filter(ImageFilter.MedianFilter(5)).filter(ImageFilter.GaussianBlur(1.2))
    )
    washed = ImageEnhance.Color(washed).enhance(1.15)
    rims = ImageOps.invert(washed.convert("L").filter(ImageFilter.FIND_EDGES)).filter(ImageFilter.GaussianBlur(1.2))
    rims = rims.point([max(120, value) for value in range(256)])
    paper = noise(image.size, random, 2).point([232 + value // 12 for value in range(256)])
    pale = ImageChops.screen(washed, Image.new("RGB", image.size, (62, 60, 56)))
    painted = ImageChops.multiply(ImageChops.multiply(pale, _grey(rims)), _grey(paper))
    # White, uneven margins where the brush stopped.
    border = max(4, min(image.size) // 22)
    mask = Image.new("L", image.size)
    mask.paste(255, (border, border, image.width - border, image.height - border))
    mask = mask.filter(ImageFilter.GaussianBlur(border / 1.6))
    ragged = Image.blend(mask, noise(image.size, random, 26), 0.16)
    hard = ragged.point([max(0, min(255, (value - 104) * 9)) for value in range(256)])
    sheet = Image.new("RGB", image.size, (250, 248, 242))
    sheet.paste(painted, (0, 0), hard)
    return sheet


def sketch(image: Image.Image, random: Random) -> Image.Image:
    """Pencil: the edges by dodging, the shadows by hatching."""
    grey = image.convert("L")
    soft = ImageOps.invert(grey).filter(ImageFilter.GaussianBlur(image.width / 90))
    lines = ImageChops.multiply(
        _dodged(grey, soft), _dodged(grey, ImageOps.invert(grey).filter(ImageFilter.GaussianBlur(2)))
    )
    tone = grey.filter(ImageFilter.GaussianBlur(2)).point([min(255, 120 + value * 3 // 4) for value in range(256)])
    strokes = noise((image.height, image.width), random, 2).resize((image.height // 9, image.width)).resize(image.size)
    strokes = strokes.rotate(38, expand=False, fillcolor=128).point([214 + value // 6 for value in range(256)])
    drawn = ImageChops.multiply(ImageChops.multiply(lines, tone), strokes)
    return ImageOps.colorize(ImageOps.autocontrast(drawn, cutoff=1), (44, 42, 48), (252, 249, 242))


def _dodged(grey: Image.Image, inverted: Image.Image) -> Image.Image:
    """Colour dodge: what differs from its surroundings stays as a line on white."""
    difference = ImageChops.subtract(ImageOps.invert(inverted), grey)
    return difference.point([max(0, 255 - value * 4) for value in range(256)])


def comic(image: Image.Image, random: Random) -> Image.Image:
    """Flat colours, ink lines and printing dots."""
    flat = _halved(image, lambda small: small.filter(ImageFilter.MedianFilter(5)))
    bright = ImageEnhance.Brightness(ImageOps.autocontrast(flat, cutoff=1, preserve_tone=True)).enhance(1.12)
    flat = ImageEnhance.Color(ImageOps.posterize(bright, 3)).enhance(1.3)
    edges = image.convert("L").filter(ImageFilter.GaussianBlur(1.6)).filter(ImageFilter.FIND_EDGES)
    ink = ImageOps.invert(
        edges.filter(ImageFilter.MaxFilter(3)).point([min(255, max(0, v - 16) * 9) for v in range(256)])
    )
    dots = ImageChops.lighter(_dots(image.size), image.convert("L").point([min(255, v + 40) for v in range(256)]))
    return ImageChops.multiply(ImageChops.multiply(flat, _grey(dots)), _grey(ink))


def _dots(size: tuple[int, int]) -> Image.Image:
    tile = Image.radial_gradient("L").resize((8, 8)).point([200 if value < 96 else 255 for value in range(256)])
    row = Image.new("L", (size[0], 8))
    for x in range(0, size[0], 8):
        row.paste(tile, (x, 0))
    page = Image.new("L", size)
    for y in range(0, size[1], 8):
        page.paste(row, (0, y))
    return page


def mono(image: Image.Image, random: Random) -> Image.Image:
    """Black and white, silvery."""
    grey = ImageOps.autocontrast(image.convert("L"), cutoff=0.5)
    return ImageOps.colorize(grey, (10, 10, 13), (250, 249, 246), mid=(122, 121, 122))


def vintage(image: Image.Image, random: Random) -> Image.Image:
    """A print that has faded."""
    faded = Image.blend(image, ImageOps.colorize(image.convert("L"), (56, 34, 30), (250, 232, 196)), 0.62)
    lifted = faded.point([34 + value * 200 // 255 for value in range(256)] * 3)
    leak = Image.radial_gradient("L").resize(image.size).point([max(0, value - 120) // 3 for value in range(256)])
    light = ImageOps.colorize(
        ImageChops.offset(leak, image.width // random.choice((3, 5, -3)), 0), (0, 0, 0), (255, 120, 60)
    )
    return ImageChops.screen(lifted, light)


def duotone(image: Image.Image, random: Random) -> Image.Image:
    """Two inks."""
    dark, bright = random.choice(
        [
            ((36, 14, 84), (255, 128, 150)),
            ((8, 36, 84), (90, 240, 220)),
            ((70, 8, 60), (255, 200, 90)),
            ((16, 20, 60), (255, 90, 190)),
        ]
    )
    return ImageOps.colorize(ImageOps.autocontrast(image.convert("L"), cutoff=1), dark, bright)


def dream(image: Image.Image, random: Random) -> Image.Image:
    """Soft, light and glowing."""
    glow = image.filter(ImageFilter.GaussianBlur(image.width / 50))
    soft = Image.blend(image, ImageChops.screen(image, glow), 0.5)
    return Image.blend(ImageEnhance.Color(soft).enhance(0.9), Image.new("RGB", image.size, (255, 224, 236)), 0.12)


def cinematic(image: Image.Image, random: Random) -> Image.Image:
    """Teal shadows, orange lights, and black bars on wide pictures."""
    graded = ImageOps.colorize(image.convert("L"), (6, 24, 34), (255, 226, 184), mid=(112, 116, 112))
    graded = Image.blend(ImageEnhance.Contrast(image).enhance(1.15), graded, 0.42)
    if image.width > image.height:
        bar = image.height // 11
        graded.paste((6, 7, 9), (0, 0, image.width, bar))
        graded.paste((6, 7, 9), (0, image.height - bar, image.width, image.height))
    return graded


TREATMENTS: dict[str, Treatment] = {
    "cinematic": cinematic,
    "comic": comic,
    "dream": dream,
    "duotone": duotone,
    "mono": mono,
    "oil": oil,
    "sketch": sketch,
    "vintage": vintage,
    "watercolour": watercolour,
}
