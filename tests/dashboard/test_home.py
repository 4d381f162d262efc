"""Where a visit without an address begins, and workspaces of one's own."""

import pytest
from django.urls import reverse

from dashboard.models import Membership, Role, Workspace
from dashboard.operations import workspaces
from tests.conftest import client_of
from tests.jobs.operations.threads import at_once


def jobs_of(slug):
    return reverse("jobs", args=[slug])


def test_home_opens_the_workspace_looked_at_last(jon, studio, elsewhere):
    Membership.objects.create(workspace=elsewhere, user=jon, role=Role.VIEWER)
    client = client_of(jon)
    for slug in ("studio", "elsewhere", "studio"):
        client.get(reverse("team", args=[slug]))
        assert client.get("/").headers["Location"] == jobs_of(slug)


def test_a_page_that_refreshes_itself_does_not_count_as_looking(jon, studio, elsewhere):
    Membership.objects.create(workspace=elsewhere, user=jon, role=Role.VIEWER)
    client = client_of(jon)
    client.get(reverse("team", args=["studio"]))
    client.get(reverse("team", args=["elsewhere"]), headers={"HX-Request": "true"})
    assert client.get("/").headers["Location"] == jobs_of("studio")


def test_home_opens_another_workspace_when_the_last_one_is_closed_to_the_person(jon, studio, elsewhere):
    membership = Membership.objects.create(workspace=elsewhere, user=jon, role=Role.VIEWER)
    client = client_of(jon)
    client.get(reverse("team", args=["elsewhere"]))
    membership.delete()
    assert client.get("/").headers["Location"] == jobs_of("studio")


def test_somebody_signed_in_makes_a_workspace_and_owns_it(as_vic, vic):
    answer = as_vic.post(reverse("workspace_new"), {"name": "Été à la mer"})
    assert answer.headers["Location"] == jobs_of("ete-a-la-mer")
    assert Membership.objects.get(user=vic, workspace__slug="ete-a-la-mer").role == "owner"


@pytest.mark.parametrize("name", ["日本", "!!!", "🐕", "-", "\u202eevil"])
def test_a_name_without_plain_letters_still_makes_an_address(as_vic, name):
    answer = as_vic.post(reverse("workspace_new"), {"name": name})
    assert as_vic.get(reverse("team", args=[answer.headers["Location"].split("/")[2]])).status_code == 200


def test_two_workspaces_of_one_name_have_two_addresses(as_vic, vic):
    for _ in range(2):
        as_vic.post(reverse("workspace_new"), {"name": "Studio"})
    assert Workspace.objects.filter(name="Studio").values("slug").distinct().count() == 3 - (not vic.pk)


def test_the_switcher_shows_ones_own_workspaces_only(as_vic, elsewhere):
    page = as_vic.get(reverse("team", args=["studio"])).content.decode()
    assert "Elsewhere" not in page


def test_a_page_without_the_switcher_does_not_ask_for_workspaces(as_vic, django_assert_num_queries):
    with django_assert_num_queries(2):
        as_vic.get(reverse("account_change_password"))


@pytest.mark.django_db(transaction=True)
def test_workspaces_of_one_name_made_at_once_get_addresses_of_their_own(vic):
    made = at_once(4, lambda: workspaces.create("Sea", vic).slug)
    assert len(set(made)) == 4
    assert "sea" in made


def test_somebody_who_was_taken_out_of_their_only_workspace_is_told(as_vic, vic, studio):
    studio.memberships.filter(user=vic).delete()
    page = as_vic.get("/", follow=True).text
    assert "You are a member of no workspace at the moment." in page
    assert "New workspace" in page
