"""One column keeps what was ordered. Those that kept it field by field get defaults of the database's own, because
a later version inserts rows without them (`0009`)."""

from django.db import migrations, models


NOTHING = models.Value({}, models.JSONField())
NONE = models.Value([], models.JSONField())


class Migration(migrations.Migration):
    dependencies = [("jobs", "0006_job_photo")]

    operations = [
        migrations.AddField("job", "order", models.JSONField(default=dict, db_default=NOTHING, editable=False)),
        migrations.AlterField("job", "model_type", models.CharField(blank=True, db_default="", max_length=20)),
        migrations.AlterField("job", "preset", models.CharField(blank=True, db_default="", max_length=40)),
        migrations.AlterField("job", "token", models.CharField(blank=True, db_default="", max_length=40)),
        migrations.AlterField("job", "class_word", models.CharField(blank=True, db_default="", max_length=40)),
        migrations.AlterField("job", "training", models.JSONField(default=dict, db_default=NOTHING)),
        migrations.AlterField("job", "generations", models.JSONField(default=list, db_default=NONE)),
        migrations.AlterField("job", "photo_ids", models.JSONField(default=list, db_default=NONE)),
        migrations.AlterField("job", "sent_photos", models.JSONField(default=dict, db_default=NOTHING)),
    ]
