"""What a start does before anything else: one at a time, and with a bucket to put files in."""

import fcntl
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as given
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import pre_migrate
from moto.server import ThreadedMotoServer

from dashboard.management.commands import prepare
from dashboard.management.commands.prepare import LOCK


def is_taken() -> bool:
    """Whether somebody who prepares the same database now would have to wait."""
    if connection.vendor == "postgresql":
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
                return cursor.fetchone() == (False,)
        finally:
            other.close()
    with (given.DATA_DIR / "prepare.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


@pytest.mark.django_db(transaction=True)
def test_b12_of_two_preparations_at_once_one_waits_for_the_other():
    seen = list[bool]()

    def look(**told: Any) -> None:
        seen.append(is_taken())

    pre_migrate.connect(look)
    try:
        call_command("prepare", database_only=True)
    finally:
        pre_migrate.disconnect(look)
    assert seen
    assert all(seen)
    assert not is_taken()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


def use_bucket(settings: Any, endpoint: str, region: str) -> None:
    options = {"bucket_name": "likeness-new", "endpoint_url": endpoint, "region_name": region}
    options |= {"access_key": "key", "secret_key": "secret", "addressing_style": "path"}
    stored = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.S3_BUCKET, settings.STORAGES = "likeness-new", {**settings.STORAGES, "default": stored}


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_the_bucket_is_made_where_there_is_none(s3: str, settings, region: str):
    use_bucket(settings, s3, region)
    client = prepare.storages["default"].connection.meta.client
    for _ in range(2):
        assert prepare.make_bucket() == ""
        assert [one["Name"] for one in client.list_buckets()["Buckets"]] == ["likeness-new"]
    client.delete_bucket(Bucket="likeness-new")


def test_a_storage_that_is_away_keeps_nothing_from_starting(settings, monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    use_bucket(settings, "http://127.0.0.1:9", "us-east-1")
    assert "make it by hand" in prepare.make_bucket()
