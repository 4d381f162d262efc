"""No job was ever a draft: every one is saved when it is ordered, and that is what a new row says now.

Only what Python knows of the column changes.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_orphaned_file")]

    operations = [
        migrations.AlterField(
            "job",
            "state",
            models.CharField(
                max_length=12,
                default="ready",
                choices=[
                    ("ready", "Starting"),
                    ("submitting", "Sending"),
                    ("uncertain", "Checking"),
                    ("queued", "In the queue"),
                    ("running", "Running"),
                    ("success", "Done"),
                    ("failure", "Failed"),
                    ("cancelled", "Cancelled"),
                    ("lost", "Lost"),
                ],
            ),
        ),
    ]
