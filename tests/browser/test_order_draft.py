"""An order that somebody typed is not lost by a reload, the back button or a look elsewhere; ideas help to begin it."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.inhabited import HOME


def test_a_typed_order_survives_a_reload_and_is_offered_later(owners_page: Page):
    page = owners_page
    page.goto(f"{HOME}/jobs/new/training/")
    page.get_by_label("Pictures to make when it is trained").fill("in the snow")
    page.reload()
    prompts = page.get_by_label("Pictures to make when it is trained")
    expect(prompts).to_have_value("in the snow")
    page.goto(f"{HOME}/jobs/")
    page.goto(f"{HOME}/jobs/new/training/")
    expect(prompts).to_have_value("")
    page.get_by_role("button", name="Bring it back").click()
    expect(prompts).to_have_value("in the snow")
    expect(page.locator("#summary")).to_contain_text("then 8 pictures")


def test_what_is_typed_while_the_form_is_fitted_again_stays(owners_page: Page):
    page = owners_page
    held: list[Route] = []

    def hold(route: Route) -> None:
        route.continue_() if held else held.append(route)

    page.goto(f"{HOME}/jobs/new/training/")
    prompts = page.get_by_label("Pictures to make when it is trained")
    name, another = page.locator("[name=name]"), page.locator("[name=preset]:not(:checked)").first
    another = page.locator(f"#{another.get_attribute('id')}")
    prompts.fill("in the rain")
    page.route("**/fields/", hold)
    with page.expect_request("**/fields/"):
        another.check()
    prompts.fill("in the snow")
    name.fill("Winter")
    with page.expect_response("**/fields/"):
        held[0].continue_()
    expect(page.locator("#summary")).to_contain_text("then 8 pictures")
    expect(another).to_be_checked()
    expect(prompts).to_have_value("in the snow")
    expect(name).to_have_value("Winter")


def test_an_idea_becomes_a_line_and_a_second_press_takes_it_away(owners_page: Page):
    page = owners_page
    page.goto(f"{HOME}/jobs/new/generation/")
    prompts = page.get_by_label("What should the pictures show?")
    snow, space = page.get_by_role("button", name="in the snow in winter"), page.get_by_role("button", name="in space")
    snow.click()
    space.click()
    expect(prompts).to_have_value("photo of ukj toy, in the snow in winter\nphoto of ukj toy, in space")
    expect(page.locator("#summary")).to_contain_text("16 pictures")
    expect(space).to_have_attribute("aria-pressed", "true")
    snow.click()
    space.click()
    expect(prompts).to_have_value("photo of ukj toy")


ORDERS = ("training", "generation")


@pytest.mark.parametrize("kind", ORDERS)
def test_on_a_phone_the_order_and_its_button_stay_at_hand_above_the_places(owners_page: Page, kind: str):
    page = owners_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{HOME}/jobs/new/{kind}/")
    bar, places = page.get_by_role("group", name="Your order in short"), page.get_by_role("navigation", name="Places")
    start = bar.get_by_role("button", name="Start training" if kind == "training" else "Make pictures")
    expect(start).to_be_in_viewport(ratio=1)
    assert bar.bounding_box()["y"] + bar.bounding_box()["height"] <= places.bounding_box()["y"] + 1
    expect(bar).to_contain_text("free")
    assert start.bounding_box()["height"] >= 24


@pytest.mark.parametrize("kind", ORDERS)
def test_the_bar_of_an_order_never_covers_what_has_the_focus(owners_page: Page, kind: str):
    """WCAG 2.4.11, walked with the Tab key over the whole form."""
    page = owners_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{HOME}/jobs/new/{kind}/")
    page.evaluate("for (const drawer of document.querySelectorAll('details')) drawer.open = true")
    page.locator("h1").click()
    for _ in range(120):
        page.keyboard.press("Tab")
        covered = page.evaluate(COVERED)
        if covered is None:
            break
        assert covered is False, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


COVERED = """() => {
  const focused = document.activeElement, bar = document.getElementById("order-bar");
  if (bar.contains(focused)) return null;
  if (!focused.closest("form[data-order]")) return false;
  const one = focused.getBoundingClientRect(), other = bar.getBoundingClientRect();
  return one.bottom > other.top + 1 && one.top < other.bottom && getComputedStyle(bar).position === "sticky"
    && one.height > 0 && one.bottom <= innerHeight && one.height < innerHeight / 2;
}"""


def test_what_is_typed_changes_the_bar_too(owners_page: Page):
    page = owners_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{HOME}/jobs/new/generation/")
    page.get_by_label("What should the pictures show?").fill("a\nb\nc")
    expect(page.get_by_role("group", name="Your order in short")).to_contain_text("of 3 prompts")


@pytest.mark.parametrize(("height", "letters"), [(400, "100%"), (844, "200%")])
def test_on_a_low_or_large_lettered_screen_the_bar_stands_at_the_end(owners_page: Page, height: int, letters: str):
    page = owners_page
    page.set_viewport_size({"width": 390, "height": height})
    page.goto(f"{HOME}/jobs/new/training/")
    page.evaluate("size => { document.documentElement.style.fontSize = size; }", letters)
    bar = page.locator("#order-bar")
    assert bar.evaluate("bar => getComputedStyle(bar).position") == "static"
    expect(bar.get_by_role("button")).not_to_be_in_viewport()
    bar.get_by_role("button").scroll_into_view_if_needed()
    expect(bar.get_by_role("button")).to_be_in_viewport()
