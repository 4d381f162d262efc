"""Somebody is asked for photos, sends them from a phone without an account, and withdraws; the team follows."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import open_watched_page
from tests.browser.inhabited import HOME, Studio
from tests.browser.network import Network
from tests.photo_files import SAMPLES

Look = Callable[[Page, str], None]


@pytest.fixture
def phone(browser: Browser, quiet_studio: Studio) -> Iterator[Page]:
    """The phone of somebody who never heard of Likeness, watched like every page."""
    held = {"viewport": {"width": 390, "height": 780}, "is_mobile": True, "has_touch": True}
    with closing(browser.new_context(base_url=quiet_studio.url, reduced_motion="reduce", **held)) as context:
        page, broken = open_watched_page(context)
        yield page
    assert not broken, "\n".join(broken)


def new_set(page: Page, name: str) -> str:
    """The address of a new photo set."""
    page.goto(f"{HOME}/photos/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make the set").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    return page.url


def ask(page: Page, look: Look) -> str:
    """The link that the team makes on the page of a set."""
    page.get_by_role("link", name="Ask somebody for photos").click()
    look(page, "ask")
    page.get_by_label("Whom do you ask?").fill("Anna from the shop")
    page.get_by_label("What are the photos for?").fill("Pictures for the spring window, made at the end of March.")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("img", name="QR code of the link")).to_be_visible()
    look(page, "asked")
    return page.locator("#photo-link").inner_text()


def agree(phone: Page, link: str, look: Look) -> None:
    phone.goto(link)
    expect(phone.get_by_role("heading", name="Studio asks you for photos")).to_be_visible()
    look(phone, "request")
    phone.get_by_label("Your name").fill("Anna")
    phone.get_by_label("I am the person in the photos").check()
    phone.get_by_role("button", name="Agree and choose photos").tap()
    expect(phone.get_by_text("Thank you, Anna.")).to_be_visible()


def test_a_photo_request_from_a_phone_and_a_withdrawal(owners_page: Page, phone: Page, look: Look) -> None:
    page = owners_page
    place = new_set(page, "Anna")
    link = ask(page, look)

    agree(phone, link, look)
    look(phone, "request-no-photos-yet")
    phone.locator("input[type=file][multiple]").set_input_files(SAMPLES[:6])
    expect(phone.locator("#photos img")).to_have_count(6)
    look(phone, "request-photos")

    page.goto(place)
    expect(page.locator("#photos img")).to_have_count(6)
    expect(page.get_by_text(re.compile(r"Anna agreed on"))).to_be_visible()
    look(page, "photo-set-with-consent")
    page.get_by_role("link", name="Who agreed, and links that ask").click()
    look(page, "consents")
    page.goto(place)
    page.get_by_role("link", name="Train on these photos").click()
    page.get_by_label("Name optional").fill("Anna in spring")
    look(page, "order-with-consent")
    page.get_by_role("button", name=re.compile("Start training")).click()
    expect(page.get_by_role("heading", name="Anna in spring")).to_be_visible()
    job = page.url

    phone.goto(link)
    phone.get_by_role("link", name="Withdraw").tap()
    look(phone, "request-withdraw")
    phone.get_by_role("button", name="Withdraw and delete").tap()
    expect(phone.get_by_text("Your photos are deleted here.")).to_be_visible()
    look(phone, "request-withdrawn")

    page.goto(place)
    expect(page.locator("#photos li")).to_have_count(0)
    expect(page.get_by_role("link", name="1 withdrawal to settle")).to_be_visible()
    look(page, "photo-set-withdrawn")
    page.goto(job)
    look(page, "job-withdrawn")
    page.get_by_role("link", name="1 withdrawal to settle").click()
    look(page, "withdrawals")
    page.get_by_role("main").get_by_role("link", name="Anna", exact=True).click()
    look(page, "withdrawal")
    page.get_by_role("button", name="Delete all of this").click()
    page.get_by_role("button", name="Delete all of it").click()
    expect(page.get_by_text("Everything made from the photos was deleted.")).to_be_visible()
    look(page, "withdrawal-settled")
    assert page.goto(job).status == 404

    phone.reload()
    expect(phone.get_by_text(re.compile("had made from your photos was deleted"))).to_be_visible()


def test_a_phone_that_reloads_half_way_goes_on(owners_page: Page, phone: Page, look: Look, twelve: list[Path]) -> None:
    new_set(owners_page, "Dora")
    agree(phone, ask(owners_page, look), look)
    network = Network(phone)
    network.is_as(uploading=600_000)
    phone.locator("input[type=file][multiple]").set_input_files(twelve[-4:])
    expect(phone.get_by_text("Sending 1 of 4")).to_be_visible()
    phone.wait_for_event("requestfinished", lambda request: request.method == "POST", timeout=60_000)
    with phone.expect_event("requestfailed", timeout=60_000):
        network.is_as(offline=True)
    network.is_as()
    network.is_as(uploading=300_000)
    phone.reload()
    network.is_as()
    expect(phone.locator("#photos img")).to_have_count(4, timeout=60_000)
    expect(phone.locator("#uploads > li")).to_have_count(0)


def test_the_other_pages_about_care(owners_page: Page, phone: Page, look: Look) -> None:
    page = owners_page
    place = new_set(page, "Rex")
    page.locator("input[type=file][multiple]").set_input_files(SAMPLES[:4])
    expect(page.locator("#photos img")).to_have_count(4)
    page.get_by_role("link", name="Note a consent").click()
    look(page, "consent-note")
    page.get_by_label("Who agreed?").fill("Ben")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Withdraw").click()
    look(page, "consent-withdraw")
    page.goto(f"{place}split/")
    page.get_by_role("checkbox").first.check()
    look(page, "photo-set-split")
    page.goto(place)
    page.get_by_role("button", name="More for this set").click()
    page.get_by_role("button", name="Archive this set").click()
    expect(page.get_by_text("is in the archive")).to_be_visible()
    page.goto(f"{HOME}/photos/archived/")
    look(page, "photo-sets-archived")
    phone.goto("/ask/nothing/")
    look(phone, "request-closed")


def test_without_javascript_somebody_agrees_sends_and_withdraws(
    owners_page: Page, browser: Browser, quiet_studio: Studio, look: Look
) -> None:
    new_set(owners_page, "Cleo")
    link = ask(owners_page, look)
    with closing(browser.new_context(java_script_enabled=False, base_url=quiet_studio.url)) as context:
        plain = context.new_page()
        plain.goto(link)
        plain.get_by_label("Your name").fill("Cleo")
        plain.get_by_label("I am the person in the photos").check()
        plain.get_by_role("button", name="Agree and choose photos").click()
        plain.locator("input[type=file][multiple]").set_input_files(SAMPLES[:2])
        plain.get_by_role("button", name="Send the chosen photos").click()
        expect(plain.locator("#photos li")).to_have_count(2)
        plain.get_by_role("link", name="Withdraw").click()
        plain.get_by_role("button", name="Withdraw and delete").click()
        expect(plain.get_by_text("Your photos are deleted here.")).to_be_visible()
