"""An order that somebody typed is not lost by a reload, the back button or a look elsewhere; ideas help to begin it."""

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
