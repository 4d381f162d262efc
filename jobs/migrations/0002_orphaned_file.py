"""A file that a row gave up is called an orphan; its table keeps the name that running processes know."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]

    operations = [
        migrations.AlterModelTable("doomedfile", "jobs_doomedfile"),
        migrations.RenameModel("DoomedFile", "OrphanedFile"),
    ]
