"""Pictures of the gallery become photos of a set, without taking anybody's word back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs.files import storage
from jobs.models import Job, Photo
from jobs.operations.photos import add_photo, sets
from jobs.operations.photos.processing import TAKE_IN, process
from tests.jobs.factories import make_image, make_job, make_photos, with_files
from tests.photos import pictures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_media")]


@pytest.fixture
def job(studio, jon):
    return make_job(studio, jon, name="Pip")


def make_picture(job, number=0):
    """A picture whose file is there, and is like no other."""
    content = pictures.saved(pictures.upright(200 + number), "PNG")
    return make_image(job, file=storage.put(job.workspace_id, "images", content, ".png").name)


def address(photo_set):
    return reverse("photo_set_pick", args=[photo_set.workspace.slug, photo_set.pk])


def test_chosen_pictures_become_photos(as_mara, photo_set, job):
    chosen = [make_picture(job, number) for number in range(3)]
    make_photos(photo_set, 1, position=4)

    answer = as_mara.post(address(photo_set), {"id": [chosen[0].pk, chosen[2].pk]})

    made = list(photo_set.photos.waiting().in_order())
    assert answer.url == reverse("photo_set", args=["studio", photo_set.pk])
    assert [storage.read(photo.original) for photo in made] == [storage.read(chosen[n].file) for n in (2, 0)]
    assert [photo.position for photo in made] == [5, 6]
    assert made[0].display_name.startswith("pip-")


def test_the_page_shows_pictures_to_choose(as_mara, photo_set, job):
    picture = make_picture(job)

    assert f'name="id" value="{picture.pk}"' in as_mara.get(address(photo_set)).text


def test_without_pictures_the_page_says_where_they_come_from(as_mara, photo_set):
    assert "No pictures to choose" in as_mara.get(address(photo_set)).text


def test_a_button_pressed_twice_adds_once(as_mara, photo_set, job):
    body = {"id": make_picture(job).pk, "nonce": "nonce-of-the-form"}
    statuses = [as_mara.post(address(photo_set), body).status_code for _ in range(2)]

    assert statuses == [302, 302]
    assert photo_set.photos.count() == 1


def test_a_picture_that_is_in_the_set_is_refused_kindly(as_mara, photo_set, job):
    picture = make_picture(job)
    as_mara.post(address(photo_set), {"id": picture.pk})

    answer = as_mara.post(address(photo_set), {"id": [picture.pk, make_picture(job, 1).pk]})

    assert answer.status_code == 400
    assert "This photo is here already" in answer.text
    assert "1 picture added." in answer.text
    assert photo_set.photos.count() == 2


def test_a_picture_whose_file_is_gone_says_so(as_mara, photo_set, job):
    picture = make_picture(job)
    storage.delete(picture.file)

    assert "not here any more" in as_mara.post(address(photo_set), {"id": picture.pk}).text


def test_a_full_set_says_so_once(as_mara, photo_set, job, settings):
    settings.MAX_PHOTOS_PER_SET = 1
    chosen = [make_picture(job, number).pk for number in range(3)]

    answer = as_mara.post(address(photo_set), {"id": chosen})

    assert answer.text.count("already has 1 photos") == 1
    assert photo_set.photos.count() == 1


@pytest.mark.parametrize("ids", [[], ["x"], ["-1"], ["9" * 30], ["\0"], ["1"] * 2 + ["2' OR 1=1"], list(range(600))])
def test_a_choice_that_makes_no_sense_is_a_bad_request(as_mara, photo_set, ids):
    assert as_mara.post(address(photo_set), {"id": ids}).status_code == 400
    assert not Photo.objects.exists()


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 40, "\0"])
def test_a_page_that_makes_no_sense_shows_a_page(as_mara, photo_set, before):
    assert as_mara.get(address(photo_set), {"before": before}).status_code == 200


def test_older_pictures_are_a_page_further(as_mara, photo_set, job, monkeypatch):
    monkeypatch.setattr("jobs.views.photo_sets.PICTURES_SHOWN", 2)
    oldest, middle, _ = (make_picture(job, number) for number in range(3))

    assert f"?before={middle.pk}" in as_mara.get(address(photo_set)).text
    older = as_mara.get(address(photo_set), {"before": middle.pk}).text
    assert f'value="{oldest.pk}"' in older
    assert f'value="{middle.pk}"' not in older


def test_a_picked_photo_remembers_its_picture_and_so_do_its_copies(as_mara, studio, mara, photo_set, job):
    picture = make_picture(job)
    as_mara.post(address(photo_set), {"id": picture.pk})
    process(TAKE_IN, photo_set.photos.get().pk)
    copied = sets.copy(photo_set, mara)
    assert [photo.picked_from for photo in (photo_set.photos.get(), copied.photos.get())] == [picture, picture]


def test_pictures_of_people_who_withdrew_are_not_offered(as_mara, studio, jon, photo_set):
    withdrawn = make_picture(make_job(studio, jon, withdrawn_at=timezone.now()))

    assert "No pictures to choose" in as_mara.get(address(photo_set)).text
    assert as_mara.post(address(photo_set), {"id": withdrawn.pk}).status_code == 400
    assert not photo_set.photos.exists()


def test_a_picture_that_was_withdrawn_while_it_was_picked_is_not_taken(photo_set, job):
    picture = make_picture(job)
    Job.objects.update(withdrawn_at=timezone.now())

    photos, refusals = sets.pick(photo_set, [picture], "nonce-of-the-form")

    assert (photos, [refusal.sentence for refusal in refusals]) == ([], [add_photo.WITHDRAWN])
    assert not photo_set.photos.exists()


def test_pictures_of_others_and_deleted_ones_are_not_taken(as_mara, elsewhere, sam, photo_set, job):
    theirs = make_picture(make_job(elsewhere, sam))
    deleted = make_picture(job, 1)
    deleted.deleted_at = timezone.now()
    deleted.save(update_fields=["deleted_at"])

    answer = as_mara.post(address(photo_set), {"id": [theirs.pk, deleted.pk]})

    assert (answer.status_code, "not there any more" in answer.text) == (400, True)


def test_the_pages_queries_do_not_grow(as_mara, photo_set, job):
    as_mara.get(address(photo_set))
    counts = []
    for more in (3, 9):
        for _ in range(more):
            with_files(make_image(job))
        with CaptureQueriesContext(connection) as captured:
            assert as_mara.get(address(photo_set)).status_code == 200
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 7
