"""Orders that were made before `Job.order` and `JobPhoto` are carried over, while servers of then go on."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from dashboard.models import Workspace
from jobs.models import Job
from jobs.operations.jobs import order as ordering
from jobs.providers.errors import InvalidOrder
from jobs.providers.order import Kind, OrderSpec

BEFORE = ("jobs", "0005_job_is_pollable")
AFTER = ("jobs", "0009_order_columns_out_of_use")
CROP = {"mode": "hand", "shape": "1:1", "box": [0.5, 0.0, 0.5, 0.5]}
TRAINING = {"steps": 1200, "learning_rate": 1e-6, "save_checkpoints_at": [400, 800], "resolution": None, "lora": True}
PICTURES = [{"prompt": "photo of ukj dog, “snow”", "width": 1024, "seed": -1}, {"prompt": "two", "strength": 0.6}]
WORDS = {"base_model": "practice-xl", "model_type": "sdxl-v1", "preset": "pet", "token": "ukj", "class_word": "dog"}
GONE = 10**9

pytestmark = pytest.mark.django_db


def migrated(*targets: tuple[str, str]) -> Apps:
    """Bring the database to *targets*, or to the newest state, and give the models of then."""
    executor = MigrationExecutor(connection)
    wanted = list(targets) or executor.loader.graph.leaf_nodes()
    executor.migrate(wanted)
    return executor.loader.project_state(wanted).apps


def order(apps: Apps, name: str, **fields: Any) -> Any:
    workspace = apps.get_model("dashboard", "Workspace").objects.get(slug="carried")
    given = {"workspace": workspace, "name": name, "nonce": name, "provider": "practice"}
    return apps.get_model("jobs", "Job").objects.create(**given | fields)


def order_then(before: Apps) -> list[int]:
    """Jobs as they were made then; the ids of their photos."""
    workspace = before.get_model("dashboard", "Workspace").objects.create(name="Studio", slug="carried")
    photo_set = before.get_model("jobs", "PhotoSet").objects.create(workspace=workspace, name="Rex")
    row = {"workspace": workspace, "photo_set": photo_set}
    photo = before.get_model("jobs", "Photo").objects.create
    first, erased, last = (photo(**row, upload_nonce=str(number), prepared=f"{number}.jpg").pk for number in range(3))
    sent = {
        str(last): {"file": "", "crop": CROP, "caption": "on a sofa"},
        str(first): {"file": "0.jpg", "crop": None, "caption": ""},
    }
    photos = {"photo_ids": [last, erased, GONE, first], "sent_photos": sent, "photo_count": 4}
    whole = {**WORDS, **photos, "dry_run": True, "training": TRAINING, "generations": PICTURES}
    order(before, "Rex", kind="train_and_generate", **whole)
    order(before, "Beach", kind="generation", generations=PICTURES[:1])
    order(before, "Empty", kind="training")
    return [first, erased, last]


@pytest.fixture(scope="module")
def carried(django_db_setup, django_db_blocker) -> Iterator[dict[str, Any]]:
    """The database with orders of then, brought to now, and one that a server of then made while it was."""
    patch = pytest.MonkeyPatch()
    patch.setattr(import_module("jobs.migrations.0008_carry_orders_over"), "AT_ONCE", 2)
    with django_db_blocker.unblock():
        before = migrated(BEFORE)
        photos = order_then(before)
        after = migrated(AFTER)
        order(before, "Late", kind="training", token="ukj", training=TRAINING, photo_ids=photos)
        new = order(after, "New", kind="training", order={"training": TRAINING, "generations": PICTURES})
        seen = before.get_model("jobs", "Job").objects.get(pk=new.pk)
        migrated()
        yield {"photos": photos, "new_as_seen_before": seen}
        Workspace.objects.get(slug="carried").delete()
    patch.undo()


def test_what_was_ordered_is_what_it_was(carried):
    told = {**WORDS, "dry_run": True, "training": TRAINING, "generations": tuple(PICTURES)}
    assert Job.objects.get(name="Rex").spec == OrderSpec(Kind.TRAIN_AND_GENERATE, "Rex", **told)
    expected = OrderSpec(Kind.GENERATION, "Beach", generations=tuple(PICTURES[:1]))
    assert Job.objects.get(name="Beach").spec == expected
    assert Job.objects.get(name="Empty").spec == OrderSpec(Kind.TRAINING, "Empty")


def test_its_photos_are_what_was_sent_of_them_in_their_order(carried):
    first, erased, last = carried["photos"]
    rows = Job.objects.get(name="Rex").job_photos.in_order()
    assert [(row.photo_id, row.caption, row.crop, row.file) for row in rows] == [
        (last, "on a sofa", CROP, ""),
        (erased, "", None, ""),
        (first, "", None, "0.jpg"),
    ]
    assert not Job.objects.get(name="Beach").job_photos.exists()


def test_an_order_that_a_server_of_the_version_before_made_meanwhile_is_not_sent(carried):
    with pytest.raises(InvalidOrder, match="order it again"):
        ordering.build(Job.objects.get(name="Late"), "token")


def test_a_server_of_the_version_before_finds_nothing_to_send_in_a_newer_order(carried):
    seen = carried["new_as_seen_before"]
    assert (seen.training, seen.generations, seen.photo_ids, seen.sent_photos) == ({}, [], [], {})
