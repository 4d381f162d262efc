"""The same files in an S3 bucket: a server that speaks S3 runs beside the tests."""

import http.client
from urllib.parse import urlsplit

import pytest
from moto.server import ThreadedMotoServer

from jobs.files import media, storage
from jobs.operations.photos.processing import TAKE_IN, process
from tests.jobs.factories import make_set, make_waiting

BUCKET = "likeness"
LONG = 100 * 365 * 86400.0
"""Longer ago than when the server of these tests says that everything began: in 2010."""


@pytest.fixture(scope="module")
def s3():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def bucket(s3, settings):
    options = {
        "bucket_name": BUCKET,
        "endpoint_url": s3,
        "region_name": "us-east-1",
        "access_key": "key",
        "secret_key": "secret",
        "addressing_style": "path",
        "signature_version": "s3v4",
        "querystring_expire": 600,
        "file_overwrite": True,
        "default_acl": None,
    }
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options},
    }
    client = storage.storages["default"].connection.meta.client
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture
def reached_by_browsers(bucket, settings):
    """Browsers may fetch from the bucket by signed links."""
    settings.STORAGES = {**settings.STORAGES, "browser": settings.STORAGES["default"]}


def test_what_is_put_can_be_read_and_deleted(bucket):
    stored = storage.put(7, "images", b"picture", ".png")

    assert storage.read(stored.name) == b"picture"
    assert storage.disk_path(stored.name) is None
    assert bucket.head_object(Bucket=BUCKET, Key=stored.name)["ContentType"] == "image/png"
    storage.delete(stored.name)
    assert not storage.exists(stored.name)
    with pytest.raises(FileNotFoundError):
        storage.read(stored.name)


def test_a_big_file_arrives_in_parts_and_can_be_gone_on_with(bucket):
    with storage.receive(7, "checkpoints", ".safetensors", 50 << 20, "job 1") as sink:
        sink.write(bytes(12 << 20))
    with storage.receive(7, "checkpoints", ".safetensors", 50 << 20, "job 1") as sink:
        assert sink.offset == 12 << 20
        sink.write(bytes(12 << 20))
        stored = sink.commit()

    assert bucket.head_object(Bucket=BUCKET, Key=stored.name)["ContentLength"] == stored.size == 24 << 20


def test_what_broke_off_on_its_way_into_the_bucket_is_called_off(bucket):
    begun = bucket.create_multipart_upload(Bucket=BUCKET, Key="checkpoints/7/aa/half.bin")
    here = {"Bucket": BUCKET, "Key": begun["Key"], "UploadId": begun["UploadId"]}
    bucket.upload_part(**here, PartNumber=1, Body=bytes(5 << 20))
    others = bucket.create_multipart_upload(Bucket=BUCKET, Key="somebody/elses.bin")["UploadId"]

    assert storage.drop_stale_parts(LONG) == 0
    assert storage.drop_stale_parts(3600) == 1
    left = bucket.list_multipart_uploads(Bucket=BUCKET)["Uploads"]
    assert [upload["UploadId"] for upload in left] == [others]


def test_a_bucket_that_does_not_tell_what_was_begun_is_left_alone(bucket, settings, caplog):
    default = settings.STORAGES["default"]
    elsewhere = default | {"OPTIONS": default["OPTIONS"] | {"bucket_name": "elsewhere"}}
    settings.STORAGES = {**settings.STORAGES, "default": elsewhere}

    assert storage.drop_stale_parts(0) == 0
    assert "does not let us call off" in caplog.text


@pytest.mark.django_db
def test_an_upload_in_a_bucket_becomes_a_photo(bucket, studio, mara, client):
    photo = make_waiting(make_set(studio, mara))

    process(TAKE_IN, photo.pk)

    photo.refresh_from_db()
    assert photo.state == "ready"
    response = client.get(media.address(studio, photo.thumbnail))
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"].endswith("immutable")


@pytest.mark.django_db
def test_browsers_that_reach_the_bucket_are_sent_there(reached_by_browsers, studio, client):
    name = storage.put(studio.pk, "thumbnails", b"webp", ".webp").name

    response = client.get(media.address(studio, name))

    assert response.status_code == 302
    assert response["Cache-Control"] == "private, max-age=300"
    link = urlsplit(response["Location"])
    connection = http.client.HTTPConnection(link.netloc)
    connection.request("GET", f"{link.path}?{link.query}")
    assert connection.getresponse().read() == b"webp"
    connection.close()


def test_a_file_that_no_row_has_is_removed_unless_it_is_young(bucket):
    stored = storage.put(7, "images", b"given up", ".png")

    assert not storage.discard(stored.name, quiet_seconds=60)
    assert storage.exists(stored.name)
    assert storage.discard(stored.name, quiet_seconds=-60)
    assert not storage.exists(stored.name)
    assert storage.discard(stored.name, quiet_seconds=60)
