"""Fetching what dreamlook made over real HTTP: everything whole, once, nothing half, nothing foreign (§3c)."""

import errno
import hashlib
import os
import shutil
import time
from collections import namedtuple
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from jobs.files import parts, storage
from jobs.models import Checkpoint, GeneratedImage, Job, JobState
from jobs.operations import failpoints
from jobs.operations.jobs import callbacks
from jobs.operations.jobs.actions import check_again
from jobs.operations.results.fetch import fetch
from jobs.operations.sweep import clear_up
from jobs.pages.job_labels import standing
from tests.jobs.operations.at_dreamlook import Studio
from tests.jobs.operations.conftest import again, later, look, told
from tests.jobs.operations.jobs.test_submit import Killed
from tests.jobs.operations.threads import at_once
from tests.providers.emulators.answers import Answer
from tests.providers.emulators.downloads import served
from tests.providers.emulators.dreamlook import Fault
from tests.providers.emulators.files import content_of
from tests.providers.emulators.server import Seen

pytestmark = pytest.mark.django_db

ALONE = {"extract_lora": "disabled"}
DiskUsage = namedtuple("DiskUsage", "total used free")


def states(job: Job) -> list[str]:
    rows = job.checkpoints if job.checkpoints.exists() else job.generated_images
    return sorted(rows.values_list("state", flat=True))


def downloads(dreamlook: Studio) -> list[str]:
    """The Range of each request for a result."""
    return [seen.headers.get("range", "") for seen in dreamlook.seen("GET", "/files/")]


def is_whole(checkpoint: Checkpoint) -> bool:
    """Whether our copy has the very bytes that dreamlook's has."""
    made = content_of(urlsplit(checkpoint.artifact["url"]).path)
    ours = hashlib.sha256(storage.read(checkpoint.file)).hexdigest()
    return made is not None and checkpoint.sha256 == made.sha256() == ours


def parts_of(folder: Path) -> list[str]:
    return sorted(file.suffix for file in (folder / ".incoming").iterdir())


def test_everything_a_training_made_is_fetched_at_once_and_byte_for_byte(dreamlook: Studio):
    job = dreamlook.fetch(dreamlook.finish(dreamlook.send_training({"save_checkpoints_at": [50]})))
    kept = list(job.checkpoints.all())
    assert (len(kept), job.results_pending, job.missing_count) == (4, False, 0)
    assert all(one.state == Checkpoint.State.KEPT and is_whole(one) for one in kept)
    assert {(one.step, one.is_lora) for one in kept} == {(50, False), (50, True), (100, False), (100, True)}


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_d01_a_useless_address_is_asked_for_afresh_up_to_three_times(dreamlook: Studio, status: int):
    job = dreamlook.finish(dreamlook.send())
    dreamlook.emulator.faults.plan("download", *[Fault("expired", status=status)] * 2)
    job = dreamlook.fetch(job)
    assert (states(job), job.image_count) == (["ready", "ready"], 2)


@pytest.mark.parametrize("name", ["backwards", "no_results", "unavailable"])
def test_d01_one_odd_answer_does_not_prove_that_a_result_is_gone(dreamlook: Studio, name: str):
    job = dreamlook.finish(dreamlook.send())
    dreamlook.emulator.faults.plan("download", *[Fault("expired", status=400)] * 2)
    dreamlook.emulator.faults.plan("read", Fault(name))
    job = dreamlook.fetch(dreamlook.fetch(job))
    assert (states(job), job.image_count) == (["ready", "ready"], 2)


def test_d01_after_three_fresh_ones_a_checkpoint_counts_as_deleted_and_says_when(dreamlook: Studio):
    job = dreamlook.finish(dreamlook.send_training(ALONE))
    Checkpoint.objects.update(expires_at=timezone.now())
    dreamlook.emulator.faults.always("download", Fault("expired", status=403))
    job = dreamlook.fetch(job)
    checkpoint = job.checkpoints.get()
    assert (checkpoint.state, len(downloads(dreamlook)), dreamlook.reads) == (Checkpoint.State.EXPIRED, 4, 3)
    assert checkpoint.expires_at <= timezone.now()
    assert (job.results_pending, job.missing_count, checkpoint.is_usable) == (False, 1, False)


def test_d01_while_it_is_to_be_there_a_refused_address_is_a_passing_fault(dreamlook: Studio, monkeypatch):
    """However often it was tried, until the time that dreamlook named."""
    monkeypatch.setattr("jobs.operations.results.fetch.MOST_TRIES", 2)
    job = dreamlook.finish(dreamlook.send_training(ALONE))
    for status in (401, 403, 404, 403):
        dreamlook.emulator.faults.plan("download", *[Fault("expired", status=status)] * 4)
        job = dreamlook.fetch(job)
        assert (job.checkpoints.get().state, job.results_pending) == (Checkpoint.State.WAITING, True)
        assert standing(job).label == "Done, waiting for results"
        assert "dreamlook.ai refuses this file for now: the checkpoint at step 100" in standing(job).reason
        assert "We try again until" in standing(job).reason
    job = dreamlook.fetch(job)
    assert is_whole(job.checkpoints.get())
    assert (standing(job).label, standing(job).reason) == ("Done", "")


def test_d01_what_counted_as_deleted_is_looked_for_again_when_somebody_asks(dreamlook: Studio, mara):
    job = dreamlook.finish(dreamlook.send_training(ALONE))
    Checkpoint.objects.update(expires_at=timezone.now())
    dreamlook.emulator.faults.plan("download", *[Fault("expired", status=403)] * 4)
    job = dreamlook.fetch(job)
    assert job.checkpoints.get().state == Checkpoint.State.EXPIRED
    check_again(job, mara)
    job = dreamlook.fetch(job)
    assert (is_whole(job.checkpoints.get()), job.missing_count) == (True, 0)


def test_d01_a_checkpoint_that_dreamlook_deleted_is_told_with_its_date(dreamlook: Studio):
    job = dreamlook.finish(dreamlook.send_training(ALONE))
    dreamlook.pass_there(49 * 3600)
    Checkpoint.objects.update(artifact=_expired_an_hour_ago(job), expires_at=timezone.now())
    job = dreamlook.fetch(job)
    day = f"{timezone.now() - timedelta(hours=1):%-d %B %Y}"
    assert job.checkpoints.get().state == Checkpoint.State.EXPIRED
    assert any(f"deleted it on {day}" in sentence for sentence in told(job))


def _expired_an_hour_ago(job: Job) -> dict:
    return job.checkpoints.get().artifact | {"expires_at": (timezone.now() - timedelta(hours=1)).isoformat()}


def test_d01_an_error_page_is_never_saved_as_a_result(dreamlook: Studio):
    job = dreamlook.finish(dreamlook.send())
    dreamlook.emulator.faults.always("download", Fault("page"))
    job = dreamlook.fetch(job)
    assert (states(job), job.image_count) == (["missing", "missing"], 0)


@pytest.mark.parametrize("at", [0, 1, 65535, 65536, 65537, 399_999])
def test_d02_a_download_cut_at_any_byte_goes_on_from_there(dreamlook: Studio, at: int):
    job = dreamlook.finish(dreamlook.send_training(ALONE))
    dreamlook.emulator.faults.plan("download", Fault("cut", at=at))
    job = dreamlook.fetch(job)
    assert (states(job), job.results_pending) == (["waiting"], True)
    job = dreamlook.fetch(job)
    assert downloads(dreamlook) == ["", f"bytes={at}-" if at else ""]
    assert is_whole(job.checkpoints.get())


def test_d02_what_proves_that_it_is_the_same_file_outlives_the_process(dreamlook: Studio):
    job = dreamlook.finish(dreamlook.send_training(ALONE))
    dreamlook.emulator.faults.plan("download", Fault("cut", at=1000), Fault("cut", at=1000), None)
    for _ in range(3):
        job = dreamlook.fetch(job)
    sent = [seen.headers.get("if-range", "") for seen in dreamlook.seen("GET", "/files/")]
    assert sent == ["", sent[1], sent[1]]
    assert sent[1].startswith('"')
    assert is_whole(job.checkpoints.get())


def test_d02_a_file_that_changed_between_two_runs_begins_anew(dreamlook: Studio, monkeypatch):
    job = dreamlook.finish(dreamlook.send_training(ALONE))
    emulator = dreamlook.emulator

    def another_file_cut_short(seen: Seen) -> tuple[Answer, Fault]:
        content = emulator.files.open(seen.path, emulator.clock.now())
        return served(content, None, None, Fault("changed")), Fault("cut", at=70_000)

    with monkeypatch.context() as patched:
        patched.setattr(emulator, "answer", another_file_cut_short)
        job = dreamlook.fetch(job)
    job = dreamlook.fetch(job)
    assert [seen.headers.get("range") for seen in dreamlook.seen("GET", "/files/")] == [None, "bytes=70000-"]
    assert is_whole(job.checkpoints.get())


@pytest.mark.parametrize("name", ["no_ranges", "weak_etag"])
def test_d02_a_server_that_cannot_go_on_is_begun_anew(dreamlook: Studio, name: str):
    job = dreamlook.finish(dreamlook.send_training(ALONE))
    dreamlook.emulator.faults.plan("download", Fault("cut", at=1000), Fault(name))
    for _ in range(2):
        job = dreamlook.fetch(job)
    assert is_whole(job.checkpoints.get())


@pytest.mark.parametrize("name", ["longer", "endless", "wrong_length"])
def test_d03_more_than_was_announced_is_not_kept(dreamlook: Studio, own_media: Path, name: str):
    job = dreamlook.finish(dreamlook.send_training(ALONE))
    dreamlook.emulator.faults.always("download", Fault(name))
    job = dreamlook.fetch(job)
    assert (states(job), job.missing_count) == (["missing"], 1)
    assert ".part" not in parts_of(own_media)
    assert job.events.filter(kind="alert").exists()


def test_d04_too_little_room_is_seen_before_a_byte_is_fetched_and_waited_for(dreamlook: Studio, monkeypatch):
    job = dreamlook.finish(dreamlook.send_training())
    room = {"free": int(400_000 * 1.05)}  # enough for the file, not for the reserve; enough for the LoRA of 60 000
    monkeypatch.setattr(shutil, "disk_usage", lambda path: DiskUsage(10**9, 0, room["free"]))
    for _ in range(2):
        job = dreamlook.fetch(job)
    assert (states(job), job.results_pending) == (["kept", "waiting"], True)
    assert len(downloads(dreamlook)) == 1, "only the LoRA was asked for"
    assert sum("no room left" in sentence for sentence in told(job)) == 1
    assert job.next_action_at > timezone.now()

    room["free"] = 10**9
    assert states(dreamlook.fetch(job)) == ["kept", "kept"]


def test_d05_a_disk_that_fills_up_while_a_file_grows_shows_nothing_half_and_goes_on(
    dreamlook: Studio, monkeypatch, own_media: Path
):
    job = dreamlook.finish(dreamlook.send_training(ALONE))
    write = storage.Sink.write

    def fill_up(sink: storage.Sink, chunk: bytes) -> None:
        if sink.offset > 100_000:
            with parts.room_needed():
                raise OSError(errno.ENOSPC, "No space left on device")
        write(sink, chunk)

    monkeypatch.setattr(storage.Sink, "write", fill_up)
    for _ in range(3):
        job = dreamlook.fetch(job)
    assert (states(job), job.checkpoints.get().file) == (["waiting"], "")
    assert list(own_media.glob("checkpoints/**/*.*")) == []
    assert sum("no room left" in sentence for sentence in told(job)) == 1

    monkeypatch.setattr(storage.Sink, "write", write)
    assert is_whole(dreamlook.fetch(job).checkpoints.get())
    assert parts_of(own_media) == [".note"]


def test_d06_a_picture_that_is_none_is_missing_and_the_others_arrive(dreamlook: Studio):
    job = dreamlook.finish(dreamlook.send())
    said_to_be_one = {"Content-Type": "image/png"}
    dreamlook.emulator.faults.plan("download", Fault("status", status=200, body="no picture", headers=said_to_be_one))
    job = dreamlook.fetch(job)
    assert (states(job), job.image_count, job.missing_count) == (["missing", "ready"], 1, 1)


def test_d07_results_elsewhere_are_not_asked_for_and_the_others_arrive(dreamlook: Studio, monkeypatch):
    job = dreamlook.send(dreamlook.order({"num_samples": 4}))
    dreamlook.pass_there(60)
    dreamlook.emulator.faults.plan("list", Fault("hostile_results"))
    job = dreamlook.fetch(look(job))
    assert states(job) == ["missing"] * 4
    assert downloads(dreamlook) == []


@pytest.mark.django_db(transaction=True)
def test_d08_the_same_results_by_callback_and_by_list_at_once_are_there_once(dreamlook: Studio):
    job = dreamlook.send()
    dreamlook.pass_there(60)
    token = dreamlook.emulator.service.ledger[0].request["callback"].rstrip("/").rpartition("/")[2]

    def all_at_once() -> None:
        callbacks.receive(token, b'{"job_id": "x"}')
        look(Job.objects.get(pk=job.pk))
        fetch(job.pk)

    at_once(4, all_at_once)
    while again(job).results_pending:
        dreamlook.fetch(job)
    assert (states(job), job.image_count) == (["ready", "ready"], 2)
    assert GeneratedImage.objects.count() == 2
    assert sum("arrived" in sentence for sentence in told(job)) == 1


def die_at(point: str) -> None:
    def reach(name: str) -> None:
        if name == point:
            raise Killed

    failpoints.on_reach = reach


def test_d09_a_file_stored_by_a_process_that_died_is_adopted_without_fetching_it_again(dreamlook: Studio):
    job = dreamlook.finish(dreamlook.send_training(ALONE))
    die_at("results.checkpoint_stored")
    with pytest.raises(Killed):
        fetch(later(job).pk)
    failpoints.on_reach = None
    assert states(job) == ["waiting"]

    job = dreamlook.fetch(job)
    assert is_whole(job.checkpoints.get())
    assert len(downloads(dreamlook)) == 1


def test_d09_a_file_that_nobody_adopts_is_cleared_away_and_one_that_was_stays(dreamlook: Studio, own_media: Path):
    orphaned, kept = (dreamlook.finish(dreamlook.send_training(ALONE)) for _ in range(2))
    die_at("results.checkpoint_stored")
    with pytest.raises(Killed):
        fetch(later(orphaned).pk)
    failpoints.on_reach = None
    Checkpoint.objects.filter(job=orphaned).update(state=Checkpoint.State.EXPIRED)
    kept = dreamlook.fetch(kept)
    clear_up()
    assert len(list(own_media.glob("checkpoints/**/*.safetensors"))) == 2, "too early"

    for note in (own_media / ".incoming").glob("*.note"):
        os.utime(note, (time.time() - 7200,) * 2)
    clear_up()
    assert is_whole(kept.checkpoints.get())
    assert len(list(own_media.glob("checkpoints/**/*.safetensors"))) == 1
    assert parts_of(own_media) == []


def test_p24_times_a_day_off_there_do_not_shorten_or_lengthen_what_we_show(dreamlook: Studio):
    for skew in (86400, -86400):
        job = dreamlook.send_training(ALONE)
        dreamlook.pass_there(60)
        dreamlook.emulator.faults.plan("list", Fault("skew", seconds=skew))
        job = look(job)
        assert job.state == JobState.SUCCESS
        hours = (job.checkpoints.get().expires_at - timezone.now()) / timedelta(hours=1)
        assert 47 < hours <= 49
