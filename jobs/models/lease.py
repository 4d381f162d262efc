"""Who is at work on something that has no row of its own to say so."""

from django.db import models


class Lease(models.Model):
    """Somebody works on what *name* says until *until* (by the database's clock); then anybody may."""

    name = models.CharField(max_length=80, primary_key=True)
    holder = models.CharField(max_length=32)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
