"""Ordering at dreamlook: what it takes differently than practice, from the form to the rows."""

from collections.abc import Iterator

import pytest
from django.urls import reverse

from jobs.models import ApiKey, Job
from jobs.operations import keys
from jobs.operations.providers import provider
from jobs.providers.registry import PROVIDERS
from tests.conftest import client_of
from tests.jobs.operations.threads import at_once
from tests.jobs.order_forms import begun, page
from tests.jobs.photographed import make_photos, make_set

pytestmark = pytest.mark.django_db

IDEAS = "a dog\na cat\na bird"


@pytest.fixture(autouse=True)
def dreamlook(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(PROVIDERS, "dreamlook", "jobs.providers.dreamlook.adapter.Dreamlook")
    provider.cache_clear()
    yield
    provider("dreamlook").close()
    provider.cache_clear()


@pytest.fixture(autouse=True)
def key(studio, jon) -> ApiKey:
    return keys.add(studio, jon, "dreamlook", "Studio key", "dl-0123456789-0123456789")


@pytest.fixture
def rex(studio, mara):
    photo_set = make_set(studio, mara, name="Rex", subject="pet", photo_count=12)
    make_photos(photo_set, 12)
    return photo_set


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
    assert [[one["prompt"] for one in job.generations] for job in jobs] == [["a dog"], ["a cat"], ["a bird"]]
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
    again = as_mara.post(page(studio, "new_generation"), typed | {"prompts": IDEAS, "nonce": "another"})
    assert again.status_code == 409
    assert Job.objects.count() == 1
