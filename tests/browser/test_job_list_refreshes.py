"""The job list and a job's page while a job runs: they refresh by themselves and take nothing out of one's hands."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.inhabited import HOME, Studio

HIDE = """hidden => {
  Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def card(page: Page, name: str) -> Locator:
    return page.locator(".job-card", has=page.get_by_role("link", name=name, exact=True))


def test_a_new_card_appears_and_changes_without_moving_focus_or_menu(owners_page: Page, quiet_studio: Studio):
    page = owners_page
    page.goto(f"{HOME}/jobs/")
    link = card(page, "Pip at the seaside").get_by_role("link", name="Pip at the seaside")
    link.focus()
    quiet_studio.train("Watched", {})
    expect(card(page, "Watched")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\d running · Jobs"))
    expect(link).to_be_focused()
    page.get_by_role("button", name="More for Watched").click()
    expect(card(page, "Watched").locator(".job-state")).to_contain_text(re.compile(r"[1-9]\d? %"))
    expect(page.get_by_role("link", name="Clone with changes")).to_be_visible()
    page.keyboard.press("Escape")
    expect(card(page, "Watched").locator(".job-state")).to_have_text(re.compile("Done"))


def test_a_question_stays_open_while_its_card_refreshes(owners_page: Page, quiet_studio: Studio):
    page = owners_page
    quiet_studio.train("Asked about", {"t-steps": "900"})
    page.goto(f"{HOME}/jobs/")
    state = card(page, "Asked about").locator(".job-state")
    page.get_by_role("button", name="More for Asked about").click()
    page.get_by_role("button", name="Stop…").click()
    expect(state).to_contain_text(re.compile(r"[1-9]\d? %"))
    page.get_by_role("dialog").get_by_role("button", name="Stop the job").click()
    expect(page.locator("#flash")).to_contain_text("We are asking Practice to stop.")


def test_a_button_under_the_focus_says_what_it_does_when_the_job_ends(owners_page: Page, quiet_studio: Studio):
    page = owners_page
    page.goto(quiet_studio.train("Ends under the focus", {"t-practice_outcome": "fails"}))
    page.get_by_role("button", name="Stop…").focus()
    expect(page.get_by_role("button", name="More for this job")).to_be_visible()
    expect(page.get_by_text("Stop…")).to_have_count(0)


def test_a_hidden_page_rests_and_catches_up_when_it_is_seen_again(owners_page: Page, quiet_studio: Studio):
    page, asked = owners_page, list[str]()
    page.goto(f"{HOME}/jobs/")
    page.evaluate(HIDE, True)
    page.wait_for_timeout(1_000)
    page.on("request", lambda request: asked.append(request.url))
    quiet_studio.train("Ordered meanwhile", {"t-steps": "700"})
    page.wait_for_timeout(3_000)
    assert not asked
    page.evaluate(HIDE, False)
    expect(card(page, "Ordered meanwhile")).to_be_visible()
