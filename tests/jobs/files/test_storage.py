"""Files are stored whole or not at all, once each, under names nobody typed."""

import hashlib
import threading
import time

import pytest
from django.conf import settings

from jobs.files import parts, storage

SHA = hashlib.sha256(b"picture").hexdigest()


@pytest.fixture(autouse=True)
def media_folder(own_media):
    return own_media


def everything_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_named_by_its_content():
    stored = storage.put(7, "images", b"picture", ".png")

    assert stored == storage.Stored(f"images/7/{SHA[:2]}/{SHA}.png", SHA, 7)
    assert storage.read(stored.name) == b"picture"


def test_the_same_content_is_stored_once(media_folder):
    storage.put(7, "images", b"picture", ".png")
    storage.put(7, "images", b"picture", ".png")

    assert len(everything_in(media_folder)) == 1


def test_two_workspaces_share_no_file():
    assert storage.put(7, "images", b"picture", ".png") != storage.put(8, "images", b"picture", ".png")


def test_only_the_owner_of_the_process_can_read_files():
    name = storage.put(7, "originals", b"picture", "").name

    assert storage.disk_path(name).stat().st_mode & 0o777 == 0o600


def test_a_sink_that_is_left_without_commit_stores_nothing(media_folder):
    with storage.receive(7, "checkpoints", ".safetensors", 100) as sink:
        sink.write(b"half")

    assert everything_in(media_folder) == []


def test_more_than_the_limit_is_refused_and_forgotten(media_folder):
    with storage.receive(7, "originals", "", 4, "a") as sink:
        sink.write(b"pict")
        with pytest.raises(storage.TooLarge):
            sink.write(b"ure")

    assert everything_in(media_folder) == []


def test_a_broken_off_file_goes_on_where_it_stopped():
    with storage.receive(7, "checkpoints", ".bin", 100, "job 1") as sink:
        sink.write(b"pic")

    with storage.receive(7, "checkpoints", ".bin", 100, "job 1") as sink:
        assert sink.offset == 3
        sink.write(b"ture")
        assert sink.commit() == storage.Stored(f"checkpoints/7/{SHA[:2]}/{SHA}.bin", SHA, 7)


def test_the_same_file_is_received_by_one_at_a_time():
    with storage.receive(7, "checkpoints", "", 100, "job 1") as sink:
        sink.write(b"pic")
        with pytest.raises(storage.Busy), storage.receive(7, "checkpoints", "", 100, "job 1"):
            pass


def test_a_commit_frees_the_key_for_the_next_file():
    with storage.receive(7, "checkpoints", "", 100, "job 1") as sink:
        sink.write(b"one")
        sink.commit()
    with storage.receive(7, "checkpoints", "", 100, "job 1") as sink:
        assert sink.offset == 0


def test_parts_that_nobody_went_on_with_are_dropped():
    with storage.receive(7, "checkpoints", "", 100, "job 1") as sink:
        sink.write(b"pic")

    assert storage.drop_stale_parts(3600) == 0
    time.sleep(0.01)
    assert storage.drop_stale_parts(0) == 1


def test_what_a_process_left_that_died_over_a_note_is_dropped():
    half_written = parts.place("job 1").with_suffix(".writing")
    half_written.write_text("{")
    time.sleep(0.01)
    storage.drop_stale_parts(0)

    assert not half_written.exists()


def test_ten_writers_of_one_file_all_succeed(media_folder):
    stored = []
    threads = [
        threading.Thread(target=lambda: stored.append(storage.put(7, "images", b"picture" * 9999, ".png")))
        for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(stored)) == 1
    assert len(stored) == 10
    assert len(everything_in(media_folder)) == 1


def test_a_full_disk_is_said_in_words(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(storage.Full):
        storage.put(7, "images", b"picture", ".png")


def test_a_folder_that_is_not_ours_is_a_mistake():
    with pytest.raises(ValueError, match="no folder"):
        storage.put(7, "../etc", b"picture", "")


def test_deleting_twice_is_fine():
    name = storage.put(7, "images", b"picture", ".png").name
    storage.delete(name)
    storage.delete(name)

    assert not storage.exists(name)
    with pytest.raises(FileNotFoundError):
        storage.read(name)


def test_names_fit_the_columns_that_keep_them():
    stored = storage.put(10**18, "checkpoints", b"picture", ".safetensors")

    assert len(stored.name) <= 200
    assert settings.FILE_UPLOAD_PERMISSIONS == 0o600
