"""The admin panel's pages for jobs and what belongs to them."""

import pytest
from django.contrib.admin import site
from django.urls import reverse
from django.utils import timezone

from dashboard.models import AuditEntry, StoredSecret
from jobs import models
from jobs.models import (
    ApiKey,
    Attempt,
    Callback,
    Consent,
    Job,
    JobEvent,
    JobState,
    KeySecret,
    Lease,
    OrphanedFile,
    Photo,
    PhotoRequest,
    PhotoSet,
    PracticeRecord,
)
from tests.conftest import client_of, person, text_of
from tests.jobs.factories import make_checkpoint, make_image, make_job

pytestmark = [pytest.mark.django_db, pytest.mark.services]

CHANGELIST = "admin:jobs_job_changelist"
NAMES = [name.lower() for name in models.__all__ if name != "JobState"]


@pytest.fixture
def ada(db):
    return person("Ada", is_staff=True, is_superuser=True)


@pytest.fixture
def as_ada(ada):
    return client_of(ada)


@pytest.fixture
def everything(studio, mara):
    """One row of each model, and the job they hang on."""
    secret = StoredSecret.objects.create(
        workspace=studio,
        provider="dreamlook",
        field="key",
        master_key_id="a1",
        wrap_nonce=b"0" * 12,
        wrapped_key=b"WRAPPED" * 6,
        nonce=b"1" * 12,
        ciphertext=b"CIPHERTEXT",
    )
    key = ApiKey.objects.create(
        workspace=studio, provider="dreamlook", label="Studio key", secret=secret, last_four="9xyz"
    )
    KeySecret.objects.create(api_key=key, name="hub_token", stored=secret)
    photo_set = PhotoSet.objects.create(workspace=studio, name="Rex", created_by=mara)
    row = {"workspace": studio, "photo_set": photo_set}
    photo = Photo.objects.create(**row, upload_nonce="n", display_name="IMG_1.HEIC")
    job = make_job(studio, mara, photos=[photo], api_key=key, photo_set=photo_set, raw={"answer": "<script>"})
    attempt = Attempt.objects.create(job=job, number=1, token_hash="f" * 64)
    Callback.objects.create(attempt=attempt, body_hash="e" * 64, body="{}")
    JobEvent.objects.create(job=job, user=mara, kind="note", sentence="Ordered by Mara.")
    make_image(job)
    make_checkpoint(job)
    PracticeRecord.objects.create(account="key-1", key="job/1", body={})
    consent = Consent.objects.create(workspace=studio, person="Anna", agreed_on="2026-01-01")
    consent.photo_sets.add(photo_set)
    end = timezone.now()
    PhotoRequest.objects.create(
        workspace=studio, photo_set=photo_set, label="Anna", token_hash="d" * 64, expires_at=end
    )
    OrphanedFile.objects.create(workspace=studio, name="prepared/1/aa/a.jpg")
    Lease.objects.create(name="results:1", holder="me", until="2026-01-01T00:00Z")
    return job


def act(client, action, *jobs, **fields):
    given = {"action": action, "_selected_action": [job.pk for job in jobs], **fields}
    return client.post(reverse(CHANGELIST), given, follow=True)


@pytest.mark.parametrize("name", NAMES)
def test_every_model_has_a_list_and_a_page(everything, as_ada, name):
    model = getattr(models, next(one for one in models.__all__ if one.lower() == name))
    row = model.objects.order_by("pk").last()
    assert as_ada.get(reverse(f"admin:jobs_{name}_changelist")).status_code == 200
    assert as_ada.get(reverse(f"admin:jobs_{name}_change", args=[row.pk])).status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_added_changed_or_deleted_by_hand(everything, as_ada, name):
    model = getattr(models, next(one for one in models.__all__ if one.lower() == name))
    row = model.objects.order_by("pk").last()
    assert as_ada.get(reverse(f"admin:jobs_{name}_add")).status_code == 403
    assert as_ada.post(reverse(f"admin:jobs_{name}_change", args=[row.pk]), {}).status_code == 403
    assert as_ada.post(reverse(f"admin:jobs_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in site.get_model_admin(model).get_actions(as_ada.get("/admin/").wsgi_request)


def test_a_search_with_a_null_character_is_harmless(everything, as_ada):
    for name in NAMES:
        assert as_ada.get(reverse(f"admin:jobs_{name}_changelist") + "?q=%00").status_code == 200


def test_members_do_not_see_the_panel(everything, as_jon):
    assert as_jon.get(reverse(CHANGELIST)).status_code == 302


def test_a_key_shows_its_last_four_and_nothing_of_its_secret(everything, as_ada):
    page = as_ada.get(reverse("admin:jobs_apikey_change", args=[everything.api_key_id])).content.decode()
    assert "…9xyz" in page
    assert str(everything.api_key.secret_id) not in page
    assert "CIPHERTEXT" not in page


def test_the_callback_token_is_not_even_shown_as_a_hash(everything, as_ada):
    for name, pk in (("attempt", Attempt.objects.get().pk), ("job", everything.pk)):
        assert "f" * 64 not in as_ada.get(reverse(f"admin:jobs_{name}_change", args=[pk])).content.decode()


def test_a_job_tells_its_story_and_the_providers_answer_as_text(everything, as_ada):
    page = as_ada.get(reverse("admin:jobs_job_change", args=[everything.pk])).content.decode()
    assert "Ordered by Mara." in page
    assert "&lt;script&gt;" in page


def test_jobs_are_found_by_state_and_by_words(studio, as_ada):
    make_job(studio, name="Running Rex", state=JobState.RUNNING)
    make_job(studio, name="Done Daisy")
    by_state = as_ada.get(reverse(CHANGELIST) + "?state__exact=running").content.decode()
    by_words = as_ada.get(reverse(CHANGELIST) + "?q=daisy").content.decode()
    assert "Running Rex" in by_state
    assert "Done Daisy" not in by_state
    assert "Done Daisy" in by_words
    assert "Running Rex" not in by_words


@pytest.mark.parametrize("name", ["job", "attempt", "jobevent", "generatedimage", "checkpoint", "apikey", "photoset"])
def test_a_list_costs_the_same_queries_with_three_times_the_rows(
    studio, mara, as_ada, name, django_assert_num_queries, django_assert_max_num_queries
):
    def more(count):
        for _ in range(count):
            job = make_job(
                studio, person(f"P{Job.objects.count()}"), photo_set=PhotoSet.objects.create(workspace=studio)
            )
            Attempt.objects.create(job=job, number=1, token_hash=f"{job.pk:064}")
            JobEvent.objects.create(job=job, user=job.created_by, sentence="x")
            make_checkpoint(job)
            make_image(job)

    more(2)
    address = reverse(f"admin:jobs_{name}_changelist")
    as_ada.get(address)
    with django_assert_max_num_queries(8) as before:
        as_ada.get(address)
    more(6)
    with django_assert_num_queries(len(before.captured_queries)):
        as_ada.get(address)


# Actions


def test_check_again_makes_a_job_due_now(studio, as_ada):
    job = make_job(studio, state=JobState.READY, next_action_at="2200-01-01T00:00Z")
    assert "Done for 1 job." in act(as_ada, "check_again", job).content.decode()
    assert Job.objects.due().filter(pk=job.pk).exists()


def test_an_action_that_is_not_possible_says_why_and_the_others_happen(studio, as_ada):
    ready, done = make_job(studio, state=JobState.READY), make_job(studio)
    page = act(as_ada, "cancel", ready, done).content.decode()
    ready.refresh_from_db()
    assert ready.state == JobState.CANCELLED
    assert "Done for 1 job." in page
    assert "1 left as it is: This job has already ended" in page


def test_missing_results_are_fetched_again(studio, as_ada):
    job = make_job(studio, missing_count=1)
    image = make_image(job, state="missing")
    act(as_ada, "refetch", job)
    image.refresh_from_db()
    job.refresh_from_db()
    assert image.state == "waiting"
    assert job.results_pending


def test_marking_as_lost_asks_first(studio, as_ada):
    job = make_job(studio, name="Vanished", state=JobState.RUNNING)
    page = act(as_ada, "mark_lost", job).content.decode()
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    assert "Vanished" in page
    assert 'name="sure" value="yes"' in page


def test_a_job_marked_as_lost_rests_and_says_who_did_it(studio, ada, as_ada):
    job = make_job(studio, state=JobState.RUNNING, next_action_at="2026-01-01T00:00Z")
    act(as_ada, "mark_lost", job, sure="yes")
    job.refresh_from_db()
    assert (job.state, job.next_action_at, job.charged) == (JobState.LOST, None, Job.Charged.UNKNOWN)
    assert job.events.get().user == ada
    assert AuditEntry.objects.get().action == "job.marked_lost"


def test_a_job_that_was_never_sent_costs_nothing_when_marked_as_lost(studio, as_ada):
    job = make_job(studio, state=JobState.READY)
    act(as_ada, "mark_lost", job, sure="yes")
    job.refresh_from_db()
    assert job.charged == Job.Charged.NO
    assert "nothing was charged" in job.failure


def test_a_job_that_is_being_sent_is_not_marked_as_lost(studio, as_ada):
    job = make_job(studio, state=JobState.SUBMITTING, lease_until="2200-01-01T00:00Z")
    assert "being sent at this moment" in act(as_ada, "mark_lost", job, sure="yes").content.decode()
    job.refresh_from_db()
    assert job.state == JobState.SUBMITTING


def test_somebody_who_may_only_look_cannot_act(studio):
    looks = person("Lou", is_staff=True)
    looks.user_permissions.add(*_view_permissions())
    job = make_job(studio, state=JobState.READY)
    client = client_of(looks)
    assert client.get(reverse(CHANGELIST)).status_code == 200
    act(client, "cancel", job)
    job.refresh_from_db()
    assert job.state == JobState.READY


def _view_permissions():
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename__startswith="view_", content_type__app_label="jobs")


# The first page


def test_the_first_page_counts_what_there_is(studio, as_ada):
    make_job(studio, state=JobState.RUNNING)
    job = make_job(studio)
    make_image(job)
    ApiKey.objects.update(health=ApiKey.Health.REJECTED)
    page = text_of(as_ada.get(reverse("admin:index")))
    for words in ("<b>1</b> Running", "<b>1</b> Done", "<b>1</b> Not accepted", "<b>1</b> picture<"):
        assert words in page
    assert f"{reverse(CHANGELIST)}?state__exact=running" in page
    assert "Likeness" in page


def test_the_first_page_costs_the_same_queries_however_much_there_is(studio, as_ada, django_assert_num_queries):
    as_ada.get(reverse("admin:index"))
    with django_assert_num_queries(8):
        as_ada.get(reverse("admin:index"))
    for _ in range(5):
        make_image(make_job(studio))
    with django_assert_num_queries(8):
        as_ada.get(reverse("admin:index"))
