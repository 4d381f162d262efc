"""All settings, from the environment. `up` reads them as well, before it starts anything, and stays free of Django.

The README's table describes each variable; a test keeps the two in step.
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dashboard import CannotStart, master_keys
from dashboard import environment as env
from dashboard.master_keys import HOW_TO_MAKE_ONE

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.folder("DATA_DIR", default=BASE_DIR / "data")
DATABASE_FILE = DATA_DIR / "likeness.sqlite3"
DATABASE_URL = env.service(
    "DATABASE_URL", "postgres", "postgresql", "sqlite:///", example="postgres://likeness:password@127.0.0.1/likeness"
)
EMBEDDED = not DATABASE_URL
"""Whether this installation keeps everything in DATA_DIR, SQLite included."""


def _secret(name: str, filename: str) -> str:
    """The variable *name*, of 32 characters at least, or what the file holds that is made where all is embedded."""
    value = env.text(name) or (_kept_in(DATA_DIR / filename) if EMBEDDED else "")
    if len(value) >= 32:
        return value
    if EMBEDDED and not env.text(name):
        raise CannotStart(f"The file {DATA_DIR / filename} is damaged: put it back from your backup.")
    raise CannotStart(f"{name} is {'too short' if value else 'not set'}. {HOW_TO_MAKE_ONE}")


def _kept_in(path: Path) -> str:
    """The secret in the file at *path*; where there is none, a random one of 256 bits that only its owner can read.

    Two processes that start together agree: only one can link its finished file into place.
    """
    if not path.exists():
        if path.name == "master_key" and (needed := master_keys.needed_by(DATABASE_FILE)):
            raise CannotStart(master_keys.missing_in_words(needed))
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
                file.flush()
                os.fsync(file.fileno())  # an empty key after a power cut would be as bad as a lost one
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)
    return path.read_text(errors="replace").strip()


# Who may reach us, and how
DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = _secret("SECRET_KEY", "secret_key")
SECRET_KEY_FALLBACKS = env.items("SECRET_KEY_FALLBACKS", like=r".{32,}", example="the-earlier-key", is_secret=True)
MASTER_KEYS = [key.strip() for key in _secret("MASTER_KEYS", "master_key").split(",") if key.strip()]
"""Hexadecimal 256-bit keys that wrap every stored secret; the first wraps new ones, all can unwrap."""
master_keys.parse(MASTER_KEYS)

PUBLIC_URL = env.web_address("PUBLIC_URL", path=False, example="https://studio.example")
HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = env.hosts(
    "ALLOWED_HOSTS", default=[env.host(urlsplit(PUBLIC_URL))] if PUBLIC_URL else ["localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "dashboard.views.errors.form_expired"
SESSION_ENGINE = "dashboard.web.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_IDLE_SECONDS = 12 * 3600
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.boolean("HSTS_SUBDOMAINS", default=False) and HTTPS
# Other sites may live below our host, without HTTPS. And once a host says "preload", anybody may enter it, with all
# that is below, into a list that ships with browsers and takes months to leave.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
TRUSTED_PROXIES = env.whole("TRUSTED_PROXIES", default=0, least=0, most=20)
"""How many proxies of ours a request passes through; limits for each address go by what they say (`rate_limit`)."""
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# The parts
INSTALLED_APPS = [
    "django.contrib.auth",
    "allauth",
    "allauth.account",
    "dashboard.apps.DashboardConfig",  # takes pages of the two above out of the admin panel
    "jobs.apps.JobsConfig",
    "csp",
    "django_htmx",
    "django.contrib.admin",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "dashboard.web.middleware.request_id",
    "jobs.middleware.nothing_new",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "dashboard.web.middleware.slow_readers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "jobs.middleware.signed_media",
    "dashboard.web.middleware.private_pages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "dashboard.web.sessions.sessions_in_use",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboard.web.middleware.remember_workspace",
    "dashboard.web.middleware.ImpossibleFilters",
]
ROOT_URLCONF = "dashboard.urls"
WSGI_APPLICATION = "dashboard.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboard.web.context_processors.shell",
            ],
        },
    }
]

# People
AUTH_USER_MODEL = "dashboard.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["dashboard.web.password_hasher.PatientHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "email"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "dashboard.web.account_adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {
    "login_failed": "30/m/ip,10/5m/key",
    "reset_password": "20/m/ip,5/5m/key",
    "change_password": "10/5m/user",
}
ACCOUNT_FORMS = {
    "login": "dashboard.forms.account.SignInForm",
    "change_password": "dashboard.forms.account.ChangePasswordForm",
    "reset_password": "dashboard.forms.account.ForgottenPasswordForm",
    "reset_password_from_key": "dashboard.forms.account.NewPasswordForm",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True

# What is kept, and where
DATABASES: dict[str, dict[str, Any]]
if EMBEDDED:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATABASE_FILE)}}
else:
    import environ

    DATABASES = {"default": environ.Env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=134217728;",
    }
    # Opening the file and reading its schema costs as much as the queries of a page.
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.service("REDIS_URL", "redis", "rediss", "unix:///", example="redis://:password@127.0.0.1:6379/0")
CACHES = {
    # Rate limits outlive a restarted Redis; rendered cards are cheap to make again in each process.
    # Many entries, so that nobody can push a count out by making others.
    "default": {
        "BACKEND": "dashboard.web.counts.Counts",
        "LOCATION": "rate_limit",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # A card takes some 4 KB, a whole page of them 160 KB: so many keep each cache of a process below 20 MB.
    "fragments": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 5_000}},
    "pages": {
        # Who works on the templates sees each change at once.
        "BACKEND": f"django.core.cache.backends.{'dummy.DummyCache' if DEBUG else 'locmem.LocMemCache'}",
        "LOCATION": "pages",
        "OPTIONS": {"MAX_ENTRIES": 100},
    },
}
S3_BUCKET = env.text("S3_BUCKET", like=r"[A-Za-z0-9][\w.-]{2,254}", example="likeness")
_BUCKET = {
    "bucket_name": S3_BUCKET,
    "endpoint_url": env.web_address("S3_ENDPOINT_URL", example="https://s3.example") or None,
    "region_name": env.text("S3_REGION", default="us-east-1", like=r"[\w-]+"),
    "access_key": env.text("S3_ACCESS_KEY", like=r"\S+", example="likeness", is_secret=True),
    "secret_key": env.text("S3_SECRET_KEY", like=r"\S+", example="the-secret-alone", is_secret=True),
    "addressing_style": "path",
    "signature_version": "s3v4",
    "querystring_expire": 600,
    "file_overwrite": True,
    "default_acl": None,
}
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _BUCKET}
    if S3_BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "media"}},
    "staticfiles": {"BACKEND": "dashboard.web.static_storage.StaticStorage"},
}
S3_PUBLIC_URL = env.web_address("S3_PUBLIC_URL", example="https://pictures.example")
"""The bucket service as browsers reach it: pictures are then fetched there by signed links instead of through us."""
if S3_BUCKET and S3_PUBLIC_URL:
    STORAGES["browser"] = STORAGES["default"] | {"OPTIONS": _BUCKET | {"endpoint_url": S3_PUBLIC_URL}}
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"].append(S3_PUBLIC_URL)
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.folder("STATIC_ROOT", default=DATA_DIR / "static")

# What people may send
MAX_PHOTO_MB = env.whole("MAX_PHOTO_MB", default=40)
MAX_ZIP_MB = env.whole("MAX_ZIP_MB", default=2000)
MAX_PHOTOS_PER_SET = env.whole("MAX_PHOTOS_PER_SET", default=500)
UNDO_HOURS = env.decimal("UNDO_HOURS", default=24.0)
"""For how long what was deleted can be brought back; then its files are removed."""
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = MAX_PHOTOS_PER_SET
FILE_UPLOAD_HANDLERS = ["jobs.files.uploads.BoundedUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600

# Work in the background: the database knows what is due, the broker only hurries it along
# Redis clients write a socket's address unix://PATH, Celery writes it redis+socket://PATH
CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://", 1) + "?virtual_host=0"
    if REDIS_URL.startswith("unix:")
    else REDIS_URL
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 15,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "retry_on_timeout": False,
    # Without it kombu waits 2 and 4 seconds before it believes that the broker is away: pages would wait with it.
    "max_retries": 0,
}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = CELERY_BROKER_TRANSPORT_OPTIONS
CELERY_VISIBILITY_TIMEOUT = 900
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10.0
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "poll"
CELERY_TASK_ROUTES = {
    "jobs.tasks.submit": {"queue": "submit"},
    "jobs.tasks.poll_key": {"queue": "poll"},
    "jobs.tasks.sweep": {"queue": "poll"},
    "jobs.tasks.email_key_rejected": {"queue": "poll"},
    "jobs.tasks.tell_key_rejected": {"queue": "poll"},  # its former name, for one release: see `jobs.tasks`
    "dashboard.tasks.heartbeat": {"queue": "poll"},
    "jobs.tasks.fetch_results": {"queue": "results"},
    "jobs.tasks.take_in_photo": {"queue": "photos"},
    "jobs.tasks.crop_photo": {"queue": "photos"},
    "jobs.tasks.inspect_photo": {"queue": "photos"},
}
HEARTBEAT_SECONDS = env.decimal("HEARTBEAT_SECONDS", default=20.0, least=0.1, most=3600)
"""How often a worker must show that it takes work: late after three, started again after nine (`dashboard.up`)."""
# No message expires: the sender's clock would say when and the receiver's would judge, so that a worker that is a few
# seconds ahead drops every sweep. Who sends without being asked looks how much waits instead.
CELERY_BEAT_SCHEDULER = "dashboard.worker.beat:ConsiderateScheduler"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "jobs.tasks.sweep", "schedule": 2.0},
    "heartbeat": {
        "task": "dashboard.tasks.heartbeat",
        "schedule": HEARTBEAT_SECONDS,
        "kwargs": {"from_beat": True},
    },
}

# Providers
PRACTICE_TRAINING_SECONDS = env.decimal("PRACTICE_TRAINING_SECONDS", default=20.0)
PRACTICE_IMAGE_SECONDS = env.decimal("PRACTICE_IMAGE_SECONDS", default=0.5)
ALLOW_PRIVATE_PROVIDER_HOSTS = env.boolean("ALLOW_PRIVATE_PROVIDER_HOSTS", default=False)
PROVIDER_BASE_URLS = env.web_addresses("PROVIDER_BASE_URLS", example="dreamlook=https://proxy.example")
PROVIDER_PATIENCE_SECONDS = env.decimal("PROVIDER_PATIENCE_SECONDS", default=60.0, least=0.1, most=600)

# Words
LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.time_zone("TIME_ZONE", default="UTC")
USE_I18N = False
DATE_FORMAT = SHORT_DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j F Y, H:i"
USE_TZ = True
_SMTP = ("smtp", "smtps", "smtp+tls", "smtp+ssl")
EMAIL_URL = env.service(
    "EMAIL_URL", *_SMTP, "consolemail://", "filemail://", example="smtp+tls://user:password@smtp.example:587"
)
if not EMAIL_URL:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
else:
    import environ

    vars().update(environ.Env.email_url_config(EMAIL_URL))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.email_sender("DEFAULT_FROM_EMAIL", default="Likeness <likeness@localhost>")

LOGGING_CONFIG = "dashboard.logs.configure"
LOGGING = {
    "level": env.one_of("LOG_LEVEL", "DEBUG", "INFO", "WARNING", "ERROR", default="INFO"),
    "format": env.one_of("LOG_FORMAT", "text", "json", default="text"),
}
