"""Whether a job can be asked after is called so; the column keeps the name that running processes know."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0004_event_details_unused")]

    operations = [
        migrations.AlterField("job", "tracked", models.BooleanField(default=True, editable=False, db_column="tracked")),
        migrations.RenameField("job", "tracked", "is_pollable"),
    ]
