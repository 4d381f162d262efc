"""The API keys page: keys go in and never come out."""

import time
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from dashboard.models import StoredSecret
from jobs.models import ApiKey, Job, JobState
from jobs.operations.api_keys import keys
from jobs.providers.params import Param, Type
from tests.conftest import PASSWORD, text_of
from tests.jobs.keyed_provider import KeyedProvider

CANARY = "dl-canary-9f3b7a61c0de-wxyz"
PAGE = reverse("api_keys", args=["studio"])
NEW = reverse("api_key_new", args=["studio"])


@pytest.fixture
def key(studio, jon):
    return keys.add(studio, jon, "dreamlook", "Studio key", CANARY)


def url(name, key):
    return reverse(name, args=["studio", key.pk])


def page_of(client):
    return text_of(client.get(PAGE))


def job(key, **fields):
    return Job.objects.create(
        workspace=key.workspace, kind="training", name="Rex", provider=key.provider, api_key=key, **fields
    )


def test_the_practice_key_is_there_and_labelled_and_cannot_be_changed(as_jon, studio):
    page = page_of(as_jon)
    assert page.count("Practice") == 1
    practice = keys.practice_key(studio)
    assert as_jon.get(url("api_key_replace", practice)).status_code == 404
    assert as_jon.post(url("api_key_revoke", practice)).status_code == 404


def test_the_practice_key_can_be_tested(as_jon, studio):
    answer = as_jon.post(url("api_key_test", keys.practice_key(studio)), follow=True)
    assert answer.status_code == 200
    assert keys.practice_key(studio).health == "working"


def test_an_added_key_is_tested_at_once_and_shown_without_its_text(as_ann, with_dreamlook):
    typed = {"provider": "dreamlook", "label": "Studio key", "secret": CANARY}
    page = text_of(as_ann.post(NEW, typed, follow=True))
    assert "dreamlook knows this key." in page
    assert "<code>wxyz</code>" in page
    assert CANARY not in page
    assert ApiKey.objects.get(provider="dreamlook").health == "working"


@pytest.mark.parametrize(
    ("secret", "sentence", "health"),
    [
        ("empty-key-123456", "has no tokens left", "no_credit"),
        ("away-key-123456", "dreamlook did not answer. That says nothing about the key", "untested"),
    ],
)
def test_what_the_test_of_a_key_found_is_kept_and_said(as_ann, with_dreamlook, secret, sentence, health):
    page = as_ann.post(NEW, {"provider": "dreamlook", "label": "X", "secret": secret}, follow=True)
    key = ApiKey.objects.get(provider="dreamlook")
    assert sentence in text_of(page)
    assert sentence in key.last_result
    assert key.health == health


def test_a_key_that_is_not_accepted_is_stored_only_if_somebody_insists(as_ann, with_dreamlook):
    typed = {"provider": "dreamlook", "label": "Studio key", "secret": "bad-canary-9f3b7a61"}
    answer = as_ann.post(NEW, typed)
    assert answer.status_code == 400
    assert "dreamlook did not accept this key. Nothing was stored." in text_of(answer)
    assert "Store it all the same" in text_of(answer)
    assert 'value="Studio key"' in text_of(answer)
    assert typed["secret"] not in text_of(answer)
    assert not StoredSecret.objects.exists()
    page = text_of(as_ann.post(NEW, typed | {"insist": "1"}, follow=True))
    assert "dreamlook did not accept this key." in page
    assert ApiKey.objects.get(provider="dreamlook").health == "rejected"


def test_a_key_whose_provider_did_not_answer_does_not_say_that_it_was_not_tested(as_ann, with_dreamlook):
    typed = {"provider": "dreamlook", "label": "Studio key", "secret": "away-key-123456"}
    page = text_of(as_ann.post(NEW, typed, follow=True))
    assert "No answer yet" in page
    assert "Not tested yet" not in page.partition("Practice")[0]
    assert "test it again in a minute" in page


def test_the_activity_names_the_service_as_people_know_it(as_ann, studio, with_dreamlook):
    as_ann.post(NEW, {"provider": "dreamlook", "label": "Studio key", "secret": CANARY})
    assert studio.audit_entries.filter(sentence__endswith="added the API key Studio key of dreamlook.ai.").exists()


def test_a_runpod_key_without_a_bucket_says_what_is_not_kept_and_that_one_is_optional(as_ann, studio, jon):
    keys.add(studio, jon, "runpod", "Endpoint", "rpa_0123456789", keys.SubmittedOptions({"endpoint_id": "ep"}))
    assert "The trained model will not be kept: only the pictures." in page_of(as_ann)
    form = text_of(as_ann.get(NEW))
    bucket, endpoint = form.index("Bucket address"), form.index("Endpoint id")
    assert "optional" in form[bucket : bucket + 120]
    assert "optional" not in form[endpoint : endpoint + 120]


def test_nobody_is_asked_to_insist_before_a_key_was_refused(as_ann, with_dreamlook):
    assert "Store it all the same" not in text_of(as_ann.get(NEW))
    assert "Store it all the same" not in text_of(as_ann.post(NEW, {"provider": "dreamlook", "secret": "short"}))


def test_a_key_in_the_place_of_another_must_be_accepted_too(as_ann, key, with_dreamlook):
    answer = as_ann.post(url("api_key_replace", key), {"secret": "bad-canary-9f3b7a61"})
    assert answer.status_code == 400
    assert "Nothing was stored." in text_of(answer)
    key.refresh_from_db()
    assert key.last_four == "wxyz"
    as_ann.post(url("api_key_replace", key), {"secret": "bad-canary-9f3b7a61-abcd", "insist": "1"})
    key.refresh_from_db()
    assert (key.last_four, key.health) == ("abcd", "rejected")


@pytest.fixture
def with_an_endpoint(with_dreamlook, monkeypatch):
    """The service wants to be told more than the key."""
    asked = Param(
        "endpoint", "Endpoint id", Type.TEXT, "It stands on the endpoint's page.", required=True, max_length=30
    )
    monkeypatch.setattr(KeyedProvider, "key_params", (asked,))


def test_what_a_service_wants_to_know_with_a_key_is_asked_for_and_kept(as_ann, with_an_endpoint):
    assert "Endpoint id" in text_of(as_ann.get(NEW))
    typed = {"provider": "dreamlook", "label": "X", "secret": CANARY, "dreamlook-endpoint": "e-1"}
    as_ann.post(NEW, typed)
    assert ApiKey.objects.get(provider="dreamlook").options == {"endpoint": "e-1"}


@pytest.mark.parametrize("typed", ["", "x" * 31, "a\x00b"])
def test_an_option_that_does_not_fit_gets_a_sentence_beside_it(as_ann, with_an_endpoint, typed):
    answer = as_ann.post(NEW, {"provider": "dreamlook", "label": "X", "secret": CANARY, "dreamlook-endpoint": typed})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["dreamlook-endpoint"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("provider", "nobody"), ("provider", "practice"), ("provider", ""), ("label", ""), ("label", "x" * 61),
        ("label", "a\x00b"), ("secret", ""), ("secret", "short"), ("secret", "with a space"), ("secret", "line\nbreak"),
        ("secret", "schlüssel-aus-köln"), ("secret", "x" * 10_000), ("secret", "null\x00null"),
        ("secret", "\ud800" * 9),
    ],
)  # fmt: skip
def test_bad_input_gets_a_sentence_beside_its_field(as_ann, with_dreamlook, field, value):
    typed = {"provider": "dreamlook", "label": "Studio key", "secret": CANARY} | {field: value}
    body = urlencode({name: text.encode("utf-8", "surrogatepass") for name, text in typed.items()})
    answer = as_ann.post(NEW, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert CANARY not in text_of(answer)
    assert not StoredSecret.objects.exists()


def test_a_replaced_key_is_the_new_one(as_ann, key, with_dreamlook):
    assert CANARY not in text_of(as_ann.get(url("api_key_replace", key)))
    as_ann.post(url("api_key_replace", key), {"secret": "another-key-of-good-length-9876"})
    key.refresh_from_db()
    assert (key.last_four, key.health) == ("9876", "working")


def test_the_question_before_revoking_counts_the_jobs_that_run_with_the_key(as_ann, key, with_dreamlook):
    for state in (JobState.RUNNING, JobState.QUEUED, JobState.SUCCESS):
        job(key, state=state)
    page = page_of(as_ann)
    assert "2 running jobs use it." in page
    assert "3 jobs" in page


def test_a_revoked_key_is_gone(as_ann, key, with_dreamlook):
    as_ann.post(url("api_key_revoke", key))
    assert "Studio key" not in page_of(as_ann).replace("“Studio key” was revoked", "")
    assert not StoredSecret.objects.exists()
    for name in ("api_key_test", "api_key_replace", "api_key_revoke"):
        assert as_ann.post(url(name, key), {"secret": CANARY}).status_code == 404


def test_pressing_test_changes_only_its_card(as_ann, key, with_dreamlook):
    answer = as_ann.post(url("api_key_test", key), headers={"HX-Request": "true"})
    page = text_of(answer)
    assert page.startswith("<article")
    assert "dreamlook knows this key." in page


def test_members_see_which_keys_there_are_but_no_part_of_them_and_no_buttons(as_mara, key, with_dreamlook):
    page = page_of(as_mara)
    assert "Studio key" in page
    assert "wxyz" not in page
    assert "Test this key" not in page


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_asks_the_database_the_same_however_many_keys(
    as_jon, jon, studio, with_dreamlook, django_assert_num_queries, count
):
    for number in range(count):
        job(keys.add(studio, jon, "dreamlook", f"Key {number}", CANARY), state=JobState.RUNNING)
    page_of(as_jon)
    with django_assert_num_queries(6):
        page_of(as_jon)


def test_a_key_of_a_provider_that_is_no_longer_there_is_not_shown_and_not_tested(as_jon, studio, jon):
    key = keys.add(studio, jon, "bygone", "Studio key", CANARY)
    assert "Studio key" not in page_of(as_jon)
    assert as_jon.post(url("api_key_test", key)).status_code == 404
    assert as_jon.post(url("api_key_replace", key), {"secret": CANARY}).status_code == 404


def long_signed_in(client):
    """Whoever typed the password an hour ago, and left the page open."""
    session = client.session
    session["began"] = int(time.time()) - 3600
    session.save()
    return client


@pytest.mark.parametrize("typed", ["", "wrong horse battery"])
def test_replacing_a_key_asks_for_the_password_that_was_typed_long_ago(as_ann, key, with_dreamlook, typed):
    long_signed_in(as_ann)
    answer = as_ann.post(url("api_key_replace", key), {"secret": "dl-other-key-123456", "own_password": typed})
    assert answer.status_code == 400
    assert "Your password" in text_of(answer)
    assert keys.credentials(key, "test").secret.reveal() == CANARY


def test_with_the_password_a_key_is_replaced_and_it_is_not_asked_for_again_at_once(as_ann, key, with_dreamlook):
    long_signed_in(as_ann)
    as_ann.post(url("api_key_replace", key), {"secret": "dl-other-key-123456", "own_password": PASSWORD})
    assert keys.credentials(key, "test").secret.reveal() == "dl-other-key-123456"
    assert "Your password" not in text_of(as_ann.get(url("api_key_change", key)))


def test_changing_where_secrets_go_asks_for_the_password(as_ann, key, with_dreamlook):
    long_signed_in(as_ann)
    assert as_ann.post(url("api_key_change", key), {"label": "Other"}).status_code == 400
    key.refresh_from_db()
    assert key.label == "Studio key"


def test_ones_own_password_cannot_be_guessed_there(as_ann, key, with_dreamlook):
    long_signed_in(as_ann)
    for _ in range(10):
        as_ann.post(url("api_key_change", key), {"label": "Other", "own_password": "wrong horse"})
    page = as_ann.post(url("api_key_change", key), {"label": "Other", "own_password": PASSWORD})
    assert "Too many tries" in text_of(page)
