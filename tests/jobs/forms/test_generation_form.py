"""Ordering pictures: what a model or another picture fills in, and what is refused."""

import pytest
from django.urls import reverse

from jobs.models import Job
from jobs.operations.api_keys import keys
from tests.jobs.factories import make_checkpoint, make_image, make_job
from tests.jobs.order_forms import begun, page, refreshed

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(studio):
    return keys.practice_key(studio)


@pytest.fixture
def checkpoint(studio, mara, rex):
    trained = make_job(studio, mara, name="Rex", kind="training", token="ukj", class_word="dog")
    return make_checkpoint(trained, model_type="sd-v1", base_model="practice-sd15")


def test_pictures_begin_with_the_token_and_class_of_the_model(as_mara, studio, key, checkpoint):
    values = begun(as_mara, studio, "new_generation", f"?checkpoint={checkpoint.pk}")
    assert values["source"] == f"c{checkpoint.pk}"
    assert values["prompts"] == "photo of ukj dog"
    as_mara.post(page(studio, "new_generation"), values | {"shape": "portrait", "g-seed": "7"})
    job = Job.objects.latest("id")
    assert (job.kind, job.checkpoint, job.spec.token) == ("generation", checkpoint, "ukj")
    generation = job.spec.generations[0]
    assert (generation["width"], generation["height"], generation["seed"]) == (512, 768, 7)


def test_pictures_begin_with_the_whole_model_of_the_last_step_whatever_came_last(as_mara, studio, key, checkpoint):
    trained = checkpoint.job
    best = make_checkpoint(trained, model_type="sd-v1", step=1500)
    make_checkpoint(trained, model_type="sd-v1", step=1500, is_lora=True)
    make_checkpoint(trained, model_type="sd-v1", step=600)
    assert begun(as_mara, studio, "new_generation")["source"] == f"c{best.pk}"
    html = as_mara.get(page(studio, "new_generation")).content.decode()
    assert "Rex, step 1500 (LoRA)" in html
    job_page = as_mara.get(reverse("job", args=[studio.slug, trained.pk])).content.decode()
    assert f"{page(studio, 'new_generation')}?checkpoint={best.pk}" in job_page.partition("<h2")[0]


def test_pictures_from_a_base_model(as_mara, studio, key):
    values = begun(as_mara, studio, "new_generation")
    assert values["source"] == "b:practice:practice-sd15"
    as_mara.post(page(studio, "new_generation"), values | {"prompts": "a dog\na cat"})
    job = Job.objects.get()
    assert (job.base_model, job.checkpoint, len(job.spec.generations)) == ("practice-sd15", None, 2)
    assert job.spec.generations[0]["seed"] == -1


def test_practice_says_which_places_it_knows(as_mara, studio, key):
    assert "Practice knows these places: beach, snow," in as_mara.get(page(studio, "new_generation")).content.decode()


@pytest.mark.parametrize(("seed", "status"), [("", 302), ("7", 409)])
def test_free_pictures_with_random_seeds_may_be_ordered_again_without_a_question(as_mara, studio, key, seed, status):
    typed = begun(as_mara, studio, "new_generation") | {"prompts": "a dog", "g-seed": seed}
    assert as_mara.post(page(studio, "new_generation"), typed).status_code == 302
    again = typed | {"idempotency_key": "another"}
    assert as_mara.post(page(studio, "new_generation"), again).status_code == status


def test_size_steps_and_guidance_follow_the_model(as_mara, studio, key, checkpoint):
    typed = begun(as_mara, studio, "new_generation", f"?checkpoint={checkpoint.pk}")
    drawn = ("g-width", "g-height", "g-guidance_scale", "g-num_inference_steps")
    assert [typed[name] for name in drawn] == ["512", "512", "7.5", "35"]
    there = refreshed(as_mara, studio, typed | {"source": "b:practice:practice-sdxl"})
    assert [there[name] for name in drawn] == ["1024", "1024", "7", "40"]


def test_a_model_whose_base_nobody_lists_is_drawn_with_as_its_family_is(as_mara, studio, mara, rex, key):
    trained = make_job(studio, mara, name="Rex", kind="training", token="ukj", class_word="dog")
    checkpoint = make_checkpoint(trained, model_type="sdxl-v1", base_model="juggernaut")
    typed = begun(as_mara, studio, "new_generation", f"?checkpoint={checkpoint.pk}")
    assert (typed["g-width"], typed["g-guidance_scale"]) == ("1024", "7")
    as_mara.post(page(studio, "new_generation"), typed)
    assert Job.objects.latest("id").spec.generations[0]["width"] == 1024


def test_a_prompt_that_does_not_name_the_subject_gets_a_word_of_advice(as_mara, studio, key, checkpoint):
    typed = begun(as_mara, studio, "new_generation") | {"prompts": "photo of ukj dog\nin snow"}
    html = as_mara.post(page(studio, "new_job_summary"), typed).content.decode()
    assert "“in snow” does not name your subject" in html


def test_ideas_fit_what_the_photos_show(as_mara, studio, rex, key, checkpoint):
    assert 'data-idea="in a meadow of flowers"' in as_mara.get(page(studio)).content.decode()
    html = as_mara.get(page(studio, "new_generation")).content.decode()
    assert 'data-start="photo of ukj dog"' in html


def test_the_card_shows_what_the_model_drew_before(as_mara, studio, key, checkpoint):
    name = f"thumbnails/{studio.pk}/ab/{'c' * 64}.webp"
    Job.objects.filter(pk=checkpoint.job_id).update(thumbnails=[name])
    assert name in as_mara.get(page(studio, "new_generation")).content.decode()


def test_another_shape_takes_the_typed_size(as_mara, studio, key):
    own = {"prompts": "a dog", "shape": "own", "g-width": "640", "g-height": "448"}
    as_mara.post(page(studio, "new_generation"), begun(as_mara, studio, "new_generation") | own)
    generation = Job.objects.get().spec.generations[0]
    assert (generation["width"], generation["height"]) == (640, 448)


def test_another_model_brings_its_own_prompt_unless_one_was_typed(as_mara, studio, key, checkpoint):
    typed = begun(as_mara, studio, "new_generation")
    to_base = {"source": "b:practice:practice-sdxl"}
    assert refreshed(as_mara, studio, typed | to_base)["prompts"] == ""
    assert refreshed(as_mara, studio, typed | to_base | {"prompts": "my own"})["prompts"] == "my own"


def test_the_settings_of_a_picture_make_it_again(as_mara, studio, mara, key, checkpoint):
    job = make_job(studio, mara, base_model="practice-sd15", checkpoint=checkpoint, api_key=key)
    settings = {"prompt": "photo of ukj dog in snow", "width": 512, "height": 768, "guidance_scale": 9.0, "seed": -1}
    image = make_image(job, settings=settings, seed=42, prompt="photo of ukj dog in snow", checkpoint=checkpoint)
    values = begun(as_mara, studio, "new_generation", f"?image={image.pk}")
    assert values["prompts"] == "photo of ukj dog in snow"
    assert (values["g-seed"], values["g-guidance_scale"], values["shape"]) == ("42", "9", "portrait")


def test_a_checkpoint_that_expired_or_is_elsewhere_cannot_be_chosen(as_mara, studio, key, checkpoint, elsewhere, sam):
    theirs = make_checkpoint(make_job(elsewhere, sam))
    typed = begun(as_mara, studio, "new_generation") | {"prompts": "a dog"}
    assert as_mara.post(page(studio, "new_generation"), typed | {"source": f"c{theirs.pk}"}).status_code == 400
    assert as_mara.get(page(studio, "new_generation", f"?checkpoint={theirs.pk}")).status_code == 404
    checkpoint.state = checkpoint.State.EXPIRED
    checkpoint.save(update_fields=["state"])
    assert as_mara.get(page(studio, "new_generation", f"?checkpoint={checkpoint.pk}")).status_code == 404


def test_pictures_of_nothing_are_refused(as_mara, studio, key):
    response = as_mara.post(
        page(studio, "new_generation"), begun(as_mara, studio, "new_generation") | {"prompts": " \n "}
    )
    assert response.status_code == 400
    assert "Say what the pictures should show" in response.content.decode()
