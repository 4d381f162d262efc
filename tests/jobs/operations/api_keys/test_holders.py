"""A stored secret opens for its own API key, whichever row points at it."""

import io

import pytest
from django.core.management import call_command

from dashboard import vault
from dashboard.models import StoredSecret
from jobs.operations.api_keys import keys
from jobs.operations.api_keys.keys import SubmittedOptions

pytestmark = pytest.mark.services

KEY, OTHER, BUCKET = "dl-1234567890abcdefghij", "dl-abcdefghij1234567890", "bucket-secret-1234567890"
WITH_BUCKET = SubmittedOptions.typed({}, {"bucket_secret": BUCKET})


@pytest.fixture
def pair(studio, jon):
    return [keys.add(studio, jon, "runpod", text[:6], text, WITH_BUCKET) for text in (KEY, OTHER)]


def test_a_key_that_was_made_to_point_at_another_ones_secret_does_not_open_it(pair):
    mine, others = pair
    mine.secret = others.secret
    mine.save(update_fields=["secret"])
    with pytest.raises(vault.SecretDamaged):
        keys.credentials(mine, "test")


def test_further_secrets_go_with_their_key_alone(pair):
    mine, others = pair
    mine.further_secrets.all().delete()
    others.further_secrets.update(api_key=mine)
    with pytest.raises(vault.SecretDamaged):
        keys.credentials(mine, "test")


def as_of_before(stored, monkeypatch):
    """Store the same as 0.1.0 did."""
    with monkeypatch.context() as then:
        then.setattr(vault, "FORMAT", 1)
        vault.renew(stored, "")


def test_secrets_of_before_open_still_and_are_bound_to_their_key_by_rotation(pair, monkeypatch):
    mine, others = pair
    for stored in StoredSecret.objects.all():
        as_of_before(stored, monkeypatch)
    assert set(StoredSecret.objects.values_list("format", "holder")) == {(1, "")}
    assert keys.credentials(mine, "test").secret.reveal() == KEY
    call_command("rotate_keys", stdout=io.StringIO())
    assert set(StoredSecret.objects.values_list("format", flat=True)) == {2}
    found = keys.credentials(mine, "test")
    assert (found.secret.reveal(), found.secrets["bucket_secret"].reveal()) == (KEY, BUCKET)
    mine.secret = others.secret
    mine.save(update_fields=["secret"])
    with pytest.raises(vault.SecretDamaged):
        keys.credentials(mine, "test")
