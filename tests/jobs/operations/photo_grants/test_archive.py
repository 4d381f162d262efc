"""Photos lent as one zip: put together while a provider fetches it, by HEAD and in parts, until the job has ended."""

import http.client
import io
import zipfile
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.models import Workspace
from dashboard.tokens import new_token
from jobs.files import storage
from jobs.models import Job, JobState, Photo
from jobs.operations.jobs import submit
from jobs.operations.jobs.order import JobDraft, build, create
from jobs.operations.photo_grants import archive
from jobs.operations.sweep import clear_up
from jobs.providers.base import Capability
from jobs.providers.errors import InvalidOrder
from jobs.providers.order import Kind
from tests.conftest import without_tokens
from tests.jobs.factories import jpeg, make_photo, make_set
from tests.jobs.files.test_bucket import bucket, reached_by_browsers, s3
from tests.jobs.operations.conftest import again

__all__ = ["bucket", "reached_by_browsers", "s3"]  # fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def public(settings):
    settings.PUBLIC_URL = "https://likeness.studio-pip.com"


@pytest.fixture
def zipped(scripted, monkeypatch):
    """The scripted provider, which now wants all photos in one zip, under names of its own."""
    archives = type(scripted).capabilities | {Capability.NEEDS_PHOTO_ARCHIVE}
    monkeypatch.setattr(type(scripted), "capabilities", archives)
    names = lambda self, order: tuple(f"{order.token} ({number}).jpg" for number in range(len(order.photos)))  # noqa: E731
    monkeypatch.setattr(type(scripted), "archive_names", names)
    return scripted


@pytest.fixture
def photos(studio, mara, zipped) -> list[Photo]:
    photo_set = make_set(studio, mara)
    contents = [jpeg(width=300 + number).read() for number in range(3)]
    return [make_photo(photo_set, prepared=storage.put(studio.pk, "prepared", one, ".jpg").name) for one in contents]


def order(studio: Workspace, mara, key, photos: list[Photo], nonce: str = "training") -> Job:
    told = {"photo_set": photos[0].photo_set, "base_model": "base", "token": "ukj", "training": {"steps": 9}}
    return create(studio, mara, JobDraft(Kind.TRAINING, "Rex", api_key=key, **told), nonce)


@pytest.fixture
def training(studio, mara, key, photos, public) -> Job:
    job = order(studio, mara, key, photos)
    submit.submit(job.pk)
    return again(job)


def path_of(zipped) -> str:
    return urlsplit(zipped.orders[-1].archive_url).path


def fetched(path: str) -> bytes:
    return b"".join(Client().get(path))


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_p16_a_provider_fetches_all_photos_as_one_zip_under_the_names_it_wants(training, zipped, photos):
    assert zipped.orders[-1].archive_url.startswith("https://likeness.studio-pip.com/lent/")
    expected = {f"ukj ({number}).jpg": storage.read(photo.prepared) for number, photo in enumerate(photos)}
    assert opened(fetched(path_of(zipped))) == expected


def test_p16_head_and_parts_are_answered_and_add_up_to_the_whole(training, zipped):
    path, whole = path_of(zipped), fetched(path_of(zipped))
    head = Client().head(path)
    assert int(head.headers["Content-Length"]) == len(whole)
    assert (head.headers["Content-Type"], head.content) == ("application/zip", b"")
    parts = []
    for start in range(0, len(whole), 5000):
        part = Client().get(path, headers={"Range": f"bytes={start}-{start + 4999}", "If-Range": head.headers["ETag"]})
        assert part.status_code == 206
        parts.append(b"".join(part))
    assert b"".join(parts) == whole
    assert Client().get(path, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416


def test_p16_fetched_twice_it_is_the_same(training, zipped, studio, mara, key, photos):
    path = path_of(zipped)
    first, etag = fetched(path), Client().head(path).headers["ETag"]
    submit.submit(order(studio, mara, key, photos, "again").pk)
    assert path_of(zipped) != path
    assert fetched(path_of(zipped)) == fetched(path) == first
    assert Client().head(path_of(zipped)).headers["ETag"] == etag


def test_a_checksum_is_worked_out_once_and_anew_for_another_file(training, zipped, photos, studio, monkeypatch):
    other = storage.put(studio.pk, "prepared", jpeg(width=777).read(), ".jpg").name
    training.job_photos.filter(photo=photos[0]).update(file=other)
    measured = []
    real = archive.measure
    monkeypatch.setattr(archive, "measure", lambda name: measured.append(name) or real(name))
    assert len(opened(fetched(path_of(zipped)))) == 3
    fetched(path_of(zipped))
    assert measured == [other]


@pytest.mark.parametrize("state", [JobState.SUCCESS, JobState.FAILURE, JobState.CANCELLED, JobState.LOST])
def test_p16_the_loan_ends_with_its_job(training, zipped, state):
    Job.objects.update(state=state)
    answer, missing = Client().get(path_of(zipped)), Client().get("/nothing/like/this/")
    assert (answer.status_code, without_tokens(answer)) == (404, without_tokens(missing))


@pytest.mark.parametrize("path", ["/lent/x/photos.zip", "/lent/%00/photos.zip", "/lent/%ed%a0%80/photos.zip"])
def test_p16_a_token_that_nobody_was_given_opens_nothing(training, path):
    assert Client().get(path).status_code == 404


def test_only_who_wants_a_zip_finds_one(training, zipped, monkeypatch):
    monkeypatch.setattr(type(zipped), "capabilities", frozenset({Capability.TRAIN}))
    assert Client().get(path_of(zipped)).status_code == 404


def test_a_deleted_photo_is_lent_no_more(training, zipped, photos):
    etag = Client().head(path_of(zipped)).headers["ETag"]
    Photo.objects.filter(pk=photos[0].pk).update(deleted_at=timezone.now())
    assert len(opened(fetched(path_of(zipped)))) == 2
    assert Client().head(path_of(zipped)).headers["ETag"] != etag
    Photo.objects.update(deleted_at=timezone.now())
    assert Client().get(path_of(zipped)).status_code == 404


def test_a_zip_whose_photos_lost_their_files_is_not_ordered(studio, mara, key, photos, public, zipped):
    job = order(studio, mara, key, photos)
    storage.delete(photos[1].prepared)
    submit.submit(job.pk)
    assert (again(job).state, job.charged, zipped.orders) == (JobState.FAILURE, Job.Charged.NO, [])


def test_a_zip_that_nobody_could_fetch_is_not_ordered(studio, mara, key, photos, public, settings):
    job = order(studio, mara, key, photos)
    settings.PUBLIC_URL = ""
    with pytest.raises(InvalidOrder, match="PUBLIC_URL"):
        build(job, new_token())


@pytest.fixture
def in_bucket(reached_by_browsers, settings, studio, mara, zipped):
    """Nobody reaches this server from outside, but the bucket."""
    settings.PUBLIC_URL = ""
    return reached_by_browsers


@pytest.fixture
def lying_there(in_bucket, studio, mara, key, photos) -> Job:
    job = order(studio, mara, key, photos)
    submit.submit(job.pk)
    return again(job)


def from_bucket(url: str) -> tuple[int, bytes]:
    link = urlsplit(url)
    connection = http.client.HTTPConnection(link.netloc)
    connection.request("GET", f"{link.path}?{link.query}")
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def test_where_only_the_bucket_is_reached_the_zip_lies_there_until_the_job_has_ended(lying_there, zipped):
    status, content = from_bucket(zipped.orders[-1].archive_url)
    assert (status, len(opened(content))) == (200, 3)
    archive.revoke_ended()
    assert storage.exists(lying_there.photo_archive)
    Job.objects.update(state=JobState.SUCCESS)
    archive.revoke_ended()
    assert from_bucket(zipped.orders[-1].archive_url)[0] == 404
    assert again(lying_there).photo_archive == ""


def test_orders_of_the_same_photos_share_one_zip_in_the_bucket(lying_there, studio, mara, key, photos):
    other = order(studio, mara, key, photos, "again")
    submit.submit(other.pk)
    assert again(other).photo_archive == lying_there.photo_archive
    Job.objects.filter(pk=lying_there.pk).update(state=JobState.LOST)
    archive.revoke_ended()
    assert storage.exists(again(other).photo_archive)


def test_d09_a_zip_stored_by_a_process_that_died_is_cleared_away(lying_there, monkeypatch):
    Job.objects.update(photo_archive="")
    monkeypatch.setattr("jobs.operations.sweep.OLD_LEASE", -1.0)
    clear_up()
    assert not storage.exists(lying_there.photo_archive)
