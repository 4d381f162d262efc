"""Sets are archived, copied and split, and know what they were used for."""

import pytest
from django.utils import timezone

from dashboard.models import AuditEntry
from jobs.models import PhotoSet
from jobs.operations.consents import records, withdrawal
from tests.jobs.factories import make_checkpoint, make_job, make_photo, make_photos
from tests.jobs.studio_pages import address

pytestmark = pytest.mark.django_db


def noted(photo_set, person="Anna", **fields):
    today = timezone.localdate()
    given = {"person": person, "agreed_on": today, "agreed_until": None, "words": ""} | fields
    return records.note(photo_set, photo_set.created_by, records.Noted(**given))


def test_an_archived_set_is_out_of_the_way(as_mara, photo_set):
    make_photos(photo_set, 2)
    as_mara.post(address("photo_set_archive", photo_set.pk))

    assert address("photo_set_unarchive", photo_set.pk) in as_mara.get(address("photo_sets")).text  # to undo it
    assert "Rex" not in as_mara.get(address("photo_sets")).text
    assert "Rex" in as_mara.get(address("photo_sets_archived")).text
    assert "in the archive" in as_mara.get(address("photo_set", photo_set.pk)).text
    as_mara.post(address("photo_set_unarchive", photo_set.pk))
    assert "Rex" in as_mara.get(address("photo_sets")).text


def test_who_put_a_set_away_and_who_brought_it_back_is_noted_once(as_mara, photo_set):
    for name in ("archive", "archive", "unarchive", "unarchive", "delete", "restore", "restore"):
        as_mara.post(address(f"photo_set_{name}", photo_set.pk))
    noted = AuditEntry.objects.filter(action__startswith="photo_set.", user__name="Mara").order_by("id")
    assert list(noted.values_list("sentence", flat=True)) == [
        "Mara put the photos of Rex into the archive.",
        "Mara took the photos of Rex out of the archive.",
        "Mara deleted the photos of Rex.",
        "Mara brought back the photos of Rex.",
    ]


def test_an_archived_set_is_offered_only_to_who_asks_for_it(as_mara, photo_set):
    make_photo(photo_set)
    PhotoSet.objects.update(photo_count=1, archived_at=timezone.now())

    assert f'id="photo_set_{photo_set.pk}"' not in as_mara.get(address("new_training")).text
    asked_for = as_mara.get(address("new_training"), {"photo_set": photo_set.pk})
    assert f'id="photo_set_{photo_set.pk}"' in asked_for.text


def test_a_copy_has_the_photos_their_consent_and_no_files_of_its_own(as_mara, photo_set):
    consent = noted(photo_set)
    make_photos(photo_set, 3, caption="Rex", consent=consent)
    as_mara.post(address("photo_set_copy", photo_set.pk))

    made = PhotoSet.objects.exclude(pk=photo_set.pk).get()
    files = [list(one.photos.in_order().values_list("prepared", "caption", "consent")) for one in (photo_set, made)]
    assert (made.name, made.photo_count) == ("Rex (copy)", 3)
    assert files[0] == files[1]
    assert list(made.consents.all()) == [consent]


def test_withdrawing_reaches_the_copies(as_mara, photo_set):
    consent = noted(photo_set)
    make_photos(photo_set, 2)
    as_mara.post(address("photo_set_copy", photo_set.pk))
    withdrawal.withdraw(consent)

    assert not PhotoSet.objects.exclude(pk=photo_set.pk).get().photos.present().exists()


def test_a_set_whose_photos_are_not_ready_is_not_copied(as_mara, photo_set):
    make_photo(photo_set, state="waiting")
    refused = as_mara.post(address("photo_set_copy", photo_set.pk), follow=True)

    assert "still getting ready" in refused.text
    assert PhotoSet.objects.count() == 1


def test_some_photos_become_a_set_of_their_own(as_mara, photo_set):
    photos = make_photos(photo_set, 4)
    consent = noted(photo_set)
    page = as_mara.get(address("photo_set_split", photo_set.pk)).text
    assert page.count('name="photos"') == 4
    as_mara.post(address("photo_set_split", photo_set.pk), {"name": "Beach", "photos": [photos[1].pk, photos[3].pk]})

    made = PhotoSet.objects.get(name="Beach")
    photo_set.refresh_from_db()
    assert set(made.photos.all()) == {photos[1], photos[3]}
    assert (made.photo_count, photo_set.photo_count) == (2, 2)
    assert list(made.consents.all()) == [consent]


@pytest.mark.parametrize("chosen", [[], ["999999"], ["x"], ["9" * 40]])
def test_a_split_needs_photos_of_the_set(as_mara, photo_set, chosen):
    make_photos(photo_set, 2)
    refused = as_mara.post(address("photo_set_split", photo_set.pk), {"name": "Beach", "photos": chosen})

    assert refused.status_code == 400
    assert PhotoSet.objects.count() == 1


def test_a_set_names_the_jobs_and_models_it_was_used_for(as_vic, photo_set, studio, mara):
    job = make_job(studio, mara, kind="training", photo_set=photo_set, name="First try")
    model = make_checkpoint(job)
    page = as_vic.get(address("photo_set", photo_set.pk)).text

    assert address("job", job.pk) in page
    assert f"{address('models')}?before={job.pk + 1}#checkpoint-{model.pk}" in page
    assert "1 job<" in page
    assert "1 model<" in page
