"""What is searched is kept folded: names, prompts and providers of jobs, prompts of pictures.

Rows that a server of the version before still makes have none, and are looked through as they were."""

from typing import Any

from django.db import migrations, models

from jobs import search

AT_ONCE = 500


def fold(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    for name, texts in (("Job", of_job), ("GeneratedImage", of_image)):
        model, last = apps.get_model("jobs", name), 0
        while rows := list(model.objects.using(database).filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
            for row in rows:
                row.search_text = search.folded(*texts(row))
            model.objects.using(database).bulk_update(rows, ["search_text"])
            last = rows[-1].pk


def of_job(job: Any) -> list[str]:
    order = job.order if isinstance(job.order, dict) else {}
    generations = order.get("generations") or []
    prompts = [str(values.get("prompt") or "") for values in generations if isinstance(values, dict)]
    return [job.name, job.provider, job.base_model, str(order.get("token") or ""), *prompts]


def of_image(image: Any) -> list[str]:
    return [image.prompt]


def added() -> Any:
    return models.TextField(blank=True, db_default="", default="", editable=False)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0012_job_restored_from")]

    operations = [
        migrations.AddField("job", "search_text", added()),
        migrations.AddField("generatedimage", "search_text", added()),
        migrations.RunPython(fold, migrations.RunPython.noop),
    ]
