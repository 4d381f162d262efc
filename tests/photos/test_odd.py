"""Photos as odd as phones, scanners and editors make them come out as they look there, to the pixel."""

import struct
import zipfile
import zlib
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image, ImageChops, ImageStat

from jobs.photos import intake
from tests.photos import pictures
from tests.photos.grids import grid
from tests.photos.test_hostile import seconds_to_refuse
from tests.photos.test_prepare import FORMATS, corners, opened

UNLIKE_ANY_TURN = pictures.photo(320, 200)
"""Busy all over, and different from itself however it is turned or mirrored."""


def difference(one, other):
    """How far two pictures of one size are apart: the mean over all pixels, of 255."""
    assert one.size == other.size
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", FORMATS)
def test_every_pixel_stands_where_it_belongs_in_every_orientation(file_format, orientation):
    turn = pictures.SENSOR[orientation]
    seen = UNLIKE_ANY_TURN if turn is None else UNLIKE_ANY_TURN.transpose(turn)
    content = pictures.saved(seen, file_format, exif=pictures.exif(orientation), quality=95)

    out = opened(intake.prepare(content).jpeg)

    assert difference(out, UNLIKE_ANY_TURN) < 12
    for wrong in Image.Transpose:
        turned = UNLIKE_ANY_TURN.transpose(wrong)
        assert turned.size != out.size or difference(out, turned) > 40


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_is_turned_by_its_exif_where_nothing_else_says_how(orientation):
    turn = pictures.SENSOR[orientation]
    seen = UNLIKE_ANY_TURN if turn is None else UNLIKE_ANY_TURN.transpose(turn)
    content = pictures.saved(seen, "HEIF", exif=pictures.exif(1), quality=95)
    upright = next(entry for order in "<>" if (entry := struct.pack(f"{order}HHIH", 0x0112, 3, 1, 1)) in content)
    turned = upright[:-2] + (bytes([orientation, 0]) if upright[0] == 0x12 else bytes([0, orientation]))
    assert b"irot" not in content

    prepared = intake.prepare(content.replace(upright, turned))

    assert (prepared.width, prepared.height) == prepared.full == UNLIKE_ANY_TURN.size
    assert difference(opened(prepared.jpeg), UNLIKE_ANY_TURN) < 12


@pytest.mark.parametrize("file_format", ["HEIF", "AVIF"])
def test_a_photo_made_of_tiles_is_put_together(file_format):
    out = intake.prepare(grid(file_format))

    assert (out.width, out.height) == (256, 256)
    assert corners(opened(out.jpeg)) == pictures.CORNERS


@pytest.mark.parametrize("file_format", ["HEIF", "AVIF"])
def test_a_photo_made_of_tiles_is_turned_as_it_says(file_format):
    assert corners(opened(intake.prepare(grid(file_format, turned=1)).jpeg)) == ("lime", "white", "red", "blue")


@pytest.mark.parametrize("file_format", ["HEIF", "AVIF"])
@pytest.mark.parametrize("size", [(65_000, 65_000), (1, 1), (0, 0), (257, 257)])
def test_tiles_that_do_not_fill_what_they_claim_are_refused(file_format, size):
    assert seconds_to_refuse(grid(file_format, width=size[0], height=size[1])) < 10


@pytest.mark.parametrize("file_format", ["HEIF", "AVIF"])
@pytest.mark.parametrize("percent", [1, 50, 80])
def test_tiles_that_are_cut_off_are_refused(file_format, percent):
    content = grid(file_format)

    assert seconds_to_refuse(content[: len(content) * percent // 100]) < 10


@pytest.mark.parametrize("primary", [0, 1, 2])
def test_the_picture_that_a_burst_names_is_taken(primary):
    frames = [Image.new("RGB", (300, 200), "black") for _ in range(3)]
    frames[primary] = pictures.upright()
    burst = pillow_heif.from_pillow(frames[0])
    for frame in frames[1:]:
        burst.add_from_pillow(frame)
    out = BytesIO()
    burst.save(out, primary_index=primary, quality=95)

    assert corners(opened(intake.prepare(out.getvalue()).jpeg)) == pictures.CORNERS


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "AVIF"])
def test_of_an_animation_the_first_picture_is_taken(file_format):
    others = [Image.new("RGB", (300, 200), "black")] * 3
    content = pictures.saved(
        pictures.upright(), file_format, save_all=True, append_images=others, duration=100, quality=95
    )
    with Image.open(BytesIO(content)) as moving:
        assert moving.n_frames > 1

    assert corners(opened(intake.prepare(content).jpeg)) == pictures.CORNERS


@pytest.mark.parametrize(("colours", "alpha"), [(2, 3), (6, 4)])
def test_16_bit_colour_png_is_read(colours, alpha):
    pixel = struct.pack(f">{alpha}H", *(0xFFFF, 0x8000, 0, 0xFFFF)[:alpha])
    rows = (b"\0" + pixel * 100) * 100
    header = pictures.png_chunk(b"IHDR", struct.pack(">IIBBBBB", 100, 100, 16, colours, 0, 0, 0))
    body = pictures.png_chunk(b"IDAT", zlib.compress(rows)) + pictures.png_chunk(b"IEND", b"")

    out = opened(intake.prepare(b"\x89PNG\r\n\x1a\n" + header + body).jpeg)

    assert all(abs(found - meant) < 6 for found, meant in zip(out.getpixel((50, 50)), (255, 128, 0), strict=True))


@pytest.mark.parametrize("depth", [10, 12])
def test_heic_of_more_than_8_bits_is_read(depth):
    pillow_heif.options.SAVE_HDR_TO_12_BIT = depth == 12
    try:
        picture = pillow_heif.from_bytes("RGB;16", (256, 256), struct.pack("<3H", 0xFFFF, 0x8000, 0) * 256 * 256)
        out = BytesIO()
        picture.save(out, quality=95)
    finally:
        pillow_heif.options.SAVE_HDR_TO_12_BIT = False

    found = opened(intake.prepare(out.getvalue()).jpeg).getpixel((128, 128))
    assert all(abs(one - meant) < 12 for one, meant in zip(found, (255, 128, 0), strict=True))


def test_cmyk_as_photoshop_writes_it_is_not_a_negative():
    """Adobe stores CMYK JPEGs inverted and marks them with an APP14 segment."""
    content = pictures.saved(pictures.upright().convert("CMYK"), "JPEG", quality=95)
    assert b"Adobe" in content

    assert corners(opened(intake.prepare(content).jpeg)) == pictures.CORNERS


def hidden_zip():
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("CANARY.html", "<script>alert('CANARY')</script>")
    return out.getvalue()


PAYLOADS = {
    "a page": b"<html><script>alert('CANARY')</script></html>",
    "PHP": b"<?php system('CANARY'); __HALT_COMPILER(); ?>",
    "a zip": hidden_zip(),
    "a program": b"\x7fELF CANARY",
    "PDF": b"%PDF-1.7\n%CANARY\n%%EOF",
}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
@pytest.mark.parametrize("file_format", FORMATS)
def test_what_hides_behind_a_photo_is_not_in_what_we_keep(file_format, payload):
    prepared = intake.prepare(pictures.saved(pictures.upright(), file_format, quality=95) + payload)

    assert b"CANARY" not in prepared.jpeg + prepared.thumbnail
    assert corners(opened(prepared.jpeg)) == pictures.CORNERS


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
@pytest.mark.parametrize("file_format", FORMATS)
def test_a_photo_that_hides_behind_something_else_is_refused(file_format, payload):
    assert seconds_to_refuse(payload + pictures.saved(pictures.upright(), file_format)) < 10
