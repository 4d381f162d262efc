from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0004_installation_home")]

    operations = [
        migrations.CreateModel(
            name="RateCount",
            fields=[
                ("name", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField()),
                ("until", models.BigIntegerField(db_index=True)),
            ],
        ),
    ]
