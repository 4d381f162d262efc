"""What can be said about the look without seeing it: weight, contrast, references, licences, and the strict policy."""

import gzip
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.storage import FileSystemStorage

from dashboard.templatetags import ui
from dashboard.web.static_storage import SHEET, joined

STATIC = settings.BASE_DIR / "static"
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
BUDGET_BYTES = 60_000
NAMES = {str(path.relative_to(settings.BASE_DIR)): path for path in TEMPLATES}
ASSET = re.compile(r"""{% static ['"]([^'"]+\.(?:css|js))['"]""")
TOKEN = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{3,8}), (#[0-9a-f]{3,8})\)")


def every_template(test):
    return pytest.mark.parametrize("template", NAMES.values(), ids=NAMES.keys())(test)


def sheets() -> dict:
    storage = FileSystemStorage(location=STATIC)
    return {str(path.relative_to(STATIC)): (storage, str(path.relative_to(STATIC))) for path in STATIC.rglob("*.css")}


def reached(names: set[str], text_of: Callable[[str], str], link: re.Pattern[str]) -> set[str]:
    """*names* and whatever they lead to, each read by *text_of* and searched for *link*."""
    found, new = set(), set(names)
    while new:
        found |= new
        new = {name for known in new for name in link.findall(text_of(known))} - found
    return found


def template_text(name: str) -> str:
    path = settings.BASE_DIR / "templates" / name
    return path.read_text() if path.exists() else ""


def weight(asset: str) -> int:
    text = joined(sheets(), SHEET).encode() if asset == SHEET else (STATIC / asset).read_bytes()
    return len(gzip.compress(text, 9))


PAGES = [path for path in TEMPLATES if re.search(r'{% extends "base(_plain)?.html"', path.read_text())]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_a_first_visit_stays_within_its_weight(page: Path):
    name = str(page.relative_to(settings.BASE_DIR / "templates"))
    templates = reached({name}, template_text, re.compile(r'{% (?:extends|include) "([^"]+)"'))
    assets = {asset for one in templates for asset in ASSET.findall(template_text(one))}
    scripts = reached(
        {Path(asset).name for asset in assets if asset.startswith("js/")},
        lambda script: (STATIC / "js" / script).read_text(),
        re.compile(r'(?:from|import) ?"\./([^"]+)"'),
    )
    assert sum(weight(asset) for asset in assets | {f"js/{script}" for script in scripts}) <= BUDGET_BYTES


def test_the_joined_sheet_holds_every_sheet_but_the_pages_own():
    text = joined(sheets(), SHEET)
    assert "@import" not in text
    for path in STATIC.rglob("css/**/*.css"):
        if path.parent.name != "pages" and path.name not in {"main.css", "admin.css"}:
            assert path.read_text() in text, path


@pytest.mark.parametrize("path", sorted((STATIC / "css").rglob("*.css")), ids=lambda path: path.name)
def test_a_stylesheet_is_short_and_in_a_layer(path: Path):
    text = path.read_text()
    assert len(text.splitlines()) < 200
    if path.name != "admin.css":  # Django's own sheets have no layers, and a layer would lose against them.
        assert re.search(r"^@layer [a-z, ]+[{;]", text, re.MULTILINE)


@every_template
def test_templates_refer_to_files_that_exist(template: Path):
    for name in re.findall(r"{% static ['\"]([^'\"]+)['\"]", template.read_text()):
        assert finders.find(name), name


@every_template
def test_templates_have_nothing_that_the_policy_forbids(template: Path):
    if "email" in template.parts:
        pytest.skip("mail clients have no policy of ours")
    text = template.read_text()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|javascript:|js:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def sprite_names() -> set[str]:
    tree = ElementTree.parse(STATIC / "icons/lucide.svg")
    return {symbol.attrib["id"] for symbol in tree.iter("{http://www.w3.org/2000/svg}symbol")}


@every_template
def test_icons_in_templates_are_in_the_sprite(template: Path):
    assert set(re.findall(r"{% icon ['\"]([^'\"]+)['\"]", template.read_text())) <= sprite_names()


def test_icons_of_states_and_tones_are_in_the_sprite():
    assert {*ui.STATE_ICONS.values(), *ui.TONE_ICONS.values()} <= sprite_names()


def test_drawings_in_templates_exist():
    tree = ElementTree.parse(STATIC / "icons/drawings.svg")
    drawn = {symbol.attrib["id"] for symbol in tree.iter("{http://www.w3.org/2000/svg}symbol")}
    for template in TEMPLATES:
        assert set(re.findall(r"drawing=['\"]([a-z]+)['\"]", template.read_text())) <= drawn


def test_vendored_files_come_with_version_and_licence():
    table = (STATIC / "vendor/VENDORED.md").read_text()
    for folder in (path for path in (STATIC / "vendor").iterdir() if path.is_dir()):
        assert (folder / "LICENSE").exists()
        assert f"vendor/{folder.name}/" in table
    for name in re.findall(r"`((?:icons|fonts|vendor)/[^`]+)`", table):
        assert (STATIC / name).exists(), name


def test_vendored_scripts_name_no_source_map():
    for script in (STATIC / "vendor").rglob("*.js"):
        assert "sourceMappingURL" not in script.read_text()


# Contrast, by the formula of WCAG 2


def tokens() -> dict[str, tuple[str, str]]:
    return {name: (light, dark) for name, light, dark in TOKEN.findall((STATIC / "css/tokens.css").read_text())}


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    assert len(digits) == 6, "only opaque colours have a contrast"
    channels = (int(digits[at:end], 16) / 255 for at, end in pairwise((0, 2, 4, 6)))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


BACKGROUNDS = ("paper", "surface", "raised", "sunken")
PAIRS = [
    *((text, ground, 7.0) for text in ("ink", "ink-2") for ground in BACKGROUNDS),
    *((text, ground, 4.5) for text in ("ink-3", "accent-ink", "good", "warn", "bad") for ground in BACKGROUNDS),
    *((tone, f"{tone}-wash", 4.5) for tone in ("good", "warn", "bad")),
    *(("ink", f"{tone}-wash", 7.0) for tone in ("good", "warn", "bad", "accent")),
    ("accent-ink", "accent-wash", 4.5),
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-hover", 4.5),
    ("raised", "bad", 4.5),
    *(("line-strong", ground, 3.0) for ground in BACKGROUNDS),
    *(("accent", ground, 3.0) for ground in BACKGROUNDS),
]


@pytest.mark.parametrize(("text", "ground", "least"), PAIRS, ids=[f"{text} on {ground}" for text, ground, _ in PAIRS])
def test_colours_can_be_told_apart_in_light_and_dark(text: str, ground: str, least: float):
    for one, other in zip(tokens()[text], tokens()[ground], strict=True):
        assert contrast(one, other) >= least, (one, other, contrast(one, other))
