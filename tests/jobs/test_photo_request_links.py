"""What a link to send photos by keeps to itself, and what nobody can do without one."""

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from jobs.files import storage
from jobs.models import Consent, OrphanedFile, Photo, PhotoRequest
from jobs.operations.consents import links
from tests.conftest import without_tokens
from tests.jobs.asked_for_photos import agreed, at, phone, photo_set, send, token
from tests.jobs.factories import jpeg, make_photos

__all__ = ["agreed", "phone", "photo_set", "token"]  # fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_media")]


MISSING = "x" * 43

PAGES = ["photo_request", "photo_request_withdraw", "photo_request_changes"]

POSTS = ["photo_request", "photo_request_upload", "photo_request_withdraw"]


@pytest.mark.parametrize("name", PAGES + POSTS)
def test_links_that_ended_of_others_and_made_up_look_the_same(phone, photo_set, mara, name):
    def made(**changes):
        request, token = links.ask(photo_set, mara, links.Asked("Anna", "", None, 3, 7))
        PhotoRequest.objects.filter(pk=request.pk).update(**changes)
        return token

    tokens = [made(revoked_at=timezone.now()), made(expires_at=timezone.now()), MISSING, "a", "a\0b", "🐕", "x" * 2000]
    methods = (["get", "head"] if name in PAGES else []) + (["post"] if name in POSTS else [])
    for method in methods:
        answers = [getattr(phone, method)(at(name, token)) for token in tokens]
        assert {answer.status_code for answer in answers} == {404}
        assert len({without_tokens(answer) for answer in answers}) == 1, {without_tokens(answer) for answer in answers}


def test_signed_in_or_not_the_page_is_the_same(phone, as_jon, as_sam, token):
    pages = {without_tokens(client.get(at("photo_request", token))) for client in (phone, as_jon, as_sam)}

    assert len(pages) == 1


@pytest.mark.parametrize("name", POSTS)
def test_nothing_is_done_without_the_form_token(token, name):
    assert Client(enforce_csrf_checks=True).post(at(name, token)).status_code == 403


@pytest.mark.parametrize("name", dict.fromkeys(PAGES + POSTS))
def test_other_methods_are_refused(phone, token, name):
    for method in ("put", "patch", "delete"):
        assert getattr(phone, method)(at(name, token)).status_code == 405


def test_files_of_strangers_do_not_reach_the_disk(phone, token, monkeypatch):
    written = []
    monkeypatch.setattr(
        "django.core.files.uploadhandler.TemporaryFileUploadHandler.receive_data_chunk",
        lambda self, data, start: written.append(len(data)),
    )
    for address in (at("photo_request_upload", MISSING), at("photo_request_upload", token), "/account/login/"):
        phone.post(address, {"photos": [jpeg()]})

    assert written == []


def test_no_more_files_reach_the_disk_than_the_link_has_places(phone, token, agreed, photo_set):
    answered = send(phone, token, *[jpeg(f"{number}.jpg", 100 + number) for number in range(9)])

    assert len(answered.json()["photos"]) == photo_set.photos.count() == 3


def test_a_link_that_is_full_says_so(phone, token, agreed, photo_set):
    make_photos(photo_set, 3, consent=agreed)
    answered = send(phone, token, jpeg())

    assert answered.status_code == 400
    assert "as many photos" in answered.json()["refused"][0]["sentence"]
    assert "data-upload" not in phone.get(at("photo_request", token)).text


@pytest.fixture
def within_a_minute():
    """Links and uploads are counted by the minute, and none must turn between two of them."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.mark.usefixtures("within_a_minute")
def test_trying_links_ends_soon(phone, token, monkeypatch):
    monkeypatch.setattr("jobs.views.photo_request.WRONG_LINKS", 3)
    statuses = [phone.get(at("photo_request", f"{number:043}")).status_code for number in range(5)]

    assert statuses == [404, 404, 404, 429, 429]
    assert phone.get(at("photo_request", token)).status_code == 200


@pytest.mark.usefixtures("within_a_minute")
def test_uploads_of_one_link_are_counted(phone, token, agreed, monkeypatch):
    monkeypatch.setattr("jobs.views.photo_request.UPLOADS", 1)

    assert send(phone, token, jpeg()).status_code == 200
    assert send(phone, token, jpeg(width=200)).status_code == 429


def test_an_upload_repeated_with_its_nonce_is_the_same_photo(phone, token, agreed, photo_set):
    ids = {send(phone, token, jpeg(), nonce="abcdefgh").json()["photos"][0]["id"] for _ in range(2)}

    assert ids == {photo_set.photos.get().pk}


def test_a_refused_upload_leaves_nothing_on_the_disk(phone, token, agreed, photo_set, own_media, monkeypatch):
    places = iter([3, 3, -1])
    monkeypatch.setattr(Consent, "places_left", lambda self: next(places))
    send(phone, token, jpeg())

    assert not Photo.objects.exists()
    assert storage.exists(OrphanedFile.objects.get().name)


def test_the_log_does_not_name_links(token):
    from dashboard.redaction import redacted_text

    assert token not in redacted_text(f"GET /ask/{token}/withdraw/ 200")
