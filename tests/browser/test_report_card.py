"""Photos that would spoil a training are told of before it is ordered, and each is settled with one press."""

import io
from collections.abc import Callable

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.inhabited import FILE_NAME, HOME
from tests.photos.labelled import Labelled, faulty, flawless

Look = Callable[[Page, str], None]


def payload(photo: Labelled) -> FilePayload:
    kept = io.BytesIO()
    photo.image.save(kept, "JPEG", quality=92)
    return {"name": f"{photo.name}.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def taken() -> list[FilePayload]:
    """Two good photos, one of them twice, and a blurred, a dark and a tiny one."""
    bad = [next(faulty(4, 1, fault)) for fault in ("duplicates", "blur", "exposure", "size")]
    *others, tiny = [payload(photo) for photo in (flawless(4, 0), flawless(4, 1), *bad)]
    return [*others, {**tiny, "name": f"{FILE_NAME}.jpg"}]


def test_bad_photos_are_found_shown_and_settled_with_one_press_each(owners_page: Page, look: Look) -> None:
    page = owners_page
    page.goto(f"{HOME}/photos/new/")
    page.get_by_label("Name").fill("Of all sorts")
    page.get_by_text("An object", exact=True).click()
    page.get_by_role("button", name="Make the set").click()
    page.locator("input[type=file][multiple]").first.set_input_files(taken())
    card = page.locator("#report-card")
    expect(card.locator(".badge")).to_have_text("Four photos will hurt", timeout=60_000)
    expect(page.locator(".finding")).to_have_count(4)
    look(page, "photo-set-findings")

    page.reload()
    page.get_by_role("button", name="Leave out blur 0.jpg").click()
    page.get_by_role("button", name="Keep exposure 0.jpg anyway").click()
    expect(card.locator(".badge")).to_have_text("Two photos will hurt")
    expect(card.get_by_text("1 left out")).to_be_visible()
    page.get_by_role("link", name="Train on these photos").click()
    expect(page.get_by_text("Two photos will hurt")).to_be_visible()
