"""The key of a press, the zip in the bucket and the token of the photos take the field's names; their columns keep
theirs, which servers of the version before read and write."""

import secrets

from django.db import migrations, models

UNIQUE = models.UniqueConstraint(fields=["workspace", "idempotency_key"], name="one_job_per_press")
IN_BUCKET = models.Index(fields=["state"], name="job_lending", condition=~models.Q(photo_archive=""))


class Migration(migrations.Migration):
    dependencies = [("jobs", "0009_order_columns_out_of_use")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint("job", "one_job_per_press"),
                migrations.RemoveIndex("job", "job_lending"),
                migrations.RenameField("job", "nonce", "idempotency_key"),
                migrations.RenameField("job", "lent_archive", "photo_archive"),
                migrations.RenameField("attempt", "lent_hash", "photo_grant_hash"),
                migrations.AlterField(
                    "job",
                    "idempotency_key",
                    models.CharField(
                        max_length=64, default=secrets.token_urlsafe, editable=False, db_column="nonce"
                    ),
                ),
                migrations.AlterField(
                    "job",
                    "photo_archive",
                    models.CharField(max_length=200, blank=True, editable=False, db_column="lent_archive"),
                ),
                migrations.AlterField(
                    "attempt",
                    "photo_grant_hash",
                    models.CharField(max_length=64, unique=True, null=True, editable=False, db_column="lent_hash"),
                ),
                migrations.AddConstraint("job", UNIQUE),
                migrations.AddIndex("job", IN_BUCKET),
            ]
        )
    ]
