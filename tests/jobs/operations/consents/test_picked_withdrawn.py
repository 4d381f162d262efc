"""Pictures that became photos of a set go with the photos that they were made from, however far back those are."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from jobs.models import Consent, GeneratedImage, Photo
from jobs.operations.cleanup.retention import enforce
from jobs.operations.consents import provenance, records, withdrawal
from jobs.operations.jobs.order import JobDraft, create
from jobs.operations.photos import sets
from jobs.providers.order import Kind
from tests.conftest import text_of
from tests.jobs.factories import make_checkpoint, make_image, make_job, make_photo, make_set, sent_photos, with_files
from tests.jobs.operations.conftest import again

pytestmark = pytest.mark.django_db


@pytest.fixture
def consent(studio, mara) -> Consent:
    """Anna's, noted for one photo."""
    photo = make_photo(make_set(studio, mara, name="Anna"))
    return records.note(photo.photo_set, mara, records.Noted("Anna", timezone.localdate(), None, ""))


@pytest.fixture
def trained(studio, mara, consent):
    """A training on Anna's photo."""
    return make_job(studio, mara, kind="training", photos=[consent.photos().get()])


@pytest.fixture
def drawn(studio, mara, trained) -> GeneratedImage:
    """A picture of the model that was trained on."""
    return picture(make_job(studio, mara, checkpoint=make_checkpoint(trained)))


def picture(job, colour: str = "teal") -> GeneratedImage:
    return with_files(make_image(job), colour)


def picked(photo_set, image: GeneratedImage, nonce: str = "nonce-of-the-form") -> Photo:
    (photo,), refusals = sets.pick(photo_set, [image], nonce)
    assert not refusals
    Photo.objects.filter(pk=photo.pk).update(state=Photo.State.READY, prepared="prepared/1/a.jpg", caption="Anna")
    return again(photo)


def test_a_picked_picture_goes_at_once_when_the_photos_behind_it_are_withdrawn(studio, mara, consent, drawn):
    photo_set = make_set(studio, mara, name="Style")
    copy, other = picked(photo_set, drawn), make_photo(photo_set, caption="a chair")

    withdrawal.withdraw(consent, mara)

    gone = again(copy)
    assert (gone.deleted_at is None, gone.caption, gone.file_names) == (False, "", [])
    assert (again(other).deleted_at, again(photo_set).photo_count) == (None, 1)


def test_what_was_made_from_the_copy_is_flagged_and_a_copy_of_that_goes_too(studio, mara, consent, drawn):
    first, second, third = (make_set(studio, mara, name=name) for name in ("One", "Two", "Three"))
    copy = picked(first, drawn)
    on_copy = make_job(studio, mara, kind="training", photos=[copy])
    further = picked(second, picture(on_copy, "red"))
    at_last = make_job(studio, mara, kind="training", photos=[further])
    unrelated = picked(third, picture(make_job(studio, mara), "blue"))

    withdrawal.withdraw(consent, mara)

    assert all(again(job).withdrawn_at for job in (on_copy, at_last, drawn.job))
    assert (again(further).deleted_at is None, again(unrelated).deleted_at) == (False, None)
    assert consent.jobs.count() == 4


def test_an_order_of_the_copy_that_waits_is_stopped_and_keeps_nothing_of_it(studio, mara, consent, drawn, key):
    photo_set = make_set(studio, mara)
    picked(photo_set, drawn)
    job = create(studio, mara, JobDraft(Kind.TRAINING, "Rex", api_key=key, photo_set=photo_set, base_model="base"), "n")
    withdrawal.withdraw(consent, mara)
    assert (again(job).state, sent_photos(job)) == ("cancelled", {})


def test_a_withdrawal_that_was_cut_short_finds_the_copies_later(studio, mara, consent, drawn, monkeypatch):
    copy = picked(make_set(studio, mara), drawn)
    monkeypatch.setattr(withdrawal, "flag", lambda consent: None)
    withdrawal.withdraw(consent, mara)
    monkeypatch.undo()
    withdrawal.flag_again()
    assert again(copy).deleted_at is not None


def test_looking_again_at_a_withdrawal_changes_nothing_that_pages_show(studio, mara, consent, drawn):
    picked(make_set(studio, mara), drawn)
    withdrawal.withdraw(consent, mara)
    before = again(studio).version
    withdrawal.flag_again()
    assert again(studio).version == before


def test_once_it_is_settled_nothing_of_the_copies_is_left(studio, mara, consent, drawn):
    copy = picked(make_set(studio, mara), drawn)
    withdrawal.withdraw(consent, mara)
    withdrawal.settle(consent, mara)
    enforce()
    assert again(copy).erased_at is not None
    assert provenance.made_from(consent).picked == {copy.pk}, "the row still says what it was"


def test_who_stands_behind_a_picked_picture_is_said_before_it_is_trained_on(studio, mara, consent, drawn):
    photo_set = make_set(studio, mara, subject="style")
    assert records.consent_state(photo_set, photo_set.photos.all()).sentence == ""
    picked(photo_set, drawn)
    assert "Anna agreed on" in records.consent_state(photo_set, photo_set.photos.all()).sentence

    Consent.objects.update(agreed_until=timezone.localdate() - timedelta(days=1))
    stands = records.consent_state(photo_set, photo_set.photos.all())
    assert (stands.tone, "that is over" in stands.sentence) == ("bad", True)


def test_withdrawing_says_beforehand_that_pictures_go_too(as_mara, studio, mara, consent, drawn):
    picked(make_set(studio, mara), drawn)
    page = as_mara.get(reverse("consent_withdraw", args=["studio", consent.pk]))
    assert "So is 1 picture made from them that became a photo of a set." in text_of(page)
