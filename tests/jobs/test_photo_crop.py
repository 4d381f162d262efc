"""The pages on which photos are cropped."""

import json
import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jobs.models import Photo
from jobs.operations.photos import edit
from jobs.operations.photos.edit import Crop
from jobs.photos.crop import Mode, Shape
from tests.conftest import client_of, person, text_of
from tests.jobs.factories import make_photo, make_photos, make_waiting

pytestmark = pytest.mark.django_db

PLACED = {"mode": "hand", "shape": "square", "left": "0.1", "top": "0.2", "width": "0.5", "height": "0.5"}


@pytest.fixture
def photo(photo_set):
    return make_photo(photo_set, faces=[[0.6, 0.1, 0.2, 0.2]])


def one(photo: Photo) -> str:
    return reverse("photo_crop", args=["studio", photo.photo_set_id, photo.pk])


def everything(photo_set) -> str:
    return reverse("photo_set_crop", args=["studio", photo_set.pk])


def crop_of(photo: Photo) -> dict | None:
    return Photo.objects.get(pk=photo.pk).crop


def test_the_page_proposes_the_part_around_the_face(as_mara, photo):
    page = as_mara.get(one(photo)).content.decode()
    assert "This photo is sent whole until you save what is chosen here." in page
    assert re.search(r'value="face" required checked', page)


def test_without_a_face_it_proposes_the_middle_and_offers_no_face(as_mara, photo_set):
    page = as_mara.get(one(make_photo(photo_set))).content.decode()
    assert re.search(r'value="centre" required checked', page)
    assert 'value="face"' not in page


def test_placing_needs_a_script_until_something_was_placed(as_mara, photo):
    hidden = r"<label data-needs-script hidden ?><input[^>]+value=\"hand\""
    assert re.search(hidden, text_of(as_mara.get(one(photo))))
    edit.crop(photo, Crop(Mode.HAND, Shape.SQUARE, (0.1, 0.1, 0.4, 0.3)))
    assert not re.search(hidden, text_of(as_mara.get(one(photo))))


def test_the_page_s_script_knows_each_automatic_part(as_mara, photo):
    page = as_mara.get(one(photo))
    boxes = json.loads(page.context["boxes"])
    assert set(boxes) == {"face", "centre", "none"}
    assert all(set(shapes) == {"square", "upright", "wide", "free"} for shapes in boxes.values())
    as_mara.post(one(photo), {"mode": "face", "shape": "upright"})
    assert crop_of(photo)["box"] == boxes["face"]["upright"]


def test_a_part_placed_by_hand_is_kept_in_its_shape(as_mara, photo):
    answer = as_mara.post(one(photo), PLACED)
    assert answer.status_code == 302
    kept = crop_of(photo)
    assert (kept["mode"], kept["shape"]) == ("hand", "square")
    left, top, width, height = kept["box"]
    assert round(width * photo.width) == round(height * photo.height) == 768
    assert (round(left, 2), round(top, 2)) == (0.1, 0.2)


def test_the_page_then_says_what_providers_get(as_mara, photo):
    as_mara.post(one(photo), PLACED)
    assert "Providers get 768 × 768 pixels" in as_mara.get(one(photo)).content.decode()


def test_the_whole_photo_again(as_mara, photo):
    as_mara.post(one(photo), PLACED)
    as_mara.post(one(photo), {"mode": "none", "shape": "square"})
    assert crop_of(photo) is None


def test_on_to_the_next_photo_and_from_the_last_to_the_set(as_mara, photo_set):
    first, _, last = make_photos(photo_set, 3)
    Photo.objects.filter(pk=last.pk).update(position=1)
    following = Photo.objects.in_order()[1]
    assert as_mara.post(one(first), {**PLACED, "next": "1"}).headers["Location"] == one(following)
    to_set = reverse("photo_set", args=["studio", photo_set.pk])
    assert as_mara.post(one(last), {**PLACED, "next": "1"}).headers["Location"] == to_set


WRONG = [
    {},
    {"mode": "hand", "shape": "square"},
    {**PLACED, "mode": "upside down"},
    {**PLACED, "mode": "\0"},
    {**PLACED, "shape": "round"},
    {**PLACED, "shape": "\ud800"},
    {**PLACED, "width": "0.001"},
    {**PLACED, "width": "-1"},
    {**PLACED, "width": "nan"},
    {**PLACED, "left": "inf"},
    {**PLACED, "left": "1e400"},
    {**PLACED, "left": "9" * 5000},
    {**PLACED, "top": "here"},
    {**PLACED, "height": "\0", "shape": "free"},
]


@pytest.mark.parametrize("typed", WRONG)
def test_bad_input_gets_a_sentence_and_changes_nothing(as_mara, photo, typed):
    answer = as_mara.post(one(photo), urlencode(typed, errors="surrogatepass"), "application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert "field-error" in answer.content.decode() or 'role="alert"' in answer.content.decode()
    assert crop_of(photo) is None


@pytest.mark.parametrize("place", [{"left": "-2"}, {"top": "2"}, {"width": "2"}, {"width": "2", "height": "2"}])
def test_a_frame_beside_the_photo_is_moved_into_it(as_mara, photo, place):
    assert as_mara.post(one(photo), PLACED | place).status_code == 302
    left, top, width, height = crop_of(photo)["box"]
    assert 0 <= left <= left + width <= 1.0000001
    assert 0 <= top <= top + height <= 1.0000001


def test_photos_that_are_not_ready_have_no_page(as_mara, photo_set, own_media):
    assert as_mara.get(one(make_waiting(photo_set))).status_code == 404
    refused = make_photo(photo_set, state=Photo.State.REFUSED)
    assert as_mara.post(one(refused), PLACED).status_code == 404


def test_all_photos_are_shown_as_they_would_be_sent(as_mara, photo_set, photo):
    make_photo(photo_set)
    page = as_mara.get(everything(photo_set), {"mode": "face", "shape": "square"}).content.decode()
    assert page.count('class="part"') == 2
    assert page.count("1536 × 1536") == 2
    assert "Nobody looked for faces yet" in page


def test_all_photos_are_cropped_at_once(as_mara, photo_set):
    make_photos(photo_set, 3)
    answer = as_mara.post(everything(photo_set), {"mode": "centre", "shape": "square"}, follow=True)
    assert "3 photos are cropped now." in answer.content.decode()
    assert {photo.crop["mode"] for photo in Photo.objects.all()} == {"centre"}
    again = as_mara.post(everything(photo_set), {"mode": "centre", "shape": "square"}, follow=True)
    assert "All photos were so already." in again.content.decode()


def test_those_placed_by_hand_are_shown_and_spared(as_mara, photo_set, photo):
    as_mara.post(one(photo), PLACED)
    asked = {"mode": "centre", "shape": "square", "spare_by_hand": "on"}
    assert "Placed by hand" in as_mara.get(everything(photo_set), asked).content.decode()
    as_mara.post(everything(photo_set), asked)
    assert crop_of(photo)["mode"] == "hand"


@pytest.mark.parametrize("typed", [{"mode": "hand", "shape": "square"}, {"mode": "centre", "shape": "\0"}])
def test_a_way_that_is_none_is_refused(as_mara, photo_set, photo, typed):
    for answer in (as_mara.get(everything(photo_set), typed), as_mara.post(everything(photo_set), typed)):
        assert answer.status_code == 400
        assert "field-error" in answer.content.decode()
    assert crop_of(photo) is None


def test_an_empty_set_has_nothing_to_crop(as_mara, photo_set):
    page = as_mara.get(everything(photo_set)).content.decode()
    assert "There are no photos that are ready." in page
    assert "Use this for all photos" not in page


def test_viewers_crop_nothing_and_are_offered_nothing(as_vic, photo):
    page = as_vic.get(reverse("photo_set", args=["studio", photo.photo_set_id])).content.decode()
    assert "/crop/" not in page
    assert as_vic.get(one(photo)).status_code == as_vic.post(one(photo), PLACED).status_code == 403
    assert as_vic.post(everything(photo.photo_set), {"mode": "centre", "shape": "square"}).status_code == 403


def test_the_page_of_the_set_shows_what_is_sent(as_mara, photo):
    Photo.objects.update(
        crop={"mode": "hand", "shape": "free", "box": [0, 0, 1, 0.5]}, cropped=f"prepared/{'c' * 9}.jpg"
    )
    page = as_mara.get(reverse("photo_set", args=["studio", photo.photo_set_id])).content.decode()
    assert f"prepared/{'c' * 9}.jpg" in page
    assert photo.prepared not in page


def test_the_page_asks_often_while_a_crop_is_made(as_mara, photo):
    place = reverse("photo_set", args=["studio", photo.photo_set_id])
    calm = re.search(r'data-poll-seconds="([\d.]+)"', as_mara.get(place).content.decode())
    as_mara.post(one(photo), PLACED)
    busy = re.search(r'data-poll-seconds="([\d.]+)"', as_mara.get(place).content.decode())
    assert calm
    assert busy
    assert float(busy[1]) < float(calm[1])


@pytest.mark.parametrize("asked", [None, {"mode": "centre", "shape": "wide"}])
def test_pages_cost_the_same_however_many_photos(studio, photo_set, asked):
    client = client_of(person("Bea", studio))
    counts = []
    for _ in range(2):
        photo = make_photos(photo_set, 3, faces=[[0.4, 0.1, 0.2, 0.2]])[0]
        place = everything(photo_set) if asked else one(photo)
        client.get(place, asked)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(place, asked).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9
