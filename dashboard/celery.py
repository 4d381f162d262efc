"""The Celery application. Its messages are hints: what is owed stands in the database."""

import os
import warnings
from typing import Any

from celery import Celery, Task, signals

from dashboard import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

warnings.filterwarnings("ignore", "You're running the worker with superuser")  # in a container that is no news

app = Celery("likeness")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.worker_consumer = "dashboard.worker.consumer:PatientConsumer"
app.autodiscover_tasks()
app.autodiscover_tasks(["dashboard.worker"])


@signals.setup_logging.connect
def keep_our_logs(**options: Any) -> None:
    """Django has set up logging already; a receiver of this signal keeps Celery from doing it again."""


@signals.worker_init.connect
def look_at_the_data(**options: Any) -> None:
    """Begin only on data that this version and these keys are for."""
    from django.db import connections

    from dashboard.operations import starting

    starting.check()
    connections.close_all()  # the thread that looked does no work


@signals.task_prerun.connect
def name_the_task(task_id: str, task: Task[Any, Any], **options: Any) -> None:
    """Put the task's id on every line that it logs, as a request's id is on a request's lines."""
    logs.request_id.set(task_id)
    logs.job_id.set(None)
