"""What people send comes out upright, in sRGB, small enough, and with nothing in it but the picture."""

from io import BytesIO

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from jobs.photos import intake, limits
from tests.photos import pictures

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF")


def opened(content):
    return Image.open(BytesIO(content)).convert("RGB")


def corners(image):
    """The colours in the middle of the picture's quarters, as words."""
    width, height = image.size
    middles = [(width // 4 + x * width // 2, height // 4 + y * height // 2) for y in (0, 1) for x in (0, 1)]
    return tuple(named(image.getpixel(middle)) for middle in middles)


def named(colour):
    names = {(0, 0, 0): "black", (1, 0, 0): "red", (0, 1, 0): "lime", (0, 0, 1): "blue", (1, 1, 1): "white"}
    return names.get(tuple(round(value / 255) for value in colour), str(colour))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", FORMATS)
def test_every_orientation_comes_out_upright(file_format, orientation):
    content = pictures.saved(pictures.sideways(orientation), file_format, exif=pictures.exif(orientation), quality=95)

    prepared = intake.prepare(content)

    assert (prepared.width, prepared.height) == prepared.full == (300, 200)
    assert corners(opened(prepared.jpeg)) == pictures.CORNERS
    assert corners(opened(prepared.thumbnail)) == pictures.CORNERS


@pytest.mark.parametrize("file_format", FORMATS)
def test_nothing_but_the_picture_comes_out(file_format):
    content = pictures.with_everything(file_format)
    assert b"Canary" in content or file_format == "PNG"

    prepared = intake.prepare(content)

    for made, picture_format in ((prepared.jpeg, "JPEG"), (prepared.thumbnail, "WEBP")):
        image = Image.open(BytesIO(made))
        assert image.format == picture_format
        assert not image.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment", "photoshop", "XML:com.adobe.xmp"} & set(image.info)
        assert b"Canary" not in made
        assert b"Exif" not in made
    assert corners(opened(prepared.jpeg)) == pictures.CORNERS


def test_a_photo_keeps_enough_for_a_crop_and_no_more():
    prepared = intake.prepare(pictures.saved(pictures.photo(4000, 3000), "JPEG"))

    assert (prepared.width, prepared.height) == (2048, 1536)
    assert opened(prepared.jpeg).size == (2048, 1536)
    assert opened(prepared.thumbnail).size == (512, 384)


def test_a_panorama_keeps_its_height():
    prepared = intake.prepare(pictures.saved(pictures.upright(9000, 1800), "JPEG"))

    assert (prepared.width, prepared.height) == (4096, 819)


def test_a_small_photo_is_not_enlarged():
    prepared = intake.prepare(pictures.saved(pictures.upright(70, 64), "PNG"))

    assert (prepared.width, prepared.height) == (70, 64)
    assert opened(prepared.thumbnail).size == (70, 64)


@pytest.mark.parametrize(
    ("mode", "file_format"),
    [
        ("1", "PNG"),
        ("1", "TIFF"),
        ("L", "JPEG"),
        ("L", "PNG"),
        ("LA", "PNG"),
        ("LA", "TIFF"),
        ("P", "PNG"),
        ("P", "TIFF"),
        ("RGBA", "PNG"),
        ("RGBA", "WEBP"),
        ("RGBA", "TIFF"),
        ("RGBA", "AVIF"),
        ("RGBA", "HEIF"),
        ("RGBX", "TIFF"),
        ("CMYK", "JPEG"),
        ("CMYK", "TIFF"),
        ("YCbCr", "TIFF"),
        ("LAB", "TIFF"),
        ("I", "TIFF"),
        ("I;16", "PNG"),
        ("I;16", "TIFF"),
        ("F", "TIFF"),
    ],
)
def test_every_way_of_storing_pixels_is_taken(mode, file_format):
    image = pictures.upright()
    if mode == "LAB":
        image = ImageCms.profileToProfile(
            image, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
        )
    elif mode in ("I", "I;16"):
        image = image.convert("L").convert("I").point(lambda value: value * 257 + 0).convert(mode)
    else:
        image = image.convert(mode)

    out = opened(intake.prepare(pictures.saved(image, file_format)).jpeg)

    dark, light = out.getpixel((75, 150)), out.getpixel((225, 150))
    assert min(light) > 240
    assert min(dark) < 60
    if mode not in ("1", "L", "LA", "I", "I;16", "F"):
        assert corners(out) == pictures.CORNERS


def test_16_bit_colour_is_scaled_and_not_cut_off():
    grey = Image.new("I;16", (100, 100), 0x8000)

    out = opened(intake.prepare(pictures.saved(grey, "PNG")).jpeg)

    assert abs(out.getpixel((50, 50))[0] - 128) <= 2


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "TIFF"])
def test_what_is_transparent_becomes_white(file_format):
    image = pictures.upright().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 150, 100))

    assert corners(opened(intake.prepare(pictures.saved(image, file_format)).jpeg))[0] == "white"


def test_a_transparent_palette_becomes_white():
    image = pictures.upright().quantize(4)
    corner = image.getpixel((10, 10))

    content = pictures.saved(image, "PNG", transparency=corner)

    assert corners(opened(intake.prepare(content).jpeg)) == ("white", "lime", "blue", "white")


@pytest.mark.parametrize(("file_format", "settings"), [("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {})])
def test_the_first_frame_of_several_is_taken(file_format, settings):
    other = Image.new("RGB", (300, 200), "black")
    content = pictures.saved(pictures.upright(), file_format, save_all=True, append_images=[other] * 3, **settings)

    assert corners(opened(intake.prepare(content).jpeg)) == pictures.CORNERS


def test_the_main_picture_of_a_heic_burst_is_taken():
    other = Image.new("RGB", (300, 200), "black")
    content = pictures.saved(pictures.upright(), "HEIF", save_all=True, append_images=[other], primary_index=0)

    assert corners(opened(intake.prepare(content).jpeg)) == pictures.CORNERS


def test_colours_follow_the_pictures_own_profile():
    plain = intake.prepare(pictures.saved(pictures.upright(), "PNG"))
    swapped = intake.prepare(pictures.saved(pictures.upright(), "PNG", icc_profile=pictures.wide_profile()))

    assert corners(opened(plain.jpeg)) == ("red", "lime", "blue", "white")
    assert corners(opened(swapped.jpeg)) == ("lime", "red", "blue", "white")


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("profile", [b"\0", b"not a profile" * 99, pictures.srgb_profile()[:200]])
def test_a_broken_or_foreign_profile_does_not_spoil_the_photo(mode, profile):
    content = pictures.saved(pictures.upright().convert(mode), "JPEG", icc_profile=profile, quality=95)

    out = opened(intake.prepare(content).jpeg)

    assert min(out.getpixel((225, 150))) > 240


def test_an_rgb_profile_on_a_grey_photo_is_passed_over():
    content = pictures.saved(pictures.upright().convert("L"), "PNG", icc_profile=pictures.srgb_profile())

    assert min(opened(intake.prepare(content).jpeg).getpixel((225, 150))) > 240


@pytest.mark.parametrize("garbage", [b"Exif\0\0garbage", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0"])
def test_broken_exif_data_does_not_spoil_the_photo(garbage):
    content = pictures.saved(pictures.upright(), "JPEG", exif=garbage, quality=95)

    assert corners(opened(intake.prepare(content).jpeg)) == pictures.CORNERS


def test_an_orientation_that_does_not_exist_counts_as_upright():
    content = pictures.saved(pictures.upright(), "JPEG", exif=pictures.exif(99), quality=95)

    assert corners(opened(intake.prepare(content).jpeg)) == pictures.CORNERS


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP"])
def test_an_orientation_that_stands_only_in_xmp_is_passed_over_as_in_browsers(file_format):
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    content = pictures.saved(pictures.upright(), file_format, xmp=xmp, quality=95)

    assert corners(opened(intake.prepare(content).jpeg)) == pictures.CORNERS


def test_a_generated_image_is_copied_losslessly_and_stripped():
    text = PngImagePlugin.PngInfo()
    text.add_text("parameters", "CanaryPrompt")
    image = pictures.photo(640, 512)

    picture = intake.reencode(pictures.saved(image, "PNG", pnginfo=text))

    assert (picture.width, picture.height) == (640, 512)
    assert b"CanaryPrompt" not in picture.png
    assert opened(picture.png).tobytes() == image.tobytes()
    assert opened(picture.thumbnail).size == (512, 410)
    assert [kind for kind, *_ in png_chunks(picture.png)] == [b"IHDR", *[b"IDAT"] * idats(picture.png), b"IEND"]


def png_chunks(content):
    start = 8
    while start < len(content):
        size = int.from_bytes(content[start : start + 4], "big")
        yield content[start + 4 : start + 8], content[start + 8 : start + 8 + size]
        start += size + 12


def idats(content):
    return sum(kind == b"IDAT" for kind, _ in png_chunks(content))


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_providers_results_may_be_jpeg_png_or_webp(file_format):
    assert corners(opened(intake.reencode(pictures.with_everything(file_format)).png)) == pictures.CORNERS


@pytest.mark.parametrize("file_format", ["TIFF", "HEIF", "AVIF"])
def test_providers_results_are_nothing_else(file_format):
    with pytest.raises(intake.Unreadable):
        intake.reencode(pictures.with_everything(file_format))


def test_a_file_on_disk_is_read_where_it_lies(tmp_path):
    path = tmp_path / "-rf ; 'quoted' \u202egpj.jpg"
    path.write_bytes(pictures.saved(pictures.upright(), "JPEG"))

    assert intake.prepare(path).width == 300
    assert limits.THUMBNAIL_SIDE == 512
