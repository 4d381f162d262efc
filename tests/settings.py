"""The product's own settings, with a throw-away data folder and a broker that delivers nothing.

Tests drive background work by calling it; the journey tests start the whole product instead. `DATABASE_URL` and
`REDIS_URL` in the environment run the same tests against PostgreSQL and Redis.
"""

import atexit
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="likeness-tests-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
if (worker := os.environ.get("PYTEST_XDIST_WORKER", "")) and Path(os.environ["DATA_DIR"]).name != worker:
    # Each worker of pytest-xdist begins its ids at 1, so each has files and a Redis database of its own.
    os.environ["DATA_DIR"] = str(Path(os.environ["DATA_DIR"]) / worker)
    if os.environ.get("REDIS_URL", "").endswith("/0"):
        os.environ["REDIS_URL"] = os.environ["REDIS_URL"].removesuffix("0") + str(int(worker.removeprefix("gw")) + 1)
os.environ.setdefault("SECRET_KEY", "tests-only-" + "0" * 40)
os.environ.setdefault("MASTER_KEYS", hashlib.sha256(b"tests only").hexdigest())

from dashboard.settings import *  # noqa: F403

CELERY_BROKER_URL = "memory://"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PRACTICE_TRAINING_SECONDS = 0.2
PRACTICE_IMAGE_SECONDS = 0.01
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, because SQLite's shared memory locks tables at once where a file waits; not synced, for speed.
    DATA_DIR.mkdir(parents=True, exist_ok=True)  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "tests.sqlite3")}  # noqa: F405
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"  # noqa: F405
