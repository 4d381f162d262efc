"""The provider's own samples through the real form, the real rows and the real page."""

import pytest
import time_machine
from django.urls import reverse

from jobs.models import Checkpoint, GeneratedImage, Job, JobState
from jobs.operations.api_keys import keys
from jobs.operations.jobs.snapshot import apply
from jobs.operations.providers import provider
from jobs.providers.dreamlook import replies
from jobs.providers.dreamlook.requests import body
from tests.jobs.factories import make_job, make_photos, make_set
from tests.providers.dreamlook.orders import photos, sample

pytestmark = pytest.mark.django_db

TRAINED = sample("job_dreambooth_success")
DRAWN = sample("job_image_gen_success")
REHEARSAL = sample("request_dreambooth_dry_run")


@pytest.fixture
def key(studio, jon):
    return keys.add(studio, jon, "dreamlook", "Studio key", "dl-0123456789-0123456789")


def test_the_real_form_with_the_settings_of_the_sample_makes_the_sample_request(as_mara, studio, mara, key, settings):
    settings.PUBLIC_URL = "https://likeness.example.com"
    photo_set = make_set(studio, mara, photo_count=7)
    make_photos(photo_set, 7)
    fields = {f"t-{param.name}": "" for param in provider("dreamlook").training_params}
    wanted = {f"t-{name}": value for name, value in REHEARSAL.items() if f"t-{name}" in fields}
    chosen = {"api_key": key.pk, "photo_set": photo_set.pk, "preset": "", "base_model": REHEARSAL["base_model"]}
    asked = {"idempotency_key": "n", "token": "ukj", "class_word": "person", "rehearse": "1", "shown": ",".join(fields)}
    asked["applied"] = f"{key.pk}:person::7"
    response = as_mara.post(reverse("new_training", args=[studio.slug]), {**fields, **wanted, **chosen, **asked})
    assert response.status_code == 302
    assert body(Job.objects.get().as_order(photos=photos(*REHEARSAL["image_urls"]))) == REHEARSAL


@pytest.fixture
def trained(studio, mara, key) -> Job:
    """Looked at a minute after the sample ended, so that what it says of its end can still be true."""
    job = make_job(studio, mara, kind="training", provider="dreamlook", api_key=key, state=JobState.RUNNING)
    with time_machine.travel("2023-06-05T14:02:16Z", tick=False):
        apply(job.pk, replies.snapshot(TRAINED))
    job.refresh_from_db()
    return job


def test_the_sample_training_is_stored_with_its_checkpoint_and_its_lora(trained):
    assert (trained.state, trained.percent, trained.results_pending) == (JobState.SUCCESS, 100, True)
    kept = {one.provider_result_id: one for one in Checkpoint.objects.all()}
    assert (kept["ckp_12ed2b03"].is_lora, kept["ckp_12ed2b03"].size_bytes) == (False, 2132625438)
    assert (kept["ckp_dc155e79"].is_lora, kept["ckp_dc155e79"].size_bytes) == (True, 75611048)
    assert {one.expires_at.isoformat() for one in kept.values()} == {"2023-06-07T14:01:16+00:00"}


def test_the_sample_generation_is_stored_with_its_pictures(studio, mara, key):
    job = make_job(studio, mara, provider="dreamlook", api_key=key, state=JobState.RUNNING)
    apply(job.pk, replies.snapshot(DRAWN))
    found = GeneratedImage.objects.order_by("position").values_list("provider_result_id", "seed", "state")
    assert list(found) == [("c7102f3f", 2811570194, "waiting"), ("577ab3c6", 1587936907, "waiting")]


def test_the_page_of_the_sample_shows_it_and_nothing_that_opens_anything(trained, studio, as_jon):
    html = as_jon.get(reverse("job", args=[studio.slug, trained.pk])).content.decode()
    assert "db_1ccb410f" in html
    assert "LoRA" in html
    for secret in ("X-Goog-Signature", "X-Goog-Credential", "gs://"):
        assert secret not in html
