"""The very first visit makes the owner, once."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from dashboard.models import Installation, Membership, User, Workspace
from dashboard.operations import workspaces

pytestmark = pytest.mark.services(every_case=True)

GOOD = {
    "name": "Jon",
    "email": "Jon@Example.com",
    "password": "three quiet words",
    "workspace_name": "Studio North",
}


@pytest.mark.django_db
def test_the_first_visit_leads_to_the_welcome_page(client):
    assert client.get("/").headers["Location"] == reverse("first_run")
    assert client.get(reverse("account_login")).headers["Location"] == reverse("first_run")
    assert client.get(reverse("first_run")).status_code == 200


@pytest.mark.django_db
def test_the_first_person_owns_the_workspace_looks_after_the_server_and_is_signed_in(client):
    response = client.post(reverse("first_run"), GOOD)
    owner = User.objects.get()
    assert (owner.email, owner.is_staff, owner.is_superuser) == ("jon@example.com", True, True)
    assert Membership.objects.get().role == "owner"
    assert response.headers["Location"] == reverse("jobs", args=["studio-north"])
    assert client.get(reverse("team", args=["studio-north"])).status_code == 200


@pytest.mark.django_db
def test_the_welcome_page_is_gone_for_ever_even_without_people(client):
    client.post(reverse("first_run"), GOOD)
    User.objects.all().delete()
    for answer in (Client().get(reverse("first_run")), Client().post(reverse("first_run"), GOOD)):
        assert answer.status_code == 404
    assert not User.objects.exists()
    assert Client().get("/").headers["Location"] == reverse("account_login")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "required"),
        ("email", "not an address", "valid email"),
        ("password", "short", "too short"),
        ("password", "jon@example.com", "too similar"),
        ("password", "password123", "too common"),
        ("workspace_name", "x" * 10_000, "at most 80"),
        ("name", "a\x00b", "Null characters"),
    ],
)
def test_bad_input_gets_a_sentence_beside_its_field_and_keeps_the_rest(client, field, value, sentence):
    response = client.post(reverse("first_run"), GOOD | {field: value})
    assert response.status_code == 400
    assert sentence in " ".join(response.context["form"].errors[field])
    assert field == "name" or b'value="Jon"' in response.content
    assert not Installation.objects.exists()


@pytest.mark.django_db
def test_the_password_is_not_sent_back(client):
    response = client.post(reverse("first_run"), GOOD | {"email": "wrong"})
    assert GOOD["password"].encode() not in response.content


@pytest.mark.django_db(transaction=True)
def test_ten_first_visits_at_once_make_one_owner():
    statuses: list[int] = []
    start = threading.Barrier(10)

    def visit(number):
        client = Client()
        start.wait()
        answer = client.post(reverse("first_run"), GOOD | {"email": f"p{number}@example.com"})
        statuses.append(answer.status_code)
        connection.close()

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [302] + [404] * 9
    assert (User.objects.count(), Workspace.objects.count(), Installation.objects.count()) == (1, 1, 1)


@pytest.mark.django_db
def test_the_second_of_two_first_visits_leaves_nothing_behind():
    workspaces.set_up("a@example.com", "A", "three quiet words", "A")
    with pytest.raises(workspaces.AlreadySetUp):
        workspaces.set_up("b@example.com", "B", "three quiet words", "B")
    assert User.objects.count() == Workspace.objects.count() == 1
