from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.utils import timezone

from dashboard.templatetags import ui

NOON = datetime(2026, 6, 7, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=20), "18 May"),
        (timedelta(days=400), "3 May 2025"),
        (-timedelta(seconds=5), "in a moment"),
        (-timedelta(hours=30), "in 1 day"),
        (-timedelta(minutes=90), "in 2 h"),
    ],
)
@time_machine.travel(NOON, tick=False)
def test_a_time_is_said_by_its_distance(distance: timedelta, words: str):
    assert f">{words}</time>" in ui.ago(NOON - distance)


@time_machine.travel(NOON, tick=False)
def test_a_time_has_the_exact_one_as_title():
    assert 'title="7 June 2026, 11:00"' in ui.ago(NOON - timedelta(hours=1))


def test_no_time_says_nothing():
    assert ui.ago(None) == ""


@pytest.mark.parametrize(
    ("count", "words"),
    [(None, ""), (0, "0 B"), (999, "999 B"), (1500, "1.5 KB"), (12_345_678, "12 MB"), (2_100_000_000, "2.1 GB")],
)
def test_a_size_is_said_in_the_unit_people_know(count: int | None, words: str):
    assert ui.byte_count(count) == words


def test_an_icon_is_hidden_from_screen_readers_unless_it_speaks_for_itself():
    assert 'aria-hidden="true"' in ui.icon("star")
    assert 'role="img" aria-label="Starred"' in ui.icon("star", "Starred")


def test_a_badge_says_the_state_in_words():
    assert ui.badge("failure", "Failed <now>").endswith(" Failed &lt;now&gt;</span>")


def test_a_long_name_keeps_both_its_ends():
    said = ui.middle("A very long name, second try")
    assert 'title="A very long name, second try"' in said
    assert ">cond try<" in said


@pytest.mark.parametrize(
    "name",
    ["Rex, second try", "كلب صغير على الشاطئ", "عائلةالصغيرةفيالحديقةالكبيرةاليوم"],
    ids=["short", "Arabic with room", "Arabic in one stroke"],
)
def test_a_name_that_is_not_too_long_or_cannot_be_cut_stays_whole(name: str):
    assert ui.middle(name) == f'<bdi class="middle" title="{name}">{name}</bdi>'


@pytest.mark.parametrize(
    ("name", "tail"),
    [
        ("A family at the seaside 👩‍👩‍👧‍👦 today", "👩‍👩‍👧‍👦 today"),
        ("Cafe\u0301 with a name that is long: cafe\u0301s Zoe\u0308", "e\u0301s Zoe\u0308"),
        ("समुद्र के किनारे एक छोटा सा पक्षी", "सा पक्षी"),
    ],
)
def test_a_long_name_is_cut_between_what_people_see_as_signs(name: str, tail: str):
    said = ui.middle(name)
    assert f">{tail}<" in said
    assert said.startswith("<bdi ")


def test_what_happened_today_is_told_by_the_second_and_what_is_older_by_its_day():
    now = timezone.now().replace(microsecond=0)
    assert f">{timezone.localtime(now):%H:%M:%S}<" in ui.clock(now)
    before = timezone.localtime(now - timedelta(days=2))
    assert f">{before.day} {before:%B, %H:%M}<" in ui.clock(before)


@pytest.mark.parametrize(
    ("page", "place", "said"),
    [("jobs", "jobs", "page"), ("job", "jobs", "true"), ("new_training", "jobs", "true"), ("gallery", "jobs", None)],
)
def test_the_link_to_where_one_is_says_so(page: str, place: str, said: str | None):
    request = SimpleNamespace(resolver_match=SimpleNamespace(url_name=page))
    assert ui.current(Context({"request": request}), place) == (f' aria-current="{said}"' if said else "")


def test_a_message_can_offer_to_undo():
    message = Message(25, "Photo deleted.", extra_tags="undo:/w/studio/photos/1/2/restore/")
    assert ui.undo_address(message) == "/w/studio/photos/1/2/restore/"
    assert ui.undo_address(Message(25, "Saved.")) == ""
    assert ui.tone(message) == "good"


def test_an_undo_button_posts_with_the_forms_token():
    page = Template('{% include "_flash.html" %}').render(
        Context({"messages": [Message(25, "Gone.", extra_tags="undo:/back/")], "csrf_token": "t"})
    )
    assert '<form method="post" action="/back/"><input type="hidden" name="csrfmiddlewaretoken" value="t">' in page
