"""Photos are cropped by touch and by keys, and what is sent is what was in the frame; all are captioned at once."""

import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import open_watched_page
from tests.browser.inhabited import HOME, Studio
from tests.photo_files import SAMPLES

Look = Callable[[Page, str], None]
Point = tuple[float, float]


@pytest.fixture
def phone(browser: Browser, quiet_studio: Studio) -> Iterator[Page]:
    """The owner's phone, watched like every page."""
    held = {"viewport": {"width": 390, "height": 780}, "is_mobile": True, "has_touch": True}
    with closing(browser.new_context(base_url=quiet_studio.url, reduced_motion="reduce", **held)) as context:
        context.add_cookies(quiet_studio.cookies())
        page, broken = open_watched_page(context)
        yield page
    assert not broken, "\n".join(broken)


def new_set(page: Page, name: str, count: int) -> str:
    """The address of a new set of so many photos, which are ready."""
    page.goto(f"{HOME}/photos/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make the set").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    page.locator("input[type=file][multiple]").first.set_input_files(SAMPLES[:count])
    expect(page.locator("#photos img")).to_have_count(count)
    return page.url


def touch(page: Page, *fingers: tuple[Point, Point], steps: int = 6) -> None:
    """Move fingers over the screen, all at once, each from a point to another."""
    session = page.context.new_cdp_session(page)

    def send(kind: str, share: float) -> None:
        points = [
            {"x": a + (c - a) * share, "y": b + (d - b) * share, "id": n} for n, ((a, b), (c, d)) in enumerate(fingers)
        ]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points if kind != "touchEnd" else []})

    send("touchStart", 0)
    for step in range(1, steps + 1):
        send("touchMove", step / steps)
    send("touchEnd", 1)
    session.detach()


def box_of(page: Page, selector: str) -> dict[str, float]:
    page.locator(selector).scroll_into_view_if_needed()
    return dict(page.locator(selector).bounding_box() or {})


def placed(page: Page) -> tuple[float, float, float, float]:
    """Where the form says that the frame is, in fractions."""
    left, top, width, height = (
        float(page.locator(f"input[name={name}]").input_value()) for name in ("left", "top", "width", "height")
    )
    return left, top, width, height


def picture(page: Page, address: str) -> Image.Image:
    return Image.open(BytesIO(page.request.get(address).body())).convert("RGB")


def test_crop_by_touch_and_get_exactly_that(phone: Page, look: Look) -> None:
    page = phone
    place = new_set(page, "Cropped by touch", 2)
    whole = picture(page, page.locator("#photos a[target]").first.get_attribute("href") or "")
    page.get_by_role("link", name=re.compile("^Crop pip")).first.tap()
    expect(page.get_by_text("This photo is sent whole until you save what is chosen here.")).to_be_visible()
    look(page, "crop")

    frame = box_of(page, "[data-frame]")
    right, bottom = frame["x"] + frame["width"], frame["y"] + frame["height"]
    before = placed(page)
    touch(page, ((right - 4, bottom - 4), (right - 90, bottom - 90)))
    assert placed(page)[2] < before[2] * 0.85
    expect(page.get_by_role("radio", name="As I place it")).to_be_checked()

    before, frame = placed(page), box_of(page, "[data-frame]")
    middle = (frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    touch(page, (middle, (middle[0] + 30, middle[1] + 20)))
    assert placed(page)[0] > before[0]
    assert placed(page)[1] > before[1]
    assert placed(page)[2:] == pytest.approx(before[2:])

    before, frame = placed(page), box_of(page, "[data-frame]")
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    touch(page, ((x - 50, y), (x - 35, y)), ((x + 50, y), (x + 35, y)))
    assert placed(page)[2] < before[2] * 0.9
    look(page, "crop-placed")

    chosen = placed(page)
    page.get_by_role("button", name="Save", exact=True).tap()
    expect(page).to_have_url(re.compile(re.escape(place.split("//")[1].split("/", 1)[1])))
    expect(page.locator("#photos li[data-cropped]")).to_have_count(1)
    sent = picture(page, page.locator("#photos li[data-cropped] a[target]").get_attribute("href") or "")
    left, top = round(chosen[0] * whole.width), round(chosen[1] * whole.height)
    shown = whole.crop((left, top, left + sent.width, top + sent.height))
    assert sent.width == sent.height == round(chosen[2] * whole.width)
    assert max(ImageStat.Stat(ImageChops.difference(sent, shown)).mean) < 3
    look(page, "photo-set-cropped")


def test_crop_by_keys_and_go_on_to_the_next(owners_page: Page) -> None:
    page = owners_page
    new_set(page, "Cropped by keys", 2)
    page.get_by_role("link", name=re.compile("^Crop pip")).first.click()
    frame = page.get_by_role("application", name="Frame around what is sent")
    frame.focus()
    before = placed(page)
    for key in ("-", "-", "-", "ArrowDown", "ArrowRight"):
        frame.press(key)
    after = placed(page)
    assert after[2] < before[2]
    expect(page.get_by_text(re.compile(r"\d+ × \d+ pixels are sent"))).to_be_visible()
    page.get_by_role("radio", name="Wide 3:2").check(force=True)
    first = page.url
    page.get_by_role("button", name="Save, and the next photo").click()
    expect(page).not_to_have_url(first)
    expect(page.get_by_text("This photo is sent whole until you save what is chosen here.")).to_be_visible()
    page.goto(first)
    expect(page.get_by_role("radio", name="As I place it")).to_be_checked()
    sent = re.search(r"Providers get (\d+) × (\d+) pixels", page.locator(".lede").inner_text())
    assert sent
    assert int(sent[1]) / int(sent[2]) == pytest.approx(1.5, abs=0.01)


def test_crop_all_and_caption_all(owners_page: Page, look: Look) -> None:
    page = owners_page
    place = new_set(page, "Captioned", 3)
    page.get_by_role("link", name="Crop all").click()
    page.get_by_role("radio", name="The middle").check(force=True)
    expect(page.get_by_text(re.compile(r"^900 × 900")).first).to_be_visible()
    look(page, "crop-all")
    page.get_by_role("button", name="Use this for all photos").click()
    expect(page.get_by_text(re.compile(r"\d photos? (is|are) cropped now"))).to_be_visible()

    page.get_by_role("link", name="Captions").click()
    page.get_by_label("Name in prompts").fill("ukj")
    page.get_by_label("What it is").fill("bird")
    look(page, "captions-empty")
    page.get_by_role("button", name="Write all captions").click()
    expect(page.get_by_text("3 captions written.")).to_be_visible()
    texts = page.locator(".captions textarea")
    for number in range(3):
        expect(texts.nth(number)).to_have_value("photo of ukj bird")
    look(page, "captions")
    page.reload()  # axe leaves empty style attributes behind, which htmx would copy

    texts.nth(0).fill("photo of ukj bird, on a sofa")
    texts.nth(1).click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.get_by_role("button", name="Undo").last.click()
    expect(texts.nth(0)).to_have_value("photo of ukj bird")

    for number in (0, 1):
        texts.nth(number).fill("photo of ukj bird, on a sofa")
        texts.nth(2).focus()
    expect(page.get_by_text("Saved", exact=True)).to_have_count(2)
    page.reload()
    page.get_by_role("button", name="on a sofa").click()
    expect(texts.nth(2)).to_have_value("photo of ukj bird, on a sofa")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()

    with page.expect_download() as files:
        page.get_by_role("link", name="Text files").click()
    with zipfile.ZipFile(files.value.path()) as made:
        assert [made.read(name) for name in made.namelist()] == [b"photo of ukj bird, on a sofa\n"] * 3
    page.goto(place)


def test_without_javascript_all_are_cropped_and_captioned(
    owners_page: Page, browser: Browser, quiet_studio: Studio
) -> None:
    place = new_set(owners_page, "Plain", 2)
    with closing(browser.new_context(java_script_enabled=False, base_url=quiet_studio.url)) as context:
        context.add_cookies(quiet_studio.cookies())
        page = context.new_page()
        page.goto(place)
        page.get_by_role("link", name=re.compile("^Crop pip")).first.click()
        expect(page.get_by_role("radio", name="As I place it")).to_be_hidden()
        page.get_by_role("radio", name="The middle").check(force=True)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Saved. This is what providers get from now on.")).to_be_visible()
        page.get_by_role("link", name="Captions").click()
        page.get_by_label(re.compile("^Caption of pip")).first.fill("on a sofa")
        page.get_by_role("button", name="Save").first.click()
        expect(page.get_by_label(re.compile("^Caption of pip")).first).to_have_value("on a sofa")
        page.get_by_text("Write all at once").click()
        page.get_by_label("Pattern").fill("toy, {caption}")
        page.get_by_role("button", name="Write all captions").click()
        expect(page.get_by_label(re.compile("^Caption of pip")).first).to_have_value("toy, on a sofa")
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_label(re.compile("^Caption of pip")).first).to_have_value("on a sofa")
