"""Deleted means deleted: once it cannot be undone any more, nothing of it is left, and nothing else is touched."""

import os
import time
from datetime import timedelta

import pytest
from django.db import connection, models
from django.urls import reverse
from django.utils import timezone

from dashboard.models import Membership
from jobs.files import storage
from jobs.models import Checkpoint, GeneratedImage, Job, OrphanedFile, Photo, PhotoSet
from jobs.operations.cleanup import orphans, retention
from jobs.operations.cleanup.retention import enforce
from jobs.operations.errors import NotPossible
from jobs.operations.photos import edit, sets
from jobs.operations.photos.processing import TAKE_IN, process
from jobs.operations.results import images
from tests.jobs.factories import (
    make_checkpoint,
    make_image,
    make_job,
    make_photo,
    make_set,
    make_waiting,
    png,
    with_files,
)
from tests.photos import pictures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_media")]

LONG_AGO = timedelta(hours=25)


@pytest.fixture
def photo_set(studio, mara):
    return make_set(studio, mara)


@pytest.fixture
def photo(photo_set):
    """A photo with all its files, stored a while ago."""
    made = make_waiting(photo_set, display_name="Anna at home.jpg", caption="Anna")
    process(TAKE_IN, made.pk)
    made.refresh_from_db()
    grow_old(*made.file_names)
    return made


def grow_old(*names):
    """Let the files have lain there for an hour."""
    for name in names:
        os.utime(storage.disk_path(name), (time.time() - 3600,) * 2)


def pass_time():
    """Let the time for undo, and the quiet time of files, be over."""
    for model in (Photo, PhotoSet, GeneratedImage, Checkpoint):
        model.objects.exclude(erase_at=None).update(erase_at=timezone.now() - timedelta(seconds=1))
    enforce()
    OrphanedFile.objects.update(created_at=timezone.now() - LONG_AGO)
    enforce()


def there(names):
    return [name for name in names if storage.exists(name)]


def test_a_deleted_photo_stays_for_as_long_as_it_can_be_brought_back(photo):
    edit.delete(photo)
    enforce()

    assert len(there(photo.file_names)) == 3
    edit.restore(photo)
    assert photo.deleted_at is None


def test_afterwards_nothing_of_it_is_left(photo):
    edit.delete(photo)
    pass_time()

    left = Photo.objects.get(pk=photo.pk)
    assert there(photo.file_names) == []
    assert left.file_names == []
    assert (left.display_name, left.caption, left.original_sha256) == ("", "", "")
    assert left.erased_at is not None
    assert not OrphanedFile.objects.exists()
    with pytest.raises(NotPossible):
        edit.restore(photo)


def test_every_column_that_names_a_photos_file_is_cleared():
    fields = [field for field in Photo._meta.fields if isinstance(field, models.CharField) and not field.editable]
    named = {field.name for field in fields if field.max_length == 200}
    assert named == set(Photo.FILES)


def test_bringing_back_too_late_is_a_sentence(as_mara, photo):
    edit.delete(photo)
    pass_time()
    address = reverse("photo_restore", args=["studio", photo.photo_set_id, photo.pk])

    answer = as_mara.post(address, follow=True)
    by_htmx = as_mara.post(address, headers={"HX-Request": "true"})

    assert "deleted for good" in answer.text
    assert "deleted for good" in by_htmx.headers["HX-Trigger"]


def test_a_file_that_another_row_has_stays(photo, studio, mara):
    other = make_photo(make_set(studio, mara), **{name: getattr(photo, name) for name in Photo.FILES})
    edit.delete(photo)
    pass_time()

    assert len(there(other.file_names)) == 3
    assert not OrphanedFile.objects.exists()


def test_a_file_of_another_workspace_is_another_file(photo, elsewhere, sam):
    theirs = make_waiting(make_set(elsewhere, sam))
    process(TAKE_IN, theirs.pk)
    theirs.refresh_from_db()
    edit.delete(photo)
    pass_time()

    assert len(there(theirs.file_names)) == 3


def test_a_file_that_is_stored_again_at_the_last_moment_stays(photo):
    edit.delete(photo)
    Photo.objects.update(erase_at=timezone.now() - LONG_AGO)
    enforce()
    OrphanedFile.objects.update(created_at=timezone.now() - LONG_AGO)
    again = storage.put(photo.workspace_id, "prepared", storage.read(photo.prepared), ".jpg")
    enforce()

    assert storage.exists(again.name)
    assert there([photo.original, photo.thumbnail]) == []


def test_a_deleted_set_goes_with_its_photos(photo, photo_set, mara):
    sets.delete(photo_set, mara)
    enforce()
    assert len(there(photo.file_names)) == 3
    pass_time()

    assert there(photo.file_names) == []
    assert PhotoSet.objects.get().cover == []
    with pytest.raises(NotPossible):
        sets.restore(photo_set, mara)


def test_bringing_back_a_set_too_late_is_a_sentence(as_mara, photo, photo_set, mara):
    sets.delete(photo_set, mara)
    pass_time()

    answer = as_mara.post(reverse("photo_set_restore", args=["studio", photo_set.pk]), follow=True)

    assert "deleted for good" in answer.text


def test_photos_that_an_order_on_its_way_needs_wait_for_it(photo, photo_set, studio, mara):
    job = make_job(studio, photo_set=photo_set, photos=[photo], state="queued")
    sets.delete(photo_set, mara)
    pass_time()
    assert len(there(photo.file_names)) == 3

    Job.objects.filter(pk=job.pk).update(state="success")
    pass_time()
    assert there(photo.file_names) == []


def test_jobs_no_longer_show_a_photo_that_is_gone(photo, photo_set, studio):
    names = [photo.thumbnail, "thumbnails/other.webp"]
    job = make_job(studio, photo_set=photo_set, photos=[photo], thumbnails=names)
    edit.delete(photo)
    pass_time()

    job.refresh_from_db()
    assert job.thumbnails == ["thumbnails/other.webp"]


def test_deleted_pictures_go_too(studio, jon):
    image = with_files(make_image(make_job(studio, jon)))
    grow_old(image.file)
    member = Membership.objects.get(user=jon)
    images.delete(member, [image.pk])
    enforce()
    assert storage.exists(image.file)
    pass_time()

    assert not storage.exists(image.file)
    assert images.restore(member, [image.pk]) == []


def test_a_picture_whose_time_is_over_a_moment_later_keeps_its_file_on_its_row(studio, jon):
    job, a_second_ago = make_job(studio, jon), timezone.now() - timedelta(seconds=1)
    over = make_image(job, file="images/over.png", thumbnail="", deleted_at=a_second_ago, erase_at=a_second_ago)
    later = make_image(job, file="images/later.png", deleted_at=a_second_ago, erase_at=timezone.now() + LONG_AGO)

    def let_time_pass(execute, sql, params, many, context):
        if sql.startswith("INSERT"):  # of the files that are to go
            with connection.cursor() as cursor:
                cursor.execute("UPDATE jobs_generatedimage SET erase_at = %s", [a_second_ago])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(let_time_pass):
        retention.clear_due()
    over.refresh_from_db()
    later.refresh_from_db()
    assert (over.file, later.file) == ("", "images/later.png")
    assert [orphan.name for orphan in OrphanedFile.objects.all()] == ["images/over.png"]


def test_a_photo_that_is_made_ready_while_it_is_removed_leaves_no_files(photo_set, monkeypatch):
    waiting = make_waiting(photo_set)
    original = waiting.original

    def remove_first(point):
        if point == "photos.stored":
            edit.delete(waiting)
            Photo.objects.update(erase_at=timezone.now() - LONG_AGO)
            enforce()

    monkeypatch.setattr("jobs.operations.photos.processing.reach", remove_first)
    process(TAKE_IN, waiting.pk)
    grow_old(*OrphanedFile.objects.values_list("name", flat=True))
    pass_time()

    assert Photo.objects.get().file_names == []
    assert not storage.exists(original)
    assert not OrphanedFile.objects.exists()


def test_originals_stay_unless_the_workspace_wants_none(photo, studio):
    enforce()
    assert storage.exists(photo.original)

    studio.keep_originals = False
    studio.save(update_fields=["keep_originals"])
    pass_time()

    photo.refresh_from_db()
    assert photo.original == ""
    assert len(there(photo.file_names)) == 2


def test_an_original_that_waits_to_be_taken_in_stays(photo_set, studio):
    studio.keep_originals = False
    studio.save(update_fields=["keep_originals"])
    waiting = make_waiting(photo_set, pictures.with_everything("JPEG"))
    pass_time()

    assert storage.exists(waiting.original)


def test_a_checkpoint_without_undo_goes_at_once(studio):
    name = storage.put(studio.pk, "checkpoints", png("teal"), "").name
    checkpoint = make_checkpoint(make_job(studio), file=name)
    grow_old(name)
    Checkpoint.objects.filter(pk=checkpoint.pk).update(deleted_at=timezone.now(), erase_at=timezone.now())
    pass_time()

    assert not storage.exists(name)


def test_so_many_queries_for_nothing(django_assert_num_queries):
    with django_assert_num_queries(7):
        enforce()


def test_files_are_looked_for_in_every_column_that_names_them():
    named = {
        (model, field.name)
        for model in (Photo, GeneratedImage, Checkpoint)
        for field in model._meta.fields
        if field.name in {"file", "thumbnail", *Photo.FILES}
    }
    assert named == set(orphans.HOLDERS)
