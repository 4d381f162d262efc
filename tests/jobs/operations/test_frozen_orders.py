"""An order is sent what stood on its page when it was started: what is changed afterwards is for the next one."""

from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from jobs.files import storage
from jobs.models import Job, OrphanedFile, Photo
from jobs.operations.consents import records, withdrawal
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import submit
from jobs.operations.jobs.order import JobDraft, create
from jobs.operations.photos import edit, sent_copy
from jobs.providers.order import Kind
from tests.jobs.factories import make_photo, make_set, sent_photos
from tests.jobs.operations.cropped import LOWER_LEFT, UPPER_RIGHT, cropped, fetched, fresh
from tests.jobs.operations.photo_grants.test_grants import fetching, public, urls
from tests.photos import pictures
from tests.photos.test_prepare import corners, opened

__all__ = ["fetching", "public"]  # fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("public")]


@pytest.fixture
def photos(studio, mara) -> list[Photo]:
    photo_set = make_set(studio, mara)
    jpegs = [pictures.saved(pictures.upright(width, 400), "JPEG", quality=95) for width in (600, 610)]
    names = [storage.put(studio.pk, "prepared", content, ".jpg").name for content in jpegs]
    return [make_photo(photo_set, prepared=name, width=600, height=400, caption="on a sofa") for name in names]


@pytest.fixture
def draft(photos, key) -> JobDraft:
    told = {"photo_set": photos[0].photo_set, "base_model": "base", "training": {"steps": 9}}
    return JobDraft(Kind.TRAINING, "Rex", api_key=key, **told)


@pytest.fixture
def job(studio, mara, draft) -> Job:
    """Ordered, and not sent yet."""
    return create(studio, mara, draft, "n")


def captions(scripted) -> list[str]:
    told = Client().get(scripted.orders[-1].captions_url.removeprefix("https://likeness.studio-pip.com")).json()
    return list(told.values())


def test_a_caption_written_before_the_order_went_out_is_for_the_next(job, photos, fetching):
    edit.caption(photos[0], "on a rock")
    submit.submit(job.pk)
    assert captions(fetching) == ["on a sofa", "on a sofa"]


def test_a_caption_written_before_the_provider_fetched_it_is_for_the_next(job, photos, fetching):
    submit.submit(job.pk)
    edit.caption(photos[0], "on a rock")
    assert captions(fetching) == ["on a sofa", "on a sofa"]


def test_a_provider_that_is_given_photos_is_given_the_captions_of_the_order(job, photos, scripted):
    edit.caption(photos[0], "on a rock")
    submit.submit(job.pk)
    assert [photo.caption for photo in scripted.orders[-1].photos] == ["on a sofa", "on a sofa"]


def test_a_photo_cropped_before_the_order_went_out_is_sent_as_it_was(job, photos, fetching):
    cropped(photos[0])
    submit.submit(job.pk)
    assert fetched(urls(fetching)[0]) == storage.read(photos[0].prepared)


def test_a_crop_that_nobody_had_made_is_sent_though_another_was_chosen_since(studio, mara, draft, photos, fetching):
    edit.crop(photos[0], UPPER_RIGHT)
    job = create(studio, mara, draft, "n")
    cropped(photos[0], LOWER_LEFT)

    submit.submit(job.pk)

    assert set(corners(opened(fetched(urls(fetching)[0])))) == {"lime"}
    assert OrphanedFile.objects.filter(name=job.job_photos.get(photo=photos[0]).file).exists()
    assert fresh(photos[0]).crop["box"] == list(LOWER_LEFT.box)


def test_a_photo_left_out_after_the_order_is_sent_with_it(job, photos, fetching):
    edit.leave_out(photos[0])
    submit.submit(job.pk)
    assert len(urls(fetching)) == 2


@pytest.mark.parametrize("change", ["caption", "crop", "left out", "one more"])
def test_photos_that_changed_since_somebody_looked_are_not_sent(studio, mara, draft, photos, change):
    seen = sent_copy.fingerprint(photos)
    if change == "caption":
        edit.caption(photos[1], "on a rock")
    elif change == "crop":
        edit.crop(photos[1], LOWER_LEFT)
    elif change == "left out":
        edit.leave_out(photos[1])
    else:
        make_photo(photos[0].photo_set)
    with pytest.raises(NotPossible, match="changed since you looked"):
        create(studio, mara, replace(draft, seen=seen), "n")
    assert not Job.objects.exists()


def test_the_photos_that_somebody_saw_are_ordered(studio, mara, draft, photos):
    assert create(studio, mara, replace(draft, seen=sent_copy.fingerprint(photos)), "n").photo_count == 2


def test_nothing_of_withdrawn_photos_stays_on_their_orders(job, photos, mara, studio):
    anna = records.Noted("Anna", timezone.localdate(), None, "")
    kept = make_photo(make_set(studio, mara), caption="in a garden")
    job.job_photos.create(photo=kept, position=len(photos), caption=kept.caption, file=kept.prepared)
    withdrawal.withdraw(records.note(photos[0].photo_set, mara, anna), mara)
    assert sent_photos(job) == {kept.pk: ("in a garden", kept.prepared)}


def test_an_order_that_came_just_before_its_photos_were_withdrawn_keeps_nothing_either(job, photos, mara, monkeypatch):
    consent = records.note(photos[0].photo_set, mara, records.Noted("Anna", timezone.localdate(), None, ""))
    monkeypatch.setattr(withdrawal.retention, "take_off_jobs", lambda *told: None)  # it was not there yet
    withdrawal.withdraw(consent, mara)
    assert sent_photos(job) == {}
