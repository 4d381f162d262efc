"""Ordering at dreamlook: what it takes differently than practice, from the form to the rows."""

import json
import shlex
from dataclasses import replace
from html import unescape

import pytest
from django.urls import reverse

from dashboard.tokens import new_token
from jobs.models import ApiKey, Job, JobState
from jobs.operations.api_keys import keys
from jobs.operations.jobs.order import JobDraft, build, create
from jobs.operations.photo_grants import grants
from jobs.providers.dreamlook.requests import body
from jobs.providers.order import Kind
from tests.conftest import client_of
from tests.jobs.forms.test_training_on import trained
from tests.jobs.operations.threads import at_once
from tests.jobs.order_forms import begun, filled, page, refreshed

__all__ = ["trained"]  # a fixture

pytestmark = pytest.mark.django_db

IDEAS = "a dog\na cat\na bird"


@pytest.fixture(autouse=True)
def key(studio, jon) -> ApiKey:
    return keys.add(studio, jon, "dreamlook", "Studio key", "dl-0123456789-0123456789")


@pytest.fixture(autouse=True)
def reachable(settings) -> None:
    settings.PUBLIC_URL = "https://likeness.example.com"


# A list of prompts


def test_a_list_of_prompts_is_an_order_each_out_of_one_press(as_mara, studio):
    typed = begun(as_mara, studio, "new_generation") | {"prompts": IDEAS, "name": "Animals"}
    answer = as_mara.post(page(studio, "new_generation"), typed, follow=True)
    jobs = Job.objects.order_by("id")
    assert answer.redirect_chain == [(reverse("jobs", args=[studio.slug]), 302)]
    assert "3 orders are on their way: one for each prompt." in answer.content.decode()
    assert [[one["prompt"] for one in job.spec.generations] for job in jobs] == [["a dog"], ["a cat"], ["a bird"]]
    assert [job.name for job in jobs] == ["Animals (1 of 3)", "Animals (2 of 3)", "Animals (3 of 3)"]


def test_the_card_says_how_many_orders_it_comes_to(as_mara, studio):
    typed = begun(as_mara, studio, "new_generation") | {"prompts": IDEAS}
    assert "12 pictures of 3 prompts, in 3 orders" in as_mara.post(page(studio, "new_job_summary"), typed).text


def test_one_prompt_leads_to_its_job(as_mara, studio):
    typed = begun(as_mara, studio, "new_generation") | {"prompts": "a dog", "name": "Dog"}
    assert as_mara.post(page(studio, "new_generation"), typed)["Location"] == reverse(
        "job", args=[studio.slug, Job.objects.get(name="Dog").pk]
    )


def test_pressing_again_makes_none_twice(as_mara, studio):
    typed = begun(as_mara, studio, "new_generation") | {"prompts": IDEAS}
    for _ in range(3):
        assert as_mara.post(page(studio, "new_generation"), typed).status_code == 302
    assert Job.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_presses_at_once_make_each_once(studio, mara):
    typed = begun(client_of(mara), studio, "new_generation") | {"prompts": IDEAS}
    places = at_once(6, lambda: client_of(mara).post(page(studio, "new_generation"), typed)["Location"])
    assert set(places) == {reverse("jobs", args=[studio.slug])}
    assert Job.objects.count() == 3


def test_one_of_them_sent_from_another_tab_is_asked_about(as_mara, studio):
    typed = begun(as_mara, studio, "new_generation")
    as_mara.post(page(studio, "new_generation"), typed | {"prompts": "a cat"})
    again = as_mara.post(page(studio, "new_generation"), typed | {"prompts": IDEAS, "idempotency_key": "another"})
    assert again.status_code == 409
    assert Job.objects.count() == 1


# What a training begins with


@pytest.mark.parametrize(("family", "type_"), [("", "sdxl-v1"), ("sd-v1", "sd-v1"), ("sdxl-v1", "sdxl-v1")])
def test_a_base_model_can_be_typed(as_mara, studio, rex, family, type_):
    typed = refreshed(as_mara, studio, begun(as_mara, studio) | {"base_model": "other"})
    assert (typed["own_model"], typed["own_model_type"]) == ("", "")
    mine = {"own_model": "juggernaut-xl-v9", "own_model_type": family}
    fitted = refreshed(as_mara, studio, typed | mine)
    assert ("t-learning_rate_te1" in fitted) is (type_ == "sdxl-v1")
    assert as_mara.post(page(studio), fitted).status_code == 302
    job = Job.objects.latest("id")
    assert (job.base_model, job.spec.model_type, job.checkpoint) == ("juggernaut-xl-v9", type_, None)


def test_a_typed_base_model_stands_in_a_clone(as_mara, studio, rex):
    own = {"base_model": "other", "own_model": "my-model", "own_model_type": "sdxl-v1"}
    as_mara.post(page(studio), refreshed(as_mara, studio, begun(as_mara, studio) | own))
    values = begun(as_mara, studio, query=f"?clone={Job.objects.get().pk}")
    assert {name: values[name] for name in own} == own


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type its name as dreamlook.ai writes it."),
        ("two words", "One word, please"),
        ("x" * 201, "at most 200"),
        ("<script>", "One word, please"),
        ("a\x00b", "Null characters"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused_beside_its_field(as_mara, studio, rex, typed, said):
    values = refreshed(as_mara, studio, begun(as_mara, studio) | {"base_model": "other"})
    answer = as_mara.post(page(studio), values | {"own_model": typed})
    assert answer.status_code == 400
    assert said in answer.text


def test_pictures_can_be_made_with_a_typed_base_model(as_mara, studio):
    typed = refreshed(as_mara, studio, begun(as_mara, studio, "new_generation") | {"source": "b:dreamlook:"})
    typed |= {"own_model": "juggernaut-xl-v9", "prompts": "a dog"}
    assert as_mara.post(page(studio, "new_generation"), typed).status_code == 302
    job = Job.objects.get()
    assert (job.base_model, job.spec.model_type) == ("juggernaut-xl-v9", "sdxl-v1")
    again = begun(as_mara, studio, "new_generation", f"?clone={job.pk}")
    assert (again["source"], again["own_model"]) == ("b:dreamlook:", "juggernaut-xl-v9")


# What dreamlook certainly refuses


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"t-save_checkpoints_at": "5000"}, "There are only 1200 steps."),
        ({"t-captions_file_url": "ftp://x"}, "An address that begins with https://, please."),
        ({"t-tags": "=x"}, "Each tag has a name: client=acme, shoot=june."),
    ],
)
def test_what_dreamlook_certainly_refuses_is_said_beside_the_field(as_mara, studio, rex, typed, said):
    answer = as_mara.post(page(studio), begun(as_mara, studio) | typed)
    name = next(iter(typed))
    assert answer.status_code == 400
    assert answer.context["form"].errors == {name: [said]}
    assert not Job.objects.exists()
    assert said in as_mara.post(page(studio, "new_job_summary"), begun(as_mara, studio) | typed).text


def test_what_dreamlook_refused_stands_beside_the_fields_of_the_next_try(as_mara, studio, trained):
    Job.objects.filter(pk=trained.pk).update(
        state=JobState.FAILURE,
        order=trained.order | {"generations": [{"prompt": "a dog", "num_samples": 4}]},
        field_errors={"steps": "Too many.", "prompt": "Not this.", "base_model": "Gone.", "nobody_knows": "Odd."},
    )
    form = as_mara.get(page(studio, query=f"?clone={trained.pk}")).context["form"]
    beside = {"t-steps": ["Too many."], "prompts": ["Not this."], "base_model": ["Gone."]}
    assert form.errors == {**beside, "__all__": ["nobody_knows: Odd."]}


# What cannot work is said before it is sent


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:8000", "http://studio.local"])
def test_photos_that_could_not_be_fetched_are_said_at_once_and_refused(as_mara, studio, rex, settings, address):
    settings.PUBLIC_URL = address
    said = "Ask whoever looks after the server to set PUBLIC_URL to its address on the internet"
    typed = begun(as_mara, studio) | {"token": "ukj", "name": "My own", "t-steps": "1234"}
    assert said in as_mara.post(page(studio, "new_job_summary"), typed).text
    for press in ({}, {"rehearse": "1"}):
        answer = as_mara.post(page(studio), typed | press)
        assert answer.status_code == 400
        assert said in answer.context["form"].non_field_errors()[0]
        kept = filled(answer.text)
        assert {name: kept[name] for name in typed if name != "csrfmiddlewaretoken"} == {
            name: value for name, value in typed.items() if name != "csrfmiddlewaretoken"
        }
    assert not Job.objects.exists()


def test_pictures_need_no_photos(as_mara, studio, settings):
    settings.PUBLIC_URL = ""
    typed = begun(as_mara, studio, "new_generation") | {"prompts": "a dog"}
    assert "PUBLIC_URL" not in as_mara.post(page(studio, "new_job_summary"), typed).text
    assert as_mara.post(page(studio, "new_generation"), typed).status_code == 302


# Price, captions, command


def test_a_price_nobody_can_tell_is_said_to_be_one(as_mara, studio, rex):
    html = as_mara.post(page(studio, "new_job_summary"), begun(as_mara, studio)).text
    assert "dreamlook.ai charges by <a" in html
    assert 'href="https://dreamlook.ai"' in html
    assert "<dt>Ready in</dt><dd>about" in html
    assert ">Start training<" in html


def test_captions_are_counted_and_sent(as_mara, studio, rex):
    rex.photos.filter(pk__in=rex.photos.values("pk")[:3]).update(caption="a dog on a sofa")
    html = as_mara.post(page(studio, "new_job_summary"), begun(as_mara, studio)).text
    assert "12 photos of Rex, 3 with a caption" in html
    assert "<li>3 captions</li>" in html
    assert "https://your-server.example/captions.json" in html


def command(html: str) -> str:
    return unescape(html.split('id="order-command"')[1].split(">", 1)[1].split("</pre>", maxsplit=1)[0])


def test_the_order_stands_on_the_card_as_a_command(as_mara, studio, rex):
    written = command(as_mara.post(page(studio, "new_job_summary"), begun(as_mara, studio)).text)
    assert written.startswith("curl https://api.dreamlook.ai/dreambooth")
    assert "Bearer $DREAMLOOK_API_KEY" in written
    assert written.count("https://your-server.example/photo-") == 12


def test_the_command_of_a_job_is_its_request_without_any_secret(as_mara, studio, jon, key, rex, trained):
    make = JobDraft(
        Kind.TRAINING, "Rex", api_key=key, photo_set=rex, base_model="stable-diffusion-v1-5", model_type="sd-v1"
    )
    filled_in = {"steps": 1200, "learning_rate": 1e-6, "extract_lora": "original"}
    job = create(studio, jon, replace(make, token="ukj", class_word="dog", training=filled_in), "n")
    token = new_token()
    sent = body(build(job, token))
    html = as_mara.get(reverse("job", args=[studio.slug, job.pk])).text
    shown = json.loads(shlex.split(command(html))[-1])
    assert {**sent, "image_urls": 0} == {**shown, "image_urls": 0, "callback": sent["callback"]}
    assert len(shown["image_urls"]) == 12
    secrets = (token, grants.grant_token(token), "dl-0123456789", "/lent/", "/callbacks/", "likeness.example.com")
    assert [secret for secret in secrets if secret in html] == []


def test_whoever_only_looks_sees_no_order_as_a_command(as_mara, as_vic, studio):
    as_mara.post(page(studio, "new_generation"), begun(as_mara, studio, "new_generation") | {"prompts": "a dog"})
    address = reverse("job", args=[studio.slug, Job.objects.latest("pk").pk])
    assert "order-command" in as_mara.get(address).text
    assert "order-command" not in as_vic.get(address).text


def test_each_of_several_orders_is_a_command_of_its_own(as_mara, studio):
    typed = begun(as_mara, studio, "new_generation") | {"prompts": IDEAS}
    written = command(as_mara.post(page(studio, "new_job_summary"), typed).text)
    assert written.count("curl https://api.dreamlook.ai/image_gen") == 3


def test_practice_has_no_command(as_mara, studio, rex):
    typed = begun(as_mara, studio) | {"api_key": keys.practice_key(studio).pk}
    assert "order-command" not in as_mara.post(page(studio, "new_job_summary"), typed).text
