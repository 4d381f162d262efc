"""What a prompt's words mean to the practice painter: a setting, a style, and colours.

The vocabulary is small and honest: a word that is not in it still changes the picture, through the random numbers that
the whole prompt seeds.
"""

import re
from dataclasses import dataclass
from random import Random

from jobs.providers.practice.painting.settings import SETTINGS, Colour, Setting, mixed

_STUDIO_TONES: tuple[tuple[Colour, Colour], ...] = (
    ((206, 170, 156), (232, 206, 194)),
    ((120, 148, 156), (190, 208, 210)),
    ((214, 168, 74), (240, 206, 128)),
    ((96, 112, 92), (168, 182, 152)),
    ((104, 92, 128), (182, 170, 200)),
    ((70, 74, 84), (150, 152, 160)),
    ((188, 104, 84), (228, 160, 136)),
    ((222, 218, 208), (246, 244, 238)),
)

STYLES: dict[str, tuple[str, ...]] = {
    "oil": ("oil", "painting", "painted", "gogh", "rembrandt", "impressionist", "impressionism", "acrylic", "canvas"),
    "watercolour": ("watercolour", "watercolor", "aquarelle", "gouache", "ink", "wash"),
    "sketch": ("sketch", "pencil", "drawing", "charcoal", "graphite", "engraving", "line"),
    "comic": ("comic", "cartoon", "pop", "poster", "anime", "manga", "vector", "illustration", "stencil"),
    "mono": ("black", "monochrome", "noir", "b&w", "grayscale", "greyscale", "monochromatic"),
    "vintage": ("vintage", "sepia", "retro", "polaroid", "old", "film", "analog", "1920s", "1970s", "antique"),
    "duotone": ("duotone", "neon", "synthwave", "vaporwave", "cyberpunk", "riso"),
    "dream": ("dreamy", "pastel", "soft", "fairy", "ethereal", "glow", "magical", "fantasy", "bokeh"),
    "cinematic": ("cinematic", "movie", "dramatic", "epic", "moody", "still", "hdr"),
}

COLOURS: dict[str, Colour] = {
    "red": (196, 52, 46),
    "orange": (226, 128, 44),
    "yellow": (232, 192, 58),
    "green": (74, 138, 74),
    "teal": (44, 132, 134),
    "turquoise": (64, 178, 176),
    "blue": (58, 104, 184),
    "purple": (116, 70, 156),
    "violet": (128, 84, 172),
    "pink": (226, 132, 160),
    "brown": (124, 84, 56),
    "gold": (206, 164, 70),
    "white": (240, 238, 232),
    "grey": (142, 142, 146),
    "gray": (142, 142, 146),
    "cream": (236, 222, 194),
}


@dataclass(frozen=True)
class Look:
    """How a picture looks: where, in which style ("photo": none), and a tint the prompt names, if it names one."""

    setting: Setting
    style: str
    tint: Colour | None


def look_of(prompt: str, random: Random) -> Look:
    """The look that the prompt's words ask for; what they leave open is drawn from *random*."""
    words = re.findall(r"[\w&-]+", prompt.lower())
    tint = next((COLOURS[word] for word in words if word in COLOURS), None)
    found = [setting for setting in SETTINGS if any(word in setting.words for word in words)]
    styles = [style for style, names in STYLES.items() if any(word in names for word in words)]
    return Look(
        found[0] if found else _studio(random, tint, plain="studio" in words),
        styles[0] if styles else "photo",
        tint,
    )


def _studio(random: Random, tint: Colour | None, *, plain: bool) -> Setting:
    """A seamless paper backdrop, in the prompt's colour or one of ours."""
    dark, bright = random.choice(_STUDIO_TONES)
    if tint is not None:
        dark, bright = tint, mixed(tint, (255, 255, 255), 0.45)
    motifs = () if plain else random.choice(((), (), ("bokeh",), ("window",)))
    near = mixed(bright, (255, 255, 255), 0.12)
    return Setting("studio", (), (dark, bright), (bright, near), (255, 250, 244), horizon=0.74, motifs=motifs)
