"""One job's page: what it shows, who may open it, and how it keeps itself fresh."""

import re

import pytest
from django.urls import reverse

from jobs import versions
from jobs.models import Job, JobEvent, JobState
from jobs.operations.photos import edit, sent_copy
from tests.conftest import text_of
from tests.jobs.factories import make_checkpoint, make_image, make_images, make_job, make_photos, make_set
from tests.jobs.inspected import measures
from tests.jobs.job_pages import address, page_of

pytestmark = pytest.mark.django_db


def change(job, **fields) -> None:
    Job.objects.filter(pk=job.pk).update(version=versions.touch(job.workspace), **fields)


@pytest.fixture
def running(studio, mara) -> Job:
    return make_job(studio, mara, name="Rex", kind="training", state=JobState.RUNNING, percent=62)


@pytest.fixture
def done(studio, mara) -> Job:
    return make_job(studio, mara, name="Rex", kind="training", state=JobState.SUCCESS)


# What it shows


def test_the_photos_are_shown_as_they_were_sent(as_vic, studio, mara, done):
    photos = make_photos(make_set(studio, mara), 3, caption="on a sofa", crop={"box": [0.5, 0.25, 0.5, 0.5]})
    done.provider, done.photo_count = "dreamlook", len(photos)
    done.save(update_fields=["provider", "photo_count"])
    sent_copy.freeze(done, photos)
    edit.caption(photos[0], "on a rock")
    photos[0].photo_set.photos.update(crop=None)
    photos[2].photo_set.photos.filter(pk=photos[2].pk).update(deleted_at="2026-06-03T12:00Z")
    page = page_of(as_vic, done)
    assert "2, 2 cropped, 2 with a caption" in page
    assert page.count("<p>on a sofa</p>") == page.count('viewBox="768 512 768 1024"') == 2
    assert "1 was deleted since." in page
    assert "on a rock" not in page


def test_where_a_person_decides_a_link_leads_to_the_providers_own_page(as_mara, studio, mara):
    asked = {"state": JobState.UNCERTAIN, "needs_decision": True}
    for provider, kind, theirs in (
        ("dreamlook", "training", "https://dreamlook.ai/jobs/dreambooth"),
        ("dreamlook", "train_and_generate", "https://dreamlook.ai"),
        ("runpod", "training", "https://console.runpod.io/serverless"),
    ):
        job = make_job(studio, mara, kind=kind, provider=provider, **asked)
        assert page_of(as_mara, job).count(f'href="{theirs}"') == 2
    assert "their page" not in page_of(as_mara, make_job(studio, mara, **asked))


def test_the_question_says_why_only_a_person_can_tell(as_mara, studio, mara):
    job = make_job(studio, mara, provider="dreamlook", state=JobState.UNCERTAIN, needs_decision=True)
    JobEvent.objects.create(job=job, kind="alert", state=JobState.UNCERTAIN, sentence="This server was restored.")
    JobEvent.objects.create(job=job, kind="note", sentence="Mara looked.")
    assert page_of(as_mara, job).count("This server was restored.") == 2


def test_the_title_carries_the_state(as_vic, running):
    assert "<title>62 % · Rex · Likeness</title>" in page_of(as_vic, running)


def test_results_checkpoints_and_events_are_shown(as_mara, done):
    make_images(done, 2)
    make_image(done, is_sample=True, artifact={"step": 400})
    make_checkpoint(done, step=1200)
    JobEvent.objects.create(job=done, kind="note", sentence="Practice has finished.")
    page = page_of(as_mara, done)
    assert page.count('class="picture"') == 3
    for words in ("Step 400", "Step 1200", "6.5 GB", "Generate with this", "Practice has finished."):
        assert words in page


def test_a_starred_picture_is_the_best(as_mara, done):
    make_images(done, 2)
    starred = make_image(done, starred=True)
    assert f'data-lightbox-open="{starred.pk}"' in page_of(as_mara, done)


def test_settings_are_shown_with_their_units(as_mara, studio, mara):
    job = make_job(studio, mara, kind="training", training={"steps": 1200, "odd": 1}, generations=[{"prompt": "a < b"}])
    page = page_of(as_mara, job)
    assert "<dt>Steps</dt><dd>1200 steps</dd>" in page
    assert "<dt>odd</dt>" in page
    assert "a &lt; b" in page


def test_a_failure_is_explained_with_what_to_press(as_mara, studio, mara):
    failure = "Practice did not take these settings. Nothing was charged."
    fields = {"steps": "At most 4000."}
    job = make_job(studio, mara, state="failure", failure=failure, field_errors=fields, failure_code="invalid")
    page = page_of(as_mara, job)
    for words in (failure, "Nothing was charged", "Change it and try again", "At most 4000."):
        assert words in page


def test_a_failure_at_the_provider_says_once_what_is_not_known_and_looks_at_the_photos(as_mara, studio, mara):
    photos = make_photos(make_set(studio, mara), 3, inspection=measures(blur=0.01))
    failure = "No faces were found. Whether it was charged stands on the provider's own page."
    fields = {"kind": "training", "photo_set": photos[0].photo_set, "charged": "unknown", "failure_code": "provider"}
    page = page_of(as_mara, make_job(studio, mara, photos=photos, state="failure", failure=failure, **fields))
    assert "Not known yet" not in page
    assert "Before you try again, look at the photos:" in page
    assert f"{photos[0].photo_set_id}/#report-card" in page


def test_a_job_whose_provider_is_gone_still_has_its_page(as_ann, studio, mara):
    job = make_job(studio, mara, provider="gone", training={"steps": 3}, generations=[{"prompt": "x"}])
    assert "gone" in page_of(as_ann, job)


def test_the_raw_answer_is_for_admins(as_ann, as_mara, studio, mara):
    job = make_job(studio, mara, raw={"state": "</pre><script>"})
    assert "&lt;/pre&gt;" in page_of(as_ann, job)
    assert "For admins" not in page_of(as_mara, job)


def test_a_missing_or_deleted_job_is_not_there(as_mara, studio, done):
    Job.objects.filter(pk=done.pk).update(deleted_at=done.created_at)
    assert as_mara.get(address(done)).status_code == 404
    assert as_mara.get(reverse("job", args=[studio.slug, 10**15])).status_code == 404


def test_the_page_takes_as_many_queries_for_many_results_as_for_few(as_ann, done, django_assert_num_queries):
    def fill(times: int) -> None:
        for _ in range(times):
            make_image(done)
            make_image(done, is_sample=True, artifact={"step": 100})
            make_checkpoint(done)
            JobEvent.objects.create(job=done, kind="note", sentence="Something.")

    fill(2)
    page_of(as_ann, done)
    with django_assert_num_queries(8):
        page_of(as_ann, done)
    fill(4)
    with django_assert_num_queries(8):
        page_of(as_ann, done)


# Keeping itself fresh


def poll_address(html: str) -> str:
    found = re.search(r'id="poller" hx-get="([^"]+)"', html)
    assert found is not None
    return found[1].replace("&amp;", "&")


def test_an_unchanged_job_is_answered_without_a_word(as_mara, running):
    assert as_mara.get(poll_address(page_of(as_mara, running))).status_code == 204


def test_a_changed_job_brings_its_page_and_title(as_mara, running):
    asked = poll_address(page_of(as_mara, running))
    change(running, percent=70)
    answer = text_of(as_mara.get(asked))
    assert "<title>70 % · Rex · Likeness</title>" in answer
    assert 'id="job-main" hx-swap-oob="morph"' in answer
    assert poll_address(answer) != asked


def test_another_jobs_change_only_moves_the_poller_on(as_mara, running, done):
    asked = poll_address(page_of(as_mara, running))
    change(done)
    answer = text_of(as_mara.get(asked))
    assert "job-main" not in answer
    assert as_mara.get(poll_address(answer)).status_code == 204


def test_a_finished_job_is_no_longer_asked_after(as_mara, running, done):
    asked = poll_address(page_of(as_mara, running))
    change(running, state=JobState.SUCCESS)
    answer = text_of(as_mara.get(asked))
    assert '<div id="poller" hx-swap-oob="true"></div>' in answer
    assert "hx-get" not in page_of(as_mara, done).partition('id="poller"')[2][:200]


def test_a_deleted_job_ends_the_asking(as_mara, running):
    asked = poll_address(page_of(as_mara, running))
    change(running, deleted_at=running.created_at)
    assert as_mara.get(asked).status_code == 404


# Who may open what

PAGES = ["job", "job_page_changes"]
FOR_EDITORS = {"job_clone": "get", "job_check": "post", "job_retry": "post", "job_decide": "post"}


@pytest.mark.parametrize("name", PAGES)
def test_every_member_may_look(as_vic, as_sam, done, name):
    assert as_vic.get(address(done, name)).status_code == 200
    assert as_sam.get(address(done, name)).status_code == 404


@pytest.mark.parametrize(("name", "method"), FOR_EDITORS.items())
def test_who_only_looks_may_press_nothing(as_vic, as_mara, as_sam, done, name, method):
    assert getattr(as_vic, method)(address(done, name)).status_code == 403
    assert getattr(as_sam, method)(address(done, name)).status_code == 404
    assert getattr(as_mara, method)(address(done, name)).status_code in {302, 400}


def test_deleting_is_for_admins(as_mara, as_vic, as_sam, done):
    assert as_mara.post(address(done, "job_delete")).status_code == 403
    assert as_vic.post(address(done, "job_delete")).status_code == 403
    assert as_sam.post(address(done, "job_delete")).status_code == 404


@pytest.mark.parametrize("name", ["job_cancel", "job_check", "job_retry", "job_delete", "job_decide"])
def test_nothing_is_done_by_looking(as_ann, done, name):
    assert as_ann.get(address(done, name)).status_code == 405


def test_ids_of_another_workspace_are_not_there(as_mara, studio, elsewhere, sam):
    job = make_job(elsewhere, sam)
    assert as_mara.get(reverse("job", args=[studio.slug, job.pk])).status_code == 404
    assert as_mara.post(reverse("job_cancel", args=[studio.slug, job.pk])).status_code == 404


def test_pictures_lead_to_more_of_them(as_mara, studio, mara):
    trained = make_job(studio, mara, name="Rex", state=JobState.SUCCESS)
    checkpoint = make_checkpoint(trained)
    job = make_job(studio, mara, kind="generation", state=JobState.SUCCESS, checkpoint=checkpoint)
    make_image(job)
    page = text_of(as_mara.get(reverse("job", args=[studio.slug, job.pk])))
    assert f"?checkpoint={checkpoint.pk}" in page
    assert "Make more pictures" in page
