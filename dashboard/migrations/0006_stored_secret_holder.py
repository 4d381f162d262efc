from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0005_ratecount")]

    operations = [
        migrations.AddField(
            model_name="storedsecret",
            name="holder",
            field=models.CharField(blank=True, db_default="", editable=False, max_length=60),
        ),
    ]
