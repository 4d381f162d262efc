"""Where a planted secret must not be: everything that the product keeps, shows, sends out or writes down."""

import base64
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.apps import apps
from django.core import mail
from django.core.serializers import serialize
from django.test import Client
from django.urls import reverse

from dashboard.logs import TextFormatter
from dashboard.models import User
from dashboard.worker import broker
from jobs.models import ApiKey, Job
from jobs.operations import enqueue
from tests.conftest import person

Place = tuple[str, str]
"""What it is, and its text."""


def spellings(secret: str) -> tuple[str, ...]:
    """*secret* as it may stand in a text: as it is, in JSON, in an address, in hexadecimal and in base64."""
    in_code = (secret.encode().hex(), base64.b64encode(secret.encode()).decode().rstrip("="))
    return (secret, secret.replace("/", "\\/"), quote(secret, safe=""), *in_code)


def found_in(places: Iterable[Place], *secrets: str) -> list[str]:
    """Each place where one of *secrets* stands in any spelling, with what stands around it."""
    sought = [spelling for secret in secrets for spelling in spellings(secret)]
    hits = [(place, text, text.find(one)) for place, text in places for one in sought if one in text]
    return [f"{place}: {text[max(0, at - 80) :][:200]}" for place, text, at in hits]


def everywhere(owner: User, folder: Path, said: Iterable[str]) -> Iterator[Place]:
    """All places: tables, pages, Redis, files, what was *said* in logs and to Celery, and e-mails."""
    yield from tables()
    yield from pages(owner)
    yield from in_redis()
    yield from files(folder)
    yield from (("logs and tasks", line) for line in said)
    yield from (("e-mail", f"{message.subject}{message.body}") for message in mail.outbox)


def tables() -> Iterator[Place]:
    for model in apps.get_models():
        yield f"table {model.__name__}", serialize("json", model._default_manager.all())


def pages(owner: User) -> Iterator[Place]:
    """As the owner sees them, the form of a copy once for each state of a job; and as the installation's chief does,
    who is in no workspace."""
    jobs = list(Job.objects.order_by("pk"))
    names = ["jobs", "api_keys", "api_key_new", "models", "gallery", "team", "new_training", "new_generation"]
    addresses = [reverse(name, args=["studio"]) for name in names]
    addresses += [reverse("job", args=["studio", job.pk]) for job in jobs]
    addresses += [reverse("job_clone", args=["studio", pk]) for pk in {job.state: job.pk for job in jobs}.values()]
    addresses += [reverse("api_key_change", args=["studio", key.pk]) for key in ApiKey.objects.all()]
    yield from opened(owner, addresses)
    admin = [f"/admin/jobs/{name}/" for name in ("job", "attempt", "apikey", "keysecret", "callback", "checkpoint")]
    chief = person("Chief", is_staff=True, is_superuser=True)
    yield from opened(chief, [*admin, "/system/", "/nothing/like/this/", reverse("job", args=["studio", jobs[0].pk])])


def opened(user: User, addresses: list[str]) -> Iterator[Place]:
    client = Client()
    client.force_login(user)
    for address in addresses:
        answer = client.get(address, follow=True)
        assert answer.status_code in {200, 403, 404}, address
        yield f"page {address} of {user}", answer.content.decode()


def in_redis() -> Iterator[Place]:
    client = broker.client()
    for name in client.scan_iter():
        yield "redis", repr((name, client.dump(name)))


def files(folder: Path) -> Iterator[Place]:
    for file in folder.rglob("*"):
        if file.is_file():
            yield f"file {file}", file.read_bytes().decode("latin-1")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was logged, by anybody, as the product writes it; and what was given to Celery."""
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(TextFormatter().format(record))

    keeper, root = Keeper(), logging.getLogger()
    before = root.level
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    monkeypatch.setattr(enqueue, "_send", lambda name, args, delay: lines.append(f"{name}{args}"))
    yield lines
    root.removeHandler(keeper)
    root.setLevel(before)
