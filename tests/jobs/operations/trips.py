"""Prints the files that each trip through the product passes: `python -m pytest tests/jobs/operations/trips.py -sq`.

A trip is traced while it happens: a file counts once however often its functions run, and each call that goes back
into a file left before is a turn. The order of an emulated dreamlook is followed from the message that it is due to the
answer that is written down; a photo from its last part to being ready; and so on.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from jobs import tasks
from tests.conftest import client_of
from tests.jobs.factories import make_set
from tests.jobs.operations.conftest import later
from tests.jobs.parts_sent import CONTENT, post_part
from tests.jobs.views.test_job_changes import change, opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_media")]

ROOT = Path(__file__).resolve().parents[3]


class Trip:
    """The files of `dashboard` and `jobs` in the order in which a trip first comes to them; how often it turns back."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.turns = 0
        self._at = ""

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        if event != "call" or not frame.f_code.co_filename.startswith(str(ROOT)):
            return
        if frame.f_code.co_name.startswith("<"):  # a module that is imported, a comprehension, a lambda
            return
        file = frame.f_code.co_filename.removeprefix(f"{ROOT}/")
        if not file.startswith(("dashboard/", "jobs/")) or file == self._at:
            return
        if file in self.files:
            self.turns += 1
        else:
            self.files.append(file)
        self._at = file


@contextmanager
def followed(name: str) -> Iterator[None]:
    trip = Trip()
    sys.setprofile(trip)
    try:
        yield
    finally:
        sys.setprofile(None)
        print(f"\n{name}: {len(trip.files)} files, {trip.turns} turns")
        print(*(f"    {file}" for file in trip.files), sep="\n")


def test_submit(dreamlook):
    job = later(dreamlook.order_training())
    with followed("submit"):
        tasks.submit(job.pk)
    assert dreamlook.charges == 1


def test_poll(dreamlook):
    job = dreamlook.send()
    dreamlook.pass_there(60)
    later(job)
    with followed("poll"):
        tasks.poll_key(job.api_key_id, job.kind)


def test_results(dreamlook):
    job = later(dreamlook.finish(dreamlook.send()))
    with followed("results"):
        tasks.fetch_results(job.pk)
    job.refresh_from_db()
    assert job.thumbnails


def test_upload(studio, mara):
    photo_set, client = make_set(studio, mara), client_of(mara)
    client.get("/")  # whose first answer imports every view
    with followed("upload"):
        post_part(client, photo_set, 0, CONTENT)
        tasks.take_in_photo(photo_set.photos.get().pk)
    assert photo_set.photos.get().prepared


def test_list_refresh(dreamlook, studio, mara):
    client, job = client_of(mara), dreamlook.send()
    address = opened(client, studio)
    change(job, percent=50)
    with followed("list refresh"):
        assert client.get(address).status_code == 200
