"""What nothing starts with: settings that cannot be meant, master keys that are lost, data of a later version. Each
ends in one sentence that says what is wrong and what to do, before anything began.
"""

import os
import re
import secrets
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from dashboard import SAID_WHY, master_keys
from dashboard.up.address import Address
from dashboard.up.supervisor import web_command, worker_command
from tests.browser.product import ROOT, free_port
from tests.upgrades.data import lay_out
from tests.variables import in_settings

WRONG = {
    "DATA_DIR": [__file__, f"{__file__}/data"],
    "SECRET_KEY": ["short"],
    "SECRET_KEY_FALLBACKS": ["short"],
    "MASTER_KEYS": ["0" * 64, "f" * 63, "not a key, and not random either, though long"],
    "PUBLIC_URL": [
        "studio.example",
        "https://",
        "ftp://studio.example",
        "https://studio.example/likeness",
        "https://a b",
    ],
    "ALLOWED_HOSTS": ["https://studio.example", "studio.example:8000", "studio example"],
    "TRUSTED_PROXIES": ["one", "-1"],
    "HSTS_SUBDOMAINS": ["ja"],
    "DATABASE_URL": ["likeness.sqlite3", "mysql://u:p@host/name", "postgres:///name", "postgres://u:p#w@host/name"],
    "REDIS_URL": ["localhost:6379", "redis://", "http://localhost:6379"],
    "S3_BUCKET": ["https://s3.example/bucket", "b"],
    "S3_ENDPOINT_URL": ["s3.example"],
    "S3_PUBLIC_URL": ["pictures.example"],
    "S3_REGION": ["EU (Frankfurt)"],
    "S3_ACCESS_KEY": ["two words"],
    "S3_SECRET_KEY": ["two words"],
    "STATIC_ROOT": [__file__],
    "EMAIL_URL": ["smtp.example.com:587", "smtp://", "smtp+tls://u:p#w@smtp.example:587"],
    "DEFAULT_FROM_EMAIL": ["Likeness"],
    "MAX_PHOTO_MB": ["40MB", "0", "1.5", "٤٠"],
    "MAX_ZIP_MB": ["2 GB"],
    "MAX_PHOTOS_PER_SET": ["many"],
    "UNDO_HOURS": ["1 day", "nan"],
    "PRACTICE_TRAINING_SECONDS": ["20s"],
    "PRACTICE_IMAGE_SECONDS": ["0,5"],
    "PROVIDER_BASE_URLS": ["https://proxy.example", "dreamlook=proxy.example"],
    "ALLOW_PRIVATE_PROVIDER_HOSTS": ["ture"],
    "PROVIDER_PATIENCE_SECONDS": ["a minute", "0"],
    "HEARTBEAT_SECONDS": ["20s", "0", "inf"],
    "TIME_ZONE": ["Berlin", "UTC+1", "Europe", "../etc/passwd"],
    "LOG_LEVEL": ["loud"],
    "LOG_FORMAT": ["xml"],
    "DEBUG": ["maybe"],
}
"""What people type, at least once for every setting."""


def end_of(command: list[str], data: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """How a command ends that must not begin."""
    outside = {name: value for name, value in os.environ.items() if name not in in_settings()}
    environment = outside | {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "dashboard.settings"} | given
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def up(data: Path, **given: str) -> subprocess.CompletedProcess[str]:
    return end_of([sys.executable, "manage.py", "up", "--port", str(free_port())], data, **given)


def test_every_setting_is_tried_with_something_wrong():
    assert set(WRONG) == in_settings()


@pytest.mark.parametrize("name", WRONG)
def test_a_setting_that_cannot_be_meant_is_named_with_an_example_before_anything_starts(tmp_path: Path, name: str):
    for value in WRONG[name]:
        ended = up(tmp_path, **{name: value})
        assert ended.returncode == 1, (value, ended.stdout)
        assert ended.stdout == ""
        assert len(ended.stderr.splitlines()) == 1, ended.stderr
        assert re.search(rf"\b{name}\b.*(For example: {name}=.|Make one with: .)", ended.stderr), ended.stderr
        assert {file.name for file in tmp_path.iterdir()} <= {"likeness.lock", "secret_key", "master_key"}


@pytest.mark.parametrize(
    "name", ["DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SECRET_KEY", "MASTER_KEYS", "S3_SECRET_KEY"]
)
def test_what_may_hold_a_password_is_not_repeated(tmp_path: Path, name: str):
    assert "hunter2" not in up(tmp_path, **{name: "smpt://me:hunter2 @host"}).stderr


def test_a_value_is_read_from_a_file_and_the_sentence_names_the_file_that_is_not_there(tmp_path: Path):
    (tmp_path / "zone").write_text("Berlin\n")
    assert "TIME_ZONE_FILE is “Berlin”" in up(tmp_path, TIME_ZONE_FILE=str(tmp_path / "zone")).stderr
    ended = up(tmp_path, TIME_ZONE_FILE=str(tmp_path / "none"))
    assert (
        ended.stderr
        == f"TIME_ZONE_FILE names the file {tmp_path}/none, which cannot be read: No such file or directory.\n"
    )


def test_the_city_of_a_time_zone_is_enough_to_be_told_its_name(tmp_path: Path):
    assert up(tmp_path, TIME_ZONE="berlin").stderr.endswith("For example: TIME_ZONE=Europe/Berlin\n")


PROCESSES = {
    "command": [sys.executable, "manage.py", "check"],
    "prepare": [sys.executable, "manage.py", "prepare"],
    "web server": web_command(Address("127.0.0.1", 0)),
    "worker": worker_command(),
    "beat": [sys.executable, "-m", "celery", "--quiet", "--app", "dashboard.worker.beat", "beat"],
}
LOOKS_AT_DATA = ["up", "command", "prepare", "web server", "worker"]
"""Beat loads neither models nor keys."""


@pytest.mark.parametrize("process", PROCESSES)
def test_every_process_refuses_a_setting_in_the_same_sentence(tmp_path: Path, process: str):
    ended = end_of(PROCESSES[process], tmp_path, MAX_PHOTO_MB="40MB")
    assert ended.returncode == 1
    assert "MAX_PHOTO_MB is “40MB”, which is not a whole number. For example: MAX_PHOTO_MB=40\n" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that this version has prepared, with stored API keys."""
    folder = tmp_path_factory.mktemp("stored")
    lay_out(folder)
    assert end_of(PROCESSES["prepare"], folder).returncode == 0
    return folder


def refuse(process: str, data: Path, **given: str) -> str:
    """The last words of a process that refuses to begin."""
    ended = up(data, **given) if process == "up" else end_of(PROCESSES[process], data, **given)
    assert ended.returncode in {1, SAID_WHY}
    assert "Traceback" not in ended.stderr
    said = [line for line in ended.stderr.splitlines() if "granian" not in line]
    assert len(said) == 1, ended.stderr
    return said[0]


def name_of_key(data: Path) -> str:
    return next(iter(master_keys.parse([(data / "master_key").read_text()])))


@pytest.mark.parametrize("process", LOOKS_AT_DATA)
def test_nothing_begins_with_another_master_key_than_the_stored_keys_need(data: Path, process: str):
    said = refuse(process, data, MASTER_KEYS=secrets.token_hex(32))
    assert f"The master key {name_of_key(data)} is missing" in said
    assert "put back the file master_key" in said


@pytest.mark.parametrize("process", LOOKS_AT_DATA)
def test_a_lost_master_key_is_asked_for_and_none_is_made_over_it(data: Path, process: str, tmp_path: Path):
    name = name_of_key(data)
    kept = (data / "master_key").rename(tmp_path / "kept elsewhere")
    try:
        assert f"The master key {name} is missing" in refuse(process, data)
        assert not (data / "master_key").exists()
    finally:
        kept.rename(data / "master_key")


@pytest.mark.parametrize("cut", ["", "deadbeef", "0" * 64])
def test_a_damaged_master_key_is_not_used_and_not_made_anew(data: Path, cut: str):
    whole = (data / "master_key").read_text()
    (data / "master_key").write_text(cut)
    try:
        assert re.search(r"master_key is damaged: put it back|Key 1 of MASTER_KEYS is an example", refuse("up", data))
        assert (data / "master_key").read_text() == cut
    finally:
        (data / "master_key").write_text(whole)


def test_a_folder_without_stored_keys_gets_a_new_master_key(tmp_path: Path):
    end_of(PROCESSES["prepare"], tmp_path)
    (tmp_path / "master_key").unlink()
    assert end_of(PROCESSES["command"], tmp_path).returncode == 0
    assert len((tmp_path / "master_key").read_text()) == 64


def test_with_a_new_key_in_front_and_the_earlier_one_behind_everything_begins(data: Path):
    keys = f"{secrets.token_hex(32)},{(data / 'master_key').read_text()}"
    assert end_of(PROCESSES["command"], data, MASTER_KEYS=keys).returncode == 0


@pytest.mark.parametrize("process", LOOKS_AT_DATA)
def test_nothing_begins_with_data_of_a_later_version(data: Path, process: str):
    with closing(sqlite3.connect(data / "likeness.sqlite3")) as opened, opened:
        opened.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('jobs', '9999_later', '2030-01-01')")
    try:
        assert "This data was last used by a later version, and this is Likeness" in refuse(process, data)
    finally:
        with closing(sqlite3.connect(data / "likeness.sqlite3")) as opened, opened:
            opened.execute("DELETE FROM django_migrations WHERE name = '9999_later'")
