"""Every page with something on it, as owner, as viewer of nothing and as a stranger: no barriers, no broken rules."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import open_watched_page
from tests.browser.inhabited import FILE_NAME, HOME, OWNER, Studio
from tests.browser.product import Product

Look = Callable[[Page, str], None]

PLACES = {
    "jobs-full": f"{HOME}/jobs/",
    "jobs-nothing-found": f"{HOME}/jobs/?q=nothing-like-this",
    "photo-sets": f"{HOME}/photos/",
    "photo-set-new": f"{HOME}/photos/new/",
    "new-training-full": f"{HOME}/jobs/new/training/",
    "new-generation": f"{HOME}/jobs/new/generation/",
    "gallery-full": f"{HOME}/gallery/",
    "gallery-nothing-found": f"{HOME}/gallery/?prompt=nothing-like-this",
    "models": f"{HOME}/models/",
    "keys": f"{HOME}/keys/",
    "key-new": f"{HOME}/keys/new/",
    "team": f"{HOME}/team/",
    "settings": f"{HOME}/settings/",
    "workspace-new": "/workspaces/new/",
    "password-change": "/account/password/change/",
    "system": "/system/",
    "missing": f"{HOME}/jobs/999999/",
    "admin": "/admin/",
    "admin-jobs": "/admin/jobs/job/",
    "admin-job": "/admin/jobs/job/1/change/",
    "admin-keys": "/admin/jobs/apikey/",
    "admin-images": "/admin/jobs/generatedimage/",
    "admin-users": "/admin/dashboard/user/",
}
JOBS = {"It went wrong": "job-failed", "No tokens": "job-no-tokens", "Nobody knows": "job-unknown"}
OUTSIDE = {"sign-in": "/account/login/", "password-reset": "/account/password/reset/", "join-closed": "/join/nothing/"}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with Product(tmp_path_factory.mktemp("studio")) as product:
        made = Studio(product)
        made.settle()
        made.rename_photos(FILE_NAME)
        yield made
        made.visitor.client.close()


@pytest.fixture
def page(browser: Browser, studio: Studio) -> Iterator[Page]:
    """A page in the studio, watched like that of every browser test."""
    with closing(browser.new_context(base_url=studio.url)) as context:
        page, broken = open_watched_page(context)
        yield page
    assert not broken, "\n".join(broken)


@pytest.fixture
def page_without_javascript(browser: Browser, studio: Studio) -> Iterator[Page]:
    with closing(browser.new_context(java_script_enabled=False, base_url=studio.url)) as context:
        yield context.new_page()


def sign_in(page: Page) -> None:
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill(OWNER["email"])
    page.get_by_label("Password").fill(OWNER["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Jobs", level=1)).to_be_visible()


def test_the_owner_meets_no_barrier_on_any_page(page: Page, studio: Studio, look: Look) -> None:
    sign_in(page)
    jobs = {name: studio.jobs[job] for job, name in JOBS.items()}
    photo_set = {f"photo-set-{part}": f"{studio.photo_set}{part}" for part in ("", "pick/", "captions/")}
    for name, address in {**PLACES, **photo_set, **jobs, "image": first_picture(page)}.items():
        page.goto(address)
        look(page, name.strip("/-"))


def first_picture(page: Page) -> str:
    page.goto(f"{HOME}/gallery/")
    return page.locator(".gallery a[data-full]").first.get_attribute("href") or ""


def test_a_stranger_meets_no_barrier_either(page: Page, studio: Studio, look: Look) -> None:
    for name, address in {**OUTSIDE, "join": studio.join}.items():
        page.goto(address)
        look(page, name)


def test_without_javascript_everything_is_read_and_a_job_ordered(page_without_javascript: Page) -> None:
    page = page_without_javascript
    sign_in(page)
    for place in ("jobs", "gallery", "photos", "models", "keys", "team"):
        page.goto(f"{HOME}/{place}/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{HOME}/jobs/new/training/")
    page.get_by_label("Name optional").fill("Made without a script")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("heading", name="Made without a script")).to_be_visible()


def test_jobs_are_found_while_one_types_and_ticked_in_ranges(page: Page, studio: Studio) -> None:
    sign_in(page)
    box = page.get_by_role("searchbox")
    box.press_sequentially("WATERCOL")
    expect(page.locator(".job-card")).to_have_count(1)
    expect(box).to_be_focused()
    box.fill("")
    expect(page.locator(".job-card")).not_to_have_count(1)
    ticks = page.locator(".job-tick")
    ticks.nth(1).check(force=True)
    ticks.nth(4).click(force=True, modifiers=["Shift"])
    expect(page.get_by_text(f"4 of {ticks.count()} selected")).to_be_visible()
    page.get_by_role("button", name="Select all shown").click()
    expect(page.locator(".job-tick:not(:checked)")).to_have_count(0)


def test_back_from_the_settings_of_a_picture_leads_to_the_filtered_gallery(page: Page, studio: Studio) -> None:
    sign_in(page)
    number = studio.jobs["Pip at the seaside"].strip("/").rpartition("/")[2]
    page.goto(f"{HOME}/gallery/?job={number}")
    page.locator(".gallery a[data-full]").first.click()
    page.locator("[data-use-settings]").click()
    page.wait_for_url("**/new/**")
    page.go_back()
    page.wait_for_url(f"**/gallery/?job={number}")
