"""Sessions in the database that end: SESSION_IDLE_SECONDS after the last use, SESSION_COOKIE_AGE after signing in.

A row says when it stops counting, and Django looks only for rows that count. The cookie lives as long as a session can,
so it is set once. That a session is in use is written down every few minutes, by one UPDATE that leaves what is in the
session alone: whoever signs out or notes something at the same moment is not overwritten.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

RENEW_EVERY = timedelta(minutes=10)
_BEGAN = "began"
_CONFIRMED = "confirmed"
RECENTLY = 10 * 60
"""Seconds for which a password that was typed says who sits there."""


class SessionStore(db.SessionStore):
    """A session whose row ends when nobody uses it, and at the latest with its cookie."""

    ends: datetime | None = None
    """When the row stops counting, as it was read."""

    def _get_session_from_db(self) -> Session | None:
        row: Session | None = cast("Any", super())._get_session_from_db()  # the stubs leave it out
        self.ends = None if row is None else row.expire_date
        return row

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """When the row stops counting if the session is used now and not again."""
        idle_end = timezone.now() + timedelta(seconds=settings.SESSION_IDLE_SECONDS)
        began = self.get(_BEGAN)
        if began is None:
            return idle_end
        return min(idle_end, datetime.fromtimestamp(began + settings.SESSION_COOKIE_AGE, UTC))

    def keep(self) -> None:
        """Write down that the session is in use, unless somebody did a few minutes ago."""
        ends = self.get_expiry_date()
        if self.ends is None or ends - self.ends < RENEW_EVERY:
            return
        # A database that takes no writes just now must not make an error of a page that only reads.
        with suppress(DatabaseError):
            Session.objects.filter(session_key=self.session_key, expire_date__lt=ends).update(expire_date=ends)


@receiver(user_logged_in, dispatch_uid="session begins")
def begin(request: HttpRequest, **kwargs: Any) -> None:
    """The time from which the longest life of a session counts."""
    request.session[_BEGAN] = int(time.time())


def is_password_recent(request: HttpRequest) -> bool:
    """Whether whoever sits there typed the person's password a moment ago."""
    typed = max(request.session.get(_BEGAN, 0), request.session.get(_CONFIRMED, 0))
    return int(time.time()) - int(typed) < RECENTLY


def password_typed(request: HttpRequest) -> None:
    """The person's password was typed just now."""
    request.session[_CONFIRMED] = int(time.time())


def sessions_in_use(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Let the session of somebody who is here live on. A forgotten tab that asks for changes is nobody."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        session = request.session
        if isinstance(session, SessionStore) and session.accessed and "poll_token" not in request.GET:
            session.keep()
        return response

    return middleware
