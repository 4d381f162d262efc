"""The columns that were carried over stay in the database for this version, with defaults, because servers of the
version before still read and write them while this one starts. A later version removes them; on SQLite, which builds a
table anew to change it, they may be gone by then."""

from django.db import migrations

COLUMNS = ("model_type", "preset", "token", "class_word", "training", "generations", "photo_ids", "sent_photos")


class Migration(migrations.Migration):
    dependencies = [("jobs", "0008_carry_orders_over")]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("job", name) for name in COLUMNS])
    ]
