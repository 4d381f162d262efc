"""Text files with captions, as other programs write them and as somebody hostile does."""

import io
import zipfile

import pytest

from jobs.files import sidecars
from jobs.files.zip_reading import Unopenable
from tests.properties import given, st


def zip_of(files: dict[str, bytes], **settings) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **settings) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


def read(name: str, content: bytes) -> list[sidecars.Sidecar]:
    return list(sidecars.read(name, io.BytesIO(content)))


def test_what_was_given_is_taken_again():
    captions = {"IMG_1": "on a sofa", "Grüße": "東京, at night", "empty": ""}
    found = read("captions.zip", sidecars.zipped(captions))
    assert {one.stem: one.caption for one in found} == captions
    assert not any(one.wrong for one in found)


def test_each_photo_has_a_name_of_its_own():
    assert sidecars.stems(["a.jpg", "A.HEIC", "a.png", "../../etc/passwd", "..", "a/b:c.jpg"]) == [
        "a",
        "A (2)",
        "a (3)",
        "_",
        "photo",
        "a_b_c",
    ]


@given(st.lists(st.text(max_size=30), max_size=8))
def test_names_are_plain_and_different_whatever_photos_are_called(names):
    made = sidecars.stems(names)
    assert len({sidecars.key(stem) for stem in made}) == len(names)
    assert not any(sign in stem for stem in made for sign in "/\\\0\n")


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
def test_texts_are_read_as_programs_write_them(code):
    assert read("a.txt", "Grüße,\r\nhello".encode(code))[0].caption == "Grüße, hello"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("gbk", "沙发上的猫"),
        ("gb18030", "一只猫, 沙发"),
        ("big5", "沙發上的貓"),
        ("cp932", "ソファの上の猫"),
        ("euc_kr", "소파 위의 고양이"),
        ("cp1251", "кот на диване"),
        ("koi8_r", "кот на диване"),
        ("cp1253", "γάτα στον καναπέ"),
        ("cp1250", "kočka na pohovce"),
        ("cp1252", "Möwe auf dem Sofa"),
    ],
)
def test_a_text_in_an_older_encoding_is_asked_for_in_utf_8_and_never_guessed(code, said):
    (found,) = read("a.txt", said.encode(code))
    assert (found.caption, found.wrong) == ("", sidecars.NOT_UTF_8)
    assert "Save it as UTF-8" in found.wrong


def test_folders_are_left_out_of_names_and_other_files_passed_over():
    content = zip_of({"set/a.txt": b"one", "set/b.jpg": b"\xff\xd8", "__MACOSX/._a.txt": b"x", "../../c.TXT": b"two"})
    assert [(one.stem, one.caption) for one in read("x.zip", content)] == [("a", "one"), ("c", "two")]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.txt", b"x" * 1001, sidecars.TOO_LONG),
        ("a.txt", b"x" * (sidecars.MOST_BYTES + 1), sidecars.TOO_LONG),
        ("a.txt", b"\xff\xd8\xff\0\0\0", sidecars.NO_TEXT),
        ("a.jpg", b"words", sidecars.NO_TEXT),
        ("", b"", sidecars.NO_TEXT),
    ],
)
def test_what_is_no_caption_is_told(name, content, sentence):
    assert read(name, content)[0].wrong == sentence


def test_a_file_that_unpacks_to_far_too_much_is_not_unpacked():
    found = read("bomb.zip", zip_of({"a.txt": b"0" * (50 << 20), "b.txt": b"fine"}))
    assert [(one.stem, one.wrong) for one in found] == [("a", sidecars.TOO_LONG), ("b", "")]


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9])
def test_a_zip_of_which_only_part_arrived_is_told(keep):
    content = zip_of({f"{number}.txt": bytes(range(256)) for number in range(50)})
    with pytest.raises(Unopenable):
        read("half.zip", content[: int(len(content) * keep)])


def test_a_damaged_file_does_not_spoil_the_others():
    content = bytearray(zip_of({"a.txt": b"first " * 40, "b.txt": b"second"}))
    content[40] ^= 0xFF
    found = read("x.zip", bytes(content))
    assert found[0].wrong
    assert (found[1].caption, found[1].wrong) == ("second", "")


def test_a_zip_that_is_far_too_large_is_not_opened(monkeypatch):
    monkeypatch.setattr(sidecars, "MOST_ZIP_BYTES", 100)
    with pytest.raises(Unopenable):
        read("large.zip", zip_of({f"{number}.txt": b"x" for number in range(9)}))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_told(content):
    try:
        found = [*sidecars.read("a.txt", io.BytesIO(content)), *sidecars.read("a.zip", io.BytesIO(b"PK\3\4" + content))]
    except Unopenable:
        return
    assert all(one.wrong or len(one.caption) <= 1000 for one in found)
