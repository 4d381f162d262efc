"""Who may see and change photo sets."""

import pytest
from django.urls import reverse

from tests.jobs.factories import jpeg, make_photo, make_set
from tests.jobs.studio_pages import address

pytestmark = pytest.mark.django_db


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
