"""Draws one picture of the practice provider, from the photos of its training and the words of the prompt.

They are collages, not generated: good enough to learn the product with, and marked "practice".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from math import log2
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from jobs.providers.practice_painting.backdrop import backdrop, noise
from jobs.providers.practice_painting.prompt import Look, look_of, mixed
from jobs.providers.practice_painting.subject import Cutout, cut_out, still_life
from jobs.providers.practice_painting.treatments import treated


@dataclass(frozen=True)
class Scene:
    """One picture's order. *readiness*, 0 to 1, is how well the model knows its subject; *step* is the step of its
    training at which the model was kept, 0 for one that was not trained."""

    prompt: str
    negative_prompt: str
    seed: int
    width: int
    height: int
    readiness: float
    guidance: float
    drawing_steps: int
    sampler: str
    step: int = 0


_TURNS = (0.8566748838545029, 0.733891856627126, 0.6287067210378087, 0.5385972572236101)
"""Multiples of these, without what stands before the point, fill four dimensions as evenly as can be (Roberts 2018,
"The unreasonable effectiveness of quasirandom sequences"): no two steps that anybody compares are alike in all."""


@dataclass(frozen=True)
class Pose:
    """*tilt* in degrees, *aside* in widths of the picture, *size* as a factor, *warmth* from -1 to 1."""

    tilt: float = 0.0
    aside: float = 0.0
    size: float = 1.0
    warmth: float = 0.0


def pose_of(step: int) -> Pose:
    """The pose at *step*; at 0, of a model that was not trained, upright in its place."""
    if not step:
        return Pose()
    tilt, aside, size, warmth = ((step * turn) % 1.0 - 0.5 for turn in _TURNS)
    return Pose(tilt * 14, aside * 0.2, 1 + size * 0.24, warmth * 2)


_LONGEST_EDGE = 768
_PLENTY = 1000
"""Steps after which a model that knows its photos only gets worse."""


def draw(scene: Scene, photos: Sequence[bytes]) -> bytes:
    """The PNG of *scene*, made from the training's *photos*; always the same for the same two."""
    # The readiness and the step seed nothing, so that checkpoints can be compared in one scene.
    seeds = (scene.prompt, scene.negative_prompt, scene.seed, scene.sampler, scene.width, scene.height)
    random = Random("\n".join(map(str, seeds)))  # noqa: S311 - pictures, not secrets
    look = look_of(scene.prompt, random)
    scale = min(1.0, _LONGEST_EDGE / max(scene.width, scene.height))
    image = backdrop(look, (round(scene.width * scale), round(scene.height * scale)), random)
    pose = pose_of(scene.step)
    if photos:
        subject = _learnt(_turned(cut_out(random.choice(photos)), pose), scene.readiness, random)
    else:
        subject = still_life(random)
    image = _lit(_placed(image, subject, look, random, pose), look, random)
    warmth = Image.new("RGB", image.size, (255, 206, 150) if pose.warmth > 0 else (150, 196, 255))
    image = Image.blend(image, ImageChops.soft_light(image, warmth), 0.5 * abs(pose.warmth))
    image = _as_drawn(treated(image, look, random), scene, random)
    png = BytesIO()
    _marked(image.resize((scene.width, scene.height), Image.Resampling.BICUBIC)).save(png, "PNG", compress_level=4)
    return png.getvalue()


def _learnt(subject: Cutout, readiness: float, random: Random) -> Cutout:
    """The subject as far as the model knows it: early on only its colours and rough shape, and not quite those."""
    missing = 1 - readiness
    if missing < 0.02:
        return subject
    width, height = subject.image.size
    blur = max(width, height) * (0.004 + 0.05 * missing**1.5)
    vague = subject.image.filter(ImageFilter.GaussianBlur(blur))
    spots = noise(vague.size, random, max(8, width // 9))
    strange = ImageChops.soft_light(vague, Image.merge("RGB", (spots, ImageChops.offset(spots, width // 3), spots)))
    vague = Image.blend(vague, strange, 0.7 * missing)
    vague = ImageEnhance.Color(vague).enhance(1 - 0.35 * missing)
    return Cutout(vague, subject.mask.filter(ImageFilter.GaussianBlur(blur * 1.1)), subject.is_cropped)


def _turned(subject: Cutout, pose: Pose) -> Cutout:
    """The subject leaning as far as the pose says."""
    if subject.is_cropped or not pose.tilt:
        return subject
    image, mask = (
        one.rotate(pose.tilt, Image.Resampling.BICUBIC, expand=True) for one in (subject.image, subject.mask)
    )
    return Cutout(image, mask, subject.is_cropped)


def _placed(image: Image.Image, subject: Cutout, look: Look, random: Random, pose: Pose) -> Image.Image:
    """*image* with the subject standing in it, or reaching in from below when its photo cuts it off."""
    share = pose.size * (random.uniform(0.8, 0.94) if subject.is_cropped else random.uniform(0.56, 0.72))
    scale = min(image.height * share / subject.image.height, image.width * 0.92 / subject.image.width)
    size = (max(1, round(subject.image.width * scale)), max(1, round(subject.image.height * scale)))
    figure, mask = (one.resize(size, Image.Resampling.BICUBIC) for one in (subject.image, subject.mask))
    if random.random() < 0.5:
        figure, mask = (one.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for one in (figure, mask))
    x = round((image.width - size[0]) * random.uniform(0.36, 0.64) + image.width * pose.aside)
    foot = image.height if subject.is_cropped else round(image.height * random.uniform(0.86, 0.93))
    if not subject.is_cropped:
        _cast_shadow(image, (x, foot, size[0]), look)
    # The figure in the place's light: tinted by it, and darker by night.
    around = image.resize((1, 1), Image.Resampling.BOX).resize(figure.size)
    figure = Image.blend(figure, ImageChops.soft_light(figure, around), 0.4)
    light = Image.new("RGB", figure.size, look.setting.light)
    figure = Image.blend(figure, ImageChops.multiply(figure, light), 0.55)
    figure = ImageEnhance.Brightness(figure).enhance(0.62 + 0.38 * look.setting.daylight)
    image.paste(figure, (x, foot - size[1]), mask)
    return image


def _cast_shadow(image: Image.Image, place: tuple[int, int, int], look: Look) -> None:
    x, foot, width = place
    shadow = Image.new("L", image.size)
    pen = ImageDraw.Draw(shadow)
    pen.ellipse((x - width * 0.02, foot - width * 0.13, x + width * 1.06, foot + width * 0.04), fill=110)
    pen.ellipse((x + width * 0.1, foot - width * 0.09, x + width * 0.9, foot + width * 0.012), fill=220)
    dark = mixed(look.setting.ground[1], (10, 10, 18), 0.72)
    image.paste(dark, (0, 0), shadow.filter(ImageFilter.GaussianBlur(max(2, width / 26))))


def _lit(image: Image.Image, look: Look, random: Random) -> Image.Image:
    """Light from one upper corner, shade towards the edges."""
    width, height = image.size
    glow = Image.radial_gradient("L").resize((width * 2, height * 2), Image.Resampling.BILINEAR)
    left = random.choice((0.35, 0.65))
    corner = glow.crop((int(width * left), int(height * 0.8), int(width * left) + width, int(height * 0.8) + height))
    light = corner.point([max(0, 150 - value) // 3 for value in range(256)])
    colour = Image.new("RGB", image.size, look.setting.light)
    image = ImageChops.screen(image, ImageChops.multiply(colour, Image.merge("RGB", (light, light, light))))
    shade = Image.radial_gradient("L").resize(image.size, Image.Resampling.BILINEAR)
    shade = shade.point([255 - max(0, value - 120) * 90 // 135 for value in range(256)])
    return ImageChops.multiply(image, Image.merge("RGB", (shade, shade, shade)))


def _as_drawn(image: Image.Image, scene: Scene, random: Random) -> Image.Image:
    """What the drawing settings do: guidance hardens, few drawing steps leave noise, a soft sampler softens."""
    burnt = 0.0
    if scene.readiness >= 1 and scene.step > _PLENTY:
        # Pictures get harder when training goes on long after the model knew everything, as with real ones.
        burnt = min(0.5, 0.1 * log2(scene.step / _PLENTY))
    image = ImageEnhance.Contrast(image).enhance(0.94 + 0.012 * scene.guidance + burnt)
    image = ImageEnhance.Color(image).enhance(0.9 + 0.016 * scene.guidance + burnt)
    if scene.sampler == "euler-a":
        image = Image.blend(image, image.filter(ImageFilter.GaussianBlur(2.2)), 0.5)
    else:
        image = image.filter(ImageFilter.UnsharpMask(radius=1.4, percent=60, threshold=2))
    unfinished = max(0.0, (20 - scene.drawing_steps) / 20)
    grain = noise(image.size, random, 1).point([128 + (value - 128) * 3 // 8 for value in range(256)])
    grainy = ImageChops.overlay(image, Image.merge("RGB", (grain, grain, grain)))
    return Image.blend(image, grainy, 0.13 + 0.8 * unfinished)


def _marked(image: Image.Image) -> Image.Image:
    """*image* with the word "practice" in the lower right corner."""
    size = max(12, min(image.size) // 30)
    font = ImageFont.load_default(size)
    layer = Image.new("L", image.size)
    place = (image.width - size * 0.7, image.height - size * 0.6)
    ImageDraw.Draw(layer).text(place, "practice", fill=255, font=font, anchor="rs")
    shadow = layer.filter(ImageFilter.GaussianBlur(size / 7)).point([min(150, value * 2) for value in range(256)])
    image.paste((0, 0, 0), (0, 0), shadow)
    image.paste((255, 255, 255), (0, 0), layer.point([value * 200 // 255 for value in range(256)]))
    return image
