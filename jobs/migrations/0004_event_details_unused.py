"""The details of an event were never written. The code no longer knows the column, but the table keeps it for one more
release: processes of the release before, which run until they are replaced, still name it when they add an event.

Its default moves into the database, because the new code leaves the column out and it takes no NULL. A later release
drops it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0003_job_begins_ready")]

    operations = [
        migrations.AlterField("jobevent", "details", models.JSONField(default=dict, db_default={})),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("jobevent", "details")]),
    ]
