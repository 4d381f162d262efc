"""The photos of an order become rows, so that who used a photo is a join."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0005_job_is_pollable")]

    operations = [
        migrations.CreateModel(
            name="JobPhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("caption", models.TextField(blank=True)),
                ("crop", models.JSONField(null=True)),
                ("file", models.CharField(blank=True, max_length=200)),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="job_photos", to="jobs.job"
                    ),
                ),
                (
                    "photo",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="job_photos", to="jobs.photo"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["job", "position"], name="one_photo_each_place")],
            },
        ),
    ]
