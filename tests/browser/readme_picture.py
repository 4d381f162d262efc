"""Makes the README's picture anew: `python -m tests.browser.readme_picture .github/screenshot.webp`.

A studio as it looks after a morning's work, every picture of it made by the practice provider.
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import CHROMIUM
from tests.browser.inhabited import HOME, OWNER, Studio
from tests.browser.product import Product

SIZE = {"width": 1280, "height": 888}
SEED = "7"
PROMPTS = """on a wooden table at home
in a city at night
as a watercolour
underwater, at a reef
on a mountain lake
in space
on a beach in summer
in the snow in winter
at a birthday party
in the desert at sunset
in a meadow of flowers
in a forest
"""
"""One picture of each; the last comes first in the gallery."""


def make(target: Path) -> None:
    """Start the product, order pictures, and keep a picture of the gallery in *target*."""
    with tempfile.TemporaryDirectory() as folder, Product(Path(folder)) as product:
        studio = Studio(product, {"Pip": {"prompts": PROMPTS, "g-num_samples": "1", "g-seed": SEED}})
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport=SIZE, base_url=product.url, color_scheme="light")
            sign_in(page)
            keep(page, studio.jobs["Pip"], target)


def sign_in(page: Page) -> None:
    page.goto("/account/login/")
    page.get_by_label("E-mail").fill(OWNER["email"])
    page.get_by_label("Password", exact=True).fill(OWNER["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/jobs/")


def keep(page: Page, job: str, target: Path) -> None:
    """Wait until every picture is there and all that is seen has loaded."""
    page.goto(job)
    pictures = page.locator("#job-main .pictures").first.locator("img")
    expect(pictures).to_have_count(len(PROMPTS.splitlines()), timeout=180_000)
    page.goto(f"{HOME}/gallery/")
    page.wait_for_load_state("networkidle")
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.save(target, quality=90, method=6)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
