"""A model of dreamlook's is trained on, and its key makes its pictures."""

import pytest
from django.urls import reverse

from jobs.models import ApiKey, Checkpoint, Job
from jobs.operations.api_keys import keys
from jobs.providers.dreamlook.requests import body
from tests.jobs.factories import make_checkpoint, make_job
from tests.jobs.order_forms import begun, page, refreshed
from tests.providers.dreamlook.orders import photos

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key(studio, jon) -> ApiKey:
    return keys.add(studio, jon, "dreamlook", "Studio key", "dl-0123456789-0123456789")


@pytest.fixture(autouse=True)
def reachable(settings) -> None:
    settings.PUBLIC_URL = "https://likeness.example.com"


@pytest.fixture
def trained(studio, mara, key, rex) -> Job:
    """A training at dreamlook that is done."""
    given = {"steps": 1500, "learning_rate": 1e-5, "learning_rate_te1": 3e-6, "learning_rate_te2": 0.0}
    order = {"kind": "training", "provider": "dreamlook", "api_key": key, "photo_set": rex, "name": "Rex"}
    model = {"base_model": "realism-engine-sdxl-v3-0", "model_type": "sdxl-v1"}
    return make_job(studio, mara, **order, **model, training=given, token="ukj", class_word="dog")


@pytest.fixture
def checkpoint(trained) -> Checkpoint:
    return make_checkpoint(trained, base_model=trained.base_model, model_type="sdxl-v1", step=1500)


def test_an_earlier_checkpoint_can_be_trained_on(as_mara, studio, rex, checkpoint):
    typed = refreshed(as_mara, studio, begun(as_mara, studio) | {"base_model": f"checkpoint:{checkpoint.pk}"})
    assert "t-learning_rate_te1" in typed
    assert "t-learning_rate_te" not in typed
    assert as_mara.post(page(studio), typed).status_code == 302
    job = Job.objects.latest("id")
    assert (job.checkpoint, job.spec.model_type) == (checkpoint, "sdxl-v1")
    sent = body(job.as_order(photos=photos()))
    assert sent["checkpoint_id"] == checkpoint.provider_result_id
    assert "base_model" not in sent


def test_training_on_begins_with_the_settings_of_the_checkpoint(as_mara, studio, checkpoint, rex):
    typed = begun(as_mara, studio, query=f"?checkpoint={checkpoint.pk}")
    assert typed["base_model"] == f"checkpoint:{checkpoint.pk}"
    assert (typed["t-learning_rate"], typed["t-learning_rate_te1"], typed["token"]) == ("1e-5", "3e-6", "ukj")
    assert typed["clone"] == ""


def test_the_models_page_leads_there_for_whole_models(as_mara, as_vic, studio, checkpoint, trained):
    make_checkpoint(trained, is_lora=True)
    there = f"{page(studio)}?checkpoint={checkpoint.pk}"
    models = reverse("models", args=[studio.slug])
    assert there in as_mara.get(models).text
    assert as_mara.get(models).text.count("?checkpoint=") == 3, "one to train on, two to generate with"
    assert there not in as_vic.get(models).text


@pytest.mark.parametrize("spoilt", [{"is_lora": True}, {"state": "expired"}, {"provider": "practice"}])
def test_what_cannot_be_trained_on_is_not_offered(as_mara, studio, trained, spoilt):
    other = make_checkpoint(trained, **spoilt)
    typed = begun(as_mara, studio) | {"base_model": f"checkpoint:{other.pk}"}
    answer = as_mara.post(page(studio), typed)
    assert answer.status_code == 400
    assert "Choose a base model from the list." in answer.text


def test_a_checkpoint_of_another_workspace_is_not_there(as_mara, studio, rex, elsewhere, sam):
    theirs = make_checkpoint(make_job(elsewhere, sam, provider="dreamlook"))
    typed = begun(as_mara, studio) | {"base_model": f"checkpoint:{theirs.pk}"}
    assert as_mara.post(page(studio), typed).status_code == 400
    assert as_mara.get(page(studio, query=f"?checkpoint={theirs.pk}")).status_code == 404


def test_the_key_that_trained_a_checkpoint_is_the_one_offered_for_its_pictures(as_mara, studio, jon, key, checkpoint):
    keys.add(studio, jon, "dreamlook", "Newer, of another account", "dl-9876543210-9876543210")
    typed = begun(as_mara, studio, "new_generation", f"?checkpoint={checkpoint.pk}")
    assert typed["api_key"] == str(key.pk)
