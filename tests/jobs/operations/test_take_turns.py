"""Photos are opened a few at a time, and none is forgotten."""

import pytest

from jobs.models import Photo
from jobs.operations.photos import processing
from jobs.operations.photos.processing import TAKE_IN
from tests.jobs.factories import make_set, make_waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def photos(studio, mara):
    photo_set = make_set(studio, mara)
    return [make_waiting(photo_set) for _ in range(3)]


def ready() -> int:
    return Photo.objects.filter(state=Photo.State.READY).count()


def test_one_hint_is_enough_for_all_that_wait(photos):
    processing.work_through(TAKE_IN, photos[1].pk)
    assert ready() == 3


def test_a_hint_is_dropped_while_all_hands_are_full(photos):
    held = [processing._free.acquire(blocking=False) for _ in range(processing.CONCURRENCY)]
    processing.work_through(TAKE_IN, photos[0].pk)
    processing._free.release(len(held))
    assert ready() == 0


def test_a_hand_is_free_again_after_a_photo_that_is_gone(photos):
    Photo.objects.update(original="originals/1/aa/gone.jpg")
    for photo in photos * processing.CONCURRENCY:
        processing.work_through(TAKE_IN, photo.pk)
    assert processing._free._value == processing.CONCURRENCY
    assert not Photo.objects.filter(state=Photo.State.WAITING).exists()
