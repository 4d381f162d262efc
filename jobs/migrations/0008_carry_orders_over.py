"""Orders that were made so far: their fields into `Job.order`, their photos into `JobPhoto`.

A server of the version before may still make a job after this; nobody carries that one over. It has no `order`, and so
is not sent: whoever ordered it is told to do so again, and nothing is charged.
"""

from collections.abc import Container, Iterable
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

AT_ONCE = 500
FIELDS = ("model_type", "preset", "token", "class_word", "training", "generations")


def carry_over(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Job: Any = apps.get_model("jobs", "Job")
    Photo: Any = apps.get_model("jobs", "Photo")
    rows, last = Job.objects.only(*FIELDS, "photo_ids", "sent_photos").order_by("pk"), 0
    while jobs := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        last = jobs[-1].pk
        named = {pk for job in jobs for pk in job.photo_ids}
        there = set(Photo.objects.filter(pk__in=named).values_list("pk", flat=True))
        for job in jobs:
            job.order = {name: getattr(job, name) for name in FIELDS}
        Job.objects.bulk_update(jobs, ["order"], batch_size=AT_ONCE)
        _photos(apps, jobs, there)


def _photos(apps: Apps, jobs: Iterable[Any], there: Container[int]) -> None:
    """Of a photo that was removed for good, nothing stands in `sent_photos` any more."""
    JobPhoto: Any = apps.get_model("jobs", "JobPhoto")
    JobPhoto.objects.bulk_create(
        (
            JobPhoto(job_id=job.pk, photo_id=pk, position=position, **job.sent_photos.get(str(pk), {}))
            for job in jobs
            for position, pk in enumerate(job.photo_ids)
            if pk in there
        ),
        batch_size=AT_ONCE,
    )


class Migration(migrations.Migration):
    dependencies = [("jobs", "0007_job_order")]

    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop, elidable=True)]
