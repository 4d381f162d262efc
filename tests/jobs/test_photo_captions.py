"""The page of a set's captions."""

import io
import json
import re
import zipfile
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jobs.models import Photo
from jobs.operations.cleanup import retention
from jobs.operations.photos import edit
from tests.conftest import client_of, person, text_of
from tests.jobs.factories import make_job, make_photo, make_photos

pytestmark = [pytest.mark.django_db, pytest.mark.services]

HTMX = {"HX-Request": "true"}
FORM = "application/x-www-form-urlencoded"
ALL = {"token": "ukj", "class_word": "dog", "pattern": "photo of {name} {what}, {caption}"}


@pytest.fixture
def photos(photo_set) -> list[Photo]:
    return [
        make_photo(photo_set, display_name=f"IMG_{n}.HEIC", caption=said) for n, said in enumerate(["", "on a sofa"])
    ]


def address(name: str, photo_set, *more: int) -> str:
    return reverse(name, args=["studio", photo_set.pk, *more])


def captions(photo_set) -> list[str]:
    return list(photo_set.photos.in_order().values_list("caption", flat=True))


def write(client, photo: Photo, text: str, **more):
    place = address("photo_caption", photo.photo_set, photo.pk)
    body = urlencode({"caption": text, **more.pop("fields", {})}, errors="surrogatepass")
    return client.post(place, body, FORM, **more)


def flash_of(answer) -> dict:
    return json.loads(answer.headers["HX-Trigger"])["flash"]


def test_the_page_shows_every_photo_with_its_caption(as_mara, photo_set, photos):
    page = as_mara.get(address("photo_captions", photo_set)).content.decode()
    assert "on a sofa</textarea>" in page
    assert page.count("<textarea") == 2
    assert "1 photo without a caption" in page
    assert "dreamlook.ai reads them" in page


def test_the_pattern_begins_with_the_name_of_the_last_training(as_mara, studio, photo_set, photos):
    make_job(studio, photo_set=photo_set, token="old", class_word="cat")
    make_job(studio, photo_set=photo_set, token="ukj", class_word="terrier")
    form = as_mara.get(address("photo_captions", photo_set)).context["form"]
    assert (form["token"].value(), form["class_word"].value()) == ("ukj", "terrier")


def test_a_caption_is_saved_in_place_and_can_be_undone(as_mara, photo_set, photos):
    answer = write(as_mara, photos[1], "  by a\nwindow ", headers=HTMX)
    assert captions(photo_set)[1] == "by a window"
    assert "Saved" in answer.content.decode()
    offer = flash_of(answer)
    assert offer["undo"] == address("photo_caption", photo_set, photos[1].pk)

    undone = write(as_mara, photos[1], "", headers=HTMX, fields=offer["fields"])
    assert captions(photo_set)[1] == "on a sofa"
    assert "on a sofa</textarea>" in undone.content.decode()


def test_a_caption_that_stays_the_same_offers_no_undo(as_mara, photos):
    assert "HX-Trigger" not in write(as_mara, photos[1], "on a sofa", headers=HTMX).headers


def test_without_scripts_one_comes_back_to_the_photo(as_mara, photo_set, photos):
    answer = write(as_mara, photos[0], "on a chair")
    assert answer.headers["Location"] == f"{address('photo_captions', photo_set)}#caption-{photos[0].pk}"
    assert captions(photo_set)[0] == "on a chair"


def test_the_set_shows_as_changed(as_mara, photo_set, photos):
    write(as_mara, photos[0], "on a chair", headers=HTMX)
    photo_set.refresh_from_db()
    photos[0].refresh_from_db()
    assert photos[0].version == photo_set.version > 0


def test_too_long_a_caption_is_refused_in_its_place(as_mara, photo_set, photos):
    answer = write(as_mara, photos[0], "x" * 1001, headers=HTMX)
    assert answer.status_code == 200
    assert "At most 1000 signs, please." in answer.content.decode()
    assert "At most 1000 signs" in write(as_mara, photos[0], "x" * 1001, follow=True).content.decode()
    assert captions(photo_set)[0] == ""


@pytest.mark.parametrize("text", ["\0", "\ud800", "<script>alert(1)</script>", "\u200b" * 900, "{name}", "🦊" * 1000])
def test_any_text_is_kept_as_one_visible_line_or_refused(as_mara, photo_set, photos, text):
    assert write(as_mara, photos[0], text, headers=HTMX).status_code in {200, 400}
    assert captions(photo_set)[0].isprintable()
    assert "<script>alert(1)" not in as_mara.get(address("photo_captions", photo_set)).content.decode()


def test_all_are_written_by_a_pattern_and_undone(as_mara, photo_set, photos):
    answer = as_mara.post(address("photo_captions_all", photo_set), ALL, follow=True)
    assert captions(photo_set) == ["photo of ukj dog", "photo of ukj dog, on a sofa"]
    page = answer.content.decode()
    assert "2 captions written." in page
    undo = address("photo_captions_undo", photo_set)
    assert f'action="{undo}"' in page

    as_mara.post(undo)
    assert captions(photo_set) == ["", "on a sofa"]


def test_a_pattern_used_twice_changes_nothing_more(as_mara, photo_set, photos):
    as_mara.post(address("photo_captions_all", photo_set), ALL)
    answer = as_mara.post(address("photo_captions_all", photo_set), ALL, follow=True)
    assert "All captions say so already." in answer.content.decode()
    as_mara.post(address("photo_captions_undo", photo_set))
    assert captions(photo_set) == ["", "on a sofa"]


def test_only_photos_without_a_caption_if_that_is_wanted(as_mara, photo_set, photos):
    as_mara.post(address("photo_captions_all", photo_set), ALL | {"only_empty": "on"})
    assert captions(photo_set) == ["photo of ukj dog", "on a sofa"]


def test_number_and_file_are_each_photo_s_own(as_mara, photo_set, photos):
    as_mara.post(address("photo_captions_all", photo_set), {"pattern": "{file} is {number}"})
    assert captions(photo_set) == ["IMG_0 is 1", "IMG_1 is 2"]


def test_undoing_leaves_alone_what_somebody_wrote_since(as_mara, photo_set, photos):
    as_mara.post(address("photo_captions_all", photo_set), ALL)
    write(as_mara, photos[1], "mine")
    as_mara.post(address("photo_captions_undo", photo_set))
    assert captions(photo_set) == ["", "mine"]


def test_a_photo_that_was_removed_meanwhile_gets_no_words(photo_set, photos):
    retention.clear_photos(photo_set.workspace, [photos[1]])
    edit.caption(photos[1], "Anna at home")
    assert captions(photo_set) == ["", ""]


def test_only_the_last_change_is_undone_and_once(photo_set, photos):
    first, second = (photo.pk for photo in photos)
    edit.caption_all(photo_set, {first: "a", second: "b"})
    edit.caption_all(photo_set, {first: "c"})
    assert edit.undo_captions(photo_set) == 1
    assert captions(photo_set) == ["a", "b"]
    assert edit.undo_captions(photo_set) == 0


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"pattern": ""}, "Write what every caption shall say."),
        ({"pattern": "{nam}"}, "{nam} means nothing here"),
        ({"token": ""}, "The pattern uses {name}"),
        ({"pattern": "x" * 301}, "300"),
        ({"pattern": "{caption} " * 30}, "longer than 1000 signs"),
        ({"pattern": "\0"}, "Null characters are not allowed."),
    ],
)
def test_a_pattern_that_cannot_be_gets_a_sentence(as_mara, photo_set, photos, typed, sentence):
    write(as_mara, photos[1], "y" * 900)
    answer = as_mara.post(address("photo_captions_all", photo_set), ALL | typed)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert captions(photo_set) == ["", "y" * 900]


def test_captions_are_given_as_text_files_and_taken_again(as_mara, photo_set, photos):
    answer = as_mara.get(address("photo_captions_give", photo_set))
    assert 'filename="Rex captions.zip"' in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as made:
        assert {name: made.read(name) for name in made.namelist()} == {"IMG_0.txt": b"", "IMG_1.txt": b"on a sofa\n"}
    as_mara.post(address("photo_captions_all", photo_set), ALL)
    sent = SimpleUploadedFile("captions.zip", answer.content)
    as_mara.post(address("photo_captions_take", photo_set), {"files": sent})
    assert captions(photo_set) == ["", "on a sofa"]


@pytest.mark.parametrize("name", ["../../etc/rex", "..\\\\rex", "\u202erex", "a:rex", "rex\u2028"])
def test_the_zip_is_named_harmlessly_whatever_the_set_is_called(as_mara, photo_set, photos, name):
    type(photo_set).objects.update(name=name)
    given = as_mara.get(address("photo_captions_give", photo_set)).headers["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="[\w. ]+ captions\.zip"', given)


def test_text_files_by_themselves_are_taken_and_undone(as_mara, photo_set, photos):
    sent = [SimpleUploadedFile("img_0.TXT", b"red"), SimpleUploadedFile("IMG_1.txt", b"blue")]
    as_mara.post(address("photo_captions_take", photo_set), {"files": sent})
    assert captions(photo_set) == ["red", "blue"]
    as_mara.post(address("photo_captions_undo", photo_set))
    assert captions(photo_set) == ["", "on a sofa"]


def test_files_that_match_no_photo_are_named_and_the_others_taken(as_mara, photo_set, photos):
    sent = [SimpleUploadedFile("IMG_0.txt", b"red"), SimpleUploadedFile("<b>other.txt", b"blue")]
    answer = as_mara.post(address("photo_captions_take", photo_set), {"files": sent})
    page = answer.content.decode()
    assert "1 caption taken." in page
    assert "&lt;b&gt;other.txt" in page
    assert "No photo here has this name." in page
    assert captions(photo_set) == ["red", "on a sofa"]


@pytest.mark.parametrize(
    "sent", [[], [SimpleUploadedFile("a.zip", b"PK\x03\x04nothing")], [SimpleUploadedFile("a.jpg", b"\xff\xd8\0")]]
)
def test_files_of_no_use_get_a_sentence(as_mara, photo_set, photos, sent):
    answer = as_mara.post(address("photo_captions_take", photo_set), {"files": sent})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert captions(photo_set) == ["", "on a sofa"]


def test_two_photos_of_one_name_are_told_apart(as_mara, photo_set):
    twins = make_photos(photo_set, 2, display_name="IMG.jpg")
    write(as_mara, twins[1], "the second")
    answer = as_mara.get(address("photo_captions_give", photo_set))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as made:
        assert made.read("IMG (2).txt") == b"the second\n"


def test_viewers_write_nothing_and_are_offered_nothing(as_vic, photo_set, photos):
    assert "/captions/" not in as_vic.get(address("photo_set", photo_set)).content.decode()
    assert as_vic.get(address("photo_captions", photo_set)).status_code == 403
    assert write(as_vic, photos[0], "x").status_code == 403


def test_photos_that_are_not_ready_have_no_caption(as_mara, photo_set):
    refused = make_photo(photo_set, state=Photo.State.REFUSED)
    assert write(as_mara, refused, "x").status_code == 404
    assert "No photos yet" in as_mara.get(address("photo_captions", photo_set)).content.decode()


def test_the_page_costs_the_same_however_many_photos(studio, photo_set):
    client = client_of(person("Bea", studio))
    counts = []
    for _ in range(2):
        make_photos(photo_set, 4, caption="on a sofa, smiling")
        client.get(address("photo_captions", photo_set))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address("photo_captions", photo_set)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9


LEFT_OUT = "the end of this is left out"


def test_a_caption_of_which_the_end_is_not_read_says_so_on_the_page_and_when_it_is_saved(as_mara, photos):
    long = "on a sofa, " * 30
    assert LEFT_OUT in text_of(write(as_mara, photos[0], long, headers=HTMX))
    assert LEFT_OUT not in text_of(write(as_mara, photos[1], "on a sofa", headers=HTMX))
    page = text_of(as_mara.get(reverse("photo_captions", args=["studio", photos[0].photo_set_id])))
    assert page.count(LEFT_OUT) == 1
