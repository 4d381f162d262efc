"""A refresh of the list brings what changed and nothing else."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dashboard.models import Workspace
from jobs import versions
from jobs.models import Job
from jobs.operations.jobs.actions import delete
from tests.jobs.factories import make_job

pytestmark = pytest.mark.django_db


def poll_address(page: HttpResponse) -> str:
    """Where the page will ask for changes."""
    found = re.search(r'id="poller" hx-get="([^"]+)"', page.content.decode())
    assert found is not None
    return found[1].replace("&amp;", "&")


def change(job: Job, **fields: object) -> None:
    Job.objects.filter(pk=job.pk).update(version=versions.touch(job.workspace), **fields)


def cards(answer: HttpResponse) -> dict[int, str]:
    """How each card of the answer is swapped in, by job id."""
    found = re.findall(r'<article[^>]* id="job-(\d+)"(?: hx-swap-oob="(\w+)")?', answer.content.decode())
    return {int(number): how for number, how in found}


@pytest.fixture
def jobs(studio: Workspace, mara) -> list[Job]:
    return [make_job(studio, mara, name=f"Job {number}") for number in range(5)]


def opened(client: Client, studio: Workspace, query: str = "") -> str:
    return poll_address(client.get(reverse("jobs", args=[studio.slug]) + query))


def test_nothing_changed_is_said_without_a_word(as_mara, studio, jobs):
    answer = as_mara.get(opened(as_mara, studio))
    assert answer.status_code == 204
    assert answer.content == b""


def test_only_the_changed_card_comes(as_mara, studio, jobs):
    address = opened(as_mara, studio)
    change(jobs[2], percent=10, state="running")
    answer = as_mara.get(address)
    assert cards(answer) == {jobs[2].pk: "morph"}
    assert "<html" not in answer.content.decode()


def test_a_refresh_of_one_card_is_a_small_part_of_the_page(as_mara, studio, mara):
    fifty = [make_job(studio, mara, name=f"Job {number}") for number in range(50)]
    page = as_mara.get(reverse("jobs", args=[studio.slug]))
    change(fifty[7], percent=10, state="running")
    assert len(as_mara.get(poll_address(page)).content) < len(page.content) / 8


def test_a_new_job_comes_on_top(as_mara, studio, mara, jobs):
    address = opened(as_mara, studio)
    new = make_job(studio, mara)
    change(new)
    answer = as_mara.get(address)
    assert cards(answer) == {new.pk: ""}
    assert 'hx-swap-oob="afterbegin:#job-cards"' in answer.content.decode()


def test_a_deleted_job_goes(as_ann, studio, ann, jobs):
    address = opened(as_ann, studio)
    delete(jobs[1], ann)
    assert cards(as_ann.get(address)) == {jobs[1].pk: "delete"}


def test_each_answer_says_where_to_ask_next(as_mara, studio, jobs):
    address = opened(as_mara, studio)
    change(jobs[0], percent=10)
    following = poll_address(as_mara.get(address))
    assert following != address
    assert as_mara.get(following).status_code == 204


def test_an_answer_without_cards_renews_the_token(as_mara, studio, jobs):
    address = opened(as_mara, studio, "?kind=training")
    change(jobs[0], percent=10)
    answer = as_mara.get(address)
    assert cards(answer) == {}
    assert as_mara.get(poll_address(answer)).status_code == 204


def test_a_filter_on_the_state_lets_jobs_come_and_go(as_mara, studio, mara, jobs):
    running = make_job(studio, mara, state="running")
    address = opened(as_mara, studio, "?tab=running")
    change(running, state="success")
    change(jobs[3], state="running")
    answer = as_mara.get(address)
    assert 'id="job-cards" hx-swap-oob="morph"' in answer.content.decode()
    assert cards(answer) == {jobs[3].pk: ""}


def test_an_older_page_does_not_grow_at_its_top(as_mara, studio, mara, jobs):
    address = opened(as_mara, studio, f"?before={jobs[4].pk}")
    change(make_job(studio, mara))
    assert "afterbegin" not in as_mara.get(address).content.decode()


def test_jobs_below_the_page_are_not_sent(as_mara, studio, mara):
    many = [make_job(studio, mara, name=f"Job {number}") for number in range(55)]
    address = opened(as_mara, studio)
    change(many[0], percent=10)
    assert cards(as_mara.get(address)) == {}


def test_too_many_changes_reload_the_page(as_mara, studio, mara):
    version = versions.touch(studio)
    address = opened(as_mara, studio)
    Job.objects.bulk_create(
        Job(
            workspace=studio,
            name="x",
            kind="training",
            provider="practice",
            idempotency_key=f"n{n}",
            version=version + 1,
        )
        for n in range(201)
    )
    versions.touch(studio)
    assert as_mara.get(address).headers["HX-Refresh"] == "true"


def test_a_refresh_takes_as_many_queries_for_many_changes_as_for_one(as_mara, studio, jobs, django_assert_num_queries):
    address = opened(as_mara, studio)
    change(jobs[0], percent=10)
    with django_assert_num_queries(6):
        as_mara.get(address)
    for job in jobs:
        change(job, percent=20)
    with django_assert_num_queries(6):
        assert len(cards(as_mara.get(address))) == 5


def test_the_next_look_at_the_same_change_takes_four(as_mara, studio, jobs, django_assert_num_queries):
    address = opened(as_mara, studio)
    change(jobs[0], percent=10)
    as_mara.get(address)
    with django_assert_num_queries(4):
        assert len(cards(as_mara.get(address))) == 1


@pytest.mark.parametrize("name", ["newest", "oldest", "since"])
@pytest.mark.parametrize("value", ["", "x", "-1", "9" * 30, "%00"])
def test_a_tampered_address_is_never_an_error(as_mara, studio, jobs, name, value):
    address = re.sub(rf"{name}=\d+", f"{name}={value}", opened(as_mara, studio))
    change(jobs[0], percent=10)
    assert as_mara.get(address).status_code == 200
