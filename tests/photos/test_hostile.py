"""Whatever is wrong with a file, the answer is one sentence, soon, and nothing of ours dies."""

import os
import random
import resource
import signal
import struct
import subprocess
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from jobs.photos import child, intake, limits, sniff
from tests.photos import pictures
from tests.photos.grids import camera_heic, deep_heic

pytestmark = pytest.mark.usefixtures("cold_child")

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF")

NOT_PHOTOS = {
    "nothing": b"",
    "one byte": b"\xff",
    "text": b"Dear Mara, here are the photos you asked for." * 100,
    "SVG with script": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "SVG with declaration": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "HTML": b"<!DOCTYPE html><script>alert(1)</script>",
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99999 99999\n",
    "binary EPS": b"\xc5\xd0\xd3\xc6" + bytes(26),
    "MVG": b"push graphic-context\nviewbox 0 0 640 480\nfill 'url(https://example.com/\"|ls)'\n",
    "GIF": pictures.saved(pictures.upright(), "GIF"),
    "GIF of 65 535 squared": pictures.gif_claiming(65_535, 65_535),
    "BMP": pictures.saved(pictures.upright(), "BMP"),
    "ICO": pictures.saved(pictures.upright(256, 256), "ICO"),
    "PPM bomb": b"P6\n60000 60000\n255\n",
    "zip": b"PK\x03\x04" + bytes(60),
    "video": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(99),
    "iPhone video": b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(99),
    "unknown box": b"\0\0\0\x14ftypjp2 \0\0\0\0jp2 " + bytes(99),
    "PHP": b"<?php system($_GET['c']); ?>",
    "EICAR": rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
    "HTML with the PNG signature": b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script></html>",
    "script with the JPEG signature": b"\xff\xd8\xff\xe0=alert(1);//" + bytes(99),
    "HTML with the WebP signature": b"RIFF\0\1\0\0WEBP<script>alert(1)</script>",
    "TIFF without a picture": b"II*\0\x08\0\0\0\0\0\0\0\0\0",
    "TIFF that points at itself": b"II*\0\x08\0\0\0\x01\0\0\1\4\0\1\0\0\0\1\0\0\0\x08\0\0\0",
    "HEIC without a picture": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200),
    "AVIF without a picture": b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(200),
}
"""Files that are no photo or only claim to be."""

BOMBS = {
    "PNG of 65 536 squared": pictures.png_bomb(),
    "PNG of 30 000 squared": pictures.png_bomb(30_000, 30_000),
    "PNG of 7 000 squared": pictures.png_bomb(7_000, 7_000),
    "PNG with 200 MB of text": pictures.text_bomb(),
    "PNG with a profile of 200 MB": pictures.profile_bomb(),
    "JPEG of 4 gigapixels": pictures.jpeg_claiming(65_500, 65_500),
    "JPEG of 300 megapixels": pictures.jpeg_claiming(20_000, 15_000),
    "1 × 1": pictures.saved(Image.new("RGB", (1, 1)), "PNG"),
    "1 × 30 000": pictures.saved(Image.new("RGB", (1, 30_000)), "PNG"),
    "30 000 × 1": pictures.saved(Image.new("RGB", (30_000, 1)), "JPEG"),
}
"""Pictures of impossible sizes."""


def seconds_to_refuse(content):
    """Of processor time, the child's and ours."""
    started = processor_seconds()
    with pytest.raises(intake.Unreadable) as refused:
        intake.prepare(content)
    assert type(refused.value) is intake.Unreadable, "the child crashed"
    assert refused.value.sentence.endswith(".")
    assert len(refused.value.sentence) <= 300
    return processor_seconds() - started


def processor_seconds():
    return time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def outcome(content):
    try:
        intake.prepare(content)
    except intake.Interrupted as crash:
        raise AssertionError("the child crashed") from crash
    except intake.Unreadable as refused:
        return refused.sentence
    return "read"


@pytest.mark.parametrize("content", NOT_PHOTOS.values(), ids=NOT_PHOTOS.keys())
def test_what_is_not_a_photo_is_refused_in_a_sentence(content):
    assert seconds_to_refuse(content) < 10


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS.keys())
def test_bombs_are_refused_in_a_sentence(content):
    assert seconds_to_refuse(content) < 10


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("percent", [0, 1, 50])
def test_a_truncated_photo_is_refused(file_format, percent):
    content = pictures.saved(pictures.photo(400, 300), file_format)

    assert seconds_to_refuse(content[: len(content) * percent // 100]) < 10


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_photo_that_lacks_its_last_bytes_is_read_or_refused(file_format):
    content = pictures.saved(pictures.photo(400, 300), file_format)

    assert outcome(content[: len(content) * 99 // 100]) in ("read", child.UNREADABLE)


@pytest.mark.parametrize("file_format", FORMATS)
def test_damaged_photos_never_crash_anything(file_format):
    chance = random.Random(20_261_121)
    for _ in range(12):
        content = bytearray(pictures.saved(pictures.upright(), file_format))
        for _ in range(chance.choice([1, 3, 30])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        assert outcome(bytes(content))


def test_a_page_hidden_behind_a_photo_is_not_in_what_we_keep():
    content = pictures.saved(pictures.upright(), "JPEG") + b"<script>alert('canary')</script>" * 9

    prepared = intake.prepare(content)

    assert b"canary" not in prepared.jpeg
    assert b"canary" not in prepared.thumbnail


def test_a_page_inside_a_photos_comment_is_not_in_what_we_keep():
    prepared = intake.prepare(pictures.saved(pictures.upright(), "JPEG", comment=b"*/=alert('canary')//"))

    assert b"canary" not in prepared.jpeg


def test_camera_raw_files_are_named_as_such():
    content = bytearray(pictures.saved(pictures.upright(), "TIFF", tiffinfo={254: 1}))

    with pytest.raises(intake.Unreadable, match="raw file"):
        intake.prepare(bytes(content))


def little_tiff(*tags):
    """The beginning of a TIFF with short values; NEF and ARW, DNG and CR2 are TIFFs by their first bytes."""
    entries = b"".join(struct.pack("<HHIHH", tag, 3, 1, value, 0) for tag, value in tags)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(400)


NAMED = {
    "raw file": {
        "DNG": little_tiff((254, 0), (259, 1), (50706, 1)),
        "NEF, ARW": little_tiff((254, 1), (259, 6)),
        "CR2": little_tiff((254, 1)),
        "PEF": little_tiff((254, 0), (259, 65535)),
        "CR3": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(400),
        "RAF": b"FUJIFILMCCD-RAW 0201" + bytes(400),
        "ORF": b"IIRO\x08\0\0\0" + bytes(400),
        "RW2": b"IIU\0\x18\0\0\0" + bytes(400),
    },
    "JPEG XL": {"stream": b"\xff\x0a" + bytes(99), "box": b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(99)},
    "JPEG 2000": {"box": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(99), "stream": b"\xff\x4f\xff\x51" + bytes(99)},
    "video": {
        "MP4": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(400),
        "MOV": b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(400),
        "old MOV": b"\0\0\0\x08wide\0\0\1\0mdat" + bytes(400),
        "3GP": b"\0\0\0\x18ftyp3gp4\0\0\0\0isom3gp4" + bytes(400),
        "AVI": b"RIFF\0\0\1\0AVI LIST" + bytes(400),
        "MKV, WebM": b"\x1aE\xdf\xa3\x9fB\x86\x81\1" + bytes(400),
        "WMV": bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(400),
        "MPEG": b"\0\0\1\xba\x44" + bytes(400),
        "AVCHD": (b"\x47" + bytes(187)) * 3,
    },
}
TO_DO = {"raw file": "Export it as a JPEG", "video": "Send single pictures of it as JPEGs"}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, found in NAMED.items() for name in found])
def test_a_file_is_named_for_what_it_is_with_what_to_do(kind, name):
    head = NAMED[kind][name][: sniff.HEAD_BYTES]
    assert sniff.kind_of(head) is None
    assert kind in sniff.refusal_of(head)
    assert TO_DO.get(kind, "Save it as a JPEG") in sniff.refusal_of(head)


@pytest.mark.parametrize(("bits", "photometric"), [(16, 8), (8, 9), (8, 10)])
def test_lab_colours_that_cannot_be_read_are_named(bits, photometric):
    tags = [(256, 300), (257, 300), (258, bits), (259, 1), (262, photometric), (273, 200), (277, 1), (279, 9)]
    with pytest.raises(intake.Unreadable, match="such as Lab"):
        intake.prepare(little_tiff(*tags) + bytes(300 * 300 * 2))


def test_a_tiff_of_floating_point_colours_is_told_what_to_be_saved_as():
    # SampleFormat (339) says what the numbers of each colour are; Pillow reads them as whole ones only.
    content = bytearray(pictures.saved(Image.new("RGB", (80, 80)), "TIFF", tiffinfo={339: (3, 3, 3)}))

    with pytest.raises(intake.Unreadable, match="floating-point numbers"):
        intake.prepare(bytes(content))


def test_a_lab_tiff_of_8_bits_is_read():
    assert intake.prepare(pictures.saved(Image.new("LAB", (300, 260), (120, 200, 180)), "TIFF")).width == 300


def test_sentences_say_what_the_file_is():
    said = {}
    for name in ("nothing", "GIF", "PDF", "video", "iPhone video", "HTML", "zip"):
        with pytest.raises(intake.Unreadable) as refused:
            intake.prepare(NOT_PHOTOS[name])
        said[name] = refused.value.sentence.partition(".")[0]

    assert said == {
        "nothing": "This file is empty",
        "GIF": "This is a GIF",
        "PDF": "This is a PDF, not a photo",
        "video": "This is a video, not a photo",
        "iPhone video": "This is a video, not a photo",
        "HTML": "This is a drawing or a web page, not a photo",
        "zip": "This is an archive or a document, not a photo",
    }


def test_the_child_may_not_use_more_memory_than_it_is_given():
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from jobs.photos import child\nchild.restrain()\nbytearray(600 << 20)\n"
    )
    ended = subprocess.run([intake.sys.executable, "-I", "-c", script, intake._ROOT], capture_output=True, check=False)

    assert b"MemoryError" in ended.stderr


def test_a_picture_that_takes_all_memory_is_refused_in_a_sentence(tmp_path):
    content = pictures.saved(Image.new("RGBA", (7000, 7000)), "PNG")

    refused, most = outcome_in_a_small_process(content, tmp_path)

    assert "memory" in refused
    assert most < 512 * 1024


@pytest.mark.parametrize("photo", [camera_heic(16, 12), deep_heic(8, 6)], ids=["48 MP", "12 MP of 10 bits"])
def test_a_cameras_heic_is_read_within_the_memory_of_a_child(photo, tmp_path):
    refused, most = outcome_in_a_small_process(photo, tmp_path)

    assert refused == ""
    assert most < 512 * 1024


def test_a_heic_that_needs_more_memory_is_not_called_damaged(tmp_path):
    refused, most = outcome_in_a_small_process(deep_heic(16, 12), tmp_path)

    assert refused == child.TOO_MUCH
    assert most < 512 * 1024


def outcome_in_a_small_process(content: bytes, folder: Path) -> tuple[str, int]:
    """The refusal of *content* and the KB its child took: Linux counts what the parent held as the child's too."""
    (folder / "picture").write_bytes(content)
    script = (
        "import resource, sys; from pathlib import Path; from jobs.photos import intake\n"
        "try: intake.prepare(Path(sys.argv[1]).read_bytes())\n"
        "except intake.Unreadable as refusal: print(refusal)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    command = [intake.sys.executable, "-c", script, str(folder / "picture")]
    said = subprocess.run(command, cwd=intake._ROOT, capture_output=True, text=True, check=True).stdout
    refused, _, most = said.strip().rpartition("\n")
    return refused, int(most)


@pytest.mark.usefixtures("cold_child")
def test_a_picture_that_takes_all_time_is_refused_at_the_first_try(monkeypatch):
    in_a_second = "; from jobs.photos import limits; limits.CHILD_CPU_SECONDS = 1; from jobs.photos.child"
    monkeypatch.setattr(intake, "_START", intake._START.replace("; from jobs.photos.child", in_a_second))

    assert outcome(pictures.scan_bomb()) == intake._SLOW


def test_a_child_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(limits, "CHILD_WALL_SECONDS", 0.01)

    with pytest.raises(intake.Unreadable, match="too long"):
        intake.prepare(pictures.saved(pictures.upright(), "JPEG"))


def test_a_child_that_is_killed_is_worth_another_try(tmp_path):
    fifo = tmp_path / "slow.jpg"
    os.mkfifo(fifo)
    threading.Thread(target=kill_the_child_that_reads, args=(fifo,), daemon=True).start()

    with pytest.raises(intake.Interrupted):
        intake.prepare(fifo)


def kill_the_child_that_reads(fifo):
    give_up = time.monotonic() + 30
    with fifo.open("wb"):
        while not (found := [child_id for child_id in our_children() if is_decoding(child_id)]):
            assert time.monotonic() < give_up, "no child came"
            time.sleep(0.05)
        for child_id in found:
            os.kill(child_id, signal.SIGKILL)


def is_decoding(child_id):
    return b"jobs.photos.child" in Path(f"/proc/{child_id}/cmdline").read_bytes()


def our_children():
    lists = [(task / "children").read_text() for task in Path("/proc/self/task").iterdir()]
    return [int(child_id) for line in lists for child_id in line.split()]


def test_many_at_once_are_no_trouble():
    content = pictures.saved(pictures.upright(), "JPEG")
    widths = []
    threads = [threading.Thread(target=lambda: widths.append(intake.prepare(content).width)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert widths == [300] * 8


def test_nothing_is_left_open():
    before = len(list(Path("/proc/self/fd").iterdir()))
    outcome(pictures.saved(pictures.upright(), "JPEG"))
    outcome(b"no photo")

    assert len(list(Path("/proc/self/fd").iterdir())) == before
