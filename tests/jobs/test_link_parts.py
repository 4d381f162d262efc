"""Who has a link sends photos in parts like the team, and learns nothing of it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jobs.files import parts, storage
from jobs.models import Photo
from jobs.operations.consents import links
from tests.jobs.factories import send
from tests.jobs.parts_sent import CONTENT, growing, halves, part_to, post_part
from tests.photos import pictures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_media")]


@pytest.fixture
def link(photo_set, mara):
    """The address that takes photos of somebody who agreed, with room for two."""
    _, token = links.ask(photo_set, mara, links.Asked("Anna", "", None, max_photos=2, days=7))
    links.agree(links.find(token), "Anna")
    return reverse("photo_request_upload", args=[token])


def test_who_has_a_link_sends_in_parts_too(client, link, photo_set):
    middle, first, second = halves()
    assert part_to(client, link, 0, first).json()["offset"] == middle

    assert part_to(client, link, middle, second).json()["photos"]
    assert storage.read(photo_set.photos.get().original) == CONTENT


def test_a_link_takes_no_zips(client, link):
    answer = part_to(client, link, 0, b"PK\x03\x04" + bytes(600), whole=bytes(2000))

    assert "archive" in answer.json()["refused"][0]["sentence"]


def test_who_has_a_link_does_not_learn_what_the_team_has(client, as_mara, link, photo_set):
    send(as_mara, photo_set, SimpleUploadedFile("Secret.jpg", CONTENT))

    assert part_to(client, link, 0, CONTENT).json()["photos"]
    again = part_to(client, link, 0, CONTENT, nonce="another-nonce").json()
    assert again["refused"][0]["sentence"] == "This photo is here already, as IMG_1.jpg."


def test_a_link_finds_its_own_photo_by_the_files_nonce_and_not_one_of_the_team(client, as_mara, link, photo_set):
    post_part(as_mara, photo_set, 0, CONTENT)
    other = pictures.saved(pictures.photo(320, 240), "JPEG")

    assert part_to(client, link, 0, whole=other).json()["photos"] == []
    sent = part_to(client, link, 0, other, whole=other).json()["photos"]
    assert part_to(client, link, 0, whole=other).json()["photos"] == sent
    assert photo_set.photos.count() == 2


def test_a_link_leaves_no_more_unfinished_files_than_it_takes_photos(client, link, monkeypatch):
    monkeypatch.setattr("jobs.operations.photos.uploads.TAKEN_SECONDS", -1)
    for number in range(12):
        part_to(client, link, 0, CONTENT[:1000], nonce=f"file-number-{number}")

    assert len(list(parts.incoming().glob("*.part"))) <= 2


def test_a_link_that_is_full_says_so_to_parts(client, link):
    for number in range(2):
        content = pictures.saved(pictures.photo(200 + number, 200), "JPEG")
        assert part_to(client, link, 0, content, whole=content, nonce=f"file-number-{number}").status_code == 200

    answer = part_to(client, link, 0, CONTENT)

    assert (answer.status_code, answer.json()["refused"][0]["sentence"]) == (400, links.FULL)
    assert growing() == []


def test_withdrawing_removes_what_was_half_sent(client, link):
    part_to(client, link, 0, CONTENT[:1000])

    client.post(reverse("photo_request_withdraw", args=[link.split("/")[2]]))

    assert growing() == []
    assert part_to(client, link, 0, CONTENT[:1000]).json()["refused"][0]["sentence"] == links.WITHDRAWN
    assert growing() == []


def test_files_that_are_sent_at_once_do_not_wait_for_each_other(client, photo_set, mara):
    _, token = links.ask(photo_set, mara, links.Asked("Anna", "", None, max_photos=3, days=7))
    links.agree(links.find(token), "Anna")
    address = reverse("photo_request_upload", args=[token])
    for beginning in range(8):
        nonces = [f"file-{beginning}-{number}" for number in range(3)]
        answers = [part_to(client, address, 0, CONTENT[:1000], nonce=nonce) for nonce in nonces]
        assert [answer.json()["offset"] for answer in answers] == [1000] * 3
        for nonce in nonces:
            assert part_to(client, address, 0, nonce=nonce).json()["offset"] == 1000
            part_to(client, address, 0, nonce=nonce, taken_back="1")


def test_a_made_up_link_takes_nothing(client, photo_set):
    assert part_to(client, reverse("photo_request_upload", args=["nobody"]), 0, CONTENT).status_code == 404
    assert not Photo.objects.exists()


def test_a_link_takes_no_captions(client, link, photo_set):
    text = SimpleUploadedFile("IMG_1.txt", b"what others read")
    assert part_to(client, link, 0, CONTENT, text=text).json()["refused"] == []
    assert photo_set.photos.get().caption == ""
    alone = {"whole": b"what others read", "name": "IMG_1.txt", "nonce": "nonce-of-a-text"}
    assert part_to(client, link, 0, b"what others read", **alone).status_code == 400
    assert photo_set.photos.get().caption == ""
