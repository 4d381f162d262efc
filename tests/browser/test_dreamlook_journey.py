"""From a dreamlook key to pictures and a checkpoint of one's own, charged once; dreamlook itself is played here."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import open_watched_page
from tests.browser.product import Product
from tests.browser.steps import begin, take_the_checkpoint_home, take_the_sample_photos
from tests.providers.emulators.dreamlook import Emulator, emulated

Look = Callable[[Page, str], None]
KEY = "dl-emulator"


@pytest.fixture(scope="module")
def dreamlook() -> Iterator[Emulator]:
    with emulated(visits_photos=True) as running:
        yield running


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, dreamlook: Emulator) -> Iterator[Product]:
    """The product with an address that the dreamlook played here can reach."""
    there = {"PROVIDER_BASE_URLS": f"dreamlook={dreamlook.url}", "ALLOW_PRIVATE_PROVIDER_HOSTS": "1"}
    product = Product(tmp_path_factory.mktemp("dreamlook"), **there)
    product.environment["PUBLIC_URL"] = product.url
    with product:
        yield product


@pytest.fixture
def page(browser: Browser, studio: Product) -> Iterator[Page]:
    context = browser.new_context(base_url=studio.url, accept_downloads=True)
    page, broken = open_watched_page(context)
    yield page
    context.close()
    assert not broken, "\n".join(broken)


def test_a_key_in_pictures_and_a_checkpoint_out(page: Page, dreamlook: Emulator, look: Look, tmp_path: Path) -> None:
    begin(page)
    add_the_key(page, look)
    check_callbacks(page, look)
    take_the_sample_photos(page)
    rehearse(page, look)
    assert dreamlook.service.ledger == []
    train(page, look)
    assert take_the_checkpoint_home(page, tmp_path / "checkpoint.safetensors") > 50_000
    assert [charge.job_type for charge in dreamlook.service.ledger] == ["dreambooth_image_gen"]
    assert {visit.status for visit in dreamlook.visitor.visits} <= {200, 206}


def add_the_key(page: Page, look: Look) -> None:
    page.goto("/w/studio/keys/new/")
    page.get_by_label("Name").fill("Studio key")
    page.get_by_label("Key", exact=True).fill("dl-mistyped")
    page.get_by_role("button", name="Add and test the key").click()
    expect(page.get_by_text("Nothing was stored.")).to_be_visible()
    look(page, "key-refused")
    page.get_by_label("Key", exact=True).fill(KEY)
    page.get_by_role("button", name="Add and test the key").click()
    expect(page.locator(".key-result").first).to_have_text("dreamlook.ai accepts this key.")


def check_callbacks(page: Page, look: Look) -> None:
    page.get_by_role("button", name="Check callbacks").click()
    expect(page.get_by_text(re.compile("dreamlook.ai rang here after"))).to_be_visible()
    look(page, "keys-dreamlook")


def rehearse(page: Page, look: Look) -> None:
    fill_in(page)
    look(page, "new-training-dreamlook")
    page.get_by_role("button", name="Rehearse for free").click()
    expect(page.get_by_text("The rehearsal went well").first).to_be_visible()
    look(page, "job-rehearsed")


def fill_in(page: Page) -> None:
    page.get_by_label("Base model", exact=True).select_option("stable-diffusion-xl-v1-0")
    expect(page.locator("#id_t-learning_rate_te1")).to_be_attached()
    page.get_by_label("Pictures to make when it is trained").fill("on a beach at sunset\nin a library")


def train(page: Page, look: Look) -> None:
    page.get_by_role("link", name="Clone with changes").click()
    expect(page.get_by_text("charges by its own price list")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Start training")).click()
    expect(page.locator("#job-main .pictures").first.locator("img")).to_have_count(8)
    expect(page.get_by_role("link", name="Download").first).to_be_visible()
    look(page, "job-dreamlook")
