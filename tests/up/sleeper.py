"""A worker of ours with one task, which takes its time: `celery --app tests.up.sleeper worker`."""

import os
import time
from pathlib import Path

from celery import Celery

app = Celery("sleeper", fixups=[], broker=os.environ["SLEEPER_BROKER"])
app.conf.update(
    worker_consumer="dashboard.worker.consumer:PatientConsumer",
    task_acks_late=True,
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 5},
)


@app.task
def sleep(seconds: float, note: str) -> None:
    """Sleep, then write the note."""
    started = Path(f"{note}.started")
    started.touch()
    time.sleep(seconds)
    Path(note).touch()
