"""What watches the order of locks sees what is out of it."""

import pytest
from django.db import transaction

from dashboard.models import Workspace
from jobs.models import Job
from tests.jobs.factories import make_job
from tests.lock_order import watched

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rows_are_locked_in_one_order() -> None:
    """Here they are not."""


def rename(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(name="Rex")


def test_a_job_that_is_locked_after_its_workspace_is_told(studio: Workspace):
    job = make_job(studio)
    with watched() as watch:
        with transaction.atomic():
            studio.raise_version()
            rename(job)
        assert watch.complaints() == ["jobs_job after dashboard_workspace"]


def test_a_row_that_is_locked_by_reading_it_counts_too(studio: Workspace):
    job = make_job(studio)
    with watched() as watch:
        with transaction.atomic():
            studio.lock()
            Job.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).get(pk=job.pk)
        assert watch.complaints() == ["jobs_job after dashboard_workspace"]


def test_nothing_is_said_of_the_right_order_of_new_rows_and_of_single_statements(studio: Workspace):
    job = make_job(studio)
    with watched() as watch:
        with transaction.atomic():
            rename(job)
            studio.raise_version()
            rename(job)
        with transaction.atomic():
            studio.raise_version()
            rename(make_job(studio))
        studio.raise_version()
        rename(job)
        assert watch.complaints() == []
