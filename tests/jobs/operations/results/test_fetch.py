"""Fetching what a job made: everything once, what is missing by name, nothing half (P28, D01-D08)."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.files import storage
from jobs.models import Checkpoint, GeneratedImage, Job, JobState
from jobs.operations.errors import NotPossible
from jobs.operations.jobs.actions import check_again
from jobs.operations.results import checkpoints, images
from jobs.operations.results.fetch import MOST_TRIES, fetch
from jobs.providers import errors
from jobs.providers.reply import Artifact, Download, State
from tests.jobs.operations.conftest import again, later, look, told
from tests.jobs.operations.pictures import a_png
from tests.jobs.operations.scripted import Scripted, checkpoint, image


def safetensors(values: bytes) -> bytes:
    return (2).to_bytes(8, "little") + b"{}" + values


def done(sent: Job, scripted: Scripted, *artifacts: Artifact) -> Job:
    scripted.becomes("job-1", state=State.SUCCESS, artifacts=artifacts)
    return look(sent)


def states(job: Job) -> list[str]:
    return list(job.generated_images.order_by("position").values_list("state", flat=True))


def test_pictures_are_stored_and_shown(sent: Job, scripted: Scripted):
    job = done(sent, scripted, image("a", seed=7), image("b", seed=8))
    fetch(job.pk)

    job = again(job)
    first = job.generated_images.get(provider_result_id="a")
    assert (first.state, first.seed, first.prompt) == (GeneratedImage.State.READY, 7, "photo of ukj dog")
    assert (first.width, first.height) == (64, 48)
    assert hashlib.sha256(storage.read(first.file)).hexdigest() == first.sha256
    assert (job.image_count, job.missing_count, job.results_pending, job.next_action_at) == (2, 0, False, None)
    assert job.thumbnails == [first.thumbnail] * 2
    assert told(job)[-1] == "2 pictures arrived."


def test_fetching_again_changes_nothing(sent: Job, scripted: Scripted):
    job = done(sent, scripted, image("a"), image("b"))
    fetch(job.pk)
    before = (again(job).version, told(job))
    fetch(job.pk)
    assert (again(job).version, told(job)) == before


def test_pictures_drawn_while_it_runs_appear_then(sent: Job, scripted: Scripted):
    scripted.becomes("job-1", state=State.RUNNING, percent=50, artifacts=(image("s", is_sample=True, step=50),))
    job = look(sent)
    fetch(job.pk)
    job = again(job)
    assert (job.state, job.image_count, len(job.thumbnails)) == (JobState.RUNNING, 0, 1)
    assert job.generated_images.get().is_sample
    assert job.next_action_at is not None


def test_many_pictures_are_few_changes_for_the_pages(sent: Job, scripted: Scripted, studio, monkeypatch):
    monkeypatch.setattr(images, "PAUSE", 60)
    job = done(sent, scripted, *(image(f"i{number}") for number in range(6)))
    studio.refresh_from_db()
    before = studio.version
    fetch(job.pk)
    studio.refresh_from_db()
    assert again(job).image_count == 6
    assert studio.version - before == 3


def test_p28_what_is_missing_is_counted_and_named(sent: Job, scripted: Scripted):
    job = done(sent, scripted, image("a", available=False))
    fetch(job.pk)
    job = again(job)
    assert (job.state, job.missing_count, job.image_count) == (JobState.SUCCESS, 2, 0)
    assert told(job)[-1] == "Nothing arrived. Missing: picture 1, 1 picture that the provider did not deliver."


def test_d01_an_expired_address_is_asked_for_afresh(sent: Job, scripted: Scripted, monkeypatch):
    old, new = image("a"), Artifact(id="a", kind=image("a").kind, url="scripted:fresh")
    job = done(sent, scripted, old, image("b"))
    scripted.becomes("job-1", artifacts=(new, image("b")))
    download = scripted.download

    def expiring(artifact, opened, offset=0, validator=""):
        if artifact.url == "scripted:a":
            raise errors.NotThere("Expired.")
        return download(artifact, opened, offset)

    monkeypatch.setattr(scripted, "download", expiring)
    fetch(job.pk)
    assert states(job) == ["ready", "ready"]


def test_d01_what_the_provider_deleted_is_missing_and_the_rest_arrives(sent: Job, scripted: Scripted):
    job = done(sent, scripted, image("a"), image("b"))
    scripted.contents["a"] = errors.NotThere("Expired.")
    fetch(job.pk)
    assert states(job) == ["missing", "ready"]
    assert again(job).missing_count == 1
    assert "Picture 1 could not be fetched: the provider no longer has it." in told(job)


def test_d06_an_error_page_is_never_saved_as_a_picture(sent: Job, scripted: Scripted):
    job = done(sent, scripted, image("a"), image("b"))
    scripted.contents["a"] = b"<?xml version='1.0'?><Error>AccessDenied</Error>"
    fetch(job.pk)
    assert states(job) == ["missing", "ready"]


def test_d03_a_picture_larger_than_announced_is_refused(sent: Job, scripted: Scripted):
    job = done(sent, scripted, image("a", size=10), image("b"))
    scripted.contents["a"] = b"x" * 100_000
    fetch(job.pk)
    assert states(job) == ["missing", "ready"]


def test_a_picture_that_does_not_come_is_tried_later_and_holds_up_no_other(sent: Job, scripted: Scripted):
    job = done(sent, scripted, image("a"), image("b"))
    scripted.contents["a"] = errors.Unavailable("timeout")
    fetch(job.pk)
    job = again(job)
    assert (states(job), job.results_pending, job.tries) == (["waiting", "ready"], True, 1)
    assert job.next_action_at > timezone.now()

    del scripted.contents["a"]
    fetch(later(job).pk)
    assert (states(job), again(job).results_pending) == (["ready", "ready"], False)


def test_d02_a_picture_cut_short_is_not_kept(sent: Job, scripted: Scripted, monkeypatch):
    job = done(sent, scripted, image("a"))
    monkeypatch.setattr(scripted, "download", lambda *args: Download(iter([a_png()[:50]]), 0, len(a_png())))
    fetch(job.pk)
    assert states(job) == ["waiting"]


def test_after_very_many_tries_what_is_left_counts_as_missing(sent: Job, scripted: Scripted):
    job = done(sent, scripted, image("a"), image("b"))
    scripted.contents["a"] = errors.Unavailable("timeout")
    fetch(job.pk)
    Job.objects.update(tries=MOST_TRIES)
    fetch(later(job).pk)
    fetch(later(job).pk)
    assert (states(job), again(job).missing_count, job.results_pending) == (["missing", "ready"], 1, False)


def test_d04_a_full_disk_is_told_once_and_waited_for(sent: Job, scripted: Scripted, monkeypatch):
    job = done(sent, scripted, image("a"), image("b"))
    put = storage.put

    def full(*args):
        raise storage.Full("full")

    monkeypatch.setattr(storage, "put", full)
    fetch(job.pk)
    fetch(later(job).pk)
    job = again(job)
    assert (states(job), job.results_pending) == (["waiting", "waiting"], True)
    assert sum("no room left" in sentence for sentence in told(job)) == 1

    monkeypatch.setattr(storage, "put", put)
    fetch(later(job).pk)
    assert states(job) == ["ready", "ready"]


def test_a_checkpoint_is_stored_with_its_size_and_hash(sent: Job, scripted: Scripted):
    content = safetensors(b"weights" * 1000)
    scripted.contents["c"] = content
    job = done(sent, scripted, checkpoint("c", step=100, size=len(content), file_format="safetensors"))
    fetch(job.pk)
    kept = again(job).checkpoints.get()
    assert (kept.state, kept.size_bytes, kept.step) == (Checkpoint.State.KEPT, len(content), 100)
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert storage.read(kept.file) == content
    assert kept.file.endswith(".safetensors")
    assert job.checkpoint_count == 1


@pytest.mark.parametrize("said", [None, 7000])
def test_d06_what_only_claims_to_be_safetensors_fails_in_a_sentence_and_the_others_go_on(
    sent: Job, scripted: Scripted, own_media, said
):
    scripted.contents |= {"page": b"<html>".ljust(7000), "c": safetensors(b"weights")}
    told_of = [checkpoint("page", step=100, size=said, file_format="safetensors")]
    told_of.append(checkpoint("c", step=200, file_format="safetensors"))
    job = done(sent, scripted, *told_of)
    fetch(job.pk)
    states = job.checkpoints.order_by("step").values_list("state", flat=True)
    assert list(states) == [Checkpoint.State.MISSING, Checkpoint.State.KEPT]
    sentence = "The checkpoint at step 100 could not be fetched: what came is no safetensors file, though the provider"
    assert any(one.startswith(sentence) for one in told(job))
    assert not again(job).results_pending
    assert list(own_media.glob(".incoming/*.part")) == []


def test_d06_files_of_other_formats_are_not_even_looked_at(sent: Job, scripted: Scripted):
    scripted.contents["c"] = b"\x80\x04cos\nsystem\n"
    job = done(sent, scripted, checkpoint("c", file_format="ckpt"))
    fetch(job.pk)
    kept = job.checkpoints.get()
    assert (kept.state, storage.read(kept.file)) == (Checkpoint.State.KEPT, scripted.contents["c"])


def test_d02_a_checkpoint_cut_at_any_byte_goes_on_where_it_broke_off(sent: Job, scripted: Scripted, monkeypatch):
    content = bytes(range(256)) * 40
    job = done(sent, scripted, checkpoint("c", size=len(content)))
    asked: list[int] = []

    def cut(artifact, opened, offset=0, validator=""):
        def some():
            yield content[offset : offset + 1777]
            if offset + 1777 < len(content):
                raise errors.Unavailable("reset")

        asked.append(offset)
        return Download(some(), offset, len(content))

    monkeypatch.setattr(scripted, "download", cut)
    for _ in range(10):
        fetch(later(job).pk)
    kept = job.checkpoints.get()
    assert storage.read(kept.file) == content
    assert asked == [0, 1777, 3554, 5331, 7108, 8885]


def test_d02_a_server_that_begins_again_is_believed(sent: Job, scripted: Scripted, monkeypatch):
    content = b"weights" * 1000
    job = done(sent, scripted, checkpoint("c", size=len(content)))
    starts = [Download(iter([content[:100]]), 0, len(content)), Download(iter([content]), 0, len(content))]
    monkeypatch.setattr(scripted, "download", lambda *args: starts.pop(0))
    fetch(job.pk)
    assert again(job).checkpoints.get().state == Checkpoint.State.WAITING
    fetch(later(job).pk)
    assert storage.read(job.checkpoints.get().file) == content


def test_d03_a_checkpoint_that_never_ends_is_stopped(sent: Job, scripted: Scripted, monkeypatch):
    monkeypatch.setattr(checkpoints, "LARGEST", 10_000)
    job = done(sent, scripted, checkpoint("c"))
    scripted.contents["c"] = b"x" * 20_000
    fetch(job.pk)
    assert again(job).checkpoints.get().state == Checkpoint.State.MISSING


def test_d01_a_checkpoint_the_provider_deleted_is_expired(sent: Job, scripted: Scripted):
    job = done(sent, scripted, checkpoint("c", step=100))
    scripted.contents["c"] = errors.NotThere("Expired.")
    fetch(job.pk)
    assert again(job).checkpoints.get().state == Checkpoint.State.EXPIRED
    assert "The checkpoint at step 100 could not be fetched: the provider no longer has it." in told(job)


def test_d01_a_provider_that_keeps_it_longer_than_usual_is_believed(sent: Job, scripted: Scripted, monkeypatch):
    monkeypatch.setattr(Scripted, "keeps_for", timedelta(hours=48))
    week, over = timezone.now() + timedelta(days=7), timezone.now() - timedelta(days=1)
    job = done(sent, scripted, checkpoint("c", expires_at=week), checkpoint("d", expires_at=over))
    longer, usual = job.checkpoints.order_by("provider_result_id").values_list("expires_at", flat=True)
    assert longer == week
    assert timedelta(hours=47) < usual - timezone.now() <= timedelta(hours=48)


def test_looking_again_fetches_what_was_missing(sent: Job, scripted: Scripted, mara):
    job = done(sent, scripted, image("a"), image("b"))
    scripted.contents["a"] = b"not a picture"
    fetch(job.pk)
    del scripted.contents["a"]
    check_again(again(job), mara)
    fetch(job.pk)
    assert (states(job), again(job).missing_count) == (["ready", "ready"], 0)
    with pytest.raises(NotPossible):
        check_again(job, mara)


def test_p30_results_wait_for_a_key_too(sent: Job, key, jon, scripted: Scripted):
    job = done(sent, scripted, image("a"), image("b"))
    scripted.contents["a"] = errors.KeyRefused("401")
    fetch(job.pk)
    job = again(job)
    assert (job.state, job.results_pending) == (JobState.SUCCESS, True)
    assert job.next_action_at > timezone.now() + timedelta(seconds=5)


def test_b13_a_result_we_ourselves_fail_over_holds_up_no_other(sent: Job, scripted: Scripted, caplog):
    job = done(sent, scripted, image("a"), image("b"))
    scripted.contents["a"] = RuntimeError("a bug")
    for _ in range(3):
        fetch(later(job).pk)
    job = again(job)
    assert (states(job), job.results_pending) == (["waiting", "ready"], True)
    assert job.events.filter(kind="alert").count() == 1
    assert job.next_action_at > timezone.now() + timedelta(minutes=5)
    assert "a bug" in caplog.text
