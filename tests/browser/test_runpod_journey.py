"""From a RunPod key with an endpoint and a bucket to pictures and a model of one's own; RunPod itself is played here.

Nobody on the way meets a zip, a rule for file names or a number of epochs.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import open_watched_page
from tests.browser.product import Product
from tests.browser.steps import begin, take_the_checkpoint_home, take_the_sample_photos
from tests.providers.emulators.runpod import Bucket, Emulator, Pace, emulated

Look = Callable[[Page, str], None]
KEY, ENDPOINT = "rpa_0123456789-0123456789", "studio-endpoint"


@pytest.fixture(scope="module")
def runpod() -> Iterator[Emulator]:
    with emulated(opens_archives=True, old_worker=True, pace=Pace(training=6.0)) as running:
        running.service.open_account(KEY)
        running.service.endpoints = {ENDPOINT}
        yield running


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, runpod: Emulator) -> Iterator[Product]:
    """The product with an address that the RunPod played here can reach."""
    there = {"PROVIDER_BASE_URLS": f"runpod={runpod.url}", "ALLOW_PRIVATE_PROVIDER_HOSTS": "1"}
    product = Product(tmp_path_factory.mktemp("runpod"), **there)
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


def test_a_key_in_pictures_and_a_model_out(page: Page, runpod: Emulator, look: Look, tmp_path: Path) -> None:
    begin(page)
    add_the_key(page, look)
    take_the_sample_photos(page)
    fill_in(page, look)
    train(page, look)
    assert take_the_checkpoint_home(page, tmp_path / "model.ckpt") == Pace.checkpoint_bytes
    assert (tmp_path / "model.ckpt").read_bytes()[:2] == b"PK"
    check_what_was_ordered(runpod)


def add_the_key(page: Page, look: Look) -> None:
    """A mistyped endpoint is told at once, and nothing is stored."""
    page.goto("/w/studio/keys/new/")
    page.get_by_role("group", name="Provider").get_by_text("RunPod", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Studio endpoint")
    page.get_by_label("Key", exact=True).fill(KEY)
    page.get_by_label("Endpoint id").fill("mistyped")
    tell_the_bucket(page)
    page.get_by_role("button", name="Add and test the key").click()
    expect(page.get_by_label("Endpoint id")).to_have_accessible_description(re.compile("no endpoint called mistyped"))
    look(page, "key-runpod-refused")
    page.get_by_label("Key", exact=True).fill(KEY)
    page.get_by_label("Endpoint id").fill(ENDPOINT)
    tell_the_bucket(page)
    page.get_by_role("button", name="Add and test the key").click()
    expect(page.get_by_text("RunPod accepts this key and has the endpoint.").first).to_be_visible()
    look(page, "keys-runpod")


def tell_the_bucket(page: Page) -> None:
    """What is secret has to be typed again when something was wrong."""
    page.locator("[name$=bucket_name]").fill(Bucket().name)
    page.get_by_label("Bucket access key id").fill(Bucket().access_id)
    page.get_by_label("Bucket secret").fill(Bucket().secret)
    page.get_by_label("Bucket address").fill("https://bucket.example")


def fill_in(page: Page, look: Look) -> None:
    page.get_by_label("Looks per photo").fill("50")
    page.get_by_label("Pictures to make when it is trained").fill("on a beach at sunset\nin a library")
    page.get_by_label("Its name in prompts").fill("ukj")
    expect(page.locator("#summary")).to_contain_text(re.compile("500 steps, about 50 looks"))
    look(page, "new-training-runpod")


def train(page: Page, look: Look) -> None:
    page.get_by_role("button", name=re.compile("^Start training")).click()
    expect(page.locator("#job-main .pictures").first.locator("img")).to_have_count(8)
    expect(page.get_by_role("link", name="Download").first).to_be_visible()
    look(page, "job-runpod")


def check_what_was_ordered(runpod: Emulator) -> None:
    """One order, whose zip was fetched as the worker fetches it, and nothing that it would not take."""
    (charge,) = runpod.service.ledger
    assert (charge.endpoint, charge.account) == (ENDPOINT, KEY)
    assert {visit.status for visit in runpod.opener.visits} == {200, 206}
    (names,) = runpod.opener.opened.values()
    assert len(names) == 10
    assert names[0].endswith(" (0).jpg")
    assert runpod.service.jobs[charge.job_id].steps == 500
