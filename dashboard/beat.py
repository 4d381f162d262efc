"""The Celery application of beat: it sends messages by the clock and loads neither models nor tasks."""

from celery import Celery

app = Celery("likeness", fixups=[])
app.config_from_object("dashboard.settings", namespace="CELERY")
