"""One line an event, on standard error: for people (LOG_FORMAT=text) or for machines (json), secrets taken out."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from django.core.exceptions import BadRequest

from dashboard.redaction import redacted_text

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request being answered, or of the task being run; on every line logged meanwhile."""
job_id: ContextVar[int | None] = ContextVar("job_id", default=None)
"""The job being worked on; on every line logged meanwhile (`about_job`)."""


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
        return redacted_text("\n".join(filter(None, [line, trace])))


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {"time": _time(record), "level": record.levelname.lower(), "logger": record.name}
        line |= {"message": redacted_text(record.getMessage())} | _context()
        if record.exc_info and not _is_refusal(record):
            line["trace"] = redacted_text(self.formatException(record.exc_info))
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
