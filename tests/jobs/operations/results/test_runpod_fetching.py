"""Fetching what RunPod's worker made over real HTTP: pictures, and a model out of the team's own bucket (§3c)."""

import hashlib
import shutil
from collections import namedtuple
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from jobs.files import storage
from jobs.models import Checkpoint, GeneratedImage, Job, JobState
from jobs.operations import failpoints
from jobs.operations.api_keys import keys
from jobs.operations.results.fetch import fetch
from tests.jobs.operations.at_runpod import Endpoint
from tests.jobs.operations.conftest import again, later, look, told
from tests.jobs.operations.jobs.test_submit import Killed
from tests.jobs.operations.threads import at_once
from tests.providers.emulators.files import content_of
from tests.providers.emulators.runpod import Fault

pytestmark = pytest.mark.django_db

DiskUsage = namedtuple("DiskUsage", "total used free")


def downloads(runpod: Endpoint) -> list[str]:
    """The Range of each request for a result."""
    return [seen.headers.get("range", "") for seen in runpod.seen("GET", "/files/")]


def is_whole(checkpoint: Checkpoint) -> bool:
    """Whether our copy has the very bytes that lie in the bucket."""
    made = content_of(urlsplit(checkpoint.artifact["url"]).path)
    ours = hashlib.sha256(storage.read(checkpoint.file)).hexdigest()
    return made is not None and checkpoint.sha256 == made.sha256() == ours


def trained(runpod: Endpoint) -> Job:
    """A training that has ended and left its model in the bucket."""
    return runpod.finish(runpod.send_training())


def test_pictures_and_the_model_are_fetched_and_the_model_says_until_when_it_is_there(runpod: Endpoint):
    job = runpod.fetch(runpod.finish(runpod.send(runpod.order(prompts=2))))
    checkpoint = job.checkpoints.get()
    assert (job.image_count, checkpoint.state, is_whole(checkpoint)) == (4, Checkpoint.State.KEPT, True)
    assert checkpoint.file.endswith(".ckpt")
    assert 6.9 < (checkpoint.expires_at - timezone.now()).total_seconds() / 86400 < 7.1


def test_results_arrive_also_when_runpod_has_forgotten_the_job(runpod: Endpoint):
    """The addresses outlive the job by a week."""
    job = runpod.finish(runpod.send())
    runpod.pass_there(3600)
    job = runpod.fetch(job)
    assert (job.image_count, job.checkpoint_count, job.missing_count) == (2, 1, 0)


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_d01_a_useless_address_is_asked_for_afresh(runpod: Endpoint, status: int):
    job = runpod.finish(runpod.send())
    runpod.emulator.faults.plan("download", *[Fault("expired", status=status)] * 2)
    for _ in range(3):
        job = runpod.fetch(job) if job.results_pending else job
    assert (job.image_count, job.checkpoint_count) == (2, 1)


def test_d01_a_model_whose_address_has_run_out_counts_as_deleted(runpod: Endpoint):
    job = trained(runpod)
    runpod.pass_there(8 * 24 * 3600)
    Checkpoint.objects.update(expires_at=timezone.now())
    for _ in range(4):
        job = runpod.fetch(job) if job.results_pending else job
    assert (job.results_pending, job.checkpoints.get().state) == (False, Checkpoint.State.EXPIRED)
    assert job.missing_count == 1


@pytest.mark.parametrize("at", [0, 1, 65536, 399_999])
def test_d02_a_download_cut_at_any_byte_goes_on_from_there(runpod: Endpoint, at: int):
    job = trained(runpod)
    runpod.emulator.faults.plan("download", Fault("cut", at=at))
    job = runpod.fetch(runpod.fetch(job))
    assert downloads(runpod) == ["", f"bytes={at}-" if at else ""]
    assert is_whole(job.checkpoints.get())


@pytest.mark.parametrize("name", ["no_ranges", "weak_etag", "changed"])
def test_d02_a_server_that_cannot_go_on_is_begun_anew(runpod: Endpoint, name: str):
    job = trained(runpod)
    runpod.emulator.faults.plan("download", Fault("cut", at=1000), Fault(name))
    for _ in range(3):
        job = runpod.fetch(job) if job.results_pending else job
    assert job.checkpoints.get().state == Checkpoint.State.KEPT
    assert name == "changed" or is_whole(job.checkpoints.get())


@pytest.mark.parametrize("name", ["longer", "wrong_length"])
def test_d03_what_its_own_length_contradicts_is_never_kept_half(runpod: Endpoint, name: str):
    """A bucket tells no size beforehand: there is only the length that comes with the file."""
    job = trained(runpod)
    runpod.emulator.faults.plan("download", Fault(name))
    job = runpod.fetch(job)
    kept = job.checkpoints.get()
    assert kept.state != Checkpoint.State.KEPT or kept.size_bytes == len(storage.read(kept.file))


def test_d04_too_little_room_is_seen_before_a_byte_is_stored_and_waited_for(runpod: Endpoint, monkeypatch):
    """How large the model is, only the bucket says, when it is asked for it."""
    job = trained(runpod)
    room = {"free": 1000}
    monkeypatch.setattr(shutil, "disk_usage", lambda path: DiskUsage(10**9, 0, room["free"]))
    for _ in range(2):
        job = runpod.fetch(job)
    assert (job.checkpoints.get().state, job.results_pending) == (Checkpoint.State.WAITING, True)
    assert sum("no room left" in sentence for sentence in told(job)) == 1
    room["free"] = 10**9
    assert is_whole(runpod.fetch(job).checkpoints.get())


def test_d05_nothing_half_is_ever_visible(runpod: Endpoint, own_media: Path):
    job = trained(runpod)
    runpod.emulator.faults.plan("download", Fault("cut", at=70_000))
    job = runpod.fetch(job)
    assert (job.checkpoints.get().file, list(own_media.glob("checkpoints/**/*.*"))) == ("", [])


def test_d06_a_picture_that_is_none_is_missing_and_the_model_arrives_unopened(runpod: Endpoint):
    job = runpod.finish(runpod.send())
    runpod.emulator.faults.plan(
        "download", *[Fault("status", status=200, body="none", headers={"Content-Type": "image/png"})] * 2
    )
    for _ in range(3):
        job = runpod.fetch(job) if job.results_pending else job
    assert (job.image_count + job.checkpoint_count, job.missing_count) in {(1, 2), (2, 1)}


@pytest.mark.parametrize("name", ["hostile_results", "local_paths"])
def test_d07_results_that_lie_nowhere_we_go_are_missing_and_the_others_arrive(runpod: Endpoint, name: str):
    job = runpod.send()
    runpod.pass_there(60)
    runpod.emulator.faults.plan("read", Fault(name))
    job = runpod.fetch(look(job))
    assert (job.image_count, job.checkpoint_count, job.missing_count) == (0, 1, 2)
    assert len(downloads(runpod)) == 1, "only the model was asked for"


@pytest.mark.django_db(transaction=True)
def test_d08_the_same_results_by_webhook_and_by_asking_at_once_are_there_once(runpod: Endpoint):
    job = runpod.send()
    runpod.pass_there(60)

    def all_at_once() -> None:
        runpod.ring()
        look(Job.objects.get(pk=job.pk))
        fetch(job.pk)

    at_once(4, all_at_once)
    while again(job).results_pending:
        runpod.fetch(job)
    assert (job.image_count, job.checkpoint_count) == (2, 1)
    assert (GeneratedImage.objects.count(), Checkpoint.objects.count()) == (2, 1)


def test_d09_a_model_stored_by_a_process_that_died_is_adopted_without_fetching_it_again(runpod: Endpoint):
    def die(name: str) -> None:
        if name == "results.checkpoint_stored":
            raise Killed

    job = trained(runpod)
    failpoints.on_reach = die
    with pytest.raises(Killed):
        fetch(later(job).pk)
    failpoints.on_reach = None
    job = runpod.fetch(job)
    assert is_whole(job.checkpoints.get())
    assert len(downloads(runpod)) == 1


def test_p30_results_wait_for_a_key(runpod: Endpoint):
    job = trained(runpod)
    keys.revoke(runpod.key, runpod.owner)
    job = runpod.fetch(job)
    assert (job.state, job.results_pending) == (JobState.SUCCESS, True)
    Job.objects.update(api_key=runpod.add_key())
    job = runpod.fetch(later(job))
    assert (job.results_pending, job.checkpoint_count) == (False, 1)
