"""Write `tests/upgrades/v0_1_0`: a small data folder as version 0.1.0 leaves it, with rows of every kind.

It runs in a checkout of that version, whose code and test helpers it uses, and writes into this one:

    git worktree add ../likeness-0.1.0 c4f99bb
    cd ../likeness-0.1.0
    PYTHONPATH=. python ../likeness/tests/upgrades/make_fixture.py ../likeness/tests/upgrades/v0_1_0

Jobs that are under way are at emulated providers; `providers.json` has the orders which those took, so that a test can
stand the same providers up again. The fixture is written once: data that is out there does not change any more, and
neither do the names of that version's modules here.
"""

import gzip
import json
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from PIL import Image

PASSWORD = "correct horse battery"
URL = "http://likeness.test"


def main(out: Path, work: Path) -> None:
    """Fill a new data folder *work*, and write what is worth keeping of it to *out*."""
    os.environ.update(DATA_DIR=str(work), DJANGO_SETTINGS_MODULE="tests.settings")
    os.environ.pop("DATABASE_URL", None)
    django.setup()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    settings.ALLOWED_HOSTS, settings.PUBLIC_URL = ["*"], URL
    settings.PRACTICE_TRAINING_SECONDS, settings.PRACTICE_IMAGE_SECONDS = 1.0, 0.05
    settings.ALLOW_PRIVATE_PROVIDER_HOSTS, settings.PROVIDER_PATIENCE_SECONDS = True, 2.0
    call_command("prepare", database_only=True)

    from tests.providers.emulators import dreamlook, runpod
    from tests.providers.emulators.dreamlook.service import Pace

    pace = Pace(checkpoint_bytes=2000, lora_bytes=1000)
    with dreamlook.emulated(speed=0, pace=pace) as dreamlooks, runpod.emulated(speed=0, old_worker=True) as runpods:
        settings.PROVIDER_BASE_URLS = {"dreamlook": dreamlooks.url, "runpod": runpods.url}
        studio = Studio(dreamlooks, runpods)
        studio.fill()
        orders = {
            "dreamlook": [_charge(one, one.job_type) for one in dreamlooks.books.ledger],
            "runpod": [_charge(one, one.endpoint) for one in runpods.books.ledger],
        }
    check_that_nothing_is_left_out()
    write(out, work, orders, studio.links)


def _charge(one: Any, kind: str) -> dict[str, Any]:
    return {"job_id": one.job_id, "kind": kind, "account": one.account, "request": one.request}


class Studio:
    """The studio, its people and their work, from the first visitor on."""

    def __init__(self, dreamlooks: Any, runpods: Any) -> None:
        self.dreamlooks, self.runpods = dreamlooks, runpods
        self.count = 0
        self.links: dict[str, str] = {}
        """The tokens in addresses that people hold; the database has only their hashes."""

    def fill(self) -> None:
        self._people()
        self._photos()
        self._consents()
        self._practice()
        self._dreamlook()
        self._runpod()
        self._everything_else()

    # People

    def _people(self) -> None:
        from dashboard.models import Heartbeat, Membership, Role, User, Workspace
        from dashboard.operations import invitations

        client = Client()
        page = {"name": "Jon", "email": "jon@example.com", "password": PASSWORD, "workspace_name": "Studio"}
        answer = client.post("/welcome/", page)
        assert answer.status_code == 302, answer.content.decode()
        self.studio, self.jon = Workspace.objects.get(), User.objects.get()
        for name, role in (("Ann", Role.ADMIN), ("Mara", Role.EDITOR), ("Vic", Role.VIEWER)):
            user = User.objects.create_user(f"{name.lower()}@example.com", PASSWORD, name=name)
            Membership.objects.create(workspace=self.studio, user=user, role=role)
        self.mara = User.objects.get(name="Mara")
        self.elsewhere = Workspace.objects.create(name="Elsewhere", slug="elsewhere")
        sam = User.objects.create_user("sam@example.com", PASSWORD, name="Sam")
        Membership.objects.create(workspace=self.elsewhere, user=sam, role=Role.OWNER)
        owner = Membership.objects.get(workspace=self.studio, user=self.jon)
        _, self.links["join"] = invitations.invite(owner, Role.EDITOR, "new@example.com")
        revoked, _ = invitations.invite(owner, Role.VIEWER, "")
        invitations.revoke(revoked, self.jon)
        for worker in ("celery@studio", Heartbeat.BEAT):
            Heartbeat.objects.create(worker=worker)
        self.client = client

    # Photos

    def _photos(self) -> None:
        from jobs.files import storage
        from jobs.models import Photo, PhotoSet
        from jobs.operations.photos import (
            caption_photo,
            change_photo_set,
            copy_photo_set,
            crop_photo,
            delete_photo,
            judge_photo,
        )
        from jobs.photos.crop import Mode, Shape
        from jobs.photos.inspection.findings import Code
        from tests.jobs.photographed import make_set

        self.rex = make_set(self.studio, self.mara, name="Rex", subject="pet")
        photos = [self._photo(self.rex, colour) for colour in ("sienna", "tan", "peru", "linen", "coral", "olive")]
        caption_photo.caption(photos[0], "ukj dog on a sofa")
        caption_photo.caption_all(self.rex, {photos[1].pk: "ukj dog, outdoors"})
        crop_photo.crop(photos[0], crop_photo.Crop(Mode.HAND, Shape.SQUARE, (0.1, 0.1, 0.6, 0.6)))
        crop_photo.make(photos[0].pk)
        judge_photo.leave_out(photos[2])
        judge_photo.keep_anyway(photos[3], next(iter(Code)))
        delete_photo.delete(photos[4])
        copied = copy_photo_set.copy(self.rex, self.mara)
        change_photo_set.archive(copied, self.mara)
        self._photo(self.rex, "gold", taken_in=False)
        broken = self._photo(self.rex, "grey", taken_in=False)
        Photo.objects.filter(pk=broken.pk).update(state=Photo.State.REFUSED, refusal="This is not a photo.")
        erased = self._photo(self.rex, "navy")
        storage.delete(erased.prepared)
        gone = {"deleted_at": timezone.now(), "erased_at": timezone.now(), "prepared": "", "thumbnail": ""}
        Photo.objects.filter(pk=erased.pk).update(original="", display_name="", **gone)
        trashed = make_set(self.studio, self.mara, name="Thrown away")
        self._photo(trashed, "teal")
        change_photo_set.delete(trashed, self.jon)
        assert PhotoSet.objects.filter(erase_at__isnull=False).exists()

    def _photo(self, photo_set: Any, colour: str, *, taken_in: bool = True) -> Any:
        from jobs.operations.photos import add_photo, inspect_photo, take_in_photo
        from tests.photos import pictures

        self.count += 1
        content = pictures.saved(Image.new("RGB", (256 + self.count, 256), colour), "JPEG")
        upload = add_photo.Upload(f"nonce-{self.count}", f"IMG_{self.count}.jpg", len(content), iter([content]))
        photo = add_photo.add(photo_set, upload)
        if taken_in:
            take_in_photo.take_in(photo.pk)
            inspect_photo.inspect(photo.pk)
        photo.refresh_from_db()
        return photo

    def _consents(self) -> None:
        from jobs.models import Photo
        from jobs.operations.consents import answer, ask, note, settle, withdraw
        from jobs.operations.photos import add_photo, take_in_photo
        from tests.jobs.photographed import make_set
        from tests.photos import pictures

        self.asked_for = make_set(self.studio, self.mara, name="Anna")
        asked = ask.Asked("Anna from the shop", "For the spring window", None, max_photos=3, days=90)
        _, token = ask.ask(self.asked_for, self.mara, asked)
        consent = answer.agree(answer.find(token), "Anna")
        content = pictures.saved(Image.new("RGB", (300, 300), "plum"), "JPEG")
        sent = answer.send(consent, add_photo.Upload("link-1", "me.jpg", len(content), iter([content])))
        take_in_photo.take_in(sent.pk)
        self.links["ask"] = token
        unanswered, _ = ask.ask(self.asked_for, self.mara, ask.Asked("Bo", "", None, max_photos=3, days=90))
        ask.take_back(unanswered, self.mara)
        ask.ask(self.asked_for, self.mara, ask.Asked("Cy", "", None, max_photos=3, days=90))
        note.note(self.rex, self.mara, note.Noted("Rex's owner", timezone.localdate(), None, "By word of mouth."))
        self.left = make_set(self.studio, self.mara, name="Somebody who left")
        self._photo(self.left, "wheat")
        for person in ("Dee", "Eve"):
            noted = note.note(self.left, self.mara, note.Noted(person, timezone.localdate(), None, ""))
            self.to_withdraw = getattr(self, "to_withdraw", [])
            self.to_withdraw.append(noted)
        self.withdraw, self.settle = withdraw.withdraw, settle.settle
        assert Photo.objects.filter(consent=consent).exists()

    # Jobs

    def _practice(self) -> None:
        from jobs.operations.api_keys import keys
        from jobs.operations.commands.create import JobDraft, create
        from jobs.operations.commands.delete import delete
        from jobs.operations.commands.retry import retry
        from jobs.operations.photos.pick_images import pick
        from jobs.operations.results import delete_images
        from jobs.providers.order import Kind
        from tests.jobs.operations import test_practice
        from tests.jobs.operations.test_practice import defaults

        def finish(job: Any) -> Any:
            return test_practice.finish(job, 300)

        def order(draft: Any, name: str) -> Any:
            self.count += 1
            return create(self.studio, self.mara, replace(draft, name=name), f"nonce-{self.count}")

        key = keys.practice_key(self.studio)
        training = JobDraft(
            Kind.TRAINING,
            "Rex",
            key,
            photo_set=self.rex,
            base_model="practice-sd15",
            model_type="sd-v1",
            token="ukj",
            class_word="dog",
            training=defaults("training", steps=100, save_checkpoints_at=[50], seed=7),
        )
        drawn = defaults("generation", prompt="photo of ukj dog", num_samples=2, width=256, height=256, seed=7)
        generation = JobDraft(
            Kind.GENERATION, "Beach", key, base_model="practice-sd15", model_type="sd-v1", generations=(drawn,)
        )
        trained = finish(order(training, "Rex, trained"))
        checkpoint = trained.checkpoints.order_by("-step").first()
        made = finish(order(replace(generation, checkpoint=checkpoint, base_model=""), "Rex on the beach"))
        assert (trained.state, made.state) == ("success", "success"), (trained.failure, made.failure)
        images = list(made.generated_images.order_by("id"))
        self.client.post(f"/w/studio/gallery/{images[0].pk}/star/")
        pick(self.rex, images[:1], "pick-1")
        finish(order(replace(training, photo_set=self.left), "Of somebody who left"))
        self.withdraw(self.to_withdraw[0], self.mara)
        finish(order(replace(generation, generations=({**drawn, "practice_outcome": "some_missing"},)), "With gaps"))
        failed = finish(order(replace(generation, generations=({**drawn, "practice_outcome": "fails"},)), "It failed"))
        refused = finish(
            order(replace(generation, generations=({**drawn, "practice_outcome": "invalid_field"},)), "Refused")
        )
        assert (failed.state, refused.state) == ("failure", "failure")
        again = retry(failed, self.mara)
        delete(finish(again), self.mara)
        delete_images.delete(self.studio.memberships.get(user=self.mara), [images[1].pk])
        finish(order(replace(training, dry_run=True), "A rehearsal"))

        self._practice_under_way(order, training, generation)

    def _practice_under_way(self, order: Any, training: Any, generation: Any) -> None:
        from jobs.models import Job, JobState
        from jobs.operations.commands.cancel import cancel
        from jobs.operations.providers import provider
        from jobs.operations.sending.submit import submit
        from tests.jobs.operations import test_practice

        drawn = generation.generations[0]
        settings.PRACTICE_TRAINING_SECONDS = 30.0
        provider.cache_clear()
        stopped = order(training, "Stopped")
        submit(stopped.pk)
        cancel(stopped, self.mara)
        test_practice.finish(stopped, 300)
        self.practice = {"ready": order(training, "Practice, ready").pk}
        for name in ("queued", "running"):
            job = order(training, f"Practice, {name}")
            submit(job.pk)
            self.practice[name] = job.pk
        running = Job.objects.filter(pk=self.practice["running"])
        running.update(state=JobState.RUNNING, percent=20, started_at=timezone.now())
        lost = order(replace(generation, generations=({**drawn, "practice_outcome": "answer_lost_before"},)), "Unknown")
        submit(lost.pk)
        self.practice["uncertain"] = lost.pk

    def _dreamlook(self) -> None:
        from jobs.models import Attempt, Checkpoint, Job, JobState
        from jobs.operations import failpoints
        from jobs.operations.providers import provider
        from jobs.operations.sending.submit import submit
        from tests.jobs.operations.at_dreamlook import Studio as AtDreamlook
        from tests.jobs.operations.conftest import later, look
        from tests.jobs.operations.test_submit import Killed
        from tests.jobs.operations.test_sweep import killing
        from tests.providers.emulators.faults import Fault

        provider.cache_clear()
        at = AtDreamlook(self.studio, self.jon, self.mara, self.dreamlooks)
        at._count = 1000  # a nonce is one order's in the whole workspace
        done = at.finish(at.send(at.order_training(name="dreamlook, done")))
        at.fetch(done)
        at.fetch(at.finish(at.send(at.order(name="dreamlook, drawn"))))
        keeps = Checkpoint.objects.filter(job=done).order_by("id")
        assert (keeps.exists(), done.state) == (True, "success")
        at.send(at.order_training(name="dreamlook, queued"))
        running = at.send(at.order_training(name="dreamlook, running", training={**at.trained, "steps": 5000}))
        at.pass_there(2)
        assert look(running).state == "running"
        at.send(at.order(name="dreamlook, queued pictures"))
        killed = at.order(name="dreamlook, our death after it was taken")
        failpoints.on_reach = killing("submit.answered")
        with suppress(Killed):
            submit(later(killed).pk)
        failpoints.on_reach = None
        assert Job.objects.get(pk=killed.pk).state == JobState.SUBMITTING
        at.plan("submit", Fault("reset"))
        assert at.send(at.order(name="dreamlook, answer lost")).state == JobState.UNCERTAIN
        at.order(name="dreamlook, ready")
        decide = at.order(name="dreamlook, somebody must decide")
        at.plan("submit", Fault("reset", accept=False))
        at.send(decide)
        Attempt.objects.filter(job=decide).update(created_at=timezone.now() - timedelta(hours=2))
        since = timezone.now() - timedelta(hours=2)
        undecided = {"uncertain_since": since, "needs_decision": True, "next_action_at": None, "lease_until": None}
        Job.objects.filter(pk=decide.pk).update(**undecided)
        lost = at.send(at.order(name="dreamlook, lost"))
        gone = {"state": JobState.LOST, "failure": "dreamlook does not know it any more.", "failure_code": "lost"}
        Job.objects.filter(pk=lost.pk).update(**gone, next_action_at=None, finished_at=timezone.now())
        settings.PROVIDER_PATIENCE_SECONDS = 30.0

    def _runpod(self) -> None:
        from jobs.models import Callback, JobState
        from jobs.operations.providers import provider
        from tests.jobs.operations.at_runpod import Endpoint
        from tests.jobs.operations.conftest import look
        from tests.providers.emulators.faults import Fault

        provider.cache_clear()
        at = Endpoint(self.studio, self.jon, self.mara, self.runpods)
        at._count = 2000
        self.runpods.service.hire(1)
        at.send(at.order(name="RunPod, queued"))
        running = at.send(at.order(name="RunPod, running", training={**at.trained, "unet_epochs": 100}))
        at.pass_there(2)
        assert look(running).state == "running"
        assert at.ring() == 200
        assert Callback.objects.exists()
        at.plan("submit", Fault("reset"))
        assert at.send(at.order(name="RunPod, answer lost")).state == JobState.UNCERTAIN
        at.order(name="RunPod, ready")

    # What no page of the above leaves behind

    def _everything_else(self) -> None:
        from django.contrib.admin.models import CHANGE, LogEntry
        from django.contrib.contenttypes.models import ContentType

        from dashboard.models import AuditEntry
        from jobs.files import storage
        from jobs.models import Checkpoint, DoomedFile, GeneratedImage, Job, Photo
        from jobs.operations.api_keys import keys
        from jobs.operations.leases import take
        from tests.jobs.made import png

        done = Job.objects.get(name="dreamlook, done")
        model = Checkpoint.objects.filter(job=done).order_by("id").first()
        soon = timezone.now() + timedelta(hours=40)
        states = (Checkpoint.State.AT_PROVIDER, Checkpoint.State.MISSING, Checkpoint.State.EXPIRED)
        for number, state in enumerate(states):
            fields = {"provider_result_id": f"other-{number}", "state": state, "file": "", "step": 10 + number}
            old = timezone.now() - timedelta(hours=1)
            fields["expires_at"] = soon if state == Checkpoint.State.AT_PROVIDER else old
            if state == Checkpoint.State.AT_PROVIDER:
                fields["artifact"] = model.artifact | {"id": "other-0"}
            self._copy(model, **fields)
        self._copy(model, provider_result_id="deleted", deleted_at=timezone.now(), erase_at=soon, file="")
        image = GeneratedImage.objects.filter(job__name="dreamlook, drawn").first()
        self._copy(image, provider_result_id="missing", state="missing", file="", thumbnail="", position=90)
        # The helpers that order at providers make photos without a thumbnail's file
        shown = Photo.objects.exclude(thumbnail__contains="/aa/00000").exclude(thumbnail="").first().thumbnail
        Photo.objects.filter(thumbnail__contains="/aa/00000").update(thumbnail=shown)
        archive = storage.put(self.studio.pk, "archives", b"PK\5\6" + bytes(18), ".zip").name
        Job.objects.filter(name="dreamlook, drawn").update(lent_archive=archive)
        doomed = storage.put(self.studio.pk, "images", png("black"), ".png").name
        DoomedFile.objects.create(workspace=self.studio, name=doomed)
        revoked = keys.add(self.studio, self.jon, "dreamlook", "An old key", "dl-old-0123456789-0123456789")
        keys.revoke(revoked, self.jon)
        keys.add(self.elsewhere, self.elsewhere.members.get(), "dreamlook", "Their key", "dl-theirs-0123456789-01234")
        take("expiry", 60.0)
        AuditEntry.objects.create(workspace=None, user=self.jon, action="system.note", sentence="Of no workspace.")
        LogEntry.objects.create(
            user=self.jon,
            content_type=ContentType.objects.get_for_model(Job),
            object_id=str(done.pk),
            object_repr="dreamlook, done",
            action_flag=CHANGE,
        )

    def _copy(self, row: Any, **fields: Any) -> None:
        row = type(row).objects.get(pk=row.pk)
        row.pk = None
        row._state.adding = True
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()


def check_that_nothing_is_left_out() -> None:
    """Each model of ours has a row, and jobs stand in each state that an order can be in."""
    from django.apps import apps

    from jobs.models import Job, JobState

    models = [model for app in ("dashboard", "jobs") for model in apps.get_app_config(app).get_models()]
    assert [model.__name__ for model in models if not model._default_manager.exists()] == []
    # A draft is a form in the browser: no code of 0.1.0 writes one into the database
    assert set(JobState) - set(Job.objects.values_list("state", flat=True)) == {JobState.DRAFT}


def write(out: Path, work: Path, orders: dict[str, Any], links: dict[str, str]) -> None:
    """The database as SQL, which a later reader can look into; the files; and what the providers know."""
    from django.db import connections

    connections.close_all()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with _opened(work / "likeness.sqlite3") as database:
        dump = "\n".join(database.iterdump()) + "\n"
    (out / "likeness.sql.gz").write_bytes(gzip.compress(dump.encode(), 9, mtime=0))
    shutil.copytree(work / "media", out / "media")
    for path in [path for path in out.rglob("*") if path.suffix == ".png" or path.stat().st_size > 30_000]:
        with Image.open(path) as large:  # that it is a picture is all that a page wants to know
            large.resize((8, 8)).resize((304, 304), Image.Resampling.NEAREST).save(path, "PNG")
    for path in sorted(out.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    told = {"version": "0.1.0", "made_at": timezone.now().isoformat(), "orders": orders, "links": links}
    (out / "providers.json").write_text(json.dumps(told, indent=1, sort_keys=True) + "\n")


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(path)
    try:
        yield database
    finally:
        database.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="likeness-fixture-") as folder:
        main(Path(sys.argv[1]).resolve(), Path(folder))
