"""One press is one job, and what would surprise is asked about before it is sent."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from jobs.models import Job
from jobs.operations.api_keys import keys
from tests.conftest import client_of
from tests.jobs.order_forms import begun, filled, page

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def key(studio):
    return keys.practice_key(studio)


def test_the_same_form_sent_again_is_the_same_job(as_mara, studio, rex, key):
    typed = begun(as_mara, studio)
    first, second = as_mara.post(page(studio), typed), as_mara.post(page(studio), typed)
    assert first["Location"] == second["Location"]
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_presses_at_once_are_one_job(studio, mara, rex, key):
    typed = begun(client_of(mara), studio)
    clients = [client_of(mara) for _ in range(10)]

    def press(client) -> str:
        try:
            return client.post(page(studio), typed)["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        places = set(pool.map(press, clients))
    assert Job.objects.count() == 1
    assert len(places) == 1


def test_u02_the_same_order_from_another_tab_is_asked_about(as_mara, studio, rex, key):
    typed = begun(as_mara, studio)
    as_mara.post(page(studio), typed)
    other_tab = typed | {"idempotency_key": "another"}
    response = as_mara.post(page(studio), other_tab)
    assert response.status_code == 409
    assert "You sent the same " in response.content.decode()
    assert Job.objects.count() == 1
    assert as_mara.post(page(studio), other_tab | {"again": "1"}).status_code == 302
    assert Job.objects.count() == 2


def test_another_order_or_another_person_is_not_asked(as_mara, as_ann, studio, rex, key):
    typed = begun(as_mara, studio)
    as_mara.post(page(studio), typed)
    assert as_mara.post(page(studio), typed | {"idempotency_key": "b", "t-steps": "1300"}).status_code == 302
    assert as_ann.post(page(studio), typed | {"idempotency_key": "c"}).status_code == 302


def test_photos_that_changed_since_are_shown_once_more_before_they_are_sent(as_mara, studio, rex, key):
    typed = begun(as_mara, studio)
    rex.photos.filter(pk=rex.photos.first().pk).update(caption="on a sofa")
    response = as_mara.post(page(studio), typed)
    assert response.status_code == 409
    assert "Start training · free" in response.content.decode()
    assert "changed since you looked" in response.content.decode()
    assert not Job.objects.exists()

    assert as_mara.post(page(studio), filled(response.content.decode())).status_code == 302
    assert Job.objects.get().job_photos.in_order()[0].caption == "on a sofa"
