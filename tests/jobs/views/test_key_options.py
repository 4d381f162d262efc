"""What is told along with a key: options that are shown, secrets that never are, and where jobs live."""

import re
import secrets
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.urls import reverse

from dashboard.models import AuditEntry, SecretUse, StoredSecret
from jobs.models import ApiKey, Job, JobState, KeySecret
from jobs.operations.api_keys import keys
from jobs.operations.api_keys.keys import SubmittedOptions
from jobs.operations.errors import NotPossible
from jobs.operations.providers import provider
from jobs.providers.credentials import Secret
from jobs.providers.registry import PROVIDERS
from tests.conftest import client_of, person

KEY = "ep-canary-9f3b7a61c0de-wxyz"
TOKEN = "hub-canary-51d0c2aa9e77"
BUCKET_SECRET = "bucket-canary/77f0+ab3c1=="
NEW = reverse("api_key_new", args=["studio"])
PAGE = reverse("api_keys", args=["studio"])
TYPED = {
    "provider": "endpoints",
    "label": "Endpoint key",
    "secret": KEY,
    "endpoints-endpoint": "e-7",
    "endpoints-hub_token": TOKEN,
    "endpoints-bucket_name": "studio-models",
    "endpoints-bucket_secret": BUCKET_SECRET,
}
TOLD = SubmittedOptions({"endpoint": "e-7", "bucket_name": "studio-models"}, {"bucket_secret": Secret(BUCKET_SECRET)})


@pytest.fixture(autouse=True)
def endpoints(monkeypatch):
    monkeypatch.setitem(PROVIDERS, "endpoints", "tests.jobs.endpoint_provider.EndpointProvider")
    provider.cache_clear()
    yield provider("endpoints")
    provider.cache_clear()


@pytest.fixture
def key(studio, jon):
    return keys.add(studio, jon, "endpoints", "Endpoint key", KEY, TOLD)


def at(name, key):
    return reverse(name, args=["studio", key.pk])


def opened(key):
    return {name: secret.reveal() for name, secret in keys.credentials(key, "test").secrets.items()}


def job(key, **fields):
    return Job.objects.create(
        workspace=key.workspace, kind="training", name="Rex", provider=key.provider, api_key=key, **fields
    )


def test_a_key_is_added_with_its_options_and_secrets_and_opens_with_both(as_ann, endpoints):
    page = as_ann.post(NEW, TYPED, follow=True).text
    key = ApiKey.objects.get(provider="endpoints")
    assert key.options == {"endpoint": "e-7", "bucket_name": "studio-models"}
    assert opened(key) == {"hub_token": TOKEN, "bucket_secret": BUCKET_SECRET}
    assert endpoints.opened.secrets["hub_token"].reveal() == TOKEN
    assert "The endpoint answers." in page


def test_secrets_are_shown_nowhere_and_stored_only_in_the_vault(as_ann, jon, endpoints):
    as_ann.post(NEW, TYPED)
    key = ApiKey.objects.get(provider="endpoints")
    staff = client_of(person("Ada", is_staff=True, is_superuser=True))
    pages = [
        as_ann.get(PAGE).text,
        as_ann.get(at("api_key_change", key)).text,
        as_ann.get(at("api_key_replace", key)).text,
    ]
    stored = StoredSecret.objects.values_list("pk", flat=True)
    admin = ["jobs/apikey/", f"jobs/apikey/{key.pk}/change/", "dashboard/storedsecret/", "dashboard/secretuse/"]
    admin += [f"dashboard/storedsecret/{pk}/change/" for pk in stored]
    answers = [staff.get(f"/admin/{address}") for address in admin]
    assert {answer.status_code for answer in answers} == {200}
    everything = [*pages, *(answer.text for answer in answers), repr(list(ApiKey.objects.values()))]
    everything += [repr(list(KeySecret.objects.values())), repr(list(AuditEntry.objects.values()))]
    for secret in (KEY, TOKEN, BUCKET_SECRET):
        assert not [page for page in everything if secret in page]


@pytest.mark.parametrize("name", ["api_key_new", "api_key_change", "api_key_replace"])
def test_no_browser_fills_a_saved_password_into_a_secret(as_ann, endpoints, key, name):
    address = reverse(name, args=["studio", *([] if name == "api_key_new" else [key.pk])])
    fields = re.findall(r'<input[^>]*type="password"[^>]*>', as_ann.get(address).text)
    assert fields
    for field in fields:
        # Chromium fills them when they say "off", and none that says that a new one is typed.
        assert 'autocomplete="new-password"' in field
        assert 'name="password"' not in field


def test_every_opening_of_a_secret_is_written_down(key, jon):
    keys.credentials(key, "submit job 7", jon)
    assert SecretUse.objects.filter(purpose="submit job 7", user=jon).count() == 2


def test_a_refused_form_repeats_no_secret(as_ann):
    answer = as_ann.post(NEW, TYPED | {"endpoints-endpoint": "nowhere"})
    assert answer.status_code == 400
    assert "There is no such endpoint. Nothing was stored." in answer.text
    assert 'value="studio-models"' in answer.text
    assert TOKEN not in answer.text
    assert BUCKET_SECRET not in answer.text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"endpoints-endpoint": ""}, "endpoints-endpoint"),
        ({"endpoints-endpoint": "a\x00b"}, "endpoints-endpoint"),
        ({"endpoints-hub_token": "two words"}, "endpoints-hub_token"),
        ({"endpoints-hub_token": "x" * 201}, "endpoints-hub_token"),
        ({"endpoints-hub_token": "\ud800" * 9}, "endpoints-hub_token"),
        ({"endpoints-bucket_secret": "line\nbreak"}, "endpoints-bucket_secret"),
        ({"endpoints-bucket_secret": ""}, "endpoints-bucket_name"),
        ({"endpoints-hosts": "x" * 31}, "endpoints-hosts"),
    ],
)
def test_what_does_not_fit_gets_a_sentence_beside_it_and_nothing_is_stored(as_ann, typed, field):
    body = urlencode({name: text.encode("utf-8", "surrogatepass") for name, text in (TYPED | typed).items()})
    answer = as_ann.post(NEW, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert not StoredSecret.objects.exists()


def test_options_of_a_provider_that_was_not_chosen_do_not_count(as_ann, with_dreamlook):
    as_ann.post(NEW, TYPED | {"provider": "dreamlook", "endpoints-bucket_secret": ""})
    key = ApiKey.objects.get(provider="dreamlook")
    assert (key.options, opened(key)) == ({}, {})


def test_what_is_not_typed_again_stays_as_it_is(as_ann, key):
    page = as_ann.get(at("api_key_change", key)).text
    assert "One is stored. Leave this empty to keep it." in page
    assert 'value="studio-models"' in page
    typed = {"label": "Renamed", "endpoints-endpoint": "e-7", "endpoints-bucket_name": "other-bucket"}
    as_ann.post(at("api_key_change", key), typed)
    key.refresh_from_db()
    assert (key.label, key.options) == ("Renamed", {"endpoint": "e-7", "bucket_name": "other-bucket"})
    assert opened(key) == {"bucket_secret": BUCKET_SECRET}
    assert keys.credentials(key, "test").secret.reveal() == KEY


def test_a_secret_typed_anew_takes_the_place_of_the_old_one(as_ann, key):
    typed = {"label": "Endpoint key", "endpoints-endpoint": "e-7", "endpoints-bucket_name": "studio-models"}
    as_ann.post(at("api_key_change", key), typed | {"endpoints-bucket_secret": "another-secret"})
    assert opened(key) == {"bucket_secret": "another-secret"}
    assert StoredSecret.objects.count() == 2


def test_a_secret_is_forgotten_on_request_and_not_while_it_is_needed(as_ann, key):
    typed = {"label": "Endpoint key", "endpoints-endpoint": "e-7", "endpoints-bucket_secret-forget": "on"}
    refused = as_ann.post(at("api_key_change", key), typed | {"endpoints-bucket_name": "studio-models"})
    assert "Fill in the whole bucket, or nothing of it." in refused.text
    assert opened(key) == {"bucket_secret": BUCKET_SECRET}
    as_ann.post(at("api_key_change", key), typed)
    key.refresh_from_db()
    assert (key.options, opened(key)) == ({"endpoint": "e-7"}, {})
    assert StoredSecret.objects.count() == 1


def test_options_that_the_provider_does_not_accept_are_kept_only_if_somebody_insists(as_ann, key):
    typed = {"label": "Endpoint key", "endpoints-endpoint": "nowhere", "endpoints-bucket_name": "studio-models"}
    typed |= {"endpoints-bucket_secret": BUCKET_SECRET}
    answer = as_ann.post(at("api_key_change", key), typed)
    assert "There is no such endpoint. Nothing was changed." in answer.text
    key.refresh_from_db()
    assert key.options["endpoint"] == "e-7"
    as_ann.post(at("api_key_change", key), typed | {"insist": "1"})
    key.refresh_from_db()
    assert key.options["endpoint"] == "nowhere"


def test_a_change_is_in_the_activity_by_name_and_without_values(key, jon):
    keys.change(
        key,
        jon,
        "Renamed",
        SubmittedOptions({"endpoint": "e-7"}, {"hub_token": Secret(TOKEN)}, frozenset({"bucket_secret"})),
    )
    entry = AuditEntry.objects.latest("id")
    assert entry.action == "key.changed"
    said = "Jon changed the name and “Hub token” and “Bucket” and “Bucket secret” of the API key Renamed."
    assert entry.sentence == said


def test_a_key_saved_without_a_change_leaves_no_entry(key, jon):
    keys.change(key, jon, "Endpoint key", SubmittedOptions(dict(TOLD.options)))
    assert not AuditEntry.objects.filter(action="key.changed").exists()
    assert opened(key) == {"bucket_secret": BUCKET_SECRET}


@pytest.mark.parametrize(
    ("fields", "stays"),
    [
        ({"state": JobState.QUEUED}, True), ({"state": JobState.UNCERTAIN}, True),
        ({"state": JobState.SUCCESS, "results_pending": True}, True),
        ({"state": JobState.READY}, False), ({"state": JobState.SUCCESS}, False),
    ],
)  # fmt: skip
def test_a_key_does_not_leave_the_place_where_jobs_live(key, jon, fields, stays):
    job(key, **fields)
    other = SubmittedOptions({"endpoint": "e-8", "bucket_name": "studio-models"}, TOLD.secrets)
    if stays:
        with pytest.raises(NotPossible, match="1 job lives where this key points now"):
            keys.change(key, jon, "Endpoint key", other)
    else:
        keys.change(key, jon, "Endpoint key", other)
    assert ApiKey.objects.get(pk=key.pk).options["endpoint"] == ("e-7" if stays else "e-8")


def test_no_secret_goes_along_to_another_place_unless_it_is_typed_again(as_ann, key):
    typed = {"label": "Mine", "endpoints-endpoint": "anns-own", "endpoints-bucket_name": "studio-models"}
    as_ann.post(at("api_key_replace", key), {"secret": "anns-own-key-of-good-length-9876"})
    answer = as_ann.post(at("api_key_change", key), typed | {"insist": "1"})
    assert answer.status_code == 400
    assert "What is stored as “Bucket secret” is sent to the place this key has now" in answer.text
    assert ApiKey.objects.get(pk=key.pk).options["endpoint"] == "e-7"
    as_ann.post(at("api_key_change", key), typed | {"endpoints-bucket_secret": "another-secret"})
    assert opened(key) == {"bucket_secret": "another-secret"}
    forgotten = {"label": "Mine", "endpoints-endpoint": "elsewhere", "endpoints-bucket_secret-forget": "on"}
    as_ann.post(at("api_key_change", key), forgotten)
    assert (ApiKey.objects.get(pk=key.pk).options, opened(key)) == ({"endpoint": "elsewhere"}, {})


def test_that_jobs_live_there_is_said_on_the_page(as_ann, key):
    job(key, state=JobState.RUNNING)
    answer = as_ann.post(
        at("api_key_change", key),
        {"label": "X", "endpoints-endpoint": "e-8", "insist": "1"} | {"endpoints-bucket_name": "studio-models"},
    )
    assert answer.status_code == 400
    assert "1 job lives where this key points now" in answer.text


def test_jobs_of_a_revoked_key_go_on_only_with_a_key_that_knows_them(key, studio, jon):
    running, unsent = job(key, state=JobState.RUNNING), job(key, state=JobState.READY)
    keys.revoke(key, jon)
    elsewhere = keys.add(studio, jon, "endpoints", "Elsewhere", KEY, SubmittedOptions({"endpoint": "e-8"}))
    assert Job.objects.get(pk=running.pk).api_key == key
    assert Job.objects.get(pk=unsent.pk).api_key == elsewhere
    again = keys.add(studio, jon, "endpoints", "Again", KEY, SubmittedOptions({"endpoint": "e-7"}))
    assert Job.objects.get(pk=running.pk).api_key == again


def test_a_revoked_key_takes_its_secrets_with_it(key, jon):
    keys.revoke(key, jon)
    assert not StoredSecret.objects.exists()
    assert not KeySecret.objects.exists()


def test_replacing_the_key_leaves_what_was_told_along_with_it(as_ann, key, endpoints):
    as_ann.post(at("api_key_replace", key), {"secret": "another-key-of-good-length-9876"})
    assert opened(key) == {"bucket_secret": BUCKET_SECRET}
    assert endpoints.opened.options == TOLD.options


def test_rotated_master_keys_wrap_these_secrets_too(key, settings):
    settings.MASTER_KEYS = [secrets.token_hex(32), *settings.MASTER_KEYS]
    call_command("rotate_keys")
    settings.MASTER_KEYS = settings.MASTER_KEYS[:1]
    assert opened(key) == {"bucket_secret": BUCKET_SECRET}


def test_admins_see_what_was_told_and_others_do_not(as_ann, as_mara, key):
    assert "studio-models" in as_ann.get(PAGE).text
    assert "studio-models" not in as_mara.get(PAGE).text


def test_the_practice_key_and_a_revoked_one_cannot_be_changed(as_ann, studio, key, jon):
    assert as_ann.get(at("api_key_change", keys.practice_key(studio))).status_code == 404
    keys.revoke(key, jon)
    assert as_ann.post(at("api_key_change", key), {"label": "X"}).status_code == 404


def test_a_stored_secret_is_not_sent_along_to_another_bucket(key, jon):
    elsewhere = {"endpoint": "e-7", "bucket_name": "studio-models", "bucket_address": "https://s3.somebody.example"}
    told = SubmittedOptions(elsewhere)
    with pytest.raises(NotPossible, match="“Bucket secret” is sent to the place this key has now"):
        keys.change(key, jon, key.label, told)
    key.refresh_from_db()
    assert "bucket_address" not in key.options
    keys.change(key, jon, key.label, SubmittedOptions(told.options, {"bucket_secret": Secret("typed again")}))
    assert opened(key) == {"bucket_secret": "typed again"}
