"""Zips of photos and texts beside them: what they claim is checked before, and what they are, during."""

import io
import stat
import struct
import time
import warnings
import zipfile
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jobs.files import parts, zip_reading
from jobs.models import Photo
from jobs.operations.photos import edit
from jobs.operations.photos.processing import TAKE_IN, process
from tests.jobs.factories import jpeg, make_photo, send
from tests.jobs.parts_sent import post_part
from tests.photos import pictures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_media")]

PHOTO = pictures.saved(pictures.upright(), "JPEG")
HEIC = pictures.with_everything("HEIF")
MOVIE = b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(99)


def photo(number):
    return pictures.saved(pictures.upright(200 + number), "JPEG")


def packed(files, method=zipfile.ZIP_DEFLATED):
    """A zip of *files*, pairs of a name, or all of an entry's description, and content."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as made:
        warnings.simplefilter("ignore", UserWarning)  # two files of one name
        for name, content in files:
            made.writestr(name, content)
    return out.getvalue()


def send_zip(client, photo_set, content, **fields):
    """Send a zip in one part, as the page's script does, and go on until nothing is left of it."""
    answers = [post_part(client, photo_set, 0, content, whole=content, name="holiday.zip", **fields)]
    while answers[-1].status_code == 200 and answers[-1].json()["entry"] is not None:
        entry = answers[-1].json()["entry"]
        answers.append(post_part(client, photo_set, len(content), whole=content, entry=entry, **fields))
    return answers


def refusals(answers):
    return {one["name"]: one["sentence"] for answer in answers for one in answer.json()["refused"]}


def nothing_grows():
    return [*parts.incoming().glob("*.part"), *parts.incoming().glob("*.note")] == []


def test_the_photos_of_a_zip_become_photos_in_its_order(as_mara, photo_set):
    files = [("Holiday/b.jpg", photo(1)), ("Holiday/a.HEIC", HEIC), ("c.jpg", photo(2))]

    answers = send_zip(as_mara, photo_set, packed(files))

    assert [found.display_name for found in photo_set.photos.in_order()] == ["b.jpg", "a.HEIC", "c.jpg"]
    assert refusals(answers) == {}
    assert nothing_grows()


def test_a_zip_is_unpacked_step_by_step(as_mara, photo_set, monkeypatch):
    monkeypatch.setattr("jobs.operations.photos.uploads.STEP_SECONDS", 0.01)

    answers = send_zip(as_mara, photo_set, packed([(f"{n}.jpg", photo(n)) for n in range(12)]))

    assert len(answers) > 2
    assert photo_set.photos.count() == 12


def test_a_step_that_is_done_twice_is_done_once(as_mara, photo_set):
    content = packed([("a.jpg", photo(1)), ("b.jpg", photo(2))])
    for _ in range(2):
        assert refusals(send_zip(as_mara, photo_set, content)) == {}

    assert photo_set.photos.count() == 2


def test_each_file_that_is_refused_is_named_in_one_sentence(as_mara, photo_set):
    files = [
        ("notes.pdf", b"%PDF-1.7"),
        ("empty.jpg", b""),
        ("inner.zip", packed([("a.jpg", PHOTO)])),
        ("page.jpg", b"<html><script>alert(1)</script>"),
        ("a.jpg", PHOTO),
        ("again/a.jpg", PHOTO),
    ]

    said = refusals(send_zip(as_mara, photo_set, packed(files)))

    assert list(said) == ["notes.pdf", "empty.jpg", "inner.zip", "page.jpg", "a.jpg"]
    assert said["empty.jpg"] == "This file is empty."
    assert said["inner.zip"].startswith("This is an archive")
    assert said["a.jpg"] == "This photo is here already, as a.jpg."
    assert photo_set.photos.count() == 1


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd.jpg", "/etc/cron.d/x.jpg", "..\\..\\x.jpg", "C:\\x.jpg", "a/../../x.jpg", "CON", "-rf.jpg"],
)
def test_names_never_become_paths(as_mara, photo_set, own_media, name):
    send_zip(as_mara, photo_set, packed([(name, PHOTO)]))

    found = photo_set.photos.get()
    assert "/" not in found.display_name
    assert "\\" not in found.display_name
    files = {path.relative_to(own_media).parts[0] for path in own_media.rglob("*") if path.is_file()}
    assert files == {"originals"}


def test_two_files_of_one_name_are_two_photos(as_mara, photo_set):
    send_zip(as_mara, photo_set, packed([("IMG_1.jpg", photo(1)), ("IMG_1.jpg", photo(2))]))

    assert [found.display_name for found in photo_set.photos.all()] == ["IMG_1.jpg", "IMG_1.jpg"]


def test_what_computers_hide_in_zips_is_passed_over(as_mara, photo_set):
    hidden = ["__MACOSX/._a.jpg", ".DS_Store", "a/Thumbs.db", "desktop.ini", ".git/config", "folder/"]

    answers = send_zip(as_mara, photo_set, packed([*((name, b"x") for name in hidden), ("a.jpg", PHOTO)]))

    assert refusals(answers) == {}
    assert photo_set.photos.count() == 1


def test_names_that_macs_write_are_read(as_mara, photo_set):
    content = packed([("xxxxx.jpg", PHOTO)]).replace(b"xxxxx.jpg", "été.jpg".encode())

    send_zip(as_mara, photo_set, content)

    assert photo_set.photos.get().display_name == "été.jpg"


def written_by_old_programs(entries):
    """A zip whose names are exactly these bytes, without a word on how to read them; an extra field beside each."""
    out = directory = b""
    for name, content, extra in entries:
        said = struct.pack(
            "<HHHHHIIIHH", 20, 0, 0, 0, 0x21, zlib.crc32(content), *[len(content)] * 2, len(name), len(extra)
        )
        directory += b"PK\1\2\x14\0" + said + struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + name + extra
        out += b"PK\3\4" + said + name + extra + content
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, *[len(entries)] * 2, len(directory), len(out), 0)
    return out + directory + end


@pytest.mark.parametrize(
    ("code", "letters"),
    [("cp932", "写表ソ十能"), ("gbk", "沙発俓乗"), ("big5", "功許蓋枯"), ("euc_kr", "사진"), ("cp866", "ФЖ")],
)
def test_no_photo_is_lost_for_its_name_whatever_wrote_it(as_mara, photo_set, code, letters):
    names = [f"{folder}{letter}.jpg".encode(code) for letter in letters for folder in ("", f"{letters}/")]
    content = written_by_old_programs([(name, photo(number), b"") for number, name in enumerate(names)])
    assert refusals(send_zip(as_mara, photo_set, content)) == {}
    assert photo_set.photos.count() == len(names)


def test_a_photo_without_a_name_is_a_photo(as_mara, photo_set):
    names = [b"", b"\0.jpg", b".jpg", b"folder/.HEIC", b"...jpg"]
    content = written_by_old_programs([(name, photo(number), b"") for number, name in enumerate(names)])
    assert refusals(send_zip(as_mara, photo_set, content)) == {}
    assert photo_set.photos.count() == len(names)


@pytest.mark.parametrize(("of", "shown"), [(b"?.jpg", "表.jpg"), (b"another.jpg", "?.jpg")])
def test_the_name_in_utf_8_beside_an_old_one_is_read_while_it_is_of_that_one(as_mara, photo_set, of, shown):
    body = b"\1" + struct.pack("<I", zlib.crc32(of)) + "表.jpg".encode()
    extra = struct.pack("<HH", 0x7075, len(body)) + body
    send_zip(as_mara, photo_set, written_by_old_programs([(b"?.jpg", photo(1), extra)]))
    assert photo_set.photos.get().display_name == shown


def test_a_link_in_a_zip_is_not_followed(as_mara, photo_set):
    link = zipfile.ZipInfo("passwd.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    said = refusals(send_zip(as_mara, photo_set, packed([(link, b"/etc/passwd")])))

    assert said["passwd.jpg"].startswith("This is not a photo.")


def test_files_behind_a_password_are_named(as_mara, photo_set):
    content = bytearray(packed([("a.jpg", PHOTO)]))
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1

    assert "locked with a password" in refusals(send_zip(as_mara, photo_set, bytes(content)))["a.jpg"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_ways_of_packing_are_named(as_mara, photo_set, method):
    said = refusals(send_zip(as_mara, photo_set, packed([("a.jpg", PHOTO)], method)))

    assert "unusual way" in said["a.jpg"]


def test_a_zip_of_thousands_is_refused_before_anything_is_unpacked(as_mara, photo_set):
    content = packed([(f"{n}.jpg", b"") for n in range(zip_reading.MOST_ENTRIES + 1)])

    started = time.process_time()
    said = refusals(send_zip(as_mara, photo_set, content))

    assert said == {"holiday.zip": zip_reading.TOO_MANY}
    assert time.process_time() - started < 5
    assert nothing_grows()


def test_a_zip_whose_list_is_enormous_is_not_read(as_mara, photo_set):
    content = packed([("n" * 60_000 + str(n), b"") for n in range(30)])

    assert refusals(send_zip(as_mara, photo_set, content)) == {"holiday.zip": zip_reading.TOO_MANY}


def test_a_bomb_is_refused_before_it_is_unpacked(as_mara, photo_set):
    bomb = packed([("bomb.jpg", PHOTO + bytes(150 << 20))])
    assert len(bomb) < 1 << 20

    started = time.process_time()
    assert refusals(send_zip(as_mara, photo_set, bomb)) == {"holiday.zip": zip_reading.BOMB}
    assert time.process_time() - started < 5


def test_a_file_over_the_limit_is_named_and_the_others_go_on(as_mara, photo_set, settings):
    settings.MAX_PHOTO_MB = 1
    files = [("big.jpg", PHOTO + bytes(3 << 20)), ("a.jpg", photo(1))]

    said = refusals(send_zip(as_mara, photo_set, packed(files)))

    assert said == {"big.jpg": "This file is larger than 1 MB. Save a smaller copy and send that."}
    assert [found.display_name for found in photo_set.photos.all()] == ["a.jpg"]


def test_a_bomb_that_lies_about_its_size_is_cut_off(as_mara, photo_set, own_media):
    content = bytearray(packed([("bomb.jpg", PHOTO + bytes(30 << 20))]))
    claimed = struct.pack("<I", 5000)
    content[22:26] = claimed
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = claimed

    said = refusals(send_zip(as_mara, photo_set, bytes(content)))

    assert said == {"bomb.jpg": "This file is damaged inside the zip."}
    assert sum(path.stat().st_size for path in own_media.rglob("*") if path.is_file()) == 0


def test_a_set_that_gets_full_says_once_how_many_are_left(as_mara, photo_set, settings):
    settings.MAX_PHOTOS_PER_SET = 2

    said = refusals(send_zip(as_mara, photo_set, packed([(f"{n}.jpg", photo(n)) for n in range(6)])))

    assert list(said) == ["2.jpg"]
    assert said["2.jpg"].endswith("3 more of this zip were left out, too.")
    assert photo_set.photos.count() == 2
    assert nothing_grows()


@pytest.mark.parametrize("percent", [1, 50, 99])
def test_a_zip_that_was_cut_off_is_refused(as_mara, photo_set, percent):
    content = packed([(f"{n}.jpg", photo(n)) for n in range(3)])

    said = refusals(send_zip(as_mara, photo_set, content[: max(30, len(content) * percent // 100)]))

    assert said == {"holiday.zip": zip_reading.DAMAGED}
    assert nothing_grows()


def test_an_empty_zip_says_so(as_mara, photo_set):
    assert refusals(send_zip(as_mara, photo_set, packed([]))) == {"holiday.zip": "There are no photos in this zip."}


def test_a_damaged_file_is_named_and_the_others_go_on(as_mara, photo_set):
    content = bytearray(packed([("a.jpg", photo(1)), ("b.jpg", photo(2))], zipfile.ZIP_STORED))
    content[200] ^= 0xFF

    assert refusals(send_zip(as_mara, photo_set, bytes(content))) == {"a.jpg": "This file is damaged inside the zip."}
    assert [found.display_name for found in photo_set.photos.all()] == ["b.jpg"]


def test_damage_anywhere_is_never_a_server_error(as_mara, photo_set, settings):
    whole = packed([("a.jpg", pictures.saved(pictures.upright(64, 64), "JPEG")), ("b.txt", b"text")])
    for place in range(0, len(whole), 7):
        content = bytearray(whole)
        content[place] ^= 0xFF
        answers = send_zip(as_mara, photo_set, bytes(content), nonce=f"damaged-at-{place}")
        assert {answer.status_code for answer in answers} <= {200, 400, 413}
        assert all(sentence.endswith(".") for sentence in refusals(answers).values())


def test_a_photo_behind_which_a_zip_hides_is_a_photo(as_mara, photo_set):
    assert send_zip(as_mara, photo_set, PHOTO + packed([("a.jpg", photo(1))]))[0].status_code == 200
    assert photo_set.photos.count() == 1


def test_without_scripts_a_zip_is_unpacked_too(as_mara, photo_set, studio):
    sent = SimpleUploadedFile("holiday.zip", packed([("a.jpg", photo(1)), ("notes.pdf", b"%PDF-1.7")]))
    address = reverse("photo_upload", args=[studio.slug, photo_set.pk])

    answer = as_mara.post(address, {"photos": [sent, jpeg("b.jpg", 400)], "nonce": "nonce-of-the-form"})

    assert answer.status_code == 400
    assert "notes.pdf" in answer.text
    assert [found.display_name for found in photo_set.photos.in_order()] == ["a.jpg", "b.jpg"]


def test_without_scripts_a_zip_may_be_larger_than_a_photo(as_mara, photo_set, settings):
    settings.MAX_PHOTO_MB, settings.MAX_ZIP_MB = 1, 3
    files = [(f"{n}.jpg", photo(n) + bytes(700_000)) for n in range(3)]
    content = packed(files, zipfile.ZIP_STORED)
    assert len(content) > 2 << 20

    assert send(as_mara, photo_set, SimpleUploadedFile("holiday.zip", content)).status_code == 200
    assert photo_set.photos.count() == 3


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


LIVE = ["IMG_1.HEIC", "IMG_1.MOV", "IMG_1.AAE", "IMG_E2.jpg", "img_e2.mov", "a/IMG_3.mov"]


def test_what_accompanies_live_photos_is_left_out_of_a_zip_with_one_number(as_mara, photo_set):
    contents = [HEIC, MOVIE, b"<?xml", photo(1), MOVIE, MOVIE]
    answers = send_zip(as_mara, photo_set, packed(list(zip(LIVE, contents, strict=True))))
    assert list(refusals(answers)) == ["IMG_3.mov"], "a video without a photo is one that somebody meant to send"
    assert sum(answer.json().get("companions", 0) for answer in answers) == 3
    assert photo_set.photos.count() == 2


def test_without_scripts_what_accompanies_live_photos_is_told_in_one_line(as_mara, photo_set, studio):
    files = [
        SimpleUploadedFile("IMG_1.HEIC", HEIC),
        *(SimpleUploadedFile(f"IMG_1.{end}", MOVIE) for end in ("MOV", "AAE")),
    ]
    address = reverse("photo_upload", args=[studio.slug, photo_set.pk])
    page = as_mara.post(address, {"photos": files, "nonce": "n"}, follow=True)
    assert "Left out: 2 files that belong to Live Photos (.MOV, .AAE)." in page.content.decode()
    assert "not a photo" not in page.content.decode()
    assert photo_set.photos.count() == 1
