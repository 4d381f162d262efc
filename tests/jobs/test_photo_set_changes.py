"""Photo sets put away, copied and split, and who may do what with a set."""

import pytest
from django.urls import reverse
from django.utils import timezone

from dashboard.models import AuditEntry
from jobs.models import PhotoSet
from jobs.operations.consents import records, withdrawal
from tests.jobs.factories import jpeg, make_checkpoint, make_job, make_photo, make_photos, make_set
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


READING = ["photo_sets", "photo_set", "photo_set_changes"]

MAKING = ["photo_set_new", "photo_set_samples", "photo_set_rename", "photo_upload"]

DELETING = ["photo_set_delete", "photo_set_restore", "photo_delete", "photo_restore"]


def addresses(names, slug, set_id, photo_id):
    for name in names:
        args = {"photo_sets": [], "photo_set_new": [], "photo_set_samples": []}.get(name, [set_id])
        args = [*args, photo_id] if name in ("photo_delete", "photo_restore") else args
        yield name, reverse(name, args=[slug, *args])


def statuses(person, slug, photo):
    """What *person* gets at each address, in an order in which every step is possible."""
    found = {}
    for name, url in addresses([*READING, *MAKING, *DELETING], slug, photo.photo_set_id, photo.pk):
        body = {"name": "Rex", "subject": "pet", "photos": jpeg(width=300 + photo.photo_set.photos.count())}
        found[name] = (person.get(url) if name in READING else person.post(url, body)).status_code
    return found


def test_who_may_do_what(client, as_sam, as_vic, as_mara, as_ann, as_jon, samples, photo_set):
    photo = make_photo(photo_set)
    changing = [*MAKING, *DELETING]

    for person in (as_mara, as_ann, as_jon):
        assert statuses(person, "studio", photo) == dict.fromkeys(READING, 200) | dict.fromkeys(changing, 302)
    assert statuses(as_vic, "studio", photo) == dict.fromkeys(READING, 200) | dict.fromkeys(changing, 403)
    assert statuses(as_sam, "studio", photo) == dict.fromkeys([*READING, *changing], 404)
    assert statuses(client, "studio", photo) == dict.fromkeys([*READING, *changing], 302)
    assert client.get(address("photo_sets"))["Location"].startswith("/account/")


def test_another_workspaces_set_is_no_set_of_ours(as_mara, elsewhere, sam, photo_set):
    theirs = make_set(elsewhere, sam)
    photo = make_photo(theirs)
    for set_id, photo_id in ((theirs.pk, photo.pk), (10**9, photo.pk), (photo_set.pk, photo.pk)):
        for name, url in addresses([*READING[1:], "photo_set_rename"], "studio", set_id, photo_id):
            if set_id != photo_set.pk:
                assert as_mara.get(url).status_code == 404, name
        for name, url in addresses(["photo_upload", *DELETING], "studio", set_id, photo_id):
            if set_id != photo_set.pk or name in ("photo_delete", "photo_restore"):
                assert as_mara.post(url).status_code == 404, name
    photo.refresh_from_db()
    assert photo.deleted_at is None


@pytest.mark.parametrize("name", [*MAKING[1:2], "photo_upload", *DELETING])
def test_what_changes_something_is_never_a_get(as_jon, photo_set, name):
    photo = make_photo(photo_set)

    assert as_jon.get(next(addresses([name], "studio", photo_set.pk, photo.pk))[1]).status_code == 405
