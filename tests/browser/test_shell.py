"""What every page's frame does in a real browser: menus, dialogs, messages, keys, colours.

The pages are rendered here and handed to the browser under an address that nobody serves, so these tests need no
product around them.
"""

import mimetypes
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template import engines
from playwright.sync_api import Page, Request, Route, expect

HOME = "http://localhost:9/w/studio/team/"
FRAME = (
    '{% extends "base.html" %}{% load ui %}'
    "{% block heading %}Shell{% endblock %}{% block content %}CONTENT{% endblock %}"
)
POLICY = "; ".join(
    f"{name} {' '.join(kinds)}" for name, kinds in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
)

Open = Callable[..., Page]


class Person:
    is_authenticated = True
    is_staff = False
    email = "mara@example.com"
    initial = "M"

    def __str__(self) -> str:
        return "Mara"


def rendered(content: str) -> str:
    studio = SimpleNamespace(pk=1, name="Studio", slug="studio")
    template = engines["django"].from_string(FRAME.replace("CONTENT", content))
    context = {"workspaces": [studio], "may_edit": True, "may_admin": True, "user": Person(), "csrf_token": "token"}
    return template.render(context | {"request": SimpleNamespace(workspace=studio, resolver_match=None)})


@pytest.fixture
def open_page(page: Page) -> Open:
    """Opens the frame with some content; `answers` maps paths to (status, body, headers)."""

    def open_with(content: str = "", answers: dict[str, tuple[int, str, dict[str, str]]] | None = None) -> Page:
        def answer(route: Route, request: Request) -> None:
            path = "/" + request.url.split("/", 3)[3]
            if path.startswith("/static/"):
                file = settings.BASE_DIR / path.lstrip("/")
                return route.fulfill(path=file, content_type=mimetypes.guess_type(file.name)[0] or "font/woff2")
            if answers and path in answers:
                status, body, headers = answers[path]
                return route.fulfill(status=status, body=body, headers=headers) if status else route.abort()
            policy = {"content-security-policy": POLICY}
            return route.fulfill(body=rendered(content), content_type="text/html", headers=policy)

        page.emulate_media(reduced_motion="reduce")
        page.route("http://localhost:9/**", answer)
        page.goto(HOME)
        return page

    return open_with


def test_chosen_colours_stay_for_the_next_page(open_page: Open):
    page = open_page()
    page.get_by_role("button", name="Account: Mara").click()
    page.get_by_role("button", name="Dark").click()
    page.reload()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.get_by_role("button", name="Account: Mara").click()
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")


def test_a_menu_opens_beside_its_button_and_is_walked_with_arrow_keys(open_page: Open):
    page = open_page()
    button = page.get_by_role("button", name="Workspace: Studio")
    button.click()
    menu = page.locator("#workspace-menu")
    assert abs(menu.bounding_box()["x"] - button.bounding_box()["x"]) < 2
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("link", name="New workspace")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()


def test_a_menu_at_the_bottom_opens_upwards(open_page: Open):
    page = open_page()
    button = page.get_by_role("button", name="Account: Mara")
    button.click()
    menu = page.locator("#account-menu").bounding_box()
    assert menu["y"] >= 0
    assert menu["y"] + menu["height"] <= button.bounding_box()["y"]


def test_a_dialog_gives_the_focus_back(open_page: Open):
    page = open_page(
        '<button data-dialog="sure">Delete…</button>'
        '<dialog class="dialog" id="sure" aria-label="Sure?"><button data-close>Keep it</button></dialog>'
    )
    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Delete…")).to_be_focused()


def test_keys_lead_to_places_but_not_while_typing(open_page: Open):
    page = open_page("<label>Search <input data-search></label>")
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("gj?n")
    expect(page.get_by_label("Search")).to_have_value("gj?n")
    page.get_by_role("heading", name="Shell").click()
    page.keyboard.press("g")
    page.keyboard.press("j")
    page.wait_for_url("**/w/studio/jobs/")


def test_the_question_mark_lists_the_keys(open_page: Open):
    page = open_page()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_n_opens_the_choice_of_what_to_make(open_page: Open):
    page = open_page()
    page.keyboard.press("n")
    expect(page.get_by_role("link", name=re.compile("New training"))).to_be_focused()


def test_a_form_pressed_twice_is_sent_once(open_page: Open):
    page = open_page('<form method="post" action="/slow/"><button class="button">Start</button></form>')
    sent: list[str] = []

    def leave_on_the_page(route: Route) -> None:
        sent.append(route.request.method)
        route.fulfill(status=204)

    page.route("**/slow/", leave_on_the_page)
    button = page.get_by_role("button", name="Start")
    button.dblclick(no_wait_after=True)
    expect(button).to_be_disabled()
    expect(button).to_have_attribute("aria-busy", "true")
    assert sent == ["POST"]


def test_the_first_wrong_field_has_the_focus(open_page: Open):
    page = open_page('<input aria-label="Fine"><input aria-label="Wrong" aria-invalid="true">')
    expect(page.get_by_label("Wrong")).to_be_focused()


def test_an_answers_message_offers_to_undo(open_page: Open):
    flash = (
        '{"flash": {"text": "3 pictures deleted.", "tone": "good", "undo": "/back/", "fields": {"ids": ["1", "2"]}}}'
    )
    page = open_page(
        '<button hx-post="/delete/" hx-swap="none">Delete</button>', {"/delete/": (204, "", {"HX-Trigger": flash})}
    )
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("3 pictures deleted.")
    with page.expect_request("**/back/") as undo:
        page.get_by_role("button", name="Undo").click()
    page.wait_for_url("**/back/")
    assert undo.value.method == "POST"
    assert undo.value.post_data == "csrfmiddlewaretoken=token&ids=1&ids=2"


def test_a_message_can_be_put_away(open_page: Open):
    page = open_page()
    page.evaluate("document.dispatchEvent(new CustomEvent('flash', {detail: {text: 'Bad news.', tone: 'bad'}}))")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("Bad news.")).to_have_count(0)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(404, "That is no longer there."), (403, "You are not allowed"), (0, "There is no connection to Likeness")],
)
def test_a_request_that_fails_in_the_background_says_so(open_page: Open, status: int, sentence: str):
    page = open_page('<button hx-post="/star/" hx-swap="none">Star</button>', {"/star/": (status, "", {})})
    page.get_by_role("button", name="Star").click()
    expect(page.get_by_role("status")).to_contain_text(sentence)


def test_a_copy_button_confirms(open_page: Open):
    page = open_page(
        '<code id="link">https://example.com/join/1</code><button data-copy="#link">Copy the link</button>'
    )
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin="http://localhost:9")
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "https://example.com/join/1"
    expect(page.get_by_role("button", name="Copy the link")).to_be_visible()


def test_a_relative_time_is_said_in_the_words_of_the_page(open_page: Open):
    page = open_page('<time datetime="2020-02-01T12:00:00+00:00" data-ago>old</time>')
    expect(page.locator("time")).to_have_text("1 February 2020")


def test_the_favicon_calls_when_something_needs_somebody(open_page: Open):
    page = open_page("<p data-needs-you>Please look.</p>")
    assert page.locator("link[data-calling]").get_attribute("href").endswith("calling.svg")


def test_every_static_file_the_frame_names_is_there(open_page: Open, page: Page):
    missing: list[str] = []
    page.on("requestfailed", lambda request: missing.append(request.url))
    open_page()
    page.wait_for_load_state("networkidle")
    assert not missing
    assert Path(settings.BASE_DIR / "static/icons/lucide.svg").exists()
