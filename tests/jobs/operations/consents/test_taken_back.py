"""Whoever sent photos by a link takes single ones back, as long as nothing was made of them."""

import pytest
from django.db import connection

from jobs.operations.consents import links
from jobs.operations.errors import NotPossible
from tests.jobs.factories import make_job
from tests.jobs.operations.consents.test_consents import consent, upload

__all__ = ["consent"]  # a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_media")]


def test_photos_taken_back_make_room_but_not_for_ever(consent):
    for number in range(6):
        links.remove(consent, links.send(consent, upload(f"nonce-{number}", number)))
    with pytest.raises(NotPossible, match="as many photos"):
        links.send(consent, upload("one-more", 200))


def test_a_photo_that_is_used_is_not_taken_back_singly(consent, studio):
    photo = links.send(consent, upload())
    make_job(studio, photos=[photo])

    with pytest.raises(NotPossible, match="withdraw"):
        links.remove(consent, photo)


def test_a_photo_that_is_ordered_while_it_is_taken_back_stays(consent, studio, mara):
    photo, waited = links.send(consent, upload()), []

    def order_meanwhile(execute, sql, params, many, context):
        """Whoever waits for the workspace's lock may have waited for an order."""
        if not waited and sql.startswith("SELECT") and 'FROM "dashboard_workspace"' in sql:
            waited.append(make_job(studio, mara, photos=[photo]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(order_meanwhile), pytest.raises(NotPossible, match="being used already"):
        links.remove(consent, photo)
    assert waited
    photo.refresh_from_db()
    assert photo.deleted_at is None
