"""The page for whoever looks after the server."""

from django.test import Client

from dashboard.models import Heartbeat, User


def test_staff_sees_the_workers_last_sign_of_life(as_jon: Client, jon: User) -> None:
    User.objects.filter(pk=jon.pk).update(is_staff=True)
    Heartbeat.objects.create(worker="one@here")
    answer = as_jon.get("/system/")
    assert answer.status_code == 200
    assert "one@here" in answer.content.decode()


def test_for_everybody_else_the_page_does_not_exist(as_mara: Client) -> None:
    assert as_mara.get("/system/").status_code == 404
