"""What we use of allauth that it does not promise to keep."""

import allauth
from allauth.account.adapter import DefaultAccountAdapter


def test_tries_are_counted_by_a_key_that_allauth_still_asks_us_for():
    """allauth 65.21.1 counts tries by `_get_login_attempts_cache_key`. With another version, look whether it still
    does, and whether its own key still holds the Host header; then write that version here.
    """
    assert allauth.__version__ == "65.21.1"
    asking = DefaultAccountAdapter.pre_authenticate.__code__.co_names
    assert "_get_login_attempts_cache_key" in asking
