"""An order on a server whose disk is nearly full: said before somebody presses Start, and refused in a sentence."""

import pytest
from django.urls import reverse

from jobs.files import parts
from jobs.models import Job
from jobs.operations.api_keys import keys
from tests.conftest import text_of
from tests.jobs.order_forms import begun, page

pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def typed(as_mara, studio, rex) -> dict[str, str]:
    keys.practice_key(studio)
    return begun(as_mara, studio)


@pytest.fixture
def full(typed, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(parts, "LEAST_FOR_ORDERS", 10**18)
    return parts.too_full_for_orders()


@pytest.mark.parametrize("name", ["new_training", "new_generation"])
def test_b09_the_page_says_so_before_anything_is_pressed(as_mara, studio, full: str, name: str):
    assert full in text_of(as_mara.get(page(studio, name)))


def test_b09_the_order_is_refused_in_a_sentence_and_goes_out_when_there_is_room(
    as_mara, studio, typed, full: str, monkeypatch: pytest.MonkeyPatch
):
    refused = as_mara.post(page(studio), typed)
    assert refused.status_code == 400
    assert f"{full} Nothing was sent." in text_of(refused)
    assert not Job.objects.exists()

    monkeypatch.setattr(parts, "LEAST_FOR_ORDERS", 0)
    assert as_mara.post(page(studio), typed).status_code == 302
    assert Job.objects.count() == 1


def test_b09_the_same_order_again_is_refused_too(as_mara, studio, typed, monkeypatch: pytest.MonkeyPatch):
    as_mara.post(page(studio), typed)
    job = Job.objects.get()
    Job.objects.update(state="failure")
    monkeypatch.setattr(parts, "LEAST_FOR_ORDERS", 10**18)
    answer = as_mara.post(reverse("job_retry", args=[studio.slug, job.pk]), follow=True)
    assert parts.too_full_for_orders() in text_of(answer)
    assert Job.objects.count() == 1
