import copy
import io
import logging
import pickle
import secrets

import pytest
from django.core.management import CommandError, call_command

from dashboard import CannotStart, master_keys, vault
from dashboard.models import SecretUse, StoredSecret
from dashboard.operations import starting

CANARY = "dl-canary-9f3b7a61c0de-abcdef"


@pytest.fixture
def stored(studio):
    return vault.seal(studio, "dreamlook", "key", CANARY)


def columns(stored):
    return {name: bytes(getattr(stored, name)) for name in ("wrap_nonce", "wrapped_key", "nonce", "ciphertext")}


def new_master_key(settings, *, keep_old=True):
    settings.MASTER_KEYS = [secrets.token_hex(32), *(settings.MASTER_KEYS if keep_old else [])]


def test_what_was_sealed_opens_again(stored):
    assert vault.open_secret(StoredSecret.objects.get(pk=stored.pk), "test") == CANARY


def test_text_in_any_script_survives(studio):
    assert vault.open_secret(vault.seal(studio, "dreamlook", "key", "ключ 🔑"), "test") == "ключ 🔑"


def test_every_opening_is_written_down(stored, jon):
    vault.open_secret(stored, "submit job 7", host="api.dreamlook.ai", user=jon)
    use = SecretUse.objects.get()
    assert (use.secret_id, use.user, use.purpose, use.host) == (
        stored.pk,
        jon,
        "submit job 7",
        "api.dreamlook.ai",
    )


def test_an_opening_that_fails_is_written_down_too(stored):
    stored.ciphertext = b""
    with pytest.raises(vault.SecretDamaged):
        vault.open_secret(stored, "test")
    assert SecretUse.objects.count() == 1


def test_the_row_does_not_hold_the_secret(stored):
    row = StoredSecret.objects.filter(pk=stored.pk).values().get()
    assert CANARY not in repr(row)
    assert CANARY.encode() not in b"".join(columns(stored).values())


def test_the_same_secret_twice_shares_no_bytes(studio, stored):
    other = columns(vault.seal(studio, "dreamlook", "key", CANARY))
    assert not set(other.values()) & set(columns(stored).values())


@pytest.mark.parametrize("name", ["wrap_nonce", "wrapped_key", "nonce", "ciphertext"])
def test_bytes_of_another_row_do_not_open(studio, stored, name):
    other = vault.seal(studio, "dreamlook", "key", "another")
    setattr(stored, name, getattr(other, name))
    with pytest.raises(vault.SecretDamaged):
        vault.open_secret(stored, "test")


def test_two_whole_rows_swapped_do_not_open(studio, stored):
    other = vault.seal(studio, "dreamlook", "key", "another")
    StoredSecret.objects.filter(pk=stored.pk).update(**columns(other))
    with pytest.raises(vault.SecretDamaged):
        vault.open_secret(StoredSecret.objects.get(pk=stored.pk), "test")


def test_a_row_moved_to_another_workspace_does_not_open(elsewhere, stored):
    StoredSecret.objects.filter(pk=stored.pk).update(workspace=elsewhere)
    with pytest.raises(vault.SecretDamaged):
        vault.open_secret(StoredSecret.objects.get(pk=stored.pk), "test")


@pytest.mark.parametrize(
    ("name", "value"), [("provider", "runpod"), ("field", "hf_token"), ("format", 1), ("holder", "api key 8")]
)
def test_a_row_that_claims_to_be_something_else_does_not_open(stored, name, value):
    setattr(stored, name, value)
    with pytest.raises(vault.SecretDamaged):
        vault.open_secret(stored, "test")


@pytest.mark.parametrize("name", ["wrap_nonce", "wrapped_key", "nonce", "ciphertext"])
def test_cut_at_any_byte_does_not_open(stored, name):
    whole = bytes(getattr(stored, name))
    for length in range(len(whole)):
        setattr(stored, name, whole[:length])
        with pytest.raises(vault.SecretDamaged):
            vault.open_secret(stored, "test")


@pytest.mark.parametrize("name", ["wrapped_key", "ciphertext"])
def test_a_flipped_bit_anywhere_does_not_open(stored, name):
    whole = bytes(getattr(stored, name))
    for place in range(len(whole)):
        setattr(stored, name, whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(vault.SecretDamaged):
            vault.open_secret(stored, "test")


def test_errors_and_rows_never_print_the_secret(stored, caplog):
    broken = copy.copy(stored)
    broken.ciphertext = bytes(stored.ciphertext)[:-1]
    with pytest.raises(vault.SecretDamaged) as caught:
        vault.open_secret(broken, "test")
    logging.getLogger("test").error("%r %s", broken, caught.value, exc_info=caught.value)
    assert CANARY not in repr(stored) + str(stored) + caplog.text + repr(caught.value)
    assert CANARY.encode() not in pickle.dumps(stored)


def test_a_secret_opens_with_the_old_master_key_behind_a_new_one(stored, settings):
    new_master_key(settings)
    assert vault.open_secret(stored, "test") == CANARY


def test_without_its_master_key_a_secret_says_which_one_it_needs(stored, settings):
    new_master_key(settings, keep_old=False)
    with pytest.raises(vault.MasterKeyMissing, match=stored.master_key_id):
        vault.open_secret(stored, "test")


def test_a_secret_opens_for_what_holds_it_alone(studio):
    held = vault.seal(studio, "dreamlook", "key", CANARY, "api key 7")
    assert vault.open_secret(held, "test", holder="api key 7") == CANARY
    for other in ("api key 8", ""):
        with pytest.raises(vault.SecretDamaged):
            vault.open_secret(held, "test", holder=other)


def test_no_two_places_are_written_alike(studio):
    places = {
        vault._place(StoredSecret(pk=None, workspace=studio, provider=provider, field=field, holder=holder, format=2))
        for provider, field, holder in [("a|", "b", "c"), ("a", "|b", "c"), ("a", "b|", "c"), ("a||b", "", "c")]
    }
    assert len(places) == 4


def test_rotation_leaves_secrets_that_open_with_the_new_key_alone(studio, stored, settings):
    more = [vault.seal(studio, "dreamlook", "key", f"key {number}") for number in range(6)]
    new_master_key(settings)
    out = io.StringIO()
    call_command("rotate_keys", "--batch", "3", stdout=out)
    settings.MASTER_KEYS = settings.MASTER_KEYS[:1]
    assert vault.open_secret(StoredSecret.objects.get(pk=stored.pk), "test") == CANARY
    assert [vault.open_secret(StoredSecret.objects.get(pk=one.pk), "test") for one in more][5] == "key 5"
    assert "4 remaining" in out.getvalue()
    assert "0 remaining" in out.getvalue()


def test_rotation_does_not_touch_the_ciphertext_and_does_nothing_the_second_time(stored, settings):
    new_master_key(settings)
    call_command("rotate_keys", stdout=io.StringIO())
    once = columns(StoredSecret.objects.get(pk=stored.pk))
    call_command("rotate_keys", stdout=io.StringIO())
    assert columns(StoredSecret.objects.get(pk=stored.pk)) == once
    assert once["ciphertext"] == stored.ciphertext


def test_rotation_goes_past_a_damaged_row_and_ends_with_an_error_that_counts_it(studio, stored, settings):
    StoredSecret.objects.filter(pk=stored.pk).update(wrapped_key=b"x" * 48)
    healthy = [vault.seal(studio, "dreamlook", "key", f"key {number}") for number in range(3)]
    new_master_key(settings)
    with pytest.raises(CommandError, match="1 remaining"):
        call_command("rotate_keys", "--batch", "2", stdout=io.StringIO())
    settings.MASTER_KEYS = settings.MASTER_KEYS[:1]
    for one in healthy:
        vault.open_secret(StoredSecret.objects.get(pk=one.pk), "test")


@pytest.mark.parametrize(
    "keys", [[], ["short"], ["0" * 64], ["deadbeef" * 8], ["0123456789abcdef" * 4], ["g" * 64], ["ab" * 31]]
)
def test_missing_short_and_example_master_keys_are_refused_with_a_way_to_make_one(keys):
    with pytest.raises(CannotStart, match=r"MASTER_KEYS is .*Make one with"):
        master_keys.parse(keys)


def test_random_master_keys_are_taken_and_the_first_stays_first():
    keys = [secrets.token_hex(32), secrets.token_hex(32)]
    assert [key.hex() for key in master_keys.parse(keys).values()] == keys


def test_nothing_begins_without_a_master_key_that_is_in_use(stored, settings):
    starting.check()
    new_master_key(settings, keep_old=False)
    with pytest.raises(CannotStart, match=f"The master key {stored.master_key_id} is missing"):
        starting.check()
    starting.check(keys=False)


def test_the_secrets_of_a_master_key_that_is_lost_for_good_can_be_given_up(studio, stored, settings):
    new_master_key(settings, keep_old=False)
    kept = vault.seal(studio, "dreamlook", "key", "new one")
    with pytest.raises(CommandError, match="nothing was deleted"):
        call_command("rotate_keys", "--forget", kept.master_key_id, stdout=io.StringIO())
    call_command("rotate_keys", "--forget", stored.master_key_id, stdout=io.StringIO())
    assert list(StoredSecret.objects.all()) == [kept]
    starting.check()
