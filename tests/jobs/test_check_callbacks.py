"""Check callbacks: a free rehearsal goes out, its callback must come back, and both pages say how that went."""

import json
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jobs.models import ApiKey, Attempt, Job
from jobs.operations.api_keys import keys
from jobs.operations.providers import provider
from tests.conftest import client_of
from tests.jobs.operations.threads import at_once
from tests.providers.emulators.dreamlook import Emulator, emulated
from tests.providers.emulators.faults import Fault

pytestmark = pytest.mark.django_db

KEYS = reverse("api_keys", args=["studio"])


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with emulated() as running:
        yield running


@pytest.fixture(autouse=True)
def dreamlook(settings, emulator: Emulator) -> Iterator[None]:
    settings.PROVIDER_BASE_URLS = {"dreamlook": emulator.url}
    settings.ALLOW_PRIVATE_PROVIDER_HOSTS = True
    settings.PUBLIC_URL = "https://likeness.example.com"
    provider.cache_clear()
    yield
    provider("dreamlook").close()
    provider.cache_clear()


@pytest.fixture
def key(studio, jon) -> ApiKey:
    return keys.add(studio, jon, "dreamlook", "Studio key", "dl-emulator")


@pytest.fixture
def check(key) -> str:
    return reverse("api_key_check_callbacks", args=["studio", key.pk])


def rehearsals(emulator: Emulator) -> list[dict]:
    return [json.loads(seen.body) for seen in emulator.server.seen if seen.method == "POST"]


def ring(emulator: Emulator, body: bytes = b"{}") -> int:
    """dreamlook rings at the address it was given last."""
    path = urlsplit(rehearsals(emulator)[-1]["callback"]).path
    return Client().post(path, body, content_type="application/json").status_code


def later(key: ApiKey, **ago: float) -> None:
    ApiKey.objects.filter(pk=key.pk).update(callback_asked_at=timezone.now() - timedelta(**ago))


def came_after(key: ApiKey, **wait: float) -> None:
    """The callback that came did so this long after it was asked for, however slow this machine is."""
    ApiKey.objects.filter(pk=key.pk).update(callback_asked_at=F("callback_came_at") - timedelta(**wait))


def test_a_check_is_a_free_rehearsal_and_makes_no_job(as_ann, check, emulator):
    page = as_ann.post(check, follow=True).text
    (sent,) = rehearsals(emulator)
    assert (sent["dry_run"], sent["num_samples"]) == (True, 1)
    assert sent["callback"].startswith("https://likeness.example.com/callbacks/")
    assert "Waiting for dreamlook.ai to ring here." in page
    assert emulator.service.ledger == []
    assert not Job.objects.exists()
    assert not Attempt.objects.exists()


def test_a_callback_that_came_is_told_on_the_key_and_for_the_keeper(as_ann, as_jon, jon, check, key, emulator):
    as_ann.post(check)
    assert ring(emulator) == 200
    came_after(key, seconds=4)
    said = "dreamlook.ai rang here after 4 s: callbacks arrive"
    assert said in as_ann.get(KEYS).text
    jon.is_staff = True
    jon.save(update_fields=["is_staff"])
    assert said in as_jon.get("/system/").text


def test_one_that_did_not_come_says_what_to_look_at(as_ann, as_jon, jon, check, key, emulator):
    as_ann.post(check)
    later(key, minutes=3)
    page = as_ann.get(KEYS).text
    assert "dreamlook.ai did not ring within two minutes." in page
    assert "PUBLIC_URL (https://likeness.example.com)" in page
    jon.is_staff = True
    jon.save(update_fields=["is_staff"])
    assert "did not ring within two minutes" in as_jon.get("/system/").text
    assert ring(emulator) == 200
    came_after(key, minutes=3)
    assert "rang here after 180 s" in as_ann.get(KEYS).text


def test_the_card_asks_again_by_itself_only_while_one_is_waited_for(as_mara, as_ann, check, key, emulator):
    part = reverse("api_key_callbacks", args=["studio", key.pk])
    assert "hx-trigger" not in as_mara.get(part).text
    as_ann.post(check)
    assert 'hx-trigger="every 2s"' in as_mara.get(part).text
    ring(emulator)
    assert "hx-trigger" not in as_mara.get(part).text


def test_the_first_ring_counts_and_all_are_thanked(as_ann, check, key, emulator):
    as_ann.post(check)
    assert [ring(emulator, body) for body in (b"{}", b"{}", b'{"other": 1}', b"no JSON")] == [200] * 4
    key.refresh_from_db()
    first = key.callback_came_at
    ring(emulator)
    key.refresh_from_db()
    assert key.callback_came_at == first


def test_an_address_that_nobody_was_given_stays_unknown(as_ann, check, key, emulator):
    as_ann.post(check)
    assert Client().post("/callbacks/made-up/", b"{}", content_type="application/json").status_code == 404
    key.refresh_from_db()
    assert key.callback_came_at is None


def test_an_address_of_an_earlier_check_no_longer_counts(as_ann, check, key, emulator):
    as_ann.post(check)
    earlier = urlsplit(rehearsals(emulator)[-1]["callback"]).path
    later(key, minutes=3)
    as_ann.post(check)
    assert Client().post(earlier, b"{}", content_type="application/json").status_code == 404


def test_without_an_address_on_the_internet_nothing_is_sent(as_ann, check, settings, emulator):
    settings.PUBLIC_URL = ""
    assert "Ask whoever looks after it to set PUBLIC_URL" in as_ann.post(check, follow=True).text
    part = as_ann.post(check, headers={"HX-Request": "true"})
    assert "Ask whoever looks after it to set PUBLIC_URL" in part.text
    assert part.status_code == 200
    assert rehearsals(emulator) == []


def test_a_key_that_is_not_accepted_is_told(as_ann, studio, jon, emulator):
    wrong = keys.add(studio, jon, "dreamlook", "Wrong", "dl-wrong-key")
    page = as_ann.post(reverse("api_key_check_callbacks", args=["studio", wrong.pk]), follow=True).text
    assert "did not accept this key. So callbacks could not be checked; nothing was charged." in page
    wrong.refresh_from_db()
    assert wrong.health == "rejected"


def test_an_answer_that_got_lost_is_waited_for_all_the_same(as_ann, check, key, emulator):
    emulator.faults.plan("submit", Fault("reset", accept=True))
    assert "Waiting for dreamlook.ai" in as_ann.post(check, follow=True).text
    assert ring(emulator) == 200


def test_practice_has_nothing_to_check(as_ann, studio, key):
    practice = keys.practice_key(studio)
    page = as_ann.post(reverse("api_key_check_callbacks", args=["studio", practice.pk]), follow=True).text
    assert "This service does not ring" in page
    assert as_ann.get(KEYS).text.count("Check callbacks") == 1


def test_the_token_is_kept_as_a_hash_only(as_ann, check, key, emulator):
    as_ann.post(check)
    token = rehearsals(emulator)[-1]["callback"].rstrip("/").rpartition("/")[2]
    kept = str(ApiKey.objects.filter(pk=key.pk).values().get())
    assert token not in kept
    assert token not in as_ann.get(KEYS).text


@pytest.mark.django_db(transaction=True)
def test_presses_at_once_are_one_rehearsal(studio, jon, ann, key, check, emulator):
    at_once(5, lambda: client_of(ann).post(check).status_code)
    assert len(rehearsals(emulator)) == 1
