"""What the product keeps for itself: who is at work on what, files to be removed, the practice service's records."""

from django.db import models

from dashboard.models import Workspace


class Lease(models.Model):
    """Somebody works on what *name* says until *until* (by the database's clock); then anybody may."""

    name = models.CharField(max_length=80, primary_key=True)
    holder = models.CharField(max_length=32)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class OrphanedFile(models.Model):
    """A stored file that a row gave up. The sweep removes it, unless another row has it too."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "jobs_doomedfile"  # its first name, which versions before still use while an upgrade runs

    def __str__(self) -> str:
        return self.name


class PracticeRecord(models.Model):
    """One document of the practice service: a provider of its own, which happens to live in our database.

    `operations.providers` hands these to the adapter.
    """

    account = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    body = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="one_practice_record")]

    def __str__(self) -> str:
        return self.key
