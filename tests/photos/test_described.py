"""What pictures say of themselves in boxes that Pillow passes over: colours in numbers, and the part to show."""

import struct

import pytest

from jobs.photos import intake
from tests.photos.grids import TILE, grid
from tests.photos.test_prepare import corners, opened

P3, BT2020, SRGB_CURVE, PQ, HLG = 12, 9, 13, 16, 18


def middle(content: bytes) -> tuple[int, ...]:
    prepared = opened(intake.prepare(content).jpeg)
    return prepared.getpixel((prepared.width // 2, prepared.height // 2))


def described(colour, primaries, transfer, file_format="AVIF"):
    """A picture of one *colour*, the numbers of which mean something else."""
    colr = b"colrnclx" + struct.pack(">HHHB", primaries, transfer, 6, 0x80)
    return grid(file_format, colours=[colour] * 4, also=colr)


@pytest.mark.parametrize("file_format", ["AVIF", "HEIF"])
def test_green_of_display_p3_is_not_washed_out(file_format):
    red, green, blue = middle(described((120, 200, 90), P3, SRGB_CURVE, file_format))

    assert (red, green, blue) == pytest.approx((89, 202, 71), abs=5)  # worked out from the primaries of both


def test_paper_white_of_hdr_is_nearly_white_and_what_is_brighter_is_white():
    # SMPTE ST 2084: 203 nits is 58 % of the signal, 1 000 nits 75 %.
    grey = middle(described((148, 148, 148), BT2020, PQ))
    bright = middle(described((192, 192, 192), BT2020, PQ))

    assert min(grey) > 235
    assert min(bright) > 252
    assert max(grey) - min(grey) <= 3


def test_hlg_is_read_as_such():
    # ITU-R BT.2408: paper white is 75 % of the signal, a grey card (26 nits of 203) 38 %.
    assert min(middle(described((191, 191, 191), BT2020, HLG))) > 235
    assert middle(described((97, 97, 97), BT2020, HLG)) == pytest.approx((100, 100, 100), abs=12)


def test_what_says_that_it_is_srgb_stays_as_it_is():
    assert middle(described((120, 200, 90), 1, SRGB_CURVE)) == pytest.approx((120, 200, 90), abs=3)


def test_of_an_avif_only_the_part_to_show_is_taken():
    # The right half, which is moved by half a tile from the middle.
    content = grid("AVIF", also=b"clap" + struct.pack(">IIIIiIiI", TILE, 1, 2 * TILE, 1, TILE, 2, 0, 1))

    prepared = intake.prepare(content)

    assert prepared.full == (prepared.width, prepared.height) == (TILE, 2 * TILE)
    assert corners(opened(prepared.jpeg)) == ("lime", "lime", "white", "white")


@pytest.mark.parametrize("clap", [bytes(32), struct.pack(">IIIIiIiI", 999, 1, TILE, 1, 0, 1, 0, 1)])
def test_a_part_that_cannot_be_is_passed_over(clap):
    assert intake.prepare(grid("AVIF", also=b"clap" + clap)).full == (2 * TILE, 2 * TILE)
