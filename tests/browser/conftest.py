"""The whole product, started by its own command, and a real Chromium that reports every broken rule.

`page` fails a test at its end when the browser saw a Content Security Policy violation, a script error or an answer
of 500 and above. `SCREENSHOTS=folder` keeps a picture of each place that `look` is called at.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.cramped import lost
from tests.browser.inhabited import Studio
from tests.browser.product import Product
from tests.photo_files import camera_roll
from tests.photos import pictures

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
# Without preload: axe would copy imported style sheets into inline ones, and report our policy for refusing them.
AXE_OPTIONS = {"preload": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"preload": False, "runOnly": ["color-contrast"]}
"""What can be wrong in the dark alone."""

expect.set_options(timeout=30_000)  # ms: on a busy machine the usual five seconds are too few

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium: apt install chromium, or set CHROMIUM"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this process; each test opens a context of its own in it."""
    plain = ["--no-sandbox", "--disable-gpu", "--disable-sync", "--disable-dev-shm-usage"]
    quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*plain, *quiet])
        yield started
        started.close()


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A fresh installation on a free port, with a training of a few seconds."""
    with Product(tmp_path_factory.mktemp("product")) as started:
        yield started


@pytest.fixture(scope="session")
def quiet_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with one finished job of eight pictures, for the tests of single behaviours. Its trainings take long
    enough to be looked at."""
    pictures = {"Pip at the seaside": {"prompts": "on a beach at sunset\nin a library", "g-num_samples": "4"}}
    with Product(tmp_path_factory.mktemp("quiet"), PRACTICE_TRAINING_SECONDS="10") as started:
        studio = Studio(started, pictures)
        studio.wait_for(studio.jobs["Pip at the seaside"], "Download 8 pictures")
        yield studio
        studio.visitor.client.close()


@pytest.fixture
def twelve(tmp_path: Path) -> list[Path]:
    """Eight photos of six formats, HEIC among them, and four that are too large for one part."""
    large = [tmp_path / f"large-{number}.jpg" for number in range(4)]
    for number, path in enumerate(large):
        path.write_bytes(pictures.saved(pictures.photo(2400, 1600 + number), "JPEG", quality=97))
        assert path.stat().st_size > 2 << 20
    return [*camera_roll(tmp_path), *large]


@pytest.fixture
def owners_page(browser: Browser, quiet_studio: Studio) -> Iterator[Page]:
    """The quiet studio as its owner sees it, watched like every page."""
    with closing(browser.new_context(base_url=quiet_studio.url, reduced_motion="reduce")) as context:
        context.add_cookies(quiet_studio.cookies())
        page, broken = open_watched_page(context)
        yield page
        let_go_of_requests(page)
    assert not broken, "\n".join(broken)


@pytest.fixture
def context(browser: Browser, product: Product) -> Iterator[BrowserContext]:
    with closing(browser.new_context(base_url=product.url)) as opened:
        yield opened


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page, broken = open_watched_page(context)
    yield page
    let_go_of_requests(page)
    assert not broken, "\n".join(broken)


def open_watched_page(context: BrowserContext) -> tuple[Page, list[str]]:
    """A page, and the list to which it adds whatever goes wrong in it."""
    page, broken = context.new_page(), list[str]()
    page.add_init_script(REPORT_VIOLATIONS)
    page.on("pageerror", lambda error: broken.append(f"script error: {error}"))
    page.on("console", lambda line: broken.append(f"{page.url}: {line.text}") if is_broken(line.text) else None)
    page.on("response", lambda answer: broken.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None)
    return page, broken


def let_go_of_requests(page: Page) -> None:
    """Before its context is closed, which would wait for ever for a request that a test still answers."""
    page.unroute_all(behavior="ignoreErrors")


def is_broken(line: str) -> bool:
    return re.search(r"Content.Security.Policy|Uncaught|SyntaxError", line) is not None


def barriers(page: Page) -> list[str]:
    """What axe finds, in light and in dark, and what is lost where there is little room."""
    found = []
    for scheme, options in (("light", AXE_OPTIONS), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        report = Axe().run(page, options=options)
        if report.violations_count:
            found.append(f"{page.url} in {scheme}:\n{report.generate_report()}")
    page.emulate_media(color_scheme="light")
    return found + lost(page)


@pytest.fixture
def look() -> Iterator[Callable[[Page, str], None]]:
    """Check a place as everybody meets it: accessible in light and dark, fits a phone; keep its pictures if asked.

    The test goes on and fails at its end, so that one run tells of every place.
    """
    found: list[str] = []

    def check(page: Page, name: str) -> None:
        keep_pictures(page, name)
        found.extend(barriers(page))

    yield check
    assert not found, "\n\n".join(found)


def keep_pictures(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if not folder:
        return
    for width, height in ((1280, 800), (360, 740)):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(150)
            page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=width == 1280)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.emulate_media(color_scheme="light")
