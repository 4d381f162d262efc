"""What several journeys have in common."""

from pathlib import Path

from playwright.sync_api import Page, expect


def begin(page: Page) -> None:
    """Make the first account and a workspace called Studio."""
    page.goto("/")
    page.get_by_label("Your name").fill("Jon")
    page.get_by_label("E-mail address").fill("jon@example.com")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_label("Workspace name").fill("Studio")
    page.get_by_role("button", name="Create my workspace").click()
    expect(page.get_by_role("heading", level=1, name="Jobs")).to_be_visible()


def take_the_sample_photos(page: Page) -> None:
    """Begin a training with the photos that everybody can try."""
    page.goto("/w/studio/jobs/new/training/")
    page.get_by_role("button", name="Try it with sample photos").click()
    expect(page.locator("#summary")).to_contain_text("10 photos of")


def take_the_checkpoint_home(page: Page, file: Path) -> int:
    """Download the first checkpoint on a job's page; how many bytes it has."""
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download").first.click()
    saved.value.save_as(file)
    return file.stat().st_size
