"""What somebody without an account can do with a link, what it keeps to itself, and what nobody can do without one."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs.files import storage
from jobs.models import Consent, OrphanedFile, Photo, PhotoRequest
from jobs.operations.consents import links
from jobs.operations.photos.processing import TAKE_IN, process
from tests.conftest import without_tokens
from tests.jobs.asked_for_photos import agreed, at, phone, photo_set, send, token
from tests.jobs.factories import jpeg, make_job, make_photo, make_photos
from tests.photos import pictures

__all__ = ["agreed", "phone", "photo_set", "token"]  # fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.services(every_case=True), pytest.mark.usefixtures("own_media")]


def test_the_page_says_what_happens_and_nothing_of_the_workspace_but_its_name(phone, token):
    page = phone.get(at("photo_request", token)).text

    assert "Studio asks you for photos" in page
    assert "For the spring window" in page
    assert "withdraw at any time" in page
    for inside in ("Secret project", "Anna from the shop", "Mara", "mara@", "/w/studio"):
        assert inside not in page


def test_no_session_is_made(phone, token):
    phone.get(at("photo_request", token))
    phone.post(at("photo_request", token), {"person": "Anna", "agreed": "on"})
    send(phone, token, jpeg())
    phone.get(at("photo_request", token))

    assert "session" not in phone.cookies


def test_a_page_is_kept_by_nobody(phone, token):
    answer = phone.get(at("photo_request", token))

    assert "no-store" in answer.headers["Cache-Control"]
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_agreeing_takes_a_tick_and_a_name(phone, token):
    for fields, sentence in (
        ({"person": "Anna"}, "Tick this if you agree"),
        ({"agreed": "on"}, "Write your name."),
        ({"person": "\u200b \u202e", "agreed": "on"}, "Write a name."),
        ({"person": "a\0b", "agreed": "on"}, "Null characters"),
        ({"person": "x" * 121, "agreed": "on"}, "at most 120"),
    ):
        refused = phone.post(at("photo_request", token), fields)
        assert refused.status_code == 400
        assert sentence in refused.text
    assert not Consent.objects.exists()


def test_who_agreed_sends_photos_and_sees_them(phone, token, photo_set):
    phone.post(at("photo_request", token), {"person": "Anna", "agreed": "on"})
    sent = send(phone, token, jpeg("IMG_1.heic"))

    photo = photo_set.photos.get()
    assert sent.status_code == 200
    assert f'id="photo-{photo.pk}"' in sent.json()["photos"][0]["tile"]
    assert (photo.consent.person, photo.consent.agreed_on) == ("Anna", timezone.localdate())
    process(TAKE_IN, photo.pk)
    photo.refresh_from_db()
    assert photo.thumbnail in phone.get(at("photo_request", token)).text


def test_heic_from_a_phone_is_taken(phone, token, agreed, photo_set):
    send(phone, token, SimpleUploadedFile("IMG_1.HEIC", pictures.with_everything("HEIF")))

    process(TAKE_IN, photo_set.photos.get().pk)
    assert photo_set.photos.get().state == "ready"


def test_photos_of_the_team_are_not_shown(phone, token, agreed, photo_set):
    theirs = make_photo(photo_set, display_name="Ours.jpg")
    page = phone.get(at("photo_request", token)).text

    assert "Ours.jpg" not in page
    assert theirs.thumbnail not in page
    assert phone.get(at("photo_request_changes", token), {"waiting": theirs.pk}).status_code == 204
    assert phone.post(at("photo_request_remove", token, theirs.pk)).status_code == 404


def test_without_agreeing_nothing_is_taken(phone, token):
    assert send(phone, token, jpeg()).status_code == 404
    assert not Photo.objects.exists()


def test_without_scripts_the_page_says_what_was_refused(phone, token, agreed):
    files = [jpeg("a.jpg"), SimpleUploadedFile("b.jpg", b"%PDF-1.7")]
    answer = phone.post(at("photo_request_upload", token), {"photos": files})

    assert answer.status_code == 400
    assert "This is a PDF, not a photo." in answer.text
    assert Photo.objects.count() == 1


def test_the_page_asks_only_for_what_it_waits_for(phone, token, agreed, photo_set):
    waiting = make_photo(photo_set, consent=agreed, state="waiting")
    ready = make_photo(photo_set, consent=agreed)
    address = at("photo_request_changes", token)

    assert phone.get(address, {"waiting": waiting.pk}).status_code == 204
    assert phone.get(address).status_code == 204
    changed = phone.get(address, {"waiting": [waiting.pk, ready.pk, "x", "9" * 40, "-1"]})
    assert f'id="photo-{ready.pk}"' in changed.text
    assert f'id="photo-{waiting.pk}"' not in changed.text


def test_one_photo_is_taken_back_for_good(phone, token, agreed, photo_set):
    send(phone, token, jpeg())
    photo = photo_set.photos.get()
    phone.post(at("photo_request_remove", token, photo.pk))

    photo.refresh_from_db()
    assert photo.erased_at is not None
    assert OrphanedFile.objects.exists()


def test_a_photo_in_use_is_taken_back_by_withdrawing(phone, token, agreed, photo_set, studio):
    photo = make_photo(photo_set, consent=agreed)
    make_job(studio, photos=[photo])

    answer = phone.post(at("photo_request_remove", token, photo.pk))
    assert answer.status_code == 400
    assert "withdraw" in answer.text


def test_withdrawing_by_the_link(phone, token, agreed, photo_set, studio):
    photo = make_photo(photo_set, consent=agreed)
    make_job(studio, photos=[photo])
    assert "Your 1 photo is deleted here at once." in phone.get(at("photo_request_withdraw", token)).text

    after = phone.post(at("photo_request_withdraw", token), follow=True)

    photo.refresh_from_db()
    studio.refresh_from_db()
    assert "Your photos are deleted here." in after.text
    assert "was told to delete" in after.text
    assert (photo.file_names, studio.open_withdrawals) == ([], 1)
    assert send(phone, token, jpeg()).json()["refused"][0]["sentence"].startswith("You have withdrawn")


def test_withdrawing_works_when_the_link_takes_nothing_any_more(phone, token, agreed, photo_set):
    make_photo(photo_set, consent=agreed)
    PhotoRequest.objects.update(expires_at=timezone.now() - timedelta(days=300), revoked_at=timezone.now())
    photo_set.deleted_at = timezone.now()
    photo_set.save(update_fields=["deleted_at"])

    assert "data-upload" not in phone.get(at("photo_request", token)).text
    assert send(phone, token, jpeg()).status_code == 400
    phone.post(at("photo_request_withdraw", token))
    assert Consent.objects.get().withdrawn_at is not None


def test_the_pages_queries_do_not_grow(phone, token, agreed, photo_set):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert phone.get(at("photo_request", token)).status_code == 200
        return len(captured)

    PhotoRequest.objects.update(max_photos=100)
    make_photos(photo_set, 2, consent=agreed)
    few = queries()
    make_photos(photo_set, 30, consent=agreed)
    assert queries() == few <= 5


def test_words_are_shown_unharmed(phone, photo_set, mara):
    hostile = "<script>alert(1)</script> {{7*7}} \u202e"
    _, token = links.ask(photo_set, mara, links.Asked("x", hostile, None, 3, 7))
    page = phone.get(at("photo_request", token)).text

    assert "<script>alert" not in page
    assert re.search(r"\{\{7\*7\}\}", page)


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


def test_a_link_that_was_taken_back_shows_no_more_photos_and_still_withdraws(phone, token, agreed, photo_set, mara):
    send(phone, token, jpeg("a.jpg"))
    page = at("photo_request", token)
    photo = photo_set.photos.get()
    process(TAKE_IN, photo.pk)
    photo.refresh_from_db()
    assert photo.thumbnail in phone.get(page).text
    epoch = photo_set.workspace.media_epoch
    PhotoRequest.objects.update(expires_at=timezone.now() - timedelta(days=1))
    links.take_back(PhotoRequest.objects.select_related("workspace").get(), mara)
    answer = phone.get(page).text
    assert "closed this link" in answer
    assert photo.thumbnail not in answer
    photo_set.workspace.refresh_from_db()
    assert photo_set.workspace.media_epoch == epoch + 1
    assert "ithdraw" in answer


def test_the_team_can_close_a_link_that_was_answered_and_ran_out(as_mara, token, agreed, photo_set):
    PhotoRequest.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "Take back" in as_mara.get(reverse("photo_set_consents", args=["studio", photo_set.pk])).text
