"""Photos on a bad network: what did not go up says so, and goes on when the connection is back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.inhabited import HOME
from tests.photo_files import SAMPLES

pytestmark = pytest.mark.services


def test_an_upload_without_a_network_says_so_and_goes_on_by_itself(owners_page: Page):
    page = owners_page
    page.goto(f"{HOME}/photos/new/")
    page.get_by_label("Name").fill("Bella")
    page.get_by_role("button", name="Make the set").click()
    expect(page.get_by_text("no photos yet")).to_be_visible()
    page.context.set_offline(True)
    page.locator("input[type=file][multiple]").set_input_files(SAMPLES[:3])
    expect(page.get_by_text("3 photos of 3 not sent yet.")).to_be_visible(timeout=15_000)
    page.context.set_offline(False)
    expect(page.get_by_text("3 photos sent.")).to_be_visible(timeout=15_000)
    expect(page.locator("#set-standing")).to_contain_text(re.compile("3 photos ready"), timeout=30_000)
