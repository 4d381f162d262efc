"""Members, roles, leaving, handing over, and the activity."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from dashboard.models import AuditEntry, Invitation, Membership, Role
from dashboard.operations import invitations, members
from tests.conftest import client_of, person

pytestmark = pytest.mark.services(every_case=True)

TEAM = reverse("team", args=["studio"])


def of(user):
    return Membership.objects.get(user=user, workspace__slug="studio")


def address(name, user):
    return reverse(name, args=["studio", of(user).pk])


def role_of(user):
    found = Membership.objects.filter(user=user, workspace__slug="studio").first()
    return found and found.role


def test_the_page_shows_the_members_highest_role_first(as_vic, jon, ann, mara):
    rows = as_vic.get(TEAM).context["members"]
    assert [str(row.membership.user) for row in rows] == ["Jon", "Ann", "Mara", "Vic"]


def test_only_those_who_may_invite_see_invitations(as_vic, as_mara, as_ann):
    assert [client.get(TEAM).context["form"] is not None for client in (as_vic, as_mara, as_ann)] == [
        False,
        False,
        True,
    ]


def test_an_owner_changes_a_role(as_jon, mara):
    as_jon.post(address("change_role", mara), {"role": "admin"})
    assert role_of(mara) == "admin"
    assert "Jon made Mara an admin." in as_jon.get(TEAM).content.decode()


@pytest.mark.parametrize("role", ["", "boss", "OWNER", "\x00", "owner" * 1000])
def test_a_role_that_does_not_exist_gets_a_sentence(as_jon, mara, role):
    answer = as_jon.post(address("change_role", mara), {"role": role})
    assert answer.status_code == 400
    assert "Choose one of the four roles" in answer.content.decode()
    assert role_of(mara) == "editor"


def test_u08_the_only_owner_cannot_step_down_leave_or_be_removed(as_jon, jon):
    for answer in (
        as_jon.post(address("change_role", jon), {"role": "viewer"}),
        as_jon.post(reverse("leave", args=["studio"])),
        as_jon.post(address("remove_member", jon)),
    ):
        assert answer.status_code == 400
    assert role_of(jon) == "owner"
    assert "Make somebody else an owner first" in as_jon.post(reverse("leave", args=["studio"])).content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_leave_at_once_one_stays(jon, studio):
    kim = person("Kim", studio, Role.OWNER)
    clients = [client_of(jon), client_of(kim)]
    start = threading.Barrier(2)

    def leave(client):
        start.wait()
        client.post(reverse("leave", args=["studio"]))
        connection.close()

    threads = [threading.Thread(target=leave, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert studio.memberships.filter(role="owner").count() == 1


def test_ownership_is_handed_over(as_jon, jon, mara):
    as_jon.post(address("transfer_ownership", mara))
    assert (role_of(mara), role_of(jon)) == ("owner", "admin")


def test_ownership_is_not_handed_to_oneself(as_jon, jon):
    assert as_jon.post(address("transfer_ownership", jon)).status_code == 400
    assert role_of(jon) == "owner"


def test_u03_a_removed_member_is_out_with_the_next_request(as_ann, as_mara, mara):
    assert as_mara.get(TEAM).status_code == 200
    as_ann.post(address("remove_member", mara))
    assert as_mara.get(TEAM).status_code == 404


def test_removing_somebody_ends_picture_addresses_and_shows_as_a_change(as_ann, mara, studio):
    before = (studio.media_epoch, studio.version)
    as_ann.post(address("remove_member", mara))
    studio.refresh_from_db()
    assert (studio.media_epoch, studio.version) == (before[0] + 1, before[1] + 1)


@pytest.mark.parametrize("who", ["ann", "jon"])
def test_an_admin_does_not_remove_an_admin_or_an_owner(studio, as_ann, ann, jon, who):
    target = jon if who == "jon" else person("Kim", studio, Role.ADMIN)
    assert as_ann.post(address("remove_member", target)).status_code == 400
    assert role_of(target)


def test_invitations_of_somebody_who_was_removed_stop_working(as_jon, ann):
    _, token = invitations.invite(of(ann), Role.EDITOR, "")
    as_jon.post(address("remove_member", ann))
    assert Client().get(reverse("join", args=[token])).status_code == 404


@pytest.mark.parametrize(("role", "left"), [("viewer", []), ("editor", []), ("admin", ["editor", "admin"])])
def test_invitations_that_a_lower_role_could_not_make_stop_working(as_jon, studio, role, left):
    kim = person("Kim", studio, Role.OWNER)
    for given in (Role.EDITOR, Role.ADMIN, Role.OWNER):
        invitations.invite(of(kim), given, "")
    as_jon.post(address("change_role", kim), {"role": role})
    assert list(Invitation.objects.open().order_by("pk").values_list("role", flat=True)) == left


def test_what_two_tabs_of_an_owner_hand_over_at_once_goes_to_one_person(jon, ann, mara, studio):
    first, second = (Membership.objects.get(user=jon) for _ in range(2))
    members.transfer_ownership(Membership.objects.get(user=ann), first)
    with pytest.raises(members.NotPossible):
        members.transfer_ownership(Membership.objects.get(user=mara), second)
    assert (role_of(ann), role_of(mara), role_of(jon)) == ("owner", "editor", "admin")


@pytest.mark.parametrize(
    "act",
    [
        lambda target, actor: members.change_role(target, Role.OWNER, actor),
        members.transfer_ownership,
        members.remove,
    ],
)
def test_whoever_was_made_a_viewer_meanwhile_changes_nobody(jon, ann, mara, act):
    as_it_was = Membership.objects.get(user=ann)
    Membership.objects.filter(user=ann).update(role=Role.VIEWER)
    with pytest.raises(members.NotPossible):
        act(Membership.objects.get(user=mara), as_it_was)
    assert (role_of(mara), role_of(ann)) == ("editor", "viewer")


def test_an_admin_does_not_remove_who_was_made_owner_meanwhile(jon, ann, mara):
    as_it_was = Membership.objects.get(user=mara)
    Membership.objects.filter(user=mara).update(role=Role.OWNER)
    with pytest.raises(members.NotPossible):
        members.remove(as_it_was, Membership.objects.get(user=ann))
    assert role_of(mara) == "owner"


def test_a_member_leaves(as_mara, mara):
    assert as_mara.post(reverse("leave", args=["studio"])).headers["Location"] == "/"
    assert role_of(mara) is None
    assert as_mara.get("/").headers["Location"] == reverse("workspace_new")


def test_a_member_who_is_gone_cannot_get_a_role(jon, mara):
    gone = of(mara)
    Membership.objects.filter(pk=gone.pk).delete()
    with pytest.raises(members.NotPossible):
        members.change_role(gone, Role.ADMIN, of(jon))


def test_a_member_of_another_workspace_is_not_found(as_jon, sam, elsewhere):
    foreign = Membership.objects.get(user=sam)
    for name in ("change_role", "remove_member", "transfer_ownership"):
        assert as_jon.post(reverse(name, args=["studio", foreign.pk]), {"role": "viewer"}).status_code == 404
    foreign.refresh_from_db()
    assert foreign.role == "owner"


def test_the_workspace_is_renamed_and_keeps_its_address(as_ann, studio):
    assert as_ann.post(reverse("workspace_settings", args=["studio"]), {"name": " Studio South "}).status_code == 302
    studio.refresh_from_db()
    assert (studio.name, studio.slug) == ("Studio South", "studio")


def test_a_workspace_needs_a_name(as_ann):
    answer = as_ann.post(reverse("workspace_settings", args=["studio"]), {"name": "  "})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["name"]


def test_the_activity_shows_fifty_and_goes_on_from_there(as_vic, studio):
    for number in range(120):
        AuditEntry.note(studio, None, "test", f"Entry {number}.")
    first = as_vic.get(TEAM)
    assert [entry.sentence for entry in first.context["entries"]][:2] == ["Entry 119.", "Entry 118."]
    second = as_vic.get(TEAM, {"before": first.context["older"]})
    assert second.context["entries"][0].sentence == "Entry 69."
    third = as_vic.get(TEAM, {"before": second.context["older"]})
    assert (len(third.context["entries"]), third.context["older"]) == (20, None)


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "1e9", "\x00", "١٢"])
def test_a_place_in_the_activity_that_is_no_number_is_a_bad_request(as_vic, before):
    assert as_vic.get(TEAM, {"before": before}).status_code == 400


def test_the_activity_of_another_workspace_is_not_shown(as_vic, elsewhere):
    AuditEntry.note(elsewhere, None, "test", "A secret of theirs.")
    assert "A secret of theirs" not in as_vic.get(TEAM).content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_asks_the_database_the_same_however_big_the_team(
    as_jon, jon, studio, count, django_assert_num_queries
):
    for number in range(count):
        person(f"P{number}", studio)
        invitations.invite(of(jon), Role.EDITOR, "")
        AuditEntry.note(studio, jon, "test", "x")
    as_jon.get(TEAM)
    with django_assert_num_queries(6):
        as_jon.get(TEAM)
