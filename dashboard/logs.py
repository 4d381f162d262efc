"""One line an event, on standard error: for people (LOG_FORMAT=text) or for machines (json), secrets taken out."""

import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from django.core.exceptions import BadRequest

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request being answered, or of the task being run; on every line logged meanwhile."""
job_id: ContextVar[int | None] = ContextVar("job_id", default=None)
"""The job being worked on; on every line logged meanwhile (`about_job`)."""

HIDDEN = "***"
_NAMES = (
    r"(?:X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|Signature|AWSAccessKeyId|sig|"
    r"(?:[a-z0-9]+[_-])*(?:token|key|secret|password))"
)
# Strangers choose what is matched here: no repetition may begin at every place and run to the end.
_PATTERNS = [
    (re.compile(r"(?i)\b(bearer|basic|token)(\s+)[A-Za-z0-9._~+/=-]{8,}"), rf"\1\2{HIDDEN}"),
    (re.compile(r"\b(dl-|hf_|rpa_|sk-)[A-Za-z0-9_-]{8,}"), rf"\1{HIDDEN}"),
    (re.compile(rf"(?i)([?&]{_NAMES}=)[^&\s\"'<>]+"), rf"\1{HIDDEN}"),
    (re.compile(rf"""(?i)(["']{_NAMES}["']\s*:\s*)(["'])(?:\\.|(?!\2).)*\2"""), rf"\1\2{HIDDEN}\2"),
    (re.compile(r"(/(?:ask|join|callbacks|lent|password/reset/key|m/\d+/\d+)/)[^/\s\"'<>?]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://[^:/?#\s@]*:)[^@/\s]+@"), rf"\1{HIDDEN}@"),
]


def redact(text: str) -> str:
    """Return *text* without what looks like a key, a token, a signature or a password."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


@contextmanager
def about_job(pk: int) -> Iterator[None]:
    """Put the number of a job on every line that is logged in the block, whatever logs it."""
    token = job_id.set(pk)
    try:
        yield
    finally:
        job_id.reset(token)


def _context() -> dict[str, object]:
    found: dict[str, object] = {"request": request_id.get(), "job": job_id.get()}
    return {name: value for name, value in found.items() if value}


class TextFormatter(logging.Formatter):
    """Time, level, where from, what; then which request and job."""

    def format(self, record: logging.LogRecord) -> str:
        where = "".join(f" [{name} {value}]" for name, value in _context().items())
        line = f"{_time(record)} {record.levelname.lower():8}{record.name}: {record.getMessage()}{where}"
        trace = self.formatException(record.exc_info) if record.exc_info and not _is_refusal(record) else ""
        return redact("\n".join(filter(None, [line, trace])))


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {"time": _time(record), "level": record.levelname.lower(), "logger": record.name}
        line |= {"message": redact(record.getMessage())} | _context()
        if record.exc_info and not _is_refusal(record):
            line["trace"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def _is_refusal(record: logging.LogRecord) -> bool:
    """Whether what somebody sent was refused: where it was says nothing, and would fill the disk at their will."""
    error = record.exc_info[1] if record.exc_info else None
    return record.name.startswith("django.security.") or isinstance(error, BadRequest)


def _is_news(record: logging.LogRecord) -> bool:
    """A health page that says "not ready" has been asked whether; that is no error of ours."""
    path: str = getattr(getattr(record, "request", None), "path", "")
    return not path.startswith("/health/")


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def formatter() -> logging.Formatter:
    """The formatter that LOG_FORMAT asks for; the web server's own process has no settings to ask."""
    return JsonFormatter() if os.environ.get("LOG_FORMAT") == "json" else TextFormatter()


def configure(options: dict[str, str]) -> None:
    """Send every logger through one handler. *options*: `level` (a standard name) and `format` (text or json)."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if options["format"] == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(options["level"].upper())
    logging.getLogger("django.request").addFilter(_is_news)
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)


QUIET = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "botocore": logging.WARNING,
    "django.request": logging.ERROR,
    "celery": logging.WARNING,
    "kombu": logging.WARNING,
}
"""Loggers whose lower levels repeat what ours say, or say it with addresses that hold secrets."""
