"""Photos as one zip that is put together while it is read."""

import io
import random
import tracemalloc
import zipfile
import zlib

import pytest

from jobs.files import storage
from jobs.operations.photo_grants.archive import Member, PhotoArchive, TooLarge, measure


@pytest.fixture(autouse=True)
def nothing_stored(own_media):
    """Photos of this test only."""


def member(name: str, content: bytes) -> Member:
    stored = storage.put(1, "prepared", content, ".jpg").name
    return Member(name, stored, *measure(stored))


def contents(count: int) -> dict[str, bytes]:
    fresh = random.Random(1)
    return {f"ukj ({number}).jpg": fresh.randbytes(fresh.randrange(9000)) for number in range(count)}


def made(photos: dict[str, bytes]) -> PhotoArchive:
    return PhotoArchive([member(name, content) for name, content in photos.items()])


def whole(archive: PhotoArchive, most: int = 1000) -> bytes:
    archive.seek(0)
    read = b"".join(iter(lambda: archive.read(most), b""))
    archive.close()
    return read


@pytest.mark.parametrize("count", [1, 2, 60])
def test_the_archive_opens_and_holds_every_photo_under_its_name(count):
    photos = contents(count)
    archive = made(photos)
    with zipfile.ZipFile(io.BytesIO(whole(archive))) as opened:
        assert opened.testzip() is None
        assert {info.filename: opened.read(info) for info in opened.infolist()} == photos
        assert [info.compress_type for info in opened.infolist()] == [zipfile.ZIP_STORED] * count


def test_its_length_is_known_before_a_byte_is_read():
    archive = made(contents(9))
    assert archive.size == len(whole(archive))


def test_names_in_any_script_are_read_as_they_are():
    archive = made({"Jürgen 东京 (0).jpg": b"one", "plain (1).jpg": b""})
    with zipfile.ZipFile(io.BytesIO(whole(archive))) as opened:
        assert opened.namelist() == ["Jürgen 东京 (0).jpg", "plain (1).jpg"]


def test_the_same_photos_are_the_same_bytes_and_others_are_not():
    photos = contents(3)
    first, again, other = made(photos), made(photos), made(photos | {"ukj (1).jpg": b"another"})
    assert whole(first) == whole(again)
    assert first.sha256 == again.sha256 != other.sha256
    swapped = PhotoArchive([member(name, photos[photo]) for name, photo in zip(photos, reversed(photos), strict=True)])
    assert swapped.sha256 != first.sha256


def test_any_part_is_the_same_part_of_the_whole():
    archive = made(contents(5))
    everything = whole(archive)
    for start in range(0, archive.size, 37):
        archive.seek(start)
        most = 1 + start % 5000
        part = b""
        while len(part) < most and (chunk := archive.read(most - len(part))):
            part += chunk
        assert part == everything[start : start + most]
    archive.seek(archive.size)
    assert archive.read(1) == b""
    archive.close()


def test_reading_a_large_archive_holds_little_of_it_in_memory():
    photos = [member(f"{number}.jpg", random.Random(number).randbytes(4 << 20)) for number in range(16)]
    archive = PhotoArchive(photos)
    tracemalloc.start()
    archive.seek(0)
    crc = 0
    while chunk := archive.read(1 << 18):
        crc = zlib.crc32(chunk, crc)
    archive.close()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert archive.size > 64 << 20
    assert peak < 2 << 20


@pytest.mark.parametrize("sizes", [[2**32 - 1], [2**31, 2**31], [2**40], [0] * (2**16)])
def test_more_than_everybody_can_read_is_refused(sizes):
    with pytest.raises(TooLarge):
        PhotoArchive([Member(f"{number}.jpg", "stored", size, 0) for number, size in enumerate(sizes)])


def test_a_photo_that_is_gone_is_said_while_reading():
    archive = PhotoArchive([Member("ukj (0).jpg", "prepared/1/aa/gone.jpg", 10, 0)])
    with pytest.raises(FileNotFoundError):
        whole(archive)
