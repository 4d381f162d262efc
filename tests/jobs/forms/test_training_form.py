"""Ordering a training: what is filled in, what is refused with a sentence, and what is shown before it is sent."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from jobs.forms import training
from jobs.models import ApiKey, Job
from jobs.operations.api_keys import keys
from tests.conftest import text_of
from tests.jobs.factories import make_job, make_photos, make_set
from tests.jobs.order_forms import begun, filled, page, refreshed

pytestmark = [pytest.mark.django_db, pytest.mark.services(every_case=True)]


@pytest.fixture
def key(studio):
    return keys.practice_key(studio)


def make_key(workspace, slug: str) -> ApiKey:
    return ApiKey.objects.create(workspace=workspace, provider=slug, label="Studio")


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
    assert (job.kind, job.name, job.photo_count, job.spec.training["steps"]) == ("training", "Rex", 12, 1200)


def test_a_form_without_the_fields_of_the_provider_has_their_values(as_mara, studio, rex, key):
    typed = {"photo_set": rex.pk, "api_key": key.pk, "token": "ukj", "class_word": "dog", "idempotency_key": "n"}
    assert as_mara.post(page(studio), typed).status_code == 302
    job = Job.objects.get()
    assert (job.spec.preset, job.base_model, job.spec.training["steps"]) == ("pet", "practice-sd15", 1200)


def test_prompts_make_it_a_training_with_pictures(as_mara, studio, rex, key):
    typed = begun(as_mara, studio) | {
        "token": "ukj",
        "prompts": "a portrait of UKJ dog\n\n in snow \n",
        "g-num_samples": "3",
    }
    as_mara.post(page(studio), typed)
    job = Job.objects.get()
    assert job.kind == "train_and_generate"
    assert [values["prompt"] for values in job.spec.generations] == [
        "a portrait of UKJ dog",
        "photo of ukj dog, in snow",
    ]
    assert {values["num_samples"] for values in job.spec.generations} == {3}


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
    assert as_mara.post(page(studio), {"idempotency_key": "n"}).status_code == 400


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


def test_a_key_that_works_is_chosen_first_and_what_is_wrong_with_another_is_marked(as_mara, studio, rex, key):
    works = make_key(studio, "dreamlook")
    ApiKey.objects.filter(pk=works.pk).update(health="working", label="Works")
    for label, changes in (
        ("Silent", {"last_result": "dreamlook did not answer."}),
        ("Empty", {"health": "no_credit"}),
        ("Wrong", {"health": "rejected"}),
    ):
        ApiKey.objects.filter(pk=make_key(studio, "dreamlook").pk).update(label=label, **changes)
    html = as_mara.get(page(studio)).content.decode()
    assert filled(html)["api_key"] == str(works.pk)
    for words in ("Silent · no answer yet", "Empty · out of credit", "Wrong · not accepted"):
        assert words in html
    assert "Works ·" not in html


DRAWN = ("g-width", "g-height", "g-guidance_scale", "g-num_inference_steps")
AS_SDXL = ("1024", "1024", "7", "40")


def drawn(values: dict[str, str]) -> tuple[str, ...]:
    return tuple(values[name] for name in DRAWN)


@pytest.mark.parametrize(
    ("slug", "choice", "before"),
    [
        ("practice", {"base_model": "practice-sdxl"}, ("512", "512", "7.5", "35")),
        ("practice", {"preset": "person-sdxl"}, ("512", "512", "7.5", "35")),
        ("dreamlook", {"base_model": "stable-diffusion-xl-v1-0"}, ("512", "512", "7.5", "30")),
        ("dreamlook", {"preset": "style"}, ("512", "512", "7.5", "30")),
    ],
)
def test_size_steps_and_guidance_of_pictures_follow_the_base_model(as_mara, studio, rex, slug, choice, before):
    make_key(studio, slug)
    typed = begun(as_mara, studio)
    assert drawn(typed) == before
    there = refreshed(as_mara, studio, typed | choice)
    assert drawn(there) == AS_SDXL
    assert drawn(refreshed(as_mara, studio, there | {name: typed[name] for name in choice})) == before


def test_what_somebody_typed_for_pictures_stays_with_another_base_model(as_mara, studio, rex, key):
    typed = begun(as_mara, studio) | {"base_model": "practice-sdxl", "g-width": "640", "g-num_inference_steps": "50"}
    assert drawn(refreshed(as_mara, studio, typed)) == ("640", "1024", "7", "50")


def test_what_followed_is_shown_before_it_is_ordered(as_mara, studio, rex, key):
    """As without JavaScript, where a choice fetches nothing."""
    typed = begun(as_mara, studio) | {"base_model": "practice-sdxl", "prompts": "in snow"}
    answer = as_mara.post(page(studio), typed)
    assert answer.status_code == 400
    assert as_mara.post(page(studio), filled(answer.content.decode())).status_code == 302
    assert Job.objects.get().spec.generations[0]["width"] == 1024


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


def test_steps_of_ones_own_stay_when_more_photos_get_ready(as_mara, studio, rex, key):
    typed = begun(as_mara, studio)
    rex.photo_count = 14
    rex.save(update_fields=["photo_count"])
    assert refreshed(as_mara, studio, typed)["t-steps"] == "1400"
    assert refreshed(as_mara, studio, typed | {"t-steps": "777"})["t-steps"] == "777"


@pytest.fixture
def arriving(studio):
    """A set of a person whose twelve photos are all still getting ready."""
    photo_set = make_set(studio, name="Kim", subject="person", photo_count=0)
    make_photos(photo_set, 12, state="waiting", prepared="", thumbnail="", width=0, height=0)
    return photo_set


def test_photos_that_are_getting_ready_can_be_chosen_and_refresh_the_form(as_mara, studio, key, arriving):
    html = as_mara.get(page(studio, query=f"?photo_set={arriving.pk}")).content.decode()
    assert "12 photos still getting ready" in html
    assert "the order does, and goes out when they are" in html
    assert f'hx-post="{page(studio, "new_job_fields")}" hx-trigger="load' in html
    assert filled(html)["t-steps"] == "1200"


def test_an_order_is_accepted_while_its_photos_get_ready(as_mara, studio, key, arriving):
    """As when *Start training* is pressed a moment after *Try it with sample photos*."""
    typed = begun(as_mara, studio, query=f"?photo_set={arriving.pk}")
    arriving.photos.filter(pk__in=arriving.photos.values("pk")[:5]).update(state="ready")
    arriving.photo_count = 5
    arriving.save(update_fields=["photo_count"])
    answer = as_mara.post(page(studio), typed)
    assert answer.status_code == 302, text_of(answer)
    job = Job.objects.get()
    assert (job.photo_count, job.spec.training["steps"]) == (12, 1200)
    assert "getting ready" not in text_of(as_mara.get(answer["Location"])), "it says so once it waits"


def test_a_set_that_grew_since_is_shown_before_it_is_ordered(as_mara, studio, rex, key):
    typed = begun(as_mara, studio)
    make_photos(rex, 1, state="waiting")
    answer = as_mara.post(page(studio), typed)
    assert answer.status_code == 400
    shown = filled(answer.content.decode())
    assert shown["t-steps"] == "1300"
    assert as_mara.post(page(studio), shown).status_code == 302


# From a job


def test_a_clone_is_filled_as_the_job_was_and_marks_what_differs(as_mara, studio, mara, rex, key):
    typed = begun(as_mara, studio) | {"t-steps": "1333", "token": "ukj", "prompts": "in snow", "name": "Rex"}
    as_mara.post(page(studio), typed)
    job = Job.objects.get()
    values = begun(as_mara, studio, query=f"?clone={job.pk}")
    same = ("photo_set", "t-steps", "token", "class_word", "prompts", "base_model", "preset", "t-learning_rate")
    assert {name: values[name] for name in same} == {name: typed[name] for name in same}
    assert values["name"] == "Rex 2"
    html = text_of(as_mara.post(page(studio, "new_job_summary"), values | {"t-steps": "1500"}))
    assert "Changed from Rex" in html
    assert "<dt>Steps</dt> <dd> <del>1333</del> <ins>1500</ins> </dd>" in html
    as_mara.post(page(studio), values | {"t-steps": "1500"})
    assert Job.objects.latest("id").cloned_from == job


@pytest.mark.parametrize(("nudge", "steps", "why"), [("longer", "1800", "longer"), ("shorter", "800", "shorter")])
def test_a_training_can_be_tried_longer_or_shorter_with_a_sentence_why(
    as_mara, studio, mara, rex, key, nudge, steps, why
):
    as_mara.post(page(studio), begun(as_mara, studio) | {"token": "ukj"})
    Job.objects.update(state="success")
    job = Job.objects.get()
    said = text_of(as_mara.get(reverse("job", args=[studio.slug, job.pk])))
    assert f"?clone={job.pk}&amp;nudge={nudge}" in said
    html = as_mara.get(page(studio, query=f"?clone={job.pk}&nudge={nudge}")).content.decode()
    assert filled(html)["t-steps"] == steps
    assert f"want a {why} training" in html
    assert "Changed from Rex" in html


def test_an_untouched_form_says_what_is_still_to_fill_in_and_finds_nothing_wrong(as_mara, studio, key):
    html = as_mara.get(page(studio, "new_generation")).content.decode()
    assert "Still to fill in" in html
    assert "Before it can start" not in html
    assert "data-wrong" not in html


def test_numbers_of_a_goal_stand_under_advanced_and_not_on_its_card(as_mara, studio, rex, key):
    html = as_mara.get(page(studio)).content.decode()
    assert html.count("at 1e-6") == 1
    assert html.index("Advanced") < html.index("at 1e-6")


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


def test_u07_a_session_that_ended_comes_back_to_the_form(client, studio):
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


def test_the_parts_that_are_sent_are_shown_before(as_mara, studio, rex, key):
    rex.photos.filter(pk=rex.photos.first().pk).update(
        crop={"mode": "hand", "shape": "free", "box": [0.5, 0.25, 0.5, 0.5]}
    )
    html = text_of(as_mara.get(page(studio)))
    assert "12, 1 cropped" in html
    assert 'viewBox="768 512 768 1024"' in html
    assert html.count('class="part"') == 12


@pytest.mark.parametrize("word", ["कुत्ता", "จูลี่", "தமிழ்", "क्\u200dष", "Zoë", "Zoe\u0308", "子犬", "x-1_a"])
def test_a_word_may_be_of_any_script_with_the_signs_that_belong_to_its_letters(word):
    training._word(word)
    training._words(f"{word} {word}")


@pytest.mark.parametrize("word", ["two words", "a/b", "a,b", "{x}", "a\u202eb", "🐕"])
def test_what_is_no_word_is_told(word):
    with pytest.raises(ValidationError, match="One word"):
        training._word(word)
