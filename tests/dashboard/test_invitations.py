"""Invitations: made by somebody who may, shown once, opened once."""

import re
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.models import AuditEntry, Installation, Invitation, Membership, Role, User
from dashboard.operations import invitations, members
from tests.conftest import PASSWORD, client_of, person, without_tokens

pytestmark = pytest.mark.services

GOOD = {"name": "Kim", "email": "kim@example.com", "password": "three quiet words"}
INVITE = reverse("invite", args=["studio"])


@pytest.fixture
def link(jon):
    _, token = invitations.invite(Membership.objects.get(user=jon), Role.EDITOR, "")
    return reverse("join", args=[token])


def shown_link(response):
    return re.search(r"http://testserver(/join/[^<]+)", response.content.decode())[1]


def test_an_invitation_shows_its_link_once(as_ann):
    link = shown_link(as_ann.post(INVITE, {"role": "editor"}))
    page = as_ann.get(reverse("team", args=["studio"])).content.decode()
    assert link not in page
    assert "By link" in page


@pytest.mark.parametrize("now", [Role.EDITOR, Role.VIEWER, None])
def test_whoever_lost_their_place_since_the_request_began_invites_nobody(ann, now):
    """What they had handed out is taken back already, and this would stay."""
    as_it_began, place = Membership.objects.get(user=ann), Membership.objects.get(user=ann)
    if now:
        Membership.objects.filter(pk=place.pk).update(role=now)
    else:
        place.delete()
    with pytest.raises(members.NotPossible):
        invitations.invite(as_it_began, Role.VIEWER, "")
    assert not Invitation.objects.exists()


def test_the_link_is_not_in_the_database(as_ann):
    token = shown_link(as_ann.post(INVITE, {"role": "editor"})).split("/")[2]
    row = Invitation.objects.values().get()
    assert token not in repr(row)


def test_an_invitation_is_e_mailed_too_when_an_address_is_given(as_ann):
    link = shown_link(as_ann.post(INVITE, {"role": "viewer", "email": "kim@example.com"}))
    assert mail.outbox[0].to == ["kim@example.com"]
    assert link in mail.outbox[0].body
    assert "as viewer" in mail.outbox[0].body


def test_when_the_mail_server_is_away_the_link_is_still_there(as_ann, settings):
    settings.EMAIL_BACKEND = "tests.dashboard.test_sign_in.BrokenMail"
    response = as_ann.post(INVITE, {"role": "viewer", "email": "kim@example.com"})
    assert shown_link(response)
    assert "could not be sent" in response.content.decode()


@pytest.mark.parametrize(
    ("role", "status"), [("viewer", 200), ("admin", 200), ("owner", 400), ("boss", 400), ("", 400)]
)
def test_an_admin_invites_up_to_their_own_role(as_ann, role, status):
    assert as_ann.post(INVITE, {"role": role}).status_code == status


def test_an_owner_invites_an_owner(as_jon):
    assert as_jon.post(INVITE, {"role": "owner"}).status_code == 200


def test_a_bad_address_is_named_and_stays_in_the_field(as_ann):
    response = as_ann.post(INVITE, {"role": "viewer", "email": "kim at example"})
    assert response.status_code == 400
    assert b'value="kim at example"' in response.content
    assert not Invitation.objects.exists()


def test_somebody_new_makes_an_account_and_is_in(client, link):
    assert "Studio" in client.get(link).content.decode()
    assert client.post(link, GOOD).headers["Location"] == reverse("jobs", args=["studio"])
    kim = User.objects.get(email="kim@example.com")
    assert Membership.objects.get(user=kim).role == "editor"
    assert not kim.is_staff
    assert client.get(reverse("team", args=["studio"])).status_code == 200


def test_somebody_signed_in_joins_with_one_press(as_sam, sam, link):
    assert as_sam.get(link).status_code == 200
    assert not Membership.objects.filter(user=sam, workspace__slug="studio").exists()
    as_sam.post(link)
    assert Membership.objects.get(user=sam, workspace__slug="studio").role == "editor"


def test_looking_at_a_link_does_not_use_it_up(client, link):
    for _ in range(3):
        assert client.get(link).status_code == 200


def test_a_member_who_opens_a_link_does_not_use_it_up_and_keeps_the_role(as_vic, vic, link):
    assert as_vic.post(link).headers["Location"] == reverse("jobs", args=["studio"])
    assert Membership.objects.get(user=vic).role == "viewer"
    assert Invitation.objects.open().count() == 1


def spoil(link, how):
    invitation = Invitation.objects.get()
    if how == "used":
        invitation.used_at = timezone.now()
    elif how == "taken back":
        invitation.revoked_at = timezone.now()
    elif how == "ran out":
        invitation.expires_at = timezone.now() - timedelta(seconds=1)
    invitation.save()
    return reverse("join", args=["made-up"]) if how == "made up" else link


@pytest.mark.parametrize("how", ["used", "taken back", "ran out", "made up"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_closed_link_says_one_and_the_same_sentence(client, link, how, method):
    link = spoil(link, how)
    answer = getattr(client, method)(link, GOOD)
    assert answer.status_code == 404
    assert "This invitation does not work any more" in answer.content.decode()
    assert without_tokens(answer) == without_tokens(client.get(reverse("join", args=["another"])))
    assert not User.objects.filter(email=GOOD["email"]).exists()


@pytest.mark.parametrize("token", ["%00", "%ed%a0%80", "a" * 5000, "..", "%F0%9F%94%91"])
def test_a_garbled_link_is_a_closed_link(client, db, token):
    assert client.get(f"/join/{token}/").status_code == 404


def test_an_address_that_has_an_account_already_is_refused_beside_the_field(client, sam, link):
    answer = client.post(link, GOOD | {"email": "SAM@example.com"})
    assert answer.status_code == 400
    assert "sign in and open the link again" in " ".join(answer.context["form"].errors["email"])
    assert Invitation.objects.open().count() == 1


def test_the_way_to_sign_in_leads_back_to_the_link(client, sam, link):
    Installation.objects.create(owner_email="jon@example.com")
    page = client.get(link).content.decode()
    address = re.search(r'href="(/account/login/\?next=[^"]+)"', page)[1]
    form = client.get(address)
    hidden = re.search(r'name="next" value="([^"]+)"', form.content.decode())[1]
    answer = client.post("/account/login/", {"login": sam.email, "password": PASSWORD, "next": hidden})
    assert answer.headers["Location"] == link


def test_joining_is_in_the_activity(client, link):
    client.post(link, GOOD)
    assert "Kim joined as editor." in AuditEntry.objects.values_list("sentence", flat=True)


def test_a_taken_back_invitation_is_gone_from_the_page(as_ann, link):
    invitation = Invitation.objects.get()
    as_ann.post(reverse("revoke_invitation", args=["studio", invitation.pk]))
    assert not Invitation.objects.open().exists()
    assert "By link" not in as_ann.get(reverse("team", args=["studio"])).content.decode()


def test_an_invitation_of_another_workspace_cannot_be_taken_back(as_sam, link):
    invitation = Invitation.objects.get()
    assert as_sam.post(reverse("revoke_invitation", args=["elsewhere", invitation.pk])).status_code == 404
    assert Invitation.objects.open().exists()


@pytest.mark.django_db(transaction=True)
def test_of_ten_people_with_one_link_one_gets_in(link):
    people = [person(f"P{number}") for number in range(10)]
    clients, statuses = [client_of(one) for one in people], []
    start = threading.Barrier(10)

    def join(client):
        start.wait()
        statuses.append(client.post(link).status_code)
        connection.close()

    threads = [threading.Thread(target=join, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [302] + [404] * 9
    assert Membership.objects.filter(user__in=people).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_ten_new_accounts_with_one_link_one_is_made(link):
    statuses = []
    start = threading.Barrier(10)

    def join(number):
        client = Client()
        start.wait()
        statuses.append(client.post(link, GOOD | {"email": f"p{number}@example.com"}).status_code)
        connection.close()

    threads = [threading.Thread(target=join, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [302] + [404] * 9
    assert User.objects.filter(email__startswith="p").count() == 1


def test_a_password_is_hashed_outside_the_transaction_that_lets_one_write_at_a_time(client, link, monkeypatch):
    hashed, depth = [], len(connection.savepoint_ids)
    whole = User.set_password

    def watched(user, password):
        hashed.append(len(connection.savepoint_ids) - depth)
        whole(user, password)

    monkeypatch.setattr(User, "set_password", watched)
    assert client.post(link, GOOD).status_code == 302
    assert hashed == [0]


def test_an_address_that_is_taken_hashes_no_password(client, link, jon, monkeypatch):
    monkeypatch.setattr(User, "set_password", lambda *_: pytest.fail("hashed"))
    assert client.post(link, GOOD | {"email": jon.email}).status_code == 400


def test_so_many_accounts_are_tried_with_one_invitation_and_no_more(link, jon, settings, monkeypatch):
    monkeypatch.setattr("dashboard.views.account.JOINS", 3)
    settings.TRUSTED_PROXIES = 1
    tries = [
        Client(headers={"X-Forwarded-For": f"203.0.113.{number}"}).post(link, GOOD | {"email": jon.email})
        for number in range(4)
    ]
    assert [answer.status_code for answer in tries] == [400, 400, 400, 429]
