"""Background tasks go to the queue that somebody chose for them, so that none takes another kind's turn."""

import inspect

import pytest
from django.conf import settings

from dashboard.celery import app
from dashboard.up.supervisor import QUEUES


def our_tasks() -> set[str]:
    app.loader.import_default_modules()
    return {name for name in app.tasks if not name.startswith("celery.")}


def queue_of(task: str) -> str:
    return settings.CELERY_TASK_ROUTES[task]["queue"]


def test_every_task_has_a_route_to_a_queue_that_workers_take_from():
    assert our_tasks() == set(settings.CELERY_TASK_ROUTES)
    assert {queue_of(task) for task in our_tasks()} == set(QUEUES.split(","))


def test_what_works_on_pictures_keeps_polling_free():
    pictures = {task for task in our_tasks() if task.endswith("_photo")}
    assert {"jobs.tasks.take_in_photo", "jobs.tasks.crop_photo", "jobs.tasks.inspect_photo"} <= pictures
    assert {queue_of(task) for task in pictures} == {"photos"}


@pytest.mark.parametrize("name", sorted(our_tasks()))
def test_b12_what_a_later_version_says_besides_is_ignored(name: str):
    signature = inspect.signature(app.tasks[name].run)
    needed = [1 for one in signature.parameters.values() if one.kind is one.POSITIONAL_OR_KEYWORD]
    signature.bind(*needed, "more", later="word")
