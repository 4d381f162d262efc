"""Looking through pictures and choosing among them: by keys, with the browser's own buttons, and with undo."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.inhabited import HOME


@pytest.fixture
def pictures(owners_page: Page) -> Locator:
    """The links of the gallery's pictures."""
    owners_page.goto(f"{HOME}/gallery/")
    return owners_page.locator(".gallery a[data-full]:visible")


def test_arrow_keys_go_through_the_pictures_and_the_address_follows(owners_page: Page, pictures: Locator):
    page = owners_page
    pictures.nth(1).click()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(f"{pictures.nth(3).get_attribute('href')}$"))
    page.keyboard.press("s")
    expect(page.get_by_role("dialog").get_by_role("button", name="Star")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(f"{HOME}/gallery/$"))
    expect(pictures.nth(3)).to_be_focused()


def test_a_key_pressed_at_once_acts_on_the_picture_that_is_shown(owners_page: Page, pictures: Locator):
    page, starred = owners_page, list[str]()
    page.on("request", lambda request: starred.append(request.url) if request.method == "POST" else None)
    pictures.nth(4).click()
    page.get_by_role("dialog").get_by_role("button", name="Star").wait_for()
    page.route("**/gallery/*/", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    with page.expect_request(re.compile("/star/")):
        page.keyboard.press("s")
    assert [re.search(r"/gallery/(\d+)/star/", address)[1] for address in starred] == [
        pictures.nth(6).get_attribute("data-id")
    ]
    page.unroute_all(behavior="wait")


def test_the_browsers_back_button_closes_and_forward_opens_again(owners_page: Page, pictures: Locator):
    page = owners_page
    pictures.first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.go_forward()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="Use these settings")).to_be_visible()


def test_a_range_is_deleted_and_its_undo_can_be_reached(owners_page: Page, pictures: Locator):
    page = owners_page
    there = pictures.count()
    page.get_by_role("button", name="Select", exact=True).click()
    pictures.nth(1).click()
    pictures.nth(4).click(modifiers=["Shift"])
    expect(page.get_by_text("4 selected")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(pictures).to_have_count(there - 4)
    page.get_by_role("button", name="Undo").click()
    expect(pictures).to_have_count(there)


def test_all_pictures_of_a_job_are_downloaded_at_once(owners_page: Page, pictures: Locator):
    page = owners_page
    page.goto(f"{HOME}/jobs/")
    page.get_by_role("link", name="Pip at the seaside").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download 8 pictures").click()
    assert download.value.suggested_filename == "studio-8-pictures.zip"
