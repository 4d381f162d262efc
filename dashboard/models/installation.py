"""What the installation keeps to itself: that it has its first owner, its worker's heartbeat, and secrets at rest."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from dashboard.models.workspace import Workspace


class Installation(models.Model):
    """The one row whose existence closes the first-run page for ever, even when every person is deleted later."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    owner_email = models.EmailField()
    version = models.CharField(max_length=20, blank=True, db_default="", editable=False)
    """Of Likeness that last made this database ready; empty before 0.2.0."""
    home = models.CharField(max_length=60, blank=True, db_default="", editable=False)
    """Where this database lives: it notices when it was restored elsewhere (`jobs.operations.jobs.restores`)."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="only_one_installation")]

    def __str__(self) -> str:
        return "This installation"


class Heartbeat(models.Model):
    """The last time a worker ran a task: written by a task, so that a worker which lives but takes nothing shows.

    The row named BEAT is beat's: the last time that a worker ran what beat had sent. That named SWEEP says when a sweep
    last came to its end, and that named SET_BACK when the database's clock was set back, by `clock_ahead` seconds. All
    times are by the database's clock.
    """

    BEAT, SWEEP, SET_BACK = "beat", "sweep", "clock set back"

    worker = models.CharField(max_length=200, primary_key=True)
    at = models.DateTimeField(default=timezone.now)
    clock_ahead = models.FloatField(default=0.0, db_default=0.0)
    """Seconds by which the worker's clock was ahead of the database's."""

    def __str__(self) -> str:
        return self.worker

    @staticmethod
    def ahead(before: float, database: datetime, after: float) -> float:
        """Seconds by which a clock is certainly ahead of the database's, below zero when it is behind: it showed
        *before* and *after*, in seconds since 1970, around the question that the database answered. However busy the
        machine is, nobody is told of a difference that is none."""
        now = database.timestamp()
        return max(before - now, 0.0) or min(after - now, 0.0)


class RateCount(models.Model):
    """How often something happened in one stretch of time (`dashboard.web.rate_limit`)."""

    name = models.CharField(max_length=200, primary_key=True)
    count = models.PositiveIntegerField()
    until = models.BigIntegerField(db_index=True)
    """Seconds since 1970 after which nobody asks for it."""

    def __str__(self) -> str:
        return f"{self.name}: {self.count}"


class StoredSecret(models.Model):
    """One secret of a workspace, encrypted under its own key, which is wrapped by a master key.

    Only `dashboard.vault` reads or writes the ciphertext columns.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", editable=False)
    provider = models.CharField(max_length=40, editable=False)
    field = models.CharField(max_length=40, editable=False)
    holder = models.CharField(max_length=60, blank=True, db_default="", editable=False)
    """What it is opened for, such as one API key; empty in format 1."""
    format = models.PositiveSmallIntegerField(default=1, editable=False)
    master_key_id = models.CharField(max_length=16, editable=False, db_index=True)
    wrap_nonce = models.BinaryField(max_length=12)
    wrapped_key = models.BinaryField(max_length=48)
    nonce = models.BinaryField(max_length=12)
    ciphertext = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.provider} {self.field}"


class SecretUse(models.Model):
    """One opening of a secret: why, and for which host, empty where it went to none. Entries are only ever added."""

    secret_id = models.UUIDField(db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    purpose = models.CharField(max_length=60)
    host = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.purpose} at {self.at}"
