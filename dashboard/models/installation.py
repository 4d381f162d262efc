"""The installation itself: whether it has its first owner, and whether its worker is alive."""

from django.db import models
from django.utils import timezone


class Installation(models.Model):
    """The one row whose existence closes the first-run page for ever, even when every person is deleted later."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    owner_email = models.EmailField()
    version = models.CharField(max_length=20, blank=True, db_default="", editable=False)
    """Of Likeness that last made this database ready; empty before 0.2.0."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="only_one_installation")]

    def __str__(self) -> str:
        return "This installation"


class Heartbeat(models.Model):
    """The last time a worker ran a task: written by a task, so that a worker which lives but takes nothing shows.

    The row named BEAT is beat's: the last time that a worker ran what beat had sent.
    """

    BEAT = "beat"

    worker = models.CharField(max_length=200, primary_key=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.worker
