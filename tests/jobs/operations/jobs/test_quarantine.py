"""What we fail over is counted against the one job that it was about, and its log lines name that job."""

import logging

import pytest
from django.db import OperationalError

from dashboard import logs
from jobs.models import Job
from jobs.operations.jobs import quarantine
from jobs.operations.jobs.callbacks import receive
from jobs.operations.jobs.quarantine import LIMIT, contained
from jobs.operations.jobs.submit import submit
from tests.jobs.operations.conftest import again, told
from tests.jobs.operations.scripted import Scripted

pytestmark = pytest.mark.django_db


def fail_over(job: Job) -> None:
    with contained(job.pk, "read how it is"):
        raise RuntimeError("our mistake")


def test_b13_after_three_failures_people_see_it_and_the_job_goes_on_slowly(sent: Job):
    for _ in range(2 * LIMIT):
        fail_over(sent)
    assert told(sent).count(quarantine.OUR_FAULT) == 1
    assert again(sent).next_action_at is not None


def test_a_database_that_is_away_is_no_fault_of_the_job(sent: Job):
    with pytest.raises(OperationalError), contained(sent.pk, "read how it is"):
        raise OperationalError
    assert again(sent).tries == 0


def test_log_lines_name_the_job_that_was_worked_on_and_no_other(sent: Job):
    named: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: named.append(logs.TextFormatter().format(record))
    logging.getLogger("jobs").addHandler(handler)
    try:
        fail_over(sent)
    finally:
        logging.getLogger("jobs").removeHandler(handler)
    assert f"[job {sent.pk}]" in named[0]
    assert logs.job_id.get() is None


def test_the_job_is_named_while_it_is_sent_and_while_its_callback_is_taken_in(job: Job, scripted: Scripted):
    seen: list[int | None] = []
    scripted.answers = [lambda order: (seen.append(logs.job_id.get()), scripted.accept(order))[1]]
    submit(job.pk)
    called_id = scripted.called_id
    scripted.called_id = lambda body: (seen.append(logs.job_id.get()), called_id(body))[1]
    receive(scripted.orders[0].callback_url.rstrip("/").rpartition("/")[2], b"{}")
    assert seen == [job.pk, job.pk]
