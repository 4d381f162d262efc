"""Which part of a photo is sent, and that exactly this part comes out."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat

from jobs.photos import crop, intake
from jobs.photos.crop import Mode, Shape
from tests.photos import pictures
from tests.photos.test_prepare import corners, opened
from tests.properties import given, st

FACE = (0.7, 0.1, 0.1, 0.2)
"""A face in the right upper part of a photo."""

sides = st.integers(1, 4096)
fractions = st.floats(-3, 3) | st.sampled_from([float("nan"), float("inf"), -float("inf"), 1e300])


def ratio(box, size):
    _, _, width, height = crop.pixels(box, size)
    return width / height


@pytest.mark.parametrize(("shape", "expected"), [(Shape.SQUARE, 1.0), (Shape.UPRIGHT, 2 / 3), (Shape.WIDE, 1.5)])
def test_the_middle_is_as_large_as_the_shape_allows(shape, expected):
    size = (2048, 1536)
    box = crop.automatic(Mode.CENTRE, shape, size, None)
    left, top, width, height = crop.pixels(box, size)
    assert abs(width / height - expected) < 0.002
    assert width == 2048 or height == 1536
    assert abs(left - (2048 - width - left)) <= 1
    assert abs(top - (1536 - height - top)) <= 1


def test_of_no_shape_the_middle_is_the_whole_photo():
    assert crop.automatic(Mode.CENTRE, Shape.FREE, (2048, 1536), None) == crop.WHOLE


def test_a_face_is_inside_and_not_lost():
    size = (3000, 2000)
    left, top, width, height = crop.automatic(Mode.FACE, Shape.SQUARE, size, [FACE])
    assert left <= FACE[0]
    assert FACE[0] + FACE[2] <= left + width
    assert top <= FACE[1]
    assert FACE[1] + FACE[3] <= top + height
    assert FACE[3] / height >= 0.24


def test_a_small_face_is_not_cropped_below_what_a_model_learns_from():
    box = crop.automatic(Mode.FACE, Shape.SQUARE, (2048, 1536), [(0.5, 0.5, 0.02, 0.03)])
    assert crop.pixels(box, (2048, 1536))[2:] == (512, 512)


def test_without_a_face_it_is_the_middle():
    size = (2048, 1536)
    centre = crop.automatic(Mode.CENTRE, Shape.SQUARE, size, None)
    assert crop.automatic(Mode.FACE, Shape.SQUARE, size, []) == centre
    assert crop.automatic(Mode.FACE, Shape.SQUARE, size, None) == centre


@given(sides, sides, st.sampled_from(Mode), st.sampled_from(Shape), st.tuples(*[st.floats(-0.5, 1.5)] * 4))
def test_an_automatic_part_lies_inside_any_photo(width, height, mode, shape, face):
    left, top, wide, high = crop.pixels(crop.automatic(mode, shape, (width, height), [face]), (width, height))
    assert 0 <= left < left + wide <= width
    assert 0 <= top < top + high <= height


@given(sides, sides, st.sampled_from(Shape), st.tuples(fractions, fractions, fractions, fractions))
def test_whatever_is_asked_for_by_hand_lies_inside_or_is_refused(width, height, shape, asked):
    try:
        box = crop.by_hand(asked, shape, (width, height))
    except crop.TooSmall:
        return
    left, top, wide, high = crop.pixels(box, (width, height))
    assert 0 <= left < left + wide <= width
    assert 0 <= top < top + high <= height


def test_by_hand_the_shape_is_kept():
    assert abs(ratio(crop.by_hand((0.1, 0.2, 0.5, 0.9), Shape.SQUARE, (2000, 1000)), (2000, 1000)) - 1) < 0.002


def test_what_was_kept_is_the_same_when_it_is_asked_for_again():
    size = (1537, 2049)
    box = crop.by_hand((0.123456, 0.2, 0.5, 0.4), Shape.SQUARE, size)
    assert crop.by_hand(box, Shape.SQUARE, size) == box


def test_too_small_a_part_is_refused():
    with pytest.raises(crop.TooSmall):
        crop.by_hand((0.1, 0.1, 0.01, 0.01), Shape.FREE, (2000, 1500))


def test_exactly_the_part_comes_out_and_nothing_else():
    prepared = intake.prepare(pictures.saved(pictures.upright(800, 600), "PNG"))

    made = intake.crop(prepared.jpeg, (0.5, 0.0, 0.5, 0.5))

    assert (made.width, made.height) == (400, 300)
    assert opened(made.jpeg).size == (400, 300)
    assert set(corners(opened(made.jpeg))) == {"lime"}
    assert set(corners(opened(made.thumbnail))) == {"lime"}
    assert not Image.open(BytesIO(made.jpeg)).getexif()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "TIFF", "HEIF"])
def test_of_an_original_the_part_comes_out_upright_and_without_metadata(file_format, orientation):
    lying = pictures.sideways(orientation, 800, 600)
    original = pictures.saved(lying, file_format, exif=pictures.exif(orientation), quality=95)

    made = intake.crop(original, (0.5, 0.0, 0.5, 0.5))

    assert (made.width, made.height) == (400, 300)
    assert set(corners(opened(made.jpeg))) == {"lime"}
    assert b"Canary" not in made.jpeg


def test_out_of_an_original_comes_all_the_detail_that_a_prepared_photo_may_have():
    smooth = pictures.photo(2400, 1800).filter(ImageFilter.GaussianBlur(1.5))
    original = pictures.saved(smooth, "JPEG", quality=90, subsampling=0)
    box = (0.25, 0.25, 0.25, 1 / 3)
    prepared = intake.prepare(original)

    small, large = intake.crop(prepared.jpeg, box), intake.crop(original, box)

    assert prepared.full == (2400, 1800)
    assert (small.width, small.height) == (512, 512)
    assert (large.width, large.height) == (600, 600)
    again = opened(large.jpeg).resize((512, 512), Image.Resampling.LANCZOS)
    assert _apart(again, opened(small.jpeg)) < 4, "it is the same part"
    assert _apart(again, ImageChops.offset(opened(small.jpeg), 2, 0)) > 8


def _apart(one, other):
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.parametrize(
    ("box", "full", "expected"),
    [
        ((0.0, 0.0, 0.5, 0.5), (0, 0), (1024, 768)),  # the original is not kept
        ((0.0, 0.0, 0.5, 0.5), (2048, 1536), (1024, 768)),  # it has no more
        ((0.0, 0.0, 0.5, 0.5), (2400, 1800), (1200, 900)),
        ((0.0, 0.0, 0.5, 0.5), (8000, 6000), (2048, 1536)),  # and is not larger than what is prepared
        ((0.0, 0.0, 1.0, 0.7), (8000, 6000), (2048, 1075)),  # there is enough
        (crop.WHOLE, (8000, 6000), (2048, 1536)),
        ((0.0, 0.0, 0.1, 0.1), (16_000, 12_000), (800, 600)),  # too large to be held whole
    ],
)
def test_so_many_pixels_are_sent_of_a_photo_that_was_prepared_at_2048(box, full, expected):
    assert crop.sent_size(box, (2048, 1536), full) == expected


def test_the_same_part_is_the_same_file():
    prepared = intake.prepare(pictures.saved(pictures.upright(800, 600), "PNG"))
    assert intake.crop(prepared.jpeg, (0.1, 0.1, 0.3, 0.4)) == intake.crop(prepared.jpeg, (0.1, 0.1, 0.3, 0.4))


def test_what_is_no_photo_is_not_cropped():
    with pytest.raises(intake.Unreadable):
        intake.crop(b"not a picture", (0.0, 0.0, 0.5, 0.5))
