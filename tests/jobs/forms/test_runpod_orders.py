"""Ordering at RunPod: what its form asks, what the card beside it says, and what is stored."""

import re
from html import unescape

import pytest
from django.urls import reverse

from jobs.models import Job
from jobs.operations.api_keys import keys
from jobs.operations.api_keys.keys import SubmittedOptions
from jobs.operations.jobs.order import named
from jobs.operations.providers import provider
from jobs.operations.results.fetch import finish
from jobs.providers.credentials import Secret
from jobs.providers.runpod.requests import body
from tests.conftest import text_of
from tests.jobs.factories import make_checkpoint, make_job
from tests.jobs.order_forms import begun, page, refreshed
from tests.providers.runpod.orders import BUCKET, ENDPOINT

pytestmark = pytest.mark.django_db

SUBJECT = {"token": "ukj", "class_word": "dog"}


@pytest.fixture(autouse=True)
def reachable(settings) -> None:
    settings.PUBLIC_URL = "https://likeness.example.com"


@pytest.fixture
def bare_key(studio, jon):
    return keys.add(
        studio,
        jon,
        "runpod",
        "Studio endpoint",
        "rpa_0123456789-0123456789",
        SubmittedOptions({"endpoint_id": ENDPOINT}),
    )


@pytest.fixture
def key(studio, jon):
    told = SubmittedOptions({"endpoint_id": ENDPOINT, **BUCKET}, {"bucket_secret": Secret("bucket-secret")})
    return keys.add(studio, jon, "runpod", "Studio endpoint", "rpa_0123456789-0123456789", told)


def words(answer) -> str:
    return unescape(text_of(answer)).replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_the_form_asks_for_looks_and_says_live_what_they_come_to(as_mara, studio, rex, key):
    typed = begun(as_mara, studio) | SUBJECT
    assert (typed["t-unet_epochs"], typed["t-total_steps"]) == ("100", "")
    said = words(as_mara.post(page(studio, "new_job_summary"), typed))
    assert "1 200 steps, about 100 looks at each photo, and 360 steps for its name" in said
    said = words(as_mara.post(page(studio, "new_job_summary"), typed | {"t-total_steps": "2400"}))
    assert "2 400 steps, about 200 looks at each photo, and 450 steps for its name" in said


def test_captions_that_runpod_does_not_read_are_not_said_to_leave(as_mara, studio, rex, key):
    rex.photos.update(caption="a dog on a sofa")
    said = words(as_mara.post(page(studio, "new_job_summary"), begun(as_mara, studio) | SUBJECT))
    assert "RunPod's worker does not read captions" in said
    assert "12 photos of Rex" in said
    assert "with a caption" not in said
    assert "12 captions" not in said


def test_pictures_are_counted_by_what_runpod_calls_them(as_mara, studio, rex, key):
    typed = (
        begun(as_mara, studio) | SUBJECT | {"prompts": "on a beach\nin a wood", "g-n_iter": "3", "g-batch_size": "2"}
    )
    assert "then 12 pictures of 2 prompts" in words(as_mara.post(page(studio, "new_job_summary"), typed))


def test_a_goal_brings_its_own_number_of_looks(as_mara, studio, rex, key):
    typed = begun(as_mara, studio) | SUBJECT
    assert refreshed(as_mara, studio, typed | {"preset": "object"})["t-unet_epochs"] == "80"


def test_a_training_with_prompts_is_one_order_whose_request_follows_from_the_form(as_mara, studio, rex, key):
    typed = begun(as_mara, studio) | SUBJECT | {"prompts": "on a beach\nin a wood"}
    assert as_mara.post(page(studio), typed).status_code == 302
    job = Job.objects.get()
    sent = job.as_order(photos=named(rex.photos.all()))
    request = body(sent, key.options, {}, provider("runpod").estimate(sent, 12))
    assert request["input"]["train"]["unet_epochs"] == 100
    assert [one["passback"] for one in request["input"]["inference"]] == [f"{job.pk}:0", f"{job.pk}:1"]
    assert [one["prompt"] for one in request["input"]["inference"]] == [
        "photo of ukj dog, on a beach",
        "photo of ukj dog, in a wood",
    ]


def test_the_strength_of_a_hires_fix_that_is_off_is_neither_ordered_nor_in_the_way(as_mara, studio, rex, key):
    typed = begun(as_mara, studio) | SUBJECT | {"prompts": "on a beach", "g-denoising_strength": "strong"}
    assert as_mara.post(page(studio), typed).status_code == 302
    assert "denoising_strength" not in Job.objects.get().spec.generations[0]
    answer = as_mara.post(page(studio), typed | {"g-enable_hr": "on", "idempotency_key": "another"})
    assert answer.status_code == 400
    assert "Type a number" in words(answer)


@pytest.mark.parametrize(("seed", "ordered"), [("-1", -1), ("", -1), ("7", 7)])
def test_a_seed_of_minus_one_is_a_random_one(as_mara, studio, rex, key, seed, ordered):
    typed = begun(as_mara, studio) | SUBJECT | {"prompts": "on a beach", "g-seed": seed}
    assert as_mara.post(page(studio), typed).status_code == 302
    assert Job.objects.get().spec.generations[0]["seed"] == ordered


def test_the_browser_takes_a_seed_of_minus_one_for_right(as_mara, studio, rex, key):
    said = as_mara.get(page(studio)).content.decode()
    (seed,) = re.findall(r'<input[^>]* name="g-seed"[^>]*>', said)
    assert 'min="-1"' in seed


def test_training_only_needs_a_bucket_or_prompts(as_mara, studio, rex, bare_key):
    answer = as_mara.post(page(studio), begun(as_mara, studio) | SUBJECT)
    assert answer.status_code == 400
    assert "would leave nothing" in words(answer)
    assert not Job.objects.exists()


def test_training_only_with_a_bucket_goes_out(as_mara, studio, rex, key):
    assert as_mara.post(page(studio), begun(as_mara, studio) | SUBJECT).status_code == 302
    assert Job.objects.get().kind == "training"


def test_a_name_that_the_worker_would_change_is_refused_beside_it(as_mara, studio, rex, key):
    answer = as_mara.post(page(studio), begun(as_mara, studio) | SUBJECT | {"token": "r2d2"})
    assert "letters only, please" in words(answer)


def test_a_base_model_is_typed_by_its_name_or_link_and_has_no_family_to_choose(as_mara, studio, rex, key):
    typed = refreshed(as_mara, studio, begun(as_mara, studio) | SUBJECT | {"base_model": "other"})
    assert "own_model_type" not in typed
    answer = as_mara.post(page(studio), typed | {"own_model": "juggernaut"})
    assert "Its name at Hugging Face" in words(answer)
    assert "has the form owner/model" in words(answer)
    assert as_mara.post(page(studio), typed | {"own_model": "studio/private"}).status_code == 302
    assert Job.objects.get().base_model == "studio/private"


def test_no_trained_model_is_offered_to_go_on_from_or_to_draw_with(as_mara, studio, mara, rex, key):
    job = make_job(studio, mara, api_key=key, kind="training", provider="runpod", name="Luna")
    make_checkpoint(job)
    assert "Luna" not in words(as_mara.get(page(studio)))
    assert "Luna" not in words(as_mara.get(page(studio, "new_generation")))
    said = words(as_mara.get(reverse("job", args=[studio.slug, job.pk])))
    assert "?checkpoint=" not in said


def test_an_order_can_be_begun_again_as_it_was(as_mara, studio, rex, key):
    typed = begun(as_mara, studio) | SUBJECT | {"t-unet_epochs": "70", "prompts": "on a beach", "g-n_iter": "3"}
    assert as_mara.post(page(studio), typed).status_code == 302
    again = begun(as_mara, studio, query=f"?clone={Job.objects.get().pk}")
    assert {name: again[name] for name in ("t-unet_epochs", "g-n_iter", "prompts")} == {
        "t-unet_epochs": "70",
        "g-n_iter": "3",
        "prompts": "on a beach",
    }


def test_the_command_shows_the_request_without_anything_secret(as_mara, studio, rex, key):
    typed = begun(as_mara, studio) | SUBJECT | {"prompts": "on a beach"}
    said = words(as_mara.post(page(studio, "new_job_summary"), typed))
    assert f"https://api.runpod.ai/v2/{ENDPOINT}/run" in said
    assert '"unet_epochs": 100' in said
    assert "bucket-secret" not in said


@pytest.mark.parametrize(("whose", "missing"), [("bare_key", 0), ("key", 1)])
def test_a_model_is_missed_only_where_there_was_a_bucket_for_it(request, studio, mara, whose: str, missing: int):
    api_key = request.getfixturevalue(whose)
    job = make_job(studio, mara, api_key=api_key, kind="training", provider="runpod", results_pending=True)
    finish(job.pk)
    job.refresh_from_db()
    assert (job.results_pending, job.missing_count) == (False, missing)


def test_what_few_people_need_of_pictures_stands_under_advanced(as_mara, studio, rex, key):
    said = words(as_mara.get(page(studio)))
    drawer = said[said.index("How those pictures should be") :]
    assert drawer.index("g-n_iter") < drawer.index("Advanced") < drawer.index("g-sampler_name")
    answer = words(as_mara.post(page(studio), begun(as_mara, studio) | SUBJECT | {"g-steps": "0"}))
    drawer = answer[answer.index("How those pictures should be") :]
    assert '<details class="drawer" open> <summary>Advanced' in drawer
