"""A file that comes in parts is the file that was sent, whatever breaks off, repeats or gets mixed up on the way."""

import errno
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jobs.files import parts, storage
from jobs.models import Photo
from jobs.operations.consents import links
from jobs.operations.photos import uploads
from tests.conftest import client_of
from tests.jobs.factories import make_photos, make_set, send
from tests.jobs.parts_sent import CONTENT, NONCE, growing, halves, part_to, post_part
from tests.photos import pictures

pytestmark = [pytest.mark.django_db, pytest.mark.services, pytest.mark.usefixtures("own_media")]


def test_two_halves_are_the_photo(as_mara, photo_set):
    middle, first, second = halves()

    assert post_part(as_mara, photo_set, 0, first).json()["offset"] == middle
    assert not photo_set.photos.exists()
    answer = post_part(as_mara, photo_set, middle, second, position=7).json()

    photo = photo_set.photos.get()
    assert (answer["offset"], answer["photos"][0]["id"]) == (len(CONTENT), photo.pk)
    assert (photo.display_name, photo.position, storage.read(photo.original)) == ("IMG_1.jpg", 7, CONTENT)
    assert growing() == []


def test_sending_nothing_asks_where_to_go_on(as_mara, photo_set):
    middle, first, _ = halves()
    assert post_part(as_mara, photo_set, 0).json()["offset"] == 0
    post_part(as_mara, photo_set, 0, first)

    assert post_part(as_mara, photo_set, 0).json()["offset"] == middle


@pytest.mark.parametrize("offset", [0, 1, 10**6, 10**11])
def test_a_part_from_elsewhere_is_passed_over(as_mara, photo_set, offset):
    middle, first, second = halves()
    post_part(as_mara, photo_set, 0, first)

    assert post_part(as_mara, photo_set, offset, first).json()["offset"] == middle
    post_part(as_mara, photo_set, middle, second)
    assert storage.read(photo_set.photos.get().original) == CONTENT


def test_more_than_was_announced_is_cut_off(as_mara, photo_set):
    post_part(as_mara, photo_set, 0, CONTENT + b"more than that")

    assert storage.read(photo_set.photos.get().original) == CONTENT


def test_a_last_part_whose_answer_was_lost_is_the_same_photo(as_mara, photo_set):
    for _ in range(3):
        assert post_part(as_mara, photo_set, 0, CONTENT).json()["photos"][0]["id"] == photo_set.photos.get().pk
    assert send(as_mara, photo_set, SimpleUploadedFile("IMG_1.jpg", CONTENT), nonce=NONCE).status_code == 200
    assert photo_set.photos.count() == 1


def test_another_file_waits_for_the_place_of_one_that_just_came(as_mara, photo_set, settings, monkeypatch):
    settings.MAX_PHOTOS_PER_SET = 1
    other = pictures.saved(pictures.photo(300, 300), "JPEG")
    post_part(as_mara, photo_set, 0, CONTENT[:1000])
    assert post_part(as_mara, photo_set, 0, other[:1000], whole=other).status_code == 429
    monkeypatch.setattr("jobs.operations.photos.uploads.TAKEN_SECONDS", -1)

    assert post_part(as_mara, photo_set, 0, other[:1000], whole=other).json()["offset"] == 1000
    assert post_part(as_mara, photo_set, 1000, other[1000:], whole=other).status_code == 200
    assert storage.read(photo_set.photos.get().original) == other


def test_what_one_person_sends_is_not_gone_on_with_by_another(as_mara, as_ann, photo_set):
    post_part(as_mara, photo_set, 0, CONTENT[:1000])

    assert post_part(as_ann, photo_set, 0).json()["offset"] == 0


def test_a_file_taken_back_leaves_nothing(as_mara, photo_set):
    post_part(as_mara, photo_set, 0, CONTENT[:1000])

    assert post_part(as_mara, photo_set, 0, taken_back="1").status_code == 200
    assert growing() == []


def test_a_file_is_taken_back_from_a_full_disk_and_whatever_its_size(as_mara, photo_set, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 10}))

    assert post_part(as_mara, photo_set, 0, size=10**12 - 1, taken_back="1").status_code == 200
    assert growing() == []


def test_taking_a_file_back_leaves_others_alone(as_mara, photo_set, settings):
    settings.MAX_PHOTOS_PER_SET = 1
    post_part(as_mara, photo_set, 0, CONTENT[:1000])

    assert post_part(as_mara, photo_set, 0, nonce="another-nonce", taken_back="1").status_code == 200
    assert post_part(as_mara, photo_set, 0).json()["offset"] == 1000


def test_only_a_few_zips_are_under_way_at_once(as_mara, photo_set, settings, monkeypatch):
    settings.MAX_PHOTO_MB = 1
    monkeypatch.setattr("jobs.operations.photos.uploads.TAKEN_SECONDS", -1)
    for number in range(12):
        post_part(as_mara, photo_set, 0, b"PK\x03\x04" + bytes(99), size=5 << 20, nonce=f"zip-number-{number}")

    assert len(list(parts.incoming().glob("*.part"))) == uploads.ZIPS


def test_what_is_no_photo_is_refused_at_its_first_part(as_mara, photo_set):
    answer = post_part(as_mara, photo_set, 0, b"%PDF-1.7" + bytes(600), whole=bytes(10**6))

    assert (answer.status_code, answer.json()["refused"][0]["name"]) == (400, "IMG_1.jpg")
    assert "This is a PDF" in answer.json()["refused"][0]["sentence"]
    assert growing() == []


def test_a_file_over_the_limit_is_refused_before_it_is_sent(as_mara, photo_set, settings):
    settings.MAX_PHOTO_MB, settings.MAX_ZIP_MB = 1, 2
    for megabytes, said in ((1, "1 MB"), (2, "2 MB")):
        answer = post_part(as_mara, photo_set, 0, CONTENT[:1000], size=(megabytes << 20) + 1)
        assert (answer.status_code, said in answer.json()["refused"][0]["sentence"]) == (413, True)
    assert growing() == []


def test_a_photo_that_is_here_already_is_refused_kindly(as_mara, photo_set):
    send(as_mara, photo_set, SimpleUploadedFile("Rex.jpg", CONTENT))

    answer = post_part(as_mara, photo_set, 0, CONTENT)

    assert answer.status_code == 400
    assert answer.json()["refused"] == [
        {"name": "IMG_1.jpg", "sentence": "This photo is here already, as Rex.jpg.", "known": True}
    ]
    assert photo_set.photos.count() == 1
    assert storage.read(photo_set.photos.get().original) == CONTENT


def test_a_photo_that_was_deleted_or_stands_in_another_set_may_come_again(as_mara, studio, mara, photo_set):
    send(as_mara, photo_set, SimpleUploadedFile("Rex.jpg", CONTENT))
    assert post_part(as_mara, make_set(studio, mara), 0, CONTENT).status_code == 200
    as_mara.post(reverse("photo_delete", args=[studio.slug, photo_set.pk, photo_set.photos.get().pk]))

    assert post_part(as_mara, photo_set, 0, CONTENT).status_code == 200


def test_a_full_set_refuses_a_part(as_mara, photo_set, settings):
    settings.MAX_PHOTOS_PER_SET = 1
    make_photos(photo_set, 1)

    assert "already has 1 photos" in post_part(as_mara, photo_set, 0, CONTENT).json()["refused"][0]["sentence"]
    assert growing() == []


def test_b09_a_full_disk_is_said_in_words(as_mara, photo_set, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 10}))

    answer = post_part(as_mara, photo_set, 0, CONTENT[:1000])

    assert (answer.status_code, "no room left" in answer.json()["refused"][0]["sentence"]) == (400, True)


def test_a_disk_that_fills_up_on_the_way_is_said_in_words(as_mara, photo_set, monkeypatch):
    def full(*args, **names):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)

    assert "no room left" in post_part(as_mara, photo_set, 0, CONTENT[:1000]).json()["refused"][0]["sentence"]


@pytest.mark.parametrize("field", ["nonce", "size", "offset"])
@pytest.mark.parametrize("value", ["", "-1", "1e3", "\0", "٣", "9" * 99, "../../etc", "<script>"])
def test_a_part_that_makes_no_sense_is_a_bad_request(as_mara, photo_set, field, value):
    answer = post_part(as_mara, photo_set, 0, CONTENT[:1000], **{field: value})

    assert answer.status_code == 400
    assert answer.json()["refused"][0]["sentence"].endswith(".")
    assert not photo_set.photos.exists()


@pytest.mark.parametrize("name", ["", "\0", "a" * 5000, "../../etc/passwd", "\u202egpj.exe", "<img src=x>"])
@pytest.mark.parametrize("entry", ["x", "-1", "9" * 30])
def test_names_and_entries_that_make_no_sense_are_no_error(as_mara, photo_set, name, entry):
    assert post_part(as_mara, photo_set, 0, CONTENT, name=name, entry=entry).status_code == 200
    assert len(photo_set.photos.get().display_name) <= 255


def test_a_file_without_content_is_refused(as_mara, photo_set):
    assert "empty" in post_part(as_mara, photo_set, 0, whole=b"").json()["refused"][0]["sentence"]


def test_what_nobody_finishes_takes_no_more_places_than_photos_would(as_mara, photo_set, settings, monkeypatch):
    settings.MAX_PHOTOS_PER_SET = 3
    monkeypatch.setattr("jobs.operations.photos.uploads.TAKEN_SECONDS", -1)
    for number in range(20):
        post_part(as_mara, photo_set, 0, CONTENT[:1000], nonce=f"file-number-{number}")

    assert len(list(parts.incoming().glob("*.part"))) <= 3


def test_a_viewer_and_a_stranger_add_no_parts(as_vic, as_sam, client, photo_set):
    answers = [post_part(person, photo_set, 0, CONTENT).status_code for person in (as_vic, as_sam, client)]

    assert answers == [403, 404, 302]
    assert growing() == []


def test_a_part_costs_as_many_queries_whatever_the_set_holds(as_mara, photo_set):
    post_part(as_mara, photo_set, 0, CONTENT[:100])
    counts = []
    for more in (0, 30):
        make_photos(photo_set, more)
        with CaptureQueriesContext(connection) as captured:
            assert post_part(as_mara, photo_set, 0).status_code == 200
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 7


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_are_one_photo(mara, studio):
    photo_set = make_set(studio, mara)
    statuses = []

    def post(client):
        statuses.append(post_part(client, photo_set, 0, CONTENT).status_code)
        connection.close()

    threads = [threading.Thread(target=post, args=[client_of(mara)]) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(statuses) <= {200, 429}
    assert photo_set.photos.count() == 1


def test_what_nobody_goes_on_with_is_dropped_after_days(as_mara, photo_set, monkeypatch):
    post_part(as_mara, photo_set, 0, CONTENT[:1000])
    uploads.drop_forgotten()
    assert post_part(as_mara, photo_set, 0).json()["offset"] == 1000

    monkeypatch.setattr("jobs.operations.photos.uploads.KEPT_SECONDS", -1)
    uploads.drop_forgotten()
    assert growing() == []


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
