"""Signing in and out, and passwords."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client
from django.urls import reverse

from dashboard.models import Installation
from tests.conftest import PASSWORD, client_of, without_tokens

pytestmark = pytest.mark.services

LOGIN = reverse("account_login")
RESET = reverse("account_reset_password")


@pytest.fixture(autouse=True)
def installation(db):
    Installation.objects.create(owner_email="jon@example.com")


def sign_in(client, email="jon@example.com", password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": email, "password": password}, **extra)


def test_a_person_signs_in_by_e_mail_and_comes_to_their_jobs(client, jon):
    assert sign_in(client).headers["Location"] == "/"
    assert client.get("/").headers["Location"] == reverse("jobs", args=["studio"])


def test_the_address_may_be_typed_in_capitals(client, jon):
    assert sign_in(client, "JON@Example.com").status_code == 302


def test_signing_out_ends_the_session(as_jon):
    as_jon.post(reverse("account_logout"))
    assert not Session.objects.exists()
    assert as_jon.get("/").headers["Location"] == LOGIN


def test_after_signing_out_nothing_of_the_studio_is_left_in_the_browser(as_jon):
    page = as_jon.get(reverse("team", args=["studio"]))
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert as_jon.post(reverse("account_logout")).headers["Clear-Site-Data"] == '"cache"'


def test_signing_out_needs_a_press(as_jon):
    assert as_jon.get(reverse("account_logout")).status_code == 200
    assert Session.objects.exists()


def test_a_wrong_password_and_an_unknown_address_look_the_same(client, jon):
    wrong, unknown = sign_in(client, password="wrong"), sign_in(client, "nobody@example.com")
    assert wrong.status_code == unknown.status_code == 400
    pages = [without_tokens(answer).replace("nobody@example.com", "jon@example.com") for answer in (wrong, unknown)]
    assert pages[0] == pages[1]
    assert "do not belong together" in pages[0]


def test_the_address_stays_in_the_field_and_the_password_does_not(client, jon):
    page = sign_in(client, password="wrong words").content
    assert b'value="jon@example.com"' in page
    assert b"wrong words" not in page


def test_ten_tries_for_an_account_whatever_the_headers_say(client, jon):
    for number in range(10):
        headers = {"X-Forwarded-For": f"10.0.0.{number}", "Host": f"localhost:{8000 + number}"}
        assert "do not belong" in sign_in(client, password="wrong", headers=headers).content.decode()
    answer = sign_in(client, headers={"X-Forwarded-For": "10.9.9.9", "Host": "127.0.0.1:1"})
    assert answer.status_code == 400
    assert "Too many tries" in answer.content.decode()


def test_an_account_that_does_not_exist_is_limited_just_the_same(client, jon):
    for _ in range(10):
        sign_in(client, "nobody@example.com")
    assert "Too many tries" in sign_in(client, "nobody@example.com").content.decode()


def tries(client, count, email="nobody{}@example.com", **headers):
    """Sign in wrongly *count* times, and once more: the last answer's text."""
    for number in range(count):
        sign_in(client, email.format(number), "wrong", headers={name: h.format(number) for name, h in headers.items()})
    said = {name: h.format(count) for name, h in headers.items()}
    return sign_in(client, email.format(count), "wrong", headers=said).content.decode()


def test_behind_a_proxy_each_address_has_its_own_limit(client, jon, settings):
    settings.TRUSTED_PROXIES = 1
    assert "Too many tries" in tries(client, 30, x_forwarded_for="203.0.113.9")
    assert sign_in(client, headers={"X-Forwarded-For": "203.0.113.10"}).status_code == 302


def test_what_a_client_says_of_itself_buys_no_more_tries(client, jon, settings):
    settings.TRUSTED_PROXIES = 1
    assert "Too many tries" in tries(client, 30, x_forwarded_for="10.0.0.{}, 203.0.113.9")


def test_without_a_proxy_of_ours_nobodys_word_is_taken(client, jon):
    assert "Too many tries" in tries(client, 30, x_forwarded_for="203.0.113.{}")


def test_capitals_do_not_buy_more_tries(client, jon):
    for number in range(10):
        sign_in(client, "Jon@example.com" if number % 2 else "JON@EXAMPLE.COM", "wrong")
    assert "Too many tries" in sign_in(client).content.decode()


def test_many_other_addresses_do_not_push_the_count_out(client, jon, settings):
    for _ in range(10):
        sign_in(client, password="wrong")
    settings.ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "10/5m/key"}
    for number in range(320):
        sign_in(client, f"p{number}@example.com", "wrong")
    settings.ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "30/m/ip,10/5m/key"}
    assert "Too many tries" in sign_in(client).content.decode()


def test_the_admin_panel_has_no_door_of_its_own(client, jon):
    answer = client.post("/admin/login/?next=/admin/", {"username": "jon@example.com", "password": PASSWORD})
    assert answer.headers["Location"] == f"{LOGIN}?next=%2Fadmin%2F"
    assert not Session.objects.exists()


def test_the_admin_panel_does_not_exist_for_people_who_do_not_look_after_the_server(as_jon):
    assert as_jon.get("/admin/", follow=True).status_code == 404


@pytest.mark.parametrize("wanted", ["/w/studio/team/", "/system/?a=1"])
def test_after_signing_in_one_is_where_one_wanted_to_be(client, jon, wanted):
    assert client.post(LOGIN, {"login": jon.email, "password": PASSWORD, "next": wanted}).headers["Location"] == wanted


@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "///evil.example", "http:evil.example",
        "javascript:alert(1)", "https://testserver@evil.example/", "http://localhost/", "\x00//evil", "/\r\nX: y",
        "https:/evil.example", "//evil.example\\@testserver", "http://testserver.evil.example/",
    ],
)  # fmt: skip
def test_after_signing_in_one_stays_on_this_site(jon, evil):
    client = Client()
    answer = client.post(LOGIN, {"login": jon.email, "password": PASSWORD, "next": evil})
    place = answer.headers["Location"]
    assert place.startswith("/")
    assert not place.startswith(("//", "/\\"))
    assert "evil" not in place or place.startswith("/%")
    assert client.get(f"{LOGIN}?next={evil}").status_code < 500


def test_nobody_signs_up_without_an_invitation(client):
    page = client.get(reverse("account_signup"))
    assert "by invitation" in page.content.decode()
    client.post(reverse("account_signup"), {"email": "x@example.com", "password1": PASSWORD})
    assert not Session.objects.exists()


def test_a_person_who_was_switched_off_cannot_sign_in_and_is_out_at_once(as_jon, jon):
    jon.is_active = False
    jon.save(update_fields=["is_active"])
    assert as_jon.get("/").headers["Location"] == LOGIN
    sign_in(as_jon)
    assert as_jon.get("/").headers["Location"] == LOGIN


def test_a_changed_password_works_and_signs_out_everywhere_else(as_jon, jon):
    elsewhere_signed_in = client_of(jon)
    new = "another four plain words"
    typed = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert as_jon.post(reverse("account_change_password"), typed).status_code == 302
    assert as_jon.get(reverse("team", args=["studio"])).status_code == 200
    assert elsewhere_signed_in.get(reverse("team", args=["studio"])).status_code == 302
    assert sign_in(Client(), password=new).status_code == 302


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("oldpassword", ("wrong", "four plain words here", "four plain words here")),
        ("password1", (PASSWORD, "short", "short")),
        ("password2", (PASSWORD, "four plain words here", "others")),
    ],
)
def test_a_password_that_cannot_be_changed_says_why_beside_the_field(as_jon, field, typed):
    form = dict(zip(("oldpassword", "password1", "password2"), typed, strict=True))
    answer = as_jon.post(reverse("account_change_password"), form)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]


def link_in_mail():
    return re.search(r"http://\S+", mail.outbox[-1].body)[0]


def test_a_forgotten_password_is_chosen_anew_by_a_link_that_works_once(client, jon):
    client.post(RESET, {"email": "JON@example.com"})
    link = link_in_mail()
    page = client.get(link, follow=True)
    form_address, new = page.redirect_chain[-1][0], "another four plain words"
    assert client.post(form_address, {"password1": new, "password2": new}).status_code == 302
    assert sign_in(Client(), password=new).status_code == 302
    assert "does not work any more" in Client().get(link, follow=True).content.decode()


def test_asking_for_a_link_does_not_say_who_has_an_account(client, jon):
    known, unknown = client.post(RESET, {"email": jon.email}), client.post(RESET, {"email": "nobody@example.com"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert [message.to for message in mail.outbox] == [[jon.email], ["nobody@example.com"]]


def test_asking_for_links_is_limited(client, jon):
    statuses = [client.post(RESET, {"email": jon.email}).status_code for _ in range(6)]
    assert statuses == [302] * 5 + [429]


class BrokenMail(BaseEmailBackend):
    def send_messages(self, email_messages):
        raise ConnectionRefusedError


def test_a_mail_server_that_is_away_changes_nothing_on_the_page(client, jon, settings):
    settings.EMAIL_BACKEND = "tests.dashboard.test_sign_in.BrokenMail"
    assert client.post(RESET, {"email": jon.email}).status_code == 302
    assert client.post(RESET, {"email": "nobody@example.com"}).status_code == 302


def test_a_link_never_leads_where_only_the_request_says_that_we_are(client, jon, settings):
    settings.ALLOWED_HOSTS = ["*"]
    answer = client.post(RESET, {"email": jon.email}, headers={"Host": "evil.example"})
    assert (answer.status_code, mail.outbox) == (400, [])
    assert "set PUBLIC_URL" in answer.content.decode()
    settings.ALLOWED_HOSTS = ["*", "Studio.example"]
    assert client.post(RESET, {"email": jon.email}, headers={"Host": "studio.example:8000"}).status_code == 302
    assert "http://studio.example:8000/" in mail.outbox[0].body


def test_links_in_mail_use_the_public_address(client, jon, settings):
    settings.PUBLIC_URL = "https://likeness.example"
    client.post(RESET, {"email": jon.email})
    assert "https://likeness.example/account/password/reset/key/" in mail.outbox[-1].body


@pytest.mark.parametrize("key", ["1-x", "zzzzzzzzzzzzzzzzzzzzzzzz-x", "1-%00", "0-" + "x" * 3000])
def test_a_made_up_link_for_a_new_password_gets_a_sentence(client, key):
    answer = client.get(f"/account/password/reset/key/{key}/", follow=True)
    assert answer.status_code == 200
    assert "does not work any more" in answer.content.decode()


@pytest.mark.parametrize("how", [{"headers": {"HX-Request": "true"}}, {}])
def test_somebody_who_was_signed_out_meanwhile_is_told_on_the_way_back(client, studio, how):
    client.post(reverse("job_delete", args=[studio.slug, 7]), **how)
    assert "You were signed out meanwhile" in client.get(LOGIN).text


def test_files_that_a_script_sends_while_nobody_is_signed_in_leave_no_message(client, studio):
    client.post(reverse("photo_upload", args=[studio.slug, 7]), headers={"Accept": "application/json"})
    page = client.get(LOGIN).text
    assert "Forgot the password?" in page
    assert "You were signed out" not in page
