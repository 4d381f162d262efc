"""What a key of dreamlook is tried by, where it goes, and where it never goes."""

import pytest

from jobs.providers.context import Context
from jobs.providers.credentials import Credentials, Secret
from jobs.providers.dreamlook.adapter import Dreamlook
from jobs.providers.errors import KeyRefused
from jobs.providers.order import Kind
from tests.providers.dreamlook.orders import KEY, STUDIO, dreamlook, photos, training


def test_a_key_is_tried_by_a_look_that_costs_nothing(emulator, service):
    assert service.test_key(STUDIO).ok
    assert [(one.method, one.path) for one in emulator.server.seen] == [("GET", "/jobs/dreambooth")]
    with pytest.raises(KeyRefused):
        service.test_key(Credentials("x", Secret("dl-wrong-key")))


def test_the_key_goes_in_the_header_and_nowhere_else(emulator, service):
    service.submit(training(photos=photos()), STUDIO)
    (seen,) = emulator.server.seen
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in seen.path
    assert KEY.encode() not in seen.body


def test_a_key_is_bound_to_the_providers_own_host():
    """A base URL of another server counts only in tests, together with private hosts."""
    service = Dreamlook(Context(base_urls={"dreamlook": "https://evil.test"}))
    assert service.key_host == "api.dreamlook.ai"


def test_a_key_with_spaces_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(KeyRefused):
        dreamlook("http://127.0.0.1:9").list_latest(Kind.TRAINING, Credentials("x", Secret("dl-a b")))
