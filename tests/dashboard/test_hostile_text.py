"""Whatever is typed into whichever form: a page, a sentence beside a field, or a refusal; never our own fault."""

from urllib.parse import quote, quote_from_bytes

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.models import Installation, Membership, Role
from dashboard.operations import invitations
from jobs.operations.api_keys import keys
from tests.conftest import client_of, person, undone

pytestmark = pytest.mark.services(every_case=True)

TEXTS = {
    "null": "a\x00b",
    "surrogates": "\ud800\udfff\udc00",
    "10 000 letters": "x" * 10_000,
    "one megabyte": "y" * 1_000_000,
    "byte order mark": "\ufeffname",
    "right to left": "\u202egnp.exe",
    "zalgo": "Z" + "\u0338\u0353\u031a" * 60,
    "template": "{{7*7}}{% debug %}${7*7}<%= 7*7 %>",
    "markup": "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>",
    "lines": "a\r\nBcc: evil@example.com\r\n\r\nbody",
    "formula": "=cmd|' /C calc'!A0",
    "number": "1e309",
    "emoji": "🐕‍🦺👩🏽‍🚀",
    "blank": "\u00a0\u2003\u200b",
}
FORMS = {
    "first_run": ["name", "email", "password", "workspace_name"],
    "account_login": ["login", "password", "next"],
    "account_reset_password": ["email"],
    "account_change_password": ["oldpassword", "password1", "password2"],
    "workspace_new": ["name"],
    "join": ["name", "email", "password"],
    "invite": ["role", "email"],
    "change_role": ["role"],
    "workspace_settings": ["name"],
    "api_key_new": ["provider", "label", "secret"],
    "api_key_change": ["label"],
    "api_key_replace": ["secret"],
}


FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def door(studio, jon, with_dreamlook):
    """A function that gives, for a form's address name, a fresh client and the address."""

    def open_door(name):
        if name == "first_run":
            return Client(), reverse(name)
        Installation.objects.get_or_create(id=1, owner_email="jon@example.com")
        own = Membership.objects.get(user=jon)
        if name == "join":
            return Client(), reverse(name, args=[invitations.invite(own, Role.EDITOR, "")[1]])
        if name in {"account_login", "account_reset_password"}:
            return Client(), reverse(name)
        extra = {
            "api_key_change": lambda: ["studio", keys.add(studio, jon, "dreamlook", "K", "a-good-key").pk],
            "change_role": lambda: ["studio", Membership.objects.get(user=person("Extra", studio)).pk],
            "api_key_replace": lambda: ["studio", keys.add(studio, jon, "dreamlook", "K", "a-good-key").pk],
            "workspace_new": list,
            "account_change_password": list,
        }.get(name, lambda: ["studio"])
        return client_of(jon), reverse(name, args=extra())

    return open_door


def encoded(values):
    return "&".join(
        f"{name}={quote_from_bytes(text.encode('utf-8', 'surrogatepass'))}" for name, text in values.items()
    )


@pytest.mark.parametrize("name", FORMS)
def test_every_field_of_every_form_survives_every_text(door, name, subtests):
    for kind, text in TEXTS.items():
        with subtests.test(kind), undone():
            client, url = door(name)
            body = encoded(dict.fromkeys(FORMS[name], text))
            answer = client.post(url, body, content_type=FORM)
            assert answer.status_code in {200, 302, 400}
            page = answer.content.decode()
            assert "<script>alert(1)" not in page
            assert "<img src=x" not in page
            if answer.status_code == 302:
                follow_the_pages(client)


def follow_the_pages(client):
    """What was stored is shown unharmed."""
    for path in ("/w/studio/team/", "/w/studio/settings/", "/w/studio/keys/"):
        answer = client.get(path)
        assert answer.status_code in {200, 302, 404}
        assert "<script>alert(1)" not in answer.content.decode()


@pytest.mark.parametrize("name", FORMS)
def test_a_body_that_is_no_form_is_refused(door, name):
    client, url = door(name)
    for content_type, body in [
        ("application/json", '{"name": "\\ud800", "email": [1, {}]}'),
        ("multipart/form-data; boundary=x", "--x\r\ngarbage"),
        ("multipart/form-data", "no boundary"),
        ("application/x-www-form-urlencoded", "%%%=%&&&&=&=;" * 50),
        ("text/plain", "x"),
        ("application/x-www-form-urlencoded; charset=utf-16", "name=%00a"),
        ("application/x-www-form-urlencoded; charset=nonsense", "name=a"),
    ]:
        assert client.generic("POST", url, body, content_type=content_type).status_code in {200, 302, 400, 404, 415}


def test_thirty_megabytes_are_refused(door, subtests):
    much = "x" * 30_000_000
    for name, fields in FORMS.items():
        with subtests.test(name), undone():
            client, url = door(name)
            assert client.post(url, f"{fields[0]}={much}", content_type=FORM).status_code == 400


def test_the_same_field_many_times_is_one_field(door, subtests):
    for name, fields in FORMS.items():
        with subtests.test(name), undone():
            client, url = door(name)
            body = "&".join(f"{fields[0]}={number}" for number in range(400))
            assert client.post(url, body, content_type=FORM).status_code in {200, 302, 400}


def test_addresses_with_strange_text_are_pages_too(as_jon, subtests):
    for kind in TEXTS.keys() - {"one megabyte"}:
        text = quote(TEXTS[kind].encode("utf-8", "surrogatepass"), safe="")
        for url in (
            f"/w/{text}/team/", f"/join/{text}/", f"/w/studio/team/?before={text}", f"/account/login/?next={text}",
            f"/w/studio/keys/{text}/test/", f"/account/password/reset/key/{text}/", f"/admin/login/?next={text}",
        ):  # fmt: skip
            with subtests.test(kind, url=url[:60]):
                assert as_jon.get(url).status_code in {200, 302, 400, 404, 405}
