"""A text file beside a photo is its caption, in a folder and in a zip; one that comes alone finds its photo by name."""

import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jobs.models import Photo
from jobs.operations.photos import edit
from jobs.operations.photos.processing import TAKE_IN, process
from tests.jobs.factories import make_photo
from tests.jobs.parts_sent import post_part
from tests.jobs.test_zip_upload import packed, photo, refusals, send_zip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_media")]

JPEG = photo(1)


def captions(photo_set) -> dict[str, str]:
    return dict(photo_set.photos.usable().values_list("display_name", "caption"))


def text(content: str | bytes = "on a sofa\n", name: str = "IMG_1.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def test_the_text_beside_a_photo_of_a_zip_is_its_caption(as_mara, photo_set):
    files = [
        ("one/IMG_1.txt", b"\xef\xbb\xbfon a sofa\r\n"),  # before its photo, as Windows writes it
        ("one/IMG_1.jpg", photo(1)),
        ("two/img_1.JPG", photo(2)),
        ("two/IMG_1.TXT", b"by a window"),
        ("three/IMG_3.jpg", photo(3)),
    ]
    answers = send_zip(as_mara, photo_set, packed(files))
    assert refusals(answers) == {}
    assert captions(photo_set) == {"IMG_1.jpg": "on a sofa", "img_1.JPG": "by a window", "IMG_3.jpg": ""}


def test_a_caption_stays_when_its_photo_gets_ready(as_mara, photo_set):
    send_zip(as_mara, photo_set, packed([("IMG_1.jpg", JPEG), ("IMG_1.txt", b"on a sofa")]))
    process(TAKE_IN, photo_set.photos.get().pk)
    made = photo_set.photos.get()
    assert (made.state, made.caption) == (Photo.State.READY, "on a sofa")


def test_a_text_of_no_use_is_named_and_its_photo_taken(as_mara, photo_set):
    files = [("a.jpg", photo(1)), ("a.txt", b"x" * 1001), ("b.jpg", photo(2)), ("b.txt", b"\0\1"), ("c.txt", b"hello")]
    answers = send_zip(as_mara, photo_set, packed(files))
    told = refusals(answers)
    assert set(told) == {"a.txt", "b.txt", "c.txt"}
    assert "1000 signs" in told["a.txt"]
    assert told["c.txt"] == "No photo here has this name."
    assert captions(photo_set) == {"a.jpg": "", "b.jpg": ""}


def test_a_zip_of_texts_alone_captions_the_photos_that_are_here(as_mara, photo_set):
    make_photo(photo_set, display_name="IMG_1.HEIC")
    answers = send_zip(as_mara, photo_set, packed([("captions/img_1.txt", b"on a sofa")], zipfile.ZIP_STORED))
    assert refusals(answers) == {}
    assert captions(photo_set) == {"IMG_1.HEIC": "on a sofa"}


def test_the_same_zip_once_more_captions_only_what_has_no_caption(as_mara, photo_set):
    zipped = packed([("a.jpg", photo(1)), ("a.txt", b"new"), ("b.jpg", photo(2)), ("b.txt", b"new")])
    send_zip(as_mara, photo_set, packed([("a.jpg", photo(1)), ("b.jpg", photo(2))]))
    photo_set.photos.filter(display_name="b.jpg").update(caption="mine")
    answers = send_zip(as_mara, photo_set, zipped, nonce="another-zip-1")
    assert all(one["known"] for answer in answers for one in answer.json()["refused"])
    assert captions(photo_set) == {"a.jpg": "new", "b.jpg": "mine"}


def test_undoing_an_older_change_leaves_a_text_alone_that_came_since(as_mara, photo_set):
    send_zip(as_mara, photo_set, packed([("a.jpg", photo(1))]))
    added = photo_set.photos.get().pk
    for said in ("old", ""):
        edit.caption_all(photo_set, {added: said})
    send_zip(as_mara, photo_set, packed([("a.jpg", photo(1)), ("a.txt", b"new")]), nonce="another-zip-1")
    assert edit.undo_captions(photo_set) == 0
    assert captions(photo_set) == {"a.jpg": "new"}


def test_the_text_that_comes_with_a_photo_in_parts_is_its_caption(as_mara, photo_set):
    half = len(JPEG) // 2
    post_part(as_mara, photo_set, 0, JPEG[:half], whole=JPEG, text=text())
    answer = post_part(as_mara, photo_set, half, JPEG[half:], whole=JPEG, text=text()).json()
    assert (len(answer["photos"]), answer["refused"]) == (1, [])
    assert captions(photo_set) == {"IMG_1.jpg": "on a sofa"}


def test_a_text_that_is_none_does_not_keep_its_photo_out(as_mara, photo_set):
    answer = post_part(as_mara, photo_set, 0, JPEG, whole=JPEG, text=text(b"\0" * 20)).json()
    assert [one["name"] for one in answer["refused"]] == ["IMG_1.txt"]
    assert captions(photo_set) == {"IMG_1.jpg": ""}


def test_a_text_that_comes_alone_is_taken_or_says_why_not(as_mara, photo_set):
    make_photo(photo_set, display_name="IMG_1.HEIC")
    said = b"on a sofa"
    assert post_part(as_mara, photo_set, 0, said, whole=said, name="IMG_1.txt").json()["captions"] == 1
    assert captions(photo_set) == {"IMG_1.HEIC": "on a sofa"}
    answer = post_part(as_mara, photo_set, 0, said, whole=said, name="IMG_2.txt")
    assert (answer.status_code, answer.json()["refused"][0]["sentence"]) == (400, "No photo here has this name.")


def test_without_scripts_texts_find_the_photos_of_the_same_press(as_mara, photo_set):
    address = reverse("photo_upload", args=["studio", photo_set.pk])
    answer = as_mara.post(address, {"photos": [text(), SimpleUploadedFile("IMG_1.jpg", JPEG)], "nonce": "press-0001"})
    assert answer.status_code == 302
    assert captions(photo_set) == {"IMG_1.jpg": "on a sofa"}
