"""The list of jobs: what it shows to whom, how it is filtered, and what it costs."""

import gzip
import re
from html import unescape
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from jobs import versions
from jobs.models import Job, JobState
from jobs.operations.api_keys import keys
from tests.conftest import text_of
from tests.jobs.factories import make_image, make_job

pytestmark = [pytest.mark.django_db, pytest.mark.services(every_case=True)]


def address(workspace, **query) -> str:
    parts = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{reverse('jobs', args=[workspace.slug])}?{parts}"


def shown(response) -> list[int]:
    """The ids of the cards on the page, in their order."""
    return [int(number) for number in re.findall(r'<article class="job-card[^"]*" id="job-(\d+)"', text_of(response))]


def make_jobs(workspace, user, count, **fields) -> list[Job]:
    return [make_job(workspace, user, name=f"Job {number}", **fields) for number in range(count)]


# What it shows


def test_newest_first(as_vic, studio, mara):
    jobs = make_jobs(studio, mara, 3)
    assert shown(as_vic.get(address(studio))) == [job.pk for job in reversed(jobs)]


def test_deleted_jobs_and_those_of_others_are_not_shown(as_mara, studio, elsewhere, mara, sam):
    make_job(elsewhere, sam)
    gone = make_job(studio, mara)
    Job.objects.filter(pk=gone.pk).update(deleted_at=gone.created_at)
    assert shown(as_mara.get(address(studio))) == []


def test_the_first_visit_is_shown_how_it_goes(as_mara, studio):
    page = text_of(as_mara.get(address(studio)))
    assert "Try it with sample photos" in page
    assert reverse("photo_set_samples", args=[studio.slug]) in page


def test_who_only_looks_is_offered_nothing_to_press(as_vic, studio, mara):
    job = make_job(studio, mara)
    page = text_of(as_vic.get(address(studio)))
    assert reverse("job_delete", args=[studio.slug, job.pk]) not in page
    assert reverse("job_clone", args=[studio.slug, job.pk]) not in page
    assert "Try it with sample photos" not in page


def test_editors_stop_their_own_jobs_only(as_mara, studio, mara, ann):
    own = make_job(studio, mara, state=JobState.READY)
    other = make_job(studio, ann, state=JobState.READY)
    page = text_of(as_mara.get(address(studio)))
    assert reverse("job_cancel", args=[studio.slug, own.pk]) in page
    assert reverse("job_cancel", args=[studio.slug, other.pk]) not in page


def test_cards_of_one_reader_are_not_served_to_another(as_ann, as_mara, as_vic, studio, jon):
    job = make_job(studio, jon)
    delete = reverse("job_delete", args=[studio.slug, job.pk])
    assert delete in text_of(as_ann.get(address(studio)))
    assert delete not in text_of(as_mara.get(address(studio)))
    assert delete not in text_of(as_vic.get(address(studio)))


def test_a_card_carries_no_token_and_no_reader(as_mara, studio, mara, ann):
    make_job(studio, ann)
    page = text_of(as_mara.get(address(studio)))
    card = page[page.index("<article") : page.index("</article>")]
    assert "csrf" not in card
    assert "Mara" not in card


def test_it_counts_what_runs_and_what_is_yours(as_mara, studio, mara, ann):
    for person, state in ((mara, JobState.RUNNING), (mara, JobState.QUEUED), (ann, JobState.QUEUED)):
        make_job(studio, person, state=state)
    make_job(studio, ann, state=JobState.UNCERTAIN, needs_decision=True)
    make_job(studio, mara, state=JobState.UNCERTAIN, needs_decision=True)
    page = text_of(as_mara.get(address(studio)))
    assert "2 of 3 running are yours" in page
    assert 'Needs you <span class="count">2</span>' in page
    assert "data-needs-you" in page
    assert "<title>2 need you · Jobs · Likeness</title>" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "running", "kind": "training", "percent": 62}, "Training"),
        ({"state": "running", "percent": 5}, "Drawing"),
        ({"state": "queued", "queue_position": 3}, "number 3 in the queue"),
        ({"state": "queued", "queue_position": 1}, "next in the queue"),
        ({"state": "uncertain", "needs_decision": True}, "Needs you"),
        ({"state": "ready", "failure_code": "waiting_for_key"}, "Waiting"),
        ({"state": "success", "missing_count": 2}, "Done, 2 missing"),
        ({"state": "success", "dry_run": True}, "Rehearsed"),
        ({"state": "success", "results_pending": True}, "Done, fetching results"),
        ({"state": "failure", "failure": "It broke. Nothing was charged."}, "It broke."),
        ({"state": "running", "estimated_seconds_low": 600, "estimated_seconds_high": 900}, "about 10–15 min left"),
        ({"estimated_cost_cents": 120}, "about 1.20 €"),
        ({"provider": "gone"}, "gone"),
    ],
)
def test_a_card_says_it_in_words(as_mara, studio, mara, fields, words):
    make_job(studio, mara, **fields)
    assert words in text_of(as_mara.get(address(studio)))


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{{7*7}}", "x" * 120])
def test_any_name_is_shown_unharmed(as_mara, studio, mara, name):
    make_job(studio, mara, name=name)
    page = as_mara.get(address(studio))
    assert page.status_code == 200
    assert "<script>alert" not in text_of(page)


# Filters


@pytest.mark.parametrize(
    ("tab", "names"),
    [
        ("", {"ran", "asks", "well", "badly", "lost", "stopped"}),
        ("running", {"ran"}),
        ("needs-you", {"asks"}),
        ("done", {"well"}),
        ("failed", {"badly", "lost"}),
    ],
)
def test_tabs(as_mara, studio, mara, tab, names):
    make_job(studio, mara, name="ran", state=JobState.RUNNING)
    make_job(studio, mara, name="asks", state=JobState.UNCERTAIN, needs_decision=True)
    make_job(studio, mara, name="well", state=JobState.SUCCESS)
    make_job(studio, mara, name="badly", state=JobState.FAILURE)
    make_job(studio, mara, name="lost", state=JobState.LOST)
    make_job(studio, mara, name="stopped", state=JobState.CANCELLED)
    found = shown(as_mara.get(address(studio, tab=tab)))
    assert set(Job.objects.filter(pk__in=found).values_list("name", flat=True)) == names


def test_kind_person_and_words_narrow_it_down(as_mara, studio, mara, ann):
    wanted = make_job(studio, mara, name="Rex on the beach", kind="training")
    make_job(studio, ann, name="Rex on the beach", kind="training")
    make_job(studio, mara, name="Rex at home", kind="training")
    make_job(studio, mara, name="Rex on the beach", kind="generation")
    assert shown(as_mara.get(address(studio, kind="training", person=mara.pk, q="beach+rex"))) == [wanted.pk]


@pytest.mark.parametrize("words", ["möbel", "MÖBEL", "Mo\u0308bel", "STRASSE", "dreamlook möbel", "WATERCOLOUR"])
def test_words_are_found_in_any_case_in_names_prompts_and_providers(as_mara, studio, mara, words):
    order = {"provider": "dreamlook", "generations": [{"prompt": "as a watercolour"}]}
    wanted = make_job(studio, mara, name="Möbel, Straße", **order)
    make_job(studio, mara, name="Rex")
    assert shown(as_mara.get(address(studio, q=words))) == [wanted.pk]


def test_jobs_that_a_server_of_the_version_before_made_are_found_and_then_carried_over(as_mara, studio, mara):
    jobs = [make_job(studio, mara, name="Rex", generations=[{"prompt": "ÜBER"}]), make_job(studio, mara)]
    image = make_image(jobs[0], prompt="ÜBER")
    Job.objects.update(search_text="")
    assert shown(as_mara.get(address(studio, q="rex"))) == [job.pk for job in reversed(jobs)]
    import_module("jobs.migrations.0013_search_text").fold(apps, connection.schema_editor())
    assert shown(as_mara.get(address(studio, q="über"))) == [jobs[0].pk]
    image.refresh_from_db()
    assert image.search_text == "über"


def test_a_job_whose_results_are_fetched_is_done_and_nothing_moves(as_mara, studio, mara):
    make_job(studio, mara, state="success", results_pending=True)
    page = text_of(as_mara.get(address(studio)))
    assert "Nothing is running" in page
    assert "<progress" not in page


@pytest.mark.parametrize(
    "query",
    [{"tab": "nonsense"}, {"kind": "%00"}, {"person": "9" * 40}, {"person": "-1"}, {"before": "x"}, {"q": "%00"}],
)
def test_filters_without_sense_are_ignored(as_mara, studio, mara, query):
    job = make_job(studio, mara)
    response = as_mara.get(address(studio, **query))
    assert response.status_code == 200
    assert shown(response) == [job.pk]


def test_nothing_found_offers_everything(as_mara, studio, mara):
    make_job(studio, mara)
    page = as_mara.get(address(studio, q="cat"))
    assert "Nothing matches these filters." in text_of(page)
    assert "Try it with sample photos" not in text_of(page)


# Pages


def test_older_jobs_are_a_page_of_their_own(as_mara, studio, mara):
    jobs = make_jobs(studio, mara, 55)
    first = as_mara.get(address(studio))
    assert shown(first) == [job.pk for job in jobs[:4:-1]]
    older = re.search(r'<a class="button" href="([^"]+)" hx-get', text_of(first))
    assert older is not None
    assert shown(as_mara.get(older[1].replace("&amp;", "&"))) == [job.pk for job in jobs[4::-1]]


def test_show_older_brings_only_cards(as_mara, studio, mara):
    jobs = make_jobs(studio, mara, 55)
    response = as_mara.get(address(studio, before=jobs[5].pk), headers={"HX-Request": "true"})
    page = text_of(response)
    assert 'hx-swap-oob="beforeend:#job-cards"' in page
    assert "<html" not in page
    assert "HX-Request" in response.headers["Vary"]
    assert len(shown(response)) == 5


# Cost


def test_a_look_at_changed_jobs_takes_six_queries_however_many(as_mara, studio, mara, django_assert_max_num_queries):
    as_mara.get(address(studio))
    make_jobs(studio, mara, 10, thumbnails=["thumbnails/1/aa/b.webp"] * 4)
    versions.touch(studio)
    with django_assert_max_num_queries(6):
        as_mara.get(address(studio))
    make_jobs(studio, mara, 30, thumbnails=["thumbnails/1/aa/b.webp"] * 4)
    versions.touch(studio)
    with django_assert_max_num_queries(6):
        assert len(shown(as_mara.get(address(studio)))) == 40


def test_the_next_look_reads_no_job(as_mara, studio, mara, django_assert_max_num_queries):
    make_jobs(studio, mara, 10)
    as_mara.get(address(studio))
    with django_assert_max_num_queries(3):
        as_mara.get(address(studio))


def test_a_page_of_fifty_is_small(as_mara, studio, mara):
    thumbnails = [f"thumbnails/{studio.pk}/aa/{number:064x}.webp" for number in range(4)]
    make_jobs(studio, mara, 50, thumbnails=thumbnails)
    response = as_mara.get(address(studio), headers={"Accept-Encoding": "gzip"})
    assert len(gzip.compress(response.content, 6)) <= 12 * 1024


# What may be done with several


def chosen(client, workspace, action, jobs):
    url = reverse("jobs_selected", args=[workspace.slug])
    return client.post(url, {"action": action, "job": [job.pk for job in jobs]}, follow=True)


def test_what_is_done_with_several_and_undone_leaves_the_list_as_it_was_filtered(as_ann, studio, mara):
    make_jobs(studio, mara, 2)
    filtered = address(studio, tab="done", q="job")
    page = text_of(as_ann.get(filtered))
    url = reverse("jobs_selected", args=[studio.slug])
    way_back = re.search(r'id="selected-jobs".*?name="next" value="([^"]*)"', page)
    assert way_back is not None
    typed = {"action": "delete", "job": Job.objects.first().pk, "next": unescape(way_back[1])}
    answer = as_ann.post(url, typed)
    assert answer["Location"] == filtered
    undo = re.search(r'action="([^"]*restore[^"]*)"', text_of(as_ann.get(filtered)))
    assert undo is not None
    assert as_ann.post(unescape(undo[1]))["Location"] == filtered
    assert Job.objects.present().count() == 2


def test_selected_jobs_are_deleted_and_brought_back(as_ann, studio, mara):
    jobs = make_jobs(studio, mara, 2)
    page = text_of(chosen(as_ann, studio, "delete", jobs))
    assert "2 jobs deleted." in page
    assert not Job.objects.present().exists()
    undo = re.search(r'action="([^"]*restore[^"]*)"', page)
    assert undo is not None
    as_ann.post(unescape(undo[1]))
    assert Job.objects.present().count() == 2


def test_what_cannot_be_done_is_said_and_the_rest_is_done(as_ann, studio, mara):
    done, open_ = make_job(studio, mara), make_job(studio, mara, name="Busy", state=JobState.RUNNING)
    page = text_of(chosen(as_ann, studio, "delete", [done, open_]))
    assert "1 job deleted." in page
    assert "“Busy”: This job is still under way." in page


def test_editors_stop_only_their_own_of_the_selected(as_mara, studio, mara, ann):
    own, other = make_job(studio, mara, state="ready"), make_job(studio, ann, state="ready")
    chosen(as_mara, studio, "cancel", [own, other])
    assert Job.objects.get(pk=own.pk).state == JobState.CANCELLED
    assert Job.objects.get(pk=other.pk).state == JobState.READY


def test_selected_jobs_run_again(as_mara, studio, mara):
    key = keys.practice_key(studio)
    job = make_job(studio, mara, api_key=key, base_model="practice-sd15", generations=[{"prompt": "x"}])
    chosen(as_mara, studio, "retry", [job])
    assert Job.objects.filter(cloned_from=job).count() == 1


def test_a_selected_job_about_which_there_is_a_question_waits_for_an_answer(as_mara, studio, mara):
    order = {"api_key": keys.practice_key(studio), "base_model": "practice-sd15"}
    order |= {"generations": [{"prompt": "x", "seed": 7}]}
    first, _twin = make_job(studio, mara, **order), make_job(studio, mara, **order)
    page = text_of(chosen(as_mara, studio, "retry", [first]))
    assert "You sent the same " in page
    assert "Run it again from its own page." in page
    assert not Job.objects.filter(cloned_from=first).exists()


@pytest.mark.parametrize(
    "data",
    [{}, {"action": "delete"}, {"action": "explode", "job": "1"}, {"action": "delete", "job": ["x", "\x00", "9" * 30]}],
)
def test_a_senseless_choice_gets_a_sentence(as_ann, studio, data):
    response = as_ann.post(reverse("jobs_selected", args=[studio.slug]), data, follow=True)
    assert "Tick some jobs first" in text_of(response)


def test_jobs_of_another_workspace_cannot_be_selected(as_ann, studio, elsewhere, sam):
    job = make_job(elsewhere, sam)
    chosen(as_ann, studio, "delete", [job])
    assert Job.objects.get(pk=job.pk).deleted_at is None
    as_ann.post(reverse("jobs_restore", args=[studio.slug]) + f"?ids={job.pk}")
