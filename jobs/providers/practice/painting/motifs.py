"""The motifs by name. Each paints one kind of thing onto a backdrop."""

from collections.abc import Callable
from random import Random

from PIL import Image

from jobs.providers.practice.painting import air, land, sky
from jobs.providers.practice.painting.settings import Setting

Motif = Callable[[Image.Image, Setting, int, Random], Image.Image]
"""Takes backdrop, setting, the height of the horizon in pixels and random numbers; returns the backdrop with it."""

MOTIFS: dict[str, Motif] = {
    "bokeh": air.bokeh,
    "bubbles": air.bubbles,
    "buildings": land.buildings,
    "clouds": sky.clouds,
    "confetti": air.confetti,
    "firs": land.firs,
    "flakes": air.flakes,
    "flowers": land.flowers,
    "hills": land.hills,
    "lights": air.lights,
    "moon": sky.moon,
    "nebula": sky.nebula,
    "peaks": land.peaks,
    "rays": sky.rays,
    "stars": sky.stars,
    "sun": sky.sun,
    "trunks": land.trunks,
    "water": land.water,
    "window": sky.window,
}
