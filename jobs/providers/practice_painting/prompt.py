"""What a prompt's words mean to the practice painter: a place, a style, and colours.

The vocabulary is small and honest: a word that is not in it still changes the picture, through the random numbers that
the whole prompt seeds.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from random import Random

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True)
class Setting:
    """A place: colours from the top of the sky to what lies nearest, where the horizon is, what is there, how bright.

    *motifs* name functions of `motifs`; *daylight* is 0 at night and 1 at noon; *light* is the
    colour it casts on what stands there.
    """

    name: str
    words: tuple[str, ...]
    sky: tuple[Colour, Colour]
    ground: tuple[Colour, Colour]
    light: Colour
    horizon: float = 0.6
    daylight: float = 1.0
    motifs: tuple[str, ...] = ()


SETTINGS = (
    Setting(
        "beach",
        ("beach", "sea", "ocean", "sand", "coast", "island", "summer", "tropical"),
        ((66, 150, 214), (196, 228, 238)),
        ((226, 200, 152), (204, 168, 116)),
        (255, 244, 220),
        horizon=0.62,
        motifs=("clouds", "water"),
    ),
    Setting(
        "snow",
        ("snow", "snowy", "winter", "ice", "arctic", "christmas", "frost"),
        ((132, 160, 200), (226, 234, 246)),
        ((238, 243, 250), (206, 218, 236)),
        (236, 242, 255),
        horizon=0.6,
        motifs=("firs", "flakes"),
    ),
    Setting(
        "forest",
        ("forest", "woods", "jungle", "trees", "tree", "moss", "autumn", "leaves"),
        ((58, 96, 48), (160, 190, 92)),
        ((84, 108, 44), (44, 62, 26)),
        (250, 244, 196),
        horizon=0.66,
        daylight=0.85,
        motifs=("trunks", "bokeh"),
    ),
    Setting(
        "garden",
        ("garden", "flowers", "flower", "meadow", "park", "grass", "spring", "picnic", "farm"),
        ((132, 196, 226), (226, 238, 200)),
        ((134, 172, 70), (78, 122, 44)),
        (255, 250, 226),
        horizon=0.55,
        motifs=("bokeh", "flowers"),
    ),
    Setting(
        "sunset",
        ("sunset", "sunrise", "dusk", "dawn", "golden", "desert", "savanna"),
        ((78, 60, 118), (250, 168, 92)),
        ((150, 88, 70), (70, 42, 52)),
        (255, 190, 124),
        horizon=0.64,
        daylight=0.75,
        motifs=("sun", "hills"),
    ),
    Setting(
        "night",
        ("night", "midnight", "moon", "moonlight", "stars", "evening", "halloween", "dark"),
        ((12, 16, 44), (46, 58, 108)),
        ((34, 40, 70), (14, 16, 34)),
        (150, 176, 255),
        horizon=0.68,
        daylight=0.35,
        motifs=("stars", "moon", "hills"),
    ),
    Setting(
        "space",
        ("space", "astronaut", "planet", "galaxy", "cosmos", "nebula", "mars", "sci-fi"),
        ((10, 8, 28), (70, 30, 96)),
        ((96, 66, 88), (44, 30, 52)),
        (206, 180, 255),
        horizon=0.76,
        daylight=0.5,
        motifs=("nebula", "stars", "moon"),
    ),
    Setting(
        "city",
        ("city", "street", "urban", "neon", "cyberpunk", "tokyo", "paris", "london", "york", "cafe", "bar"),
        ((24, 22, 58), (122, 60, 120)),
        ((54, 42, 76), (22, 20, 40)),
        (255, 176, 214),
        horizon=0.7,
        daylight=0.5,
        motifs=("buildings", "lights"),
    ),
    Setting(
        "mountains",
        ("mountain", "mountains", "alps", "hiking", "lake", "cliff", "valley", "sky", "clouds"),
        ((86, 142, 204), (214, 228, 238)),
        ((120, 142, 92), (72, 92, 60)),
        (250, 248, 238),
        horizon=0.66,
        motifs=("clouds", "peaks"),
    ),
    Setting(
        "underwater",
        ("underwater", "diving", "reef", "fish", "aquarium", "mermaid", "swimming", "pool"),
        ((30, 140, 176), (16, 84, 130)),
        ((40, 108, 126), (14, 52, 82)),
        (176, 240, 240),
        horizon=0.8,
        daylight=0.75,
        motifs=("rays", "bubbles"),
    ),
    Setting(
        "home",
        ("home", "kitchen", "room", "sofa", "table", "wooden", "desk", "library", "books", "window", "cosy", "cozy"),
        ((150, 122, 96), (214, 190, 158)),
        ((146, 98, 60), (92, 58, 34)),
        (255, 232, 196),
        horizon=0.68,
        daylight=0.9,
        motifs=("window", "bokeh"),
    ),
    Setting(
        "party",
        ("party", "birthday", "balloons", "confetti", "festival", "circus", "cake"),
        ((236, 158, 176), (252, 214, 196)),
        ((240, 190, 178), (214, 146, 150)),
        (255, 240, 228),
        horizon=0.72,
        motifs=("bokeh", "confetti"),
    ),
)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """*one* with *share* of *other*."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


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
    # "under water" is one place, as is "under-water".
    words += [one + other for one, other in pairwise(words)] + [word.replace("-", "") for word in words if "-" in word]
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
