"""Who may open what, for people, teams and keys: each address × each person × own, foreign and made-up ids.

A closed door is 404 to strangers (the workspace and the thing in it do not exist for them), 403 to members whose role
is not enough, and the sign-in page to somebody who is not signed in.
"""

from itertools import product

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.models import Membership, Role
from dashboard.operations import invitations
from jobs.operations.api_keys import keys
from tests.conftest import client_of, person, undone, without_tokens

OPEN, CLOSED, MISSING, SIGN_IN = "open", 403, 404, 302
ELSEWHERE = ("foreign", "missing")
RANK = ["viewer", "editor", "admin", "owner"]

# address name: the least role, the methods that lead to the view, and what the address names besides the workspace
PAGES = {
    "team": ("viewer", ["get"], None),
    "invite": ("admin", ["post"], None),
    "revoke_invitation": ("admin", ["post"], "invitation"),
    "change_role": ("owner", ["post"], "member"),
    "transfer_ownership": ("owner", ["post"], "member"),
    "remove_member": ("admin", ["post"], "member"),
    "leave": ("viewer", ["post"], None),
    "workspace_settings": ("admin", ["get", "post"], None),
    "api_keys": ("viewer", ["get"], None),
    "api_key_new": ("admin", ["get", "post"], None),
    "api_key_test": ("admin", ["post"], "key"),
    "api_key_check_callbacks": ("admin", ["post"], "key"),
    "api_key_callbacks": ("viewer", ["get"], "key"),
    "api_key_change": ("admin", ["get", "post"], "key"),
    "api_key_replace": ("admin", ["get", "post"], "key"),
    "api_key_revoke": ("admin", ["post"], "key"),
}
CASES = [(name, method) for name, (_, methods, _) in PAGES.items() for method in methods]


@pytest.fixture
def things(studio, elsewhere, jon, sam, with_dreamlook):
    """Ids of each kind of thing: one of the studio's own, one of the other workspace, and one that is nobody's."""
    extra = person("Extra", studio, Role.EDITOR)
    sams = Membership.objects.get(user=sam)
    own = Membership.objects.get(user=jon)
    return {
        None: {"own": None},
        "member": {"own": Membership.objects.get(user=extra).pk, "foreign": sams.pk, "missing": 10**9},
        "invitation": {
            "own": invitations.invite(own, Role.VIEWER, "")[0].pk,
            "foreign": invitations.invite(sams, Role.VIEWER, "")[0].pk,
            "missing": 10**18,
        },
        "key": {
            "own": keys.add(studio, jon, "dreamlook", "Ours", "key-of-the-studio-1").pk,
            "foreign": keys.add(elsewhere, sam, "dreamlook", "Theirs", "key-of-elsewhere-1").pk,
            "missing": 10**30,
        },
    }


def address(name, slug, thing):
    return reverse(name, args=[slug] if thing is None else [slug, thing])


def ask(client, method, url, **headers):
    return getattr(client, method)(url, {"name": "", "role": ""} if method == "post" else None, headers=headers)


def test_members_get_in_from_their_role_on(studio, things, subtests):
    people = {role: person(f"Kim-{role}", studio, Role(role)) for role in RANK}
    for (name, method), (role, user) in product(CASES, people.items()):
        least, _, kind = PAGES[name]
        with subtests.test(name, method=method, role=role), undone():
            status = ask(client_of(user), method, address(name, "studio", things[kind]["own"])).status_code
            assert status in ({200, 302, 400} if RANK.index(role) >= RANK.index(least) else {CLOSED})


def test_things_of_others_and_things_that_do_not_exist_look_the_same(jon, things, subtests):
    for name, method in CASES:
        _, _, kind = PAGES[name]
        if kind is None:
            continue
        with subtests.test(name, method=method), undone():
            client = client_of(jon)
            answers = [ask(client, method, address(name, "studio", things[kind][which])) for which in ELSEWHERE]
            assert [answer.status_code for answer in answers] == [MISSING, MISSING]
            assert without_tokens(answers[0]) == without_tokens(answers[1])


def removed_member(studio):
    kim = person("Kim", studio, Role.OWNER)
    client = client_of(kim)
    assert client.get(reverse("team", args=["studio"])).status_code == 200
    kim.memberships.all().delete()
    return client


@pytest.mark.parametrize("who", ["stranger", "removed member"])
def test_a_workspace_one_is_not_in_does_not_exist(studio, things, sam, who, subtests):
    client = client_of(sam) if who == "stranger" else removed_member(studio)
    for name, method in CASES:
        _, _, kind = PAGES[name]
        with subtests.test(name, method=method):
            for thing in things[kind].values():
                real = ask(client, method, address(name, "studio", thing))
                made_up = ask(client, method, address(name, "no-such-workspace", thing))
                assert (real.status_code, made_up.status_code) == (MISSING, MISSING)
                assert without_tokens(real) == without_tokens(made_up)


def test_staff_who_are_no_members_see_no_more_than_strangers(things, subtests):
    client = client_of(person("Ada", is_staff=True, is_superuser=True))
    for name, method in CASES:
        _, _, kind = PAGES[name]
        with subtests.test(name, method=method):
            assert ask(client, method, address(name, "studio", things[kind]["own"])).status_code == MISSING


def test_somebody_not_signed_in_is_asked_to(things, subtests):
    for (name, method), slug in product(CASES, ("studio", "no-such-workspace")):
        _, _, kind = PAGES[name]
        url = address(name, slug, things[kind]["own"])
        with subtests.test(name, method=method, slug=slug):
            answer = ask(Client(), method, url)
            assert answer.status_code == SIGN_IN
            assert answer.headers["Location"] == f"/account/login/?next={url if method == 'get' else '/'}"


def test_a_fragment_never_gets_the_sign_in_form_inside(things, subtests):
    here = "http://testserver/w/studio/team/"
    for name, method in CASES:
        _, _, kind = PAGES[name]
        url = address(name, "studio", things[kind]["own"])
        with subtests.test(name, method=method):
            answer = ask(Client(), method, url, **{"HX-Request": "true", "HX-Current-URL": here})
            assert answer.headers["HX-Redirect"] == "/account/login/?next=/w/studio/team/"
            assert answer.content == b""


@pytest.mark.parametrize(
    "place", ["http://[", "//evil.example/w/", "https://[::1", "\\evil", "http://a/\r\nX: y", "%", ""]
)
@pytest.mark.parametrize("header", ["HX-Current-URL", "Referer"])
def test_a_header_that_names_no_place_leads_home_or_to_a_place_of_ours(db, place, header):
    answer = Client().post("/w/studio/team/leave/", headers={header: place, "HX-Request": "true"})
    assert answer.headers["HX-Redirect"].startswith("/account/login/?next=/")
    assert "evil.example" not in answer.headers["HX-Redirect"]
    assert Client().post("/w/studio/team/leave/", headers={header: place}).status_code == SIGN_IN


def test_other_methods_are_refused(as_jon, things, subtests):
    for name, (_, methods, kind) in PAGES.items():
        url = address(name, "studio", things[kind]["own"])
        for method in {"get", "post", "put", "patch", "delete"} - set(methods):
            with subtests.test(name, method=method):
                assert getattr(as_jon, method)(url).status_code == 405


def test_nothing_is_done_without_the_form_token(jon, things, subtests):
    client = Client(enforce_csrf_checks=True)
    client.force_login(jon)
    for name, (_, methods, kind) in PAGES.items():
        if "post" in methods:
            with subtests.test(name):
                assert client.post(address(name, "studio", things[kind]["own"])).status_code == CLOSED
