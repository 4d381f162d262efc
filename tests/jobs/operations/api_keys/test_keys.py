"""What `operations.keys` keeps, gives out and destroys."""

import json
import pickle

import pytest

from dashboard.models import AuditEntry, SecretUse, StoredSecret
from jobs.models import ApiKey, Job, JobState
from jobs.operations.api_keys import keys
from jobs.providers.errors import KeyRefused

CANARY = "dl-canary-9f3b7a61c0de-wxyz"


@pytest.fixture
def key(studio, jon):
    return keys.add(studio, jon, "dreamlook", "Studio key", CANARY)


def job(key, **fields):
    return Job.objects.create(
        workspace=key.workspace, kind="training", name="Rex", provider=key.provider, api_key=key, **fields
    )


def test_a_new_workspace_has_its_practice_key(studio):
    assert [key.provider for key in studio.api_keys.all()] == ["practice"]
    assert keys.practice_key(studio) == studio.api_keys.get()


def test_the_practice_key_opens_nothing(studio):
    credentials = keys.credentials(keys.practice_key(studio), "test")
    assert credentials.secret.reveal() == ""
    assert not SecretUse.objects.exists()


def test_a_key_is_given_out_in_a_wrapper_that_does_not_print(key, jon):
    credentials = keys.credentials(key, "submit job 7", user=jon)
    assert credentials.secret.reveal() == CANARY
    printed = f"{credentials!r} {credentials} {credentials.secret:>9} {pickle.loads(pickle.dumps(credentials))!r}"
    assert CANARY not in printed
    with pytest.raises(TypeError):
        json.dumps(credentials.secret)


def test_every_use_of_a_key_is_written_down(key, jon):
    keys.credentials(key, "submit job 7", user=jon)
    assert SecretUse.objects.filter(secret_id=key.secret_id, purpose="submit job 7", user=jon).count() == 1


def test_the_host_that_a_key_is_opened_for_is_written_down(key):
    keys.credentials(key, "submit job 7")
    assert [use.host for use in SecretUse.objects.filter(secret_id=key.secret_id)] == ["api.dreamlook.ai"]


def test_only_the_last_four_of_a_long_key_are_kept(key, studio, jon):
    assert key.last_four == "wxyz"
    assert keys.add(studio, jon, "dreamlook", "Short", "a" * 19).last_four == ""


def test_the_same_key_twice_has_the_same_fingerprint(key, studio, jon):
    assert keys.add(studio, jon, "dreamlook", "Again", CANARY).fingerprint == key.fingerprint
    assert keys.add(studio, jon, "dreamlook", "Other", CANARY + "x").fingerprint != key.fingerprint


def test_a_replaced_key_opens_as_the_new_one_even_from_a_row_read_before(key, jon):
    before = ApiKey.objects.get(pk=key.pk)
    keys.replace(key, jon, "another-key-of-good-length-9876")
    assert keys.credentials(before, "poll").secret.reveal() == "another-key-of-good-length-9876"
    assert StoredSecret.objects.count() == 1


def test_a_replaced_key_starts_untested_and_its_jobs_are_looked_at_now(key, jon):
    waiting, done = job(key, state=JobState.RUNNING), job(key, state=JobState.SUCCESS)
    ApiKey.objects.filter(pk=key.pk).update(health="rejected", failures_in_row=4)
    keys.replace(key, jon, "another-key-of-good-length-9876")
    key.refresh_from_db()
    assert (key.health, key.failures_in_row, key.last_four) == ("untested", 0, "9876")
    assert Job.objects.get(pk=waiting.pk).next_action_at is not None
    assert Job.objects.get(pk=done.pk).next_action_at is None


def test_a_revoked_key_is_destroyed_and_refused(key, jon):
    keys.revoke(key, jon)
    assert not StoredSecret.objects.exists()
    with pytest.raises(KeyRefused):
        keys.credentials(key, "poll")


def test_a_revoked_key_cannot_be_brought_back_by_replacing_it(key, jon):
    keys.revoke(key, jon)
    keys.replace(key, jon, "another-key-of-good-length-9876")
    assert not StoredSecret.objects.exists()


def test_the_practice_key_is_not_revoked(studio, jon):
    keys.revoke(keys.practice_key(studio), jon)
    assert studio.api_keys.usable().count() == 1


def test_u04_jobs_of_a_revoked_key_go_on_with_the_next_key_of_that_provider(key, studio, jon):
    running, other = job(key, state=JobState.RUNNING), job(keys.practice_key(studio), state=JobState.RUNNING)
    keys.revoke(key, jon)
    new = keys.add(studio, jon, "dreamlook", "New", "another-key-of-good-length-9876")
    running.refresh_from_db()
    other.refresh_from_db()
    assert (running.api_key, other.api_key) == (new, keys.practice_key(studio))


def test_what_was_done_to_keys_is_in_the_activity_without_the_key(key, jon):
    keys.replace(key, jon, "another-key-of-good-length-9876")
    keys.revoke(key, jon)
    entries = AuditEntry.objects.order_by("id")
    assert [entry.action for entry in entries] == ["key.added", "key.replaced", "key.revoked"]
    assert not any(CANARY in entry.sentence for entry in entries)
