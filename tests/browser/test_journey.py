"""From a fresh installation to a gallery of one's own pictures, as somebody who never saw a terminal does it."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.product import Product
from tests.photo_files import NAMES, SAMPLES, camera_roll

pytestmark = pytest.mark.services

Look = Callable[[Page, str], None]
PICTURES = 8


def test_photos_in_pictures_out(page: Page, product: Product, tmp_path: Path, look: Look) -> None:
    create_the_first_owner(page, look)
    upload_the_camera_roll(page, tmp_path, look)
    train_and_make_pictures(page, look)
    enjoy_the_gallery(page, look)
    assert_nothing_served_says_where_it_was_taken(page)


def create_the_first_owner(page: Page, look: Look) -> None:
    page.goto("/")
    look(page, "first-run")
    page.get_by_label("Your name").fill("Mara")
    page.get_by_label("E-mail address").fill("mara@example.com")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_label("Workspace name").fill("Studio")
    page.get_by_role("button", name="Create my workspace").click()
    expect(page.get_by_text("Your first pictures, in three steps")).to_be_visible()
    look(page, "jobs-empty")


def upload_the_camera_roll(page: Page, folder: Path, look: Look) -> None:
    page.get_by_role("link", name="Use my own photos").first.click()
    page.get_by_label("Name").fill("Pip")
    page.get_by_text("An object").click()
    page.get_by_role("button", name="Make the set").click()
    look(page, "photo-set-empty")
    not_a_photo = folder / "notes.jpg"
    not_a_photo.write_text("Buy milk.")
    page.locator("input[type=file][multiple]").set_input_files([*camera_roll(folder), not_a_photo])
    expect(page.locator("#photos .tile img")).to_have_count(8, timeout=60_000)
    expect(page.get_by_text("notes.jpg").first).to_be_visible()
    look(page, "photo-set")
    assert_upright(page)


def assert_upright(page: Page) -> None:
    """The phone's sideways files stand upright again: each tile has the shape of the sample it was made from."""
    tiles = page.locator("#photos .tile img")
    shapes = tiles.evaluate_all("all => all.map(img => [img.alt, img.naturalWidth > img.naturalHeight])")
    assert dict(shapes) == {name: is_wide(sample) for name, sample in zip(NAMES, SAMPLES, strict=False)}


def is_wide(sample: Path) -> bool:
    with Image.open(sample) as picture:
        return picture.width > picture.height


def train_and_make_pictures(page: Page, look: Look) -> None:
    page.get_by_role("link", name="Train on these photos").click()
    look(page, "new-training")
    page.get_by_label("Pictures to make when it is trained").fill("on a beach at sunset")
    page.get_by_role("button", name=re.compile("^Start training")).click()
    expect(page.locator("#job-main")).to_be_visible()
    look(page, "job-running")
    expect(page.locator("#job-main .pictures").first.locator("img")).to_have_count(PICTURES, timeout=90_000)
    look(page, "job-finished")


def enjoy_the_gallery(page: Page, look: Look) -> None:
    page.get_by_role("link", name="Gallery").first.click()
    expect(page.locator(".gallery img").first).to_be_visible()
    look(page, "gallery")
    page.locator(".gallery a[data-full]").first.click()
    expect(page.locator("dialog[open]")).to_be_visible()
    look(page, "lightbox")
    before = page.locator("dialog[open] img").first.get_attribute("src")
    page.keyboard.press("ArrowRight")
    expect(page.locator("dialog[open] img").first).not_to_have_attribute("src", before or "")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def assert_nothing_served_says_where_it_was_taken(page: Page) -> None:
    """Every picture that any page shows, and the photos as a provider gets them, carry no metadata."""
    addresses = set()
    for place in ("Gallery", "Photos", "Jobs"):
        page.get_by_role("link", name=place).first.click()
        page.wait_for_load_state("networkidle")
        addresses |= set(page.locator("img").evaluate_all("all => all.map(img => img.src)"))
    page.goto("/w/studio/photos/1/")
    addresses |= set(page.locator("#photos a").evaluate_all("all => all.map(link => link.href)"))
    pictures = [address for address in addresses if "/m/" in address]
    assert len(pictures) >= PICTURES
    for address in pictures:
        body = page.request.get(address).body()
        picture = Image.open(io.BytesIO(body))
        assert not picture.getexif()
        assert not {"exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment"} & set(picture.info)
        assert b"Exif\x00\x00" not in body
        assert b"iPhone" not in body
