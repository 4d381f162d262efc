"""Ordering a training or pictures: what is filled in, what is refused with a sentence, and one press is one job."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.urls import reverse

from jobs.models import Job
from jobs.operations.api_keys import keys
from tests.conftest import client_of
from tests.jobs.made import make_checkpoint, make_image, make_job
from tests.jobs.order_forms import begun, filled, page, refreshed
from tests.jobs.photographed import make_photos, make_set

pytestmark = pytest.mark.django_db


@pytest.fixture
def rex(studio, mara):
    photo_set = make_set(studio, mara, name="Rex", subject="pet", photo_count=12)
    make_photos(photo_set, 12)
    return photo_set


@pytest.fixture
def key(studio):
    return keys.practice_key(studio)


# What is filled in


def test_everything_is_filled_in_from_the_photos(as_mara, studio, rex, key):
    values = begun(as_mara, studio)
    assert values["photo_set"] == str(rex.pk)
    assert values["preset"] == "pet"
    assert values["base_model"] == "practice-sd15"
    assert values["t-steps"] == "1200"
    assert values["t-learning_rate"] == "1e-6"
    assert values["class_word"] == "dog"
    assert re.fullmatch(r"[a-z]{3,4}", values["token"])


def test_the_untouched_form_is_an_order(as_mara, studio, rex, key):
    response = as_mara.post(page(studio), begun(as_mara, studio))
    job = Job.objects.get()
    assert response["Location"] == reverse("job", args=[studio.slug, job.pk])
    assert (job.kind, job.name, job.photo_count, job.training["steps"]) == ("training", "Rex", 12, 1200)


def test_a_form_without_the_fields_of_the_provider_has_their_values(as_mara, studio, rex, key):
    typed = {"photo_set": rex.pk, "api_key": key.pk, "token": "ukj", "class_word": "dog", "nonce": "n"}
    assert as_mara.post(page(studio), typed).status_code == 302
    job = Job.objects.get()
    assert (job.preset, job.base_model, job.training["steps"]) == ("pet", "practice-sd15", 1200)


def test_prompts_make_it_a_training_with_pictures(as_mara, studio, rex, key):
    typed = begun(as_mara, studio) | {
        "token": "ukj",
        "prompts": "a portrait of UKJ dog\n\n in snow \n",
        "g-num_samples": "3",
    }
    as_mara.post(page(studio), typed)
    job = Job.objects.get()
    assert job.kind == "train_and_generate"
    assert [values["prompt"] for values in job.generations] == ["a portrait of UKJ dog", "photo of ukj dog, in snow"]
    assert {values["num_samples"] for values in job.generations} == {3}


def test_a_rehearsal_is_a_dry_run(as_mara, studio, rex, key):
    as_mara.post(page(studio), begun(as_mara, studio) | {"rehearse": "1"})
    assert Job.objects.get().dry_run


def test_the_card_says_what_it_comes_to(as_mara, studio, rex, key):
    html = as_mara.get(page(studio)).content.decode().replace("\N{NARROW NO-BREAK SPACE}", " ")
    for words in ("12 photos of Rex", "1 200 steps, about 100 looks at each photo", "Start training · free"):
        assert words in html


def test_without_photos_the_page_says_where_to_begin(as_mara, studio, key):
    html = as_mara.get(page(studio)).content.decode()
    assert "Photos first" in html
    assert reverse("photo_set_samples", args=[studio.slug]) in html


def test_without_a_key_the_page_says_so(as_mara, studio, rex):
    studio.api_keys.all().delete()
    assert "No API key yet" in as_mara.get(page(studio)).content.decode()
    assert as_mara.post(page(studio), {"nonce": "n"}).status_code == 400


# While one chooses and types


def test_another_preset_fills_its_values_and_keeps_what_is_ones_own(as_mara, studio, rex, key):
    typed = begun(as_mara, studio) | {
        "preset": "person-sdxl",
        "name": "My own",
        "prompts": "photo of ukj",
        "t-steps": "77",
    }
    values = refreshed(as_mara, studio, typed)
    assert values["base_model"] == "practice-sdxl"
    assert values["t-steps"] == "1500"
    assert values["t-learning_rate_te1"] == "3e-6"
    assert values["class_word"] == "person"
    assert (values["name"], values["prompts"], values["token"]) == ("My own", "photo of ukj", typed["token"])


def test_another_base_model_keeps_what_was_typed(as_mara, studio, rex, key):
    typed = begun(as_mara, studio) | {"base_model": "practice-sdxl", "t-steps": "1234"}
    values = refreshed(as_mara, studio, typed)
    assert values["t-steps"] == "1234"
    assert "t-learning_rate_te" not in values
    assert "t-learning_rate_te1" in values


def test_an_unticked_box_stays_unticked(as_mara, studio, rex, key):
    typed = begun(as_mara, studio)
    typed |= {"t-enable_offset_noise": "on"}
    assert "t-enable_offset_noise" in refreshed(as_mara, studio, typed)
    del typed["t-enable_offset_noise"]
    assert "t-enable_offset_noise" not in refreshed(as_mara, studio, typed)


def test_other_photos_count_the_steps_anew(as_mara, studio, rex, key):
    fewer = make_set(studio, name="Kim", subject="person", photo_count=9)
    values = refreshed(as_mara, studio, begun(as_mara, studio, query=f"?photo_set={rex.pk}") | {"photo_set": fewer.pk})
    assert (values["preset"], values["t-steps"], values["class_word"]) == ("person", "900", "person")


def test_an_order_whose_settings_just_changed_is_shown_once_more(as_mara, studio, rex, key):
    response = as_mara.post(page(studio), begun(as_mara, studio) | {"preset": "style"})
    assert response.status_code == 400
    assert "fitted again" in response.content.decode()
    assert not Job.objects.exists()
    assert as_mara.post(page(studio), filled(response.content.decode())).status_code == 302


def test_the_refresh_button_works_without_scripts(as_mara, studio, rex, key):
    response = as_mara.post(page(studio), begun(as_mara, studio) | {"preset": "style", "refresh": "1"})
    assert response.status_code == 200
    assert filled(response.content.decode())["base_model"] == "practice-sdxl"


def test_the_card_follows_what_is_typed(as_mara, studio, rex, key):
    typed = begun(as_mara, studio) | {"t-steps": "2400", "token": "rex", "t-learning_rate": "1e-4"}
    html = as_mara.post(page(studio, "new_job_summary"), typed).content.decode()
    for words in ("about 200 looks", "looks like a word or a name", "fits LoRA training"):
        assert words in html


def test_the_card_names_what_is_wrong(as_mara, studio, rex, key):
    html = as_mara.post(page(studio, "new_job_summary"), begun(as_mara, studio) | {"t-steps": "1"}).content.decode()
    assert '<a href="#id_t-steps">Steps</a>: 50 steps is the least.' in html


@pytest.mark.parametrize("kind", ["", "nonsense", "\x00"])
def test_a_form_we_do_not_have_is_not_there(as_mara, studio, kind):
    assert as_mara.post(page(studio, "new_job_fields"), {"kind": kind}).status_code == 404


# What is refused


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("photo_set", "", "Choose the photos to train on."),
        ("photo_set", "999999", "Choose the photos to train on."),
        ("api_key", "999999", "This key was removed. Choose another."),
        ("base_model", "nonsense", "Choose a base model from the list."),
        ("token", "", "Give your subject a short name"),
        ("token", "two words", "One word of letters and digits"),
        ("token", "x" * 41, "at most 40"),
        ("class_word", "<b>", "Letters and spaces only"),
        ("t-steps", "NaN", "Type a whole number"),
        ("t-steps", "1e9", "Type a whole number"),
        ("t-steps", str(2**64), "steps is the most."),
        ("t-learning_rate", "1e309", "Type a number"),
        ("t-crop_method", "\x00", "Choose one of the answers"),
        ("prompts", "x\n" * 51, "51 prompts are too many"),
        ("prompts", "y" * 2001, "longer than 2000"),
        ("prompts", "a\x00b", "Null characters are not allowed."),
        ("name", "x" * 121, "at most 120"),
    ],
)
def test_what_does_not_fit_gets_a_sentence_and_keeps_the_rest(as_mara, studio, rex, key, name, typed, said):
    values = begun(as_mara, studio) | {"token": "ukj", "class_word": "dog", name: typed}
    response = as_mara.post(page(studio), values)
    html = response.content.decode()
    assert response.status_code == 400
    assert said in html
    assert not Job.objects.exists()
    if name != "t-steps":
        assert filled(html)["t-steps"] == "1200"


@pytest.mark.parametrize("name", ["nonce", "shown", "applied", "clone", "again"])
@pytest.mark.parametrize("typed", ["", "\x00", "x" * 5000, "-1", "9" * 40])
def test_a_tampered_hidden_field_is_never_an_error_of_ours(as_mara, studio, rex, key, name, typed):
    response = as_mara.post(page(studio), begun(as_mara, studio) | {name: typed})
    assert response.status_code in (302, 400)


def test_things_of_another_workspace_are_not_there(as_mara, studio, rex, key, elsewhere, sam):
    others = make_set(elsewhere, sam, photo_count=3)
    theirs = keys.practice_key(elsewhere)
    assert as_mara.post(page(studio), begun(as_mara, studio) | {"photo_set": others.pk}).status_code == 400
    assert as_mara.post(page(studio), begun(as_mara, studio) | {"api_key": theirs.pk}).status_code == 400
    job = make_job(elsewhere, sam, kind="training")
    for query in (f"?photo_set={others.pk}", f"?clone={job.pk}", "?clone=x", "?photo_set=%00"):
        assert as_mara.get(page(studio, query=query)).status_code == 404


def test_two_megabytes_of_prompt_are_refused(as_mara, studio, rex, key):
    assert as_mara.post(page(studio), begun(as_mara, studio) | {"prompts": "x" * 3_000_000}).status_code == 400


# Once, and asked before twice


def test_the_same_form_sent_again_is_the_same_job(as_mara, studio, rex, key):
    typed = begun(as_mara, studio)
    first, second = as_mara.post(page(studio), typed), as_mara.post(page(studio), typed)
    assert first["Location"] == second["Location"]
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_presses_at_once_are_one_job(studio, mara, rex, key):
    typed = begun(client_of(mara), studio)
    clients = [client_of(mara) for _ in range(10)]

    def press(client) -> str:
        try:
            return client.post(page(studio), typed)["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        places = set(pool.map(press, clients))
    assert Job.objects.count() == 1
    assert len(places) == 1


def test_the_same_order_from_another_tab_is_asked_about(as_mara, studio, rex, key):
    typed = begun(as_mara, studio)
    as_mara.post(page(studio), typed)
    other_tab = typed | {"nonce": "another"}
    response = as_mara.post(page(studio), other_tab)
    assert response.status_code == 409
    assert "You sent the same 1 second ago." in response.content.decode()
    assert Job.objects.count() == 1
    assert as_mara.post(page(studio), other_tab | {"again": "1"}).status_code == 302
    assert Job.objects.count() == 2


def test_steps_of_ones_own_stay_when_more_photos_get_ready(as_mara, studio, rex, key):
    typed = begun(as_mara, studio)
    rex.photo_count = 14
    rex.save(update_fields=["photo_count"])
    assert refreshed(as_mara, studio, typed)["t-steps"] == "1400"
    assert refreshed(as_mara, studio, typed | {"t-steps": "777"})["t-steps"] == "777"


def test_photos_that_are_getting_ready_can_be_chosen_and_refresh_the_form(as_mara, studio, rex, key):
    arriving = make_set(studio, name="Kim", subject="person", photo_count=0)
    make_photos(arriving, 2, state="waiting")
    html = as_mara.get(page(studio, query=f"?photo_set={arriving.pk}")).content.decode()
    assert "2 more photos getting ready" in html
    assert f'hx-post="{page(studio, "new_job_fields")}" hx-trigger="load' in html
    assert as_mara.post(page(studio), filled(html)).status_code == 400
    assert not Job.objects.exists()


def test_another_order_or_another_person_is_not_asked(as_mara, as_ann, studio, rex, key):
    typed = begun(as_mara, studio)
    as_mara.post(page(studio), typed)
    assert as_mara.post(page(studio), typed | {"nonce": "b", "t-steps": "1300"}).status_code == 302
    assert as_ann.post(page(studio), typed | {"nonce": "c"}).status_code == 302


# From a job, a checkpoint, a picture


def test_a_clone_is_filled_as_the_job_was_and_marks_what_differs(as_mara, studio, mara, rex, key):
    typed = begun(as_mara, studio) | {"t-steps": "1333", "token": "ukj", "prompts": "in snow", "name": "Rex"}
    as_mara.post(page(studio), typed)
    job = Job.objects.get()
    values = begun(as_mara, studio, query=f"?clone={job.pk}")
    same = ("photo_set", "t-steps", "token", "class_word", "prompts", "base_model", "preset", "t-learning_rate")
    assert {name: values[name] for name in same} == {name: typed[name] for name in same}
    assert values["name"] == "Rex 2"
    html = as_mara.post(page(studio, "new_job_summary"), values | {"t-steps": "1500"}).content.decode()
    assert "Changed from Rex" in html
    assert "<dt>Steps</dt><dd><del>1333</del> <ins>1500</ins></dd>" in html
    as_mara.post(page(studio), values | {"t-steps": "1500"})
    assert Job.objects.latest("id").cloned_from == job


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
    assert (job.kind, job.checkpoint, job.token) == ("generation", checkpoint, "ukj")
    generation = job.generations[0]
    assert (generation["width"], generation["height"], generation["seed"]) == (512, 768, 7)


def test_pictures_from_a_base_model(as_mara, studio, key):
    values = begun(as_mara, studio, "new_generation")
    assert values["source"] == "b:practice:practice-sd15"
    as_mara.post(page(studio, "new_generation"), values | {"prompts": "a dog\na cat"})
    job = Job.objects.get()
    assert (job.base_model, job.checkpoint, len(job.generations)) == ("practice-sd15", None, 2)
    assert job.generations[0]["seed"] == -1


def test_a_prompt_that_does_not_name_the_subject_gets_a_word_of_advice(as_mara, studio, key, checkpoint):
    typed = begun(as_mara, studio, "new_generation") | {"prompts": "photo of ukj dog\nin snow"}
    html = as_mara.post(page(studio, "new_job_summary"), typed).content.decode()
    assert "“in snow” does not name your subject" in html


def test_ideas_fit_what_the_photos_show(as_mara, studio, rex, key, checkpoint):
    assert 'data-idea="in a meadow of flowers"' in as_mara.get(page(studio)).content.decode()
    html = as_mara.get(page(studio, "new_generation")).content.decode()
    assert 'data-start="photo of ukj dog"' in html


def test_another_shape_takes_the_typed_size(as_mara, studio, key):
    own = {"prompts": "a dog", "shape": "own", "g-width": "640", "g-height": "448"}
    as_mara.post(page(studio, "new_generation"), begun(as_mara, studio, "new_generation") | own)
    generation = Job.objects.get().generations[0]
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


# Who may


@pytest.mark.parametrize("name", ["new_training", "new_generation"])
def test_who_only_looks_may_not_order(as_vic, as_sam, studio, name):
    assert as_vic.get(page(studio, name)).status_code == 403
    assert as_vic.post(page(studio, name)).status_code == 403
    assert as_sam.get(page(studio, name)).status_code == 404


@pytest.mark.parametrize("name", ["new_job_fields", "new_job_summary"])
def test_parts_of_the_form_are_for_those_who_may_order(as_vic, as_sam, studio, name):
    assert as_vic.post(page(studio, name), {"kind": "training"}).status_code == 403
    assert as_sam.post(page(studio, name), {"kind": "training"}).status_code == 404


def test_a_session_that_ended_comes_back_to_the_form(client, studio):
    response = client.post(page(studio), {"token": "ukj"}, headers={"Referer": f"http://testserver{page(studio)}"})
    assert response.status_code == 302
    assert response["Location"].endswith(f"?next={page(studio)}")


def test_the_form_takes_as_many_queries_for_many_sets_as_for_few(as_mara, studio, rex, key, django_assert_num_queries):
    as_mara.get(page(studio))
    with django_assert_num_queries(13):
        as_mara.get(page(studio))
    for number in range(9):
        make_set(studio, name=f"Set {number}", photo_count=5)
    with django_assert_num_queries(13):
        as_mara.get(page(studio))


# What was seen is what is sent


def test_photos_that_changed_since_are_shown_once_more_before_they_are_sent(as_mara, studio, rex, key):
    typed = begun(as_mara, studio)
    rex.photos.filter(pk=rex.photos.first().pk).update(caption="on a sofa")
    response = as_mara.post(page(studio), typed)
    assert response.status_code == 400
    assert "changed since you looked" in response.content.decode()
    assert not Job.objects.exists()

    assert as_mara.post(page(studio), filled(response.content.decode())).status_code == 302
    assert Job.objects.get().sent_photos[str(rex.photos.first().pk)]["caption"] == "on a sofa"


def test_the_parts_that_are_sent_are_shown_before(as_mara, studio, rex, key):
    rex.photos.filter(pk=rex.photos.first().pk).update(
        crop={"mode": "hand", "shape": "free", "box": [0.5, 0.25, 0.5, 0.5]}
    )
    html = as_mara.get(page(studio)).content.decode()
    assert "12, 1 cropped" in html
    assert 'viewBox="768 512 768 1024"' in html
    assert html.count('class="part"') == 12
