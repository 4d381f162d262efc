"""Uploads, withdrawals, copies and the removal of files at the same moment: nothing is lost and nothing stays."""

import os
import time
from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone

from jobs.files import storage
from jobs.models import Consent, Job, OrphanedFile, Photo
from jobs.operations.api_keys import keys
from jobs.operations.cleanup import orphans
from jobs.operations.consents import links, withdrawal
from jobs.operations.errors import NotPossible
from jobs.operations.jobs.order import JobDraft, create
from jobs.operations.photos.add_photo import Upload, add
from jobs.operations.photos.processing import TAKE_IN, process
from jobs.operations.photos.sets import copy
from jobs.providers.order import Kind
from tests.jobs.factories import jpeg, make_photos, make_set, make_waiting
from tests.jobs.operations.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_media")]


@pytest.fixture
def consent(studio, mara) -> Consent:
    _, token = links.ask(make_set(studio, mara), mara, links.Asked("Anna", "", None, max_photos=3, days=7))
    links.agree(links.find(token), "Anna")
    return links.consent_of(links.find(token))


def upload(number: int) -> Upload:
    content = jpeg(width=100 + number).read()
    return Upload(f"nonce-{number}", "IMG.jpg", len(content), [content])


def test_many_uploads_at_once_get_no_more_places_than_there_are(consent):
    numbers = count()

    def send() -> None:
        with suppress(NotPossible):
            links.send(consent, upload(next(numbers)))

    at_once(8, send)
    assert consent.photos().present().count() == 3


def test_two_ticks_at_once_are_one_consent(studio, mara):
    _, token = links.ask(make_set(studio, mara), mara, links.Asked("Anna", "", None, max_photos=3, days=7))

    agreed = at_once(4, lambda: links.agree(links.find(token), "Anna").pk)
    assert set(agreed) == {Consent.objects.get().pk}


def test_an_upload_while_somebody_withdraws_leaves_no_photo(consent):
    turn = count()

    def send_or_withdraw() -> None:
        number = next(turn)
        with suppress(NotPossible):
            withdrawal.withdraw(consent) if number % 2 else links.send(consent, upload(number))

    at_once(6, send_or_withdraw)
    assert not consent.photos().present().exists()
    assert not Photo.objects.exclude(original="").exists()


def test_an_order_while_somebody_withdraws_is_flagged_or_refused(consent, studio, mara):
    make_photos(consent.photo_sets.get(), 3, consent=consent)
    photo_set = consent.photo_sets.get()
    key = keys.practice_key(studio)
    turn = count()

    def order_or_withdraw() -> None:
        number = next(turn)
        if number == 0:
            withdrawal.withdraw(consent)
            return
        draft = JobDraft(
            Kind.TRAINING,
            "Rex",
            api_key=key,
            photo_set=photo_set,
            base_model="practice-sd15",
            token="ukj",
            class_word="dog",
        )
        with suppress(NotPossible):
            create(studio, mara, draft, f"nonce-{number}")

    at_once(4, order_or_withdraw)
    assert not Job.objects.filter(withdrawn_at=None).exists()


def orphan(*names: str) -> None:
    for name in names:
        os.utime(storage.disk_path(name), (time.time() - 3600,) * 2)


def test_the_last_copy_is_removed_while_the_same_photo_is_sent_again(studio, mara):
    """Each time somebody counts on the file being there, it is."""
    photo_set = make_set(studio, mara)
    content = jpeg().read()
    for number in range(10):
        name = storage.put(studio.pk, "originals", content, "").name
        orphan(name)
        OrphanedFile.objects.create(workspace=studio, name=name)
        OrphanedFile.objects.update(created_at=timezone.now() - timedelta(hours=1))
        turn = count()

        def work(number: int = number, turn: "count[int]" = turn) -> None:
            if next(turn):
                add(photo_set, Upload(f"nonce-{number}", "IMG.jpg", len(content), [content]))
            else:
                orphans.remove_due()

        at_once(2, work)
        photo = photo_set.photos.get(upload_nonce=f"nonce-{number}")
        assert storage.exists(photo.original)
        Photo.objects.all().delete()


def test_a_copy_while_the_files_are_removed_has_its_files(studio, mara):
    photo_set = make_set(studio, mara)
    photo = make_waiting(photo_set)
    process(TAKE_IN, photo.pk)
    photo.refresh_from_db()
    orphan(*photo.file_names)
    OrphanedFile.objects.bulk_create(OrphanedFile(workspace=studio, name=name) for name in photo.file_names)
    OrphanedFile.objects.update(created_at=timezone.now() - timedelta(hours=1))
    turn = count()

    def work() -> None:
        copy(photo_set, mara) if next(turn) else orphans.remove_due()

    at_once(3, work)
    assert Photo.objects.count() == 3
    assert all(storage.exists(name) for one in Photo.objects.all() for name in one.file_names)
