"""Files are taken one by one: what is no photo gets a sentence, and the others go on."""

import errno
import os
import re
import threading

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import resolve, reverse
from django.utils import timezone

from jobs.files import parts, storage
from jobs.models import Photo
from tests.conftest import client_of
from tests.jobs.factories import jpeg, make_photos, make_set, send
from tests.photos import pictures
from tests.photos.test_hostile import NOT_PHOTOS

pytestmark = pytest.mark.django_db


def test_a_photo_is_stored_as_it_came_and_waits(as_mara, photo_set):
    content = pictures.with_everything("HEIF")

    response = send(as_mara, photo_set, SimpleUploadedFile("IMG_0001.HEIC", content))

    photo = photo_set.photos.get()
    assert response.status_code == 200
    assert response.json()["photos"][0]["id"] == photo.pk
    assert f'id="photo-{photo.pk}"' in response.json()["photos"][0]["tile"]
    assert (photo.state, photo.display_name, photo.original_bytes) == ("waiting", "IMG_0001.HEIC", len(content))
    assert storage.read(photo.original) == content
    assert photo in Photo.objects.due()


def test_many_at_once_without_scripts(as_mara, photo_set, studio):
    address = reverse("photo_upload", args=[studio.slug, photo_set.pk])

    response = as_mara.post(address, {"photos": [jpeg(f"{n}.jpg", 100 + n) for n in range(20)], "nonce": "abcdefgh"})

    assert response.status_code == 302
    assert photo_set.photos.count() == 20


def test_two_hundred_files_in_one_post(as_mara, photo_set):
    response = send(as_mara, photo_set, *[jpeg(f"{n}.jpg", 100 + n) for n in range(200)])

    assert response.status_code == 200
    assert photo_set.photos.count() == 200


def test_the_others_go_on(as_mara, photo_set, studio):
    address = reverse("photo_upload", args=[studio.slug, photo_set.pk])
    files = [jpeg("a.jpg"), SimpleUploadedFile("notes.pdf", b"%PDF-1.7"), jpeg("b.jpg", 200)]

    response = as_mara.post(address, {"photos": files})

    assert response.status_code == 400
    assert "notes.pdf" in response.text
    assert "This is a PDF, not a photo." in response.text
    assert [photo.display_name for photo in photo_set.photos.all()] == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("name", NOT_PHOTOS)
def test_what_is_no_photo_is_never_a_server_error(as_mara, photo_set, name):
    response = send(as_mara, photo_set, SimpleUploadedFile("photo.jpg", NOT_PHOTOS[name]))

    assert response.status_code in (200, 400)
    if response.status_code == 400:
        assert response.json()["refused"][0]["sentence"].endswith(".")
        assert not Photo.objects.exists()


def test_a_file_without_content_is_refused(as_mara, photo_set):
    response = send(as_mara, photo_set, SimpleUploadedFile("empty.jpg", b""))

    assert (response.status_code, response.json()["refused"][0]["sentence"]) == (400, "This file is empty.")


def test_a_file_over_the_limit_is_refused_and_not_written(as_mara, photo_set, settings):
    settings.MAX_PHOTO_MB = 1
    big = SimpleUploadedFile("big.jpg", pictures.saved(pictures.upright(), "JPEG") + bytes(3 << 20))

    response = send(as_mara, photo_set, big, jpeg())

    assert response.status_code == 413
    assert "larger than 1 MB" in response.json()["refused"][0]["sentence"]
    assert [photo.display_name for photo in photo_set.photos.all()] == ["IMG_1.jpg"]


def test_a_post_without_files_says_what_to_do(as_mara, photo_set, studio):
    response = as_mara.post(reverse("photo_upload", args=[studio.slug, photo_set.pk]), {})

    assert response.status_code == 400
    assert "Choose at least one photo." in response.text


@pytest.mark.parametrize("body", [b"", b"--x\r\n", b'--x\r\nContent-Disposition: form-data; name="photos"; filename='])
def test_a_broken_body_is_a_bad_request(as_mara, photo_set, studio, body):
    address = reverse("photo_upload", args=[studio.slug, photo_set.pk])

    assert as_mara.post(address, body, content_type="multipart/form-data; boundary=x").status_code == 400
    assert as_mara.post(address, body, content_type="multipart/form-data").status_code == 400
    assert as_mara.post(address, body, content_type="application/json").status_code == 400


def test_a_full_set_takes_no_more(as_mara, photo_set, settings):
    settings.MAX_PHOTOS_PER_SET = 3
    make_photos(photo_set, 2)

    response = send(as_mara, photo_set, jpeg("a.jpg"), jpeg("b.jpg", 200))

    assert response.status_code == 400
    assert "already has 3 photos" in response.json()["refused"][0]["sentence"]
    assert photo_set.photos.count() == 3


def test_refused_and_deleted_photos_take_no_place(as_mara, photo_set, settings):
    settings.MAX_PHOTOS_PER_SET = 1
    make_photos(photo_set, 1, state=Photo.State.REFUSED)
    make_photos(photo_set, 1, deleted_at=timezone.now())

    assert send(as_mara, photo_set, jpeg()).status_code == 200


def test_no_room_is_said_in_words(as_mara, photo_set, monkeypatch, own_media):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    response = send(as_mara, photo_set, jpeg())

    assert response.status_code == 400
    assert "no room left" in response.json()["refused"][0]["sentence"]


def test_the_same_upload_twice_is_one_photo(as_mara, photo_set):
    for _ in range(3):
        assert send(as_mara, photo_set, jpeg(), nonce="the-same-nonce").status_code == 200

    assert photo_set.photos.count() == 1


@pytest.mark.parametrize("nonce", ["x", "../../etc", "a" * 99, "\0" * 9, "é" * 9])
def test_a_nonce_that_makes_no_sense_is_replaced(as_mara, photo_set, nonce):
    assert send(as_mara, photo_set, jpeg(), nonce=nonce).status_code == 200
    assert re.fullmatch(r"[\w-]+-0", photo_set.photos.get().upload_nonce)


@pytest.mark.django_db(transaction=True)
def test_ten_parallel_posts_of_one_file_are_one_photo(mara, studio):
    photo_set = make_set(studio, mara)
    statuses = []

    def post(client):
        statuses.append(send(client, photo_set, jpeg(), nonce="the-same-nonce").status_code)
        connection.close()

    clients = [client_of(mara) for _ in range(10)]
    threads = [threading.Thread(target=post, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [200] * 10
    assert photo_set.photos.count() == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("IMG_0001.HEIC", "IMG_0001.HEIC"),
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\photos\\rex.jpg", "rex.jpg"),
        ("a\nb\tc.jpg", "abc.jpg"),
        ("invoice\u202egpj.exe.jpg", "invoicegpj.exe.jpg"),
        ("🐕.jpg", "🐕.jpg"),
        ("e\u0301te\u0301.jpg", "été.jpg"),
        ("-rf.jpg", "-rf.jpg"),
        ("CON", "CON"),
        ("..%2f..%2fx.jpg", "..%2f..%2fx.jpg"),
    ],
)
def test_names_are_shown_harmlessly_and_never_become_paths(as_mara, photo_set, name, shown):
    sent = jpeg()
    sent._name = name
    assert send(as_mara, photo_set, sent).status_code == 200

    photo = photo_set.photos.get()
    assert photo.display_name == shown
    assert re.fullmatch(r"originals/\d+/[0-9a-f]{2}/[0-9a-f]{64}", photo.original)


@pytest.mark.parametrize(
    "name", ["\u200e\u202e", "a" * 300 + ".jpg", "é" * 300 + ".jpg", "\0.jpg", "<img src=x onerror=alert(1)>.jpg"]
)
def test_hostile_names_are_no_error(as_mara, photo_set, name):
    sent = jpeg()
    sent._name = name

    assert send(as_mara, photo_set, sent).status_code in (200, 400)
    page = as_mara.get(reverse("photo_set", args=["studio", photo_set.pk]))
    assert page.status_code == 200
    assert "<img src=x" not in page.text


@pytest.mark.parametrize("position", ["x", "-1", "9" * 30, "\0", "1e3", "٣"])
def test_a_position_that_makes_no_sense_counts_as_none(as_mara, photo_set, position):
    assert send(as_mara, photo_set, jpeg(), position=position).status_code == 200
    assert photo_set.photos.get().position == 0


def test_photos_stand_in_the_order_in_which_they_were_chosen(as_mara, photo_set):
    for name, position in (("c.jpg", 2), ("a.jpg", 0), ("b.jpg", 1)):
        send(as_mara, photo_set, jpeg(name, 200 + position), position=position)

    assert [photo.display_name for photo in photo_set.photos.in_order()] == ["a.jpg", "b.jpg", "c.jpg"]


def test_a_disk_that_fills_up_on_the_way_is_said_in_words(as_mara, photo_set, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("django.core.files.uploadhandler.TemporaryFileUploadHandler.receive_data_chunk", full)
    response = send(as_mara, photo_set, jpeg())
    assert response.status_code == 413
    assert "no room left" in response.content.decode()
    assert not photo_set.photos.exists()


def test_more_in_one_go_than_is_taken_is_refused_before_it_is_read(as_mara, photo_set, settings, monkeypatch):
    settings.MAX_ZIP_MB = settings.MAX_PHOTO_MB = 1
    monkeypatch.setattr("jobs.files.uploads.BoundedUploadHandler.new_file", None)
    files = [SimpleUploadedFile(f"{number}.jpg", b"\xff\xd8\xff" + bytes(1 << 20)) for number in range(3)]
    response = send(as_mara, photo_set, *files)
    assert response.status_code == 413
    assert "more than 1 MB" in response.content.decode()


def test_many_files_that_would_fill_the_disk_are_refused_before_they_are_written(
    as_mara, photo_set, settings, monkeypatch
):
    settings.MAX_PHOTO_MB = 1
    monkeypatch.setattr("jobs.files.parts.RESERVE", 1e9)
    response = send(as_mara, photo_set, *[SimpleUploadedFile(f"{n}.jpg", bytes(700_000)) for n in range(2)])
    assert response.status_code == 413
    assert "no room left" in response.content.decode()


def test_uploads_wait_on_the_disk_of_the_data_and_leave_nothing_there(rf, mara, own_media):
    request = sent_to("/w/studio/photos/1/upload/", mara, rf)
    waiting = os.fstat(request.FILES["photos"].fileno())
    assert (waiting.st_dev, waiting.st_nlink) == (parts.incoming().stat().st_dev, 0)
    assert list(parts.incoming().iterdir()) == []
    request.close()


@pytest.mark.parametrize(
    ("who", "address", "names"),
    [
        ("mara", "/w/studio/photos/1/upload/", ["a.jpg"]),
        ("mara", "/w/studio/photos/1/captions/take/", ["a.jpg"]),
        ("mara", "/w/studio/team/", []),
        ("mara", "/account/login/", []),
        ("nobody", "/w/studio/photos/1/upload/", []),
        ("nobody", "/account/login/", []),
    ],
)
def test_files_reach_the_disk_only_where_members_send_them(rf, mara, who, address, names):
    request = sent_to(address, mara if who == "mara" else AnonymousUser(), rf)
    assert request.POST["more"] == "x"
    assert [file.name for file in request.FILES.getlist("photos")] == names
    request.close()


def sent_to(address, user, rf):
    request = rf.post(address, {"photos": [jpeg("a.jpg")], "more": "x"})
    request.user, request.resolver_match = user, resolve(address)
    return request


def test_a_viewer_cannot_add_photos(as_vic, photo_set):
    assert send(as_vic, photo_set, jpeg()).status_code == 403
    assert not Photo.objects.exists()


def test_a_post_without_csrf_token_is_refused(mara, photo_set, studio):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(mara)

    assert send(client, photo_set, jpeg()).status_code == 403
