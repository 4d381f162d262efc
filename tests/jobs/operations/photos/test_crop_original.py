"""A small part is cut out of the original, while that is kept, so that a model learns from all the detail there is."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageChops, ImageFilter, ImageStat

from jobs.files import storage
from jobs.models import Photo
from jobs.operations.cleanup import retention
from jobs.operations.photos import edit, sent_copy
from jobs.operations.photos.edit import Crop
from jobs.operations.photos.processing import CROP, INSPECT, TAKE_IN, process
from jobs.operations.photos.report import report_on
from jobs.photos import crop as parts
from jobs.photos import intake
from jobs.photos.crop import Mode, Shape
from tests.jobs.factories import make_set, make_waiting
from tests.jobs.operations.cropped import cropped, fetched, fresh, ordered
from tests.jobs.operations.photo_grants.test_grants import fetching, public, urls
from tests.photos import pictures
from tests.photos.test_prepare import opened

__all__ = ["fetching", "public"]  # fixtures

pytestmark = pytest.mark.django_db

SMALL = Crop(Mode.HAND, Shape.SQUARE, (0.5, 0.25, 0.2, 4 / 15))
"""Of 2800 × 2100 pixels 560 × 560, and of what is prepared of those 410 × 410."""


@pytest.fixture(scope="module")
def original() -> Image.Image:
    return pictures.photo(2800, 2100).filter(ImageFilter.GaussianBlur(1.5))  # without noise, which no JPEG keeps


@pytest.fixture(scope="module")
def content(original) -> bytes:
    """Taken with the camera lying on its side."""
    lying = original.transpose(Image.Transpose.ROTATE_90)
    return pictures.saved(lying, "JPEG", quality=90, subsampling=0, exif=pictures.exif(6))


@pytest.fixture
def photo(studio, mara, content) -> Photo:
    """Ready, with its original."""
    waiting = make_waiting(make_set(studio, mara), content)
    process(TAKE_IN, waiting.pk)
    return fresh(waiting)


def apart(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


def test_what_the_original_has_is_sent_of_a_small_part(photo, original, mara, key, fetching, public):
    assert ((photo.width, photo.height), photo.source_size) == ((2048, 1536), (2800, 2100))
    made = cropped(photo, SMALL)
    assert made.sent_size == (560, 560)
    ordered(made, mara, key)
    sent = opened(fetched(urls(fetching)[0]))
    assert sent.size == (560, 560)
    assert apart(sent, original.crop((1400, 525, 1960, 1085))) < 4
    assert apart(sent, original.crop((1402, 525, 1962, 1085))) > 6, "a shift of two pixels would show"


def test_the_provider_gets_exactly_what_the_page_shows(photo, mara, key, fetching, public, as_mara):
    made = cropped(photo, SMALL)
    page = as_mara.get(reverse("photo_set", args=["studio", made.photo_set_id])).text
    ordered(made, mara, key)
    assert made.shown_large == made.cropped
    assert made.cropped in page
    assert fetched(urls(fetching)[0]) == storage.read(made.shown_large)


def test_the_report_card_counts_the_pixels_that_are_sent(photo):
    made = inspected(cropped(photo, SMALL))
    report = report_on(made.photo_set, [made])
    assert [finding.title for finding in report.findings if finding.title == "Too small"] == []

    Photo.objects.update(original="")
    edit.crop(photo, None)
    without = inspected(cropped(photo, SMALL))
    report = report_on(without.photo_set, [without])
    assert without.sent_size == opened(storage.read(without.cropped)).size == (410, 410)
    assert "Only 410 × 410 pixels" in report.findings[0].sentence


def inspected(photo: Photo) -> Photo:
    Photo.objects.filter(pk=photo.pk).update(inspection_due_at=timezone.now() - timedelta(seconds=1))
    process(INSPECT, photo.pk)
    return fresh(photo)


def test_how_sharp_it_is_is_told_by_what_is_sent(photo, monkeypatch):
    made = cropped(photo, SMALL)
    looked_at = []
    real = intake.inspect
    monkeypatch.setattr(intake, "inspect", lambda file, box, _: (looked_at.append((file, box)), real(file, box))[1])
    measured = inspected(made)
    assert [box for _, box in looked_at] == [made.crop_box, parts.WHOLE]
    alone = real(storage.read(made.cropped), parts.WHOLE)
    assert (measured.inspection["blur"], measured.inspection["light"]) == (alone["blur"], alone["light"])


def test_what_will_be_sent_is_said_before_it_is_made(photo, as_mara):
    edit.crop(photo, SMALL)
    assert fresh(photo).sent_size == (560, 560)
    page = as_mara.get(reverse("photo_crop", args=["studio", photo.photo_set_id, photo.pk])).text
    assert "Providers get 560 × 560 pixels" in page
    process(CROP, photo.pk)
    assert fresh(photo).sent_size == (560, 560)


def test_a_large_part_comes_from_the_prepared_copy(photo, monkeypatch):
    asked = []
    monkeypatch.setattr(storage, "source", lambda name: (asked.append(name), storage.disk_path(name))[1])
    cropped(photo, Crop(Mode.CENTRE, Shape.SQUARE, (0.125, 0.0, 0.75, 1.0)))
    assert asked == [photo.prepared]


def test_an_original_that_is_gone_or_cannot_be_opened_again_costs_only_detail(photo):
    storage.delete(photo.original)
    assert cropped(photo, SMALL).sent_size == (410, 410)


def test_a_crop_stays_when_the_original_goes(photo):
    made = cropped(photo, SMALL)
    retention.clear_originals([made])
    assert fresh(photo).sent_size == (560, 560)
    assert sent_copy.name_of_sent(fresh(photo)) == made.cropped
