"""The strokes that all motifs share."""

from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from jobs.providers.practice.painting.settings import Colour


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
