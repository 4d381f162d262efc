"""Every list is read from an index in the order it is shown in, so a page costs the same however many rows there are.

Words in names and prompts are the exception: they are looked for row by row, within the workspace.
"""

import pytest
from django.db import connection, models

from jobs.forms.lists import GalleryFilter, JobFilter
from jobs.models import Job
from jobs.pages import job_list
from tests.jobs.factories import make_job

pytestmark = [pytest.mark.django_db, pytest.mark.services(every_case=True)]


def plan(rows: models.QuerySet) -> str:
    """How the database finds *rows*. PostgreSQL would rather read and sort the few rows of a test than follow an index:
    which of them is cheaper changes with when it last counted the table, so it sorts only where it has no other way."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
    return rows.explain()


def assert_read_in_order(rows: models.QuerySet, index: str) -> None:
    found = plan(rows)
    if connection.vendor == "sqlite":
        assert index in found
    for waste in ("SCAN", "Seq Scan", "Sort", "TEMP B-TREE"):
        assert waste not in found, found


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({}, "job_list"),
        ({"before": "500"}, "job_list"),
        ({"tab": "running"}, "job_by_tab"),
        ({"tab": "needs-you"}, "job_by_tab"),
        ({"tab": "done"}, "job_by_tab"),
        ({"tab": "failed"}, "job_by_tab"),
        ({"tab": "failed", "before": "500"}, "job_by_tab"),
        ({"kind": "training"}, "job_by_kind"),
        ({"person": "7"}, "job_by_person"),
        ({"person": "7", "before": "500"}, "job_by_person"),
    ],
)
def test_pages_of_jobs(studio, query, index):
    assert_read_in_order(job_list.page_of(studio, JobFilter.asked(query))[:51], index)


def test_jobs_under_way_are_counted_without_looking_at_others(studio):
    assert_read_in_order(job_list.rows_to_count(studio), "job_by_tab")


def test_changes_of_jobs(studio):
    assert_read_in_order(job_list.touched(studio, JobFilter.asked({}), since=3)[:201], "job_changes")


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({}, "image_by_workspace"),
        ({"before": "500"}, "image_by_workspace"),
        ({"starred": "on"}, "image_starred"),
        ({"job": "7"}, "image_of_job"),
        ({"model": "7"}, "image_of_model"),
    ],
)
def test_pages_of_pictures(studio, query, index):
    filters = GalleryFilter(query)
    images = filters.matching(studio.generated_images.for_gallery())
    assert_read_in_order(images.filter(pk__lt=filters.before_id) if filters.before_id else images[:61], index)


def test_sets_of_photos(studio):
    assert_read_in_order(studio.photo_sets.for_list()[:31], "set_by_workspace")


def test_jobs_that_are_due():
    assert_read_in_order(Job.objects.due().order_by("next_action_at")[:200], "job_due")


def test_the_database_sorts_jobs_into_the_tabs(studio, mara):
    job = make_job(studio, mara, state="uncertain")
    for state, needs_decision, tab in [
        ("uncertain", False, "running"),
        ("uncertain", True, "needs-you"),
        ("success", True, "done"),
        ("lost", False, "failed"),
        ("cancelled", False, ""),
    ]:
        Job.objects.filter(pk=job.pk).update(state=state, needs_decision=needs_decision)
        assert Job.objects.get(pk=job.pk).list_tab == tab
