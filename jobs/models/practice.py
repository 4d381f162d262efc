"""Where the simulated practice service keeps its jobs: a provider of its own, which happens to live in our database."""

from django.db import models


class PracticeRecord(models.Model):
    """One document of the practice service. `operations.practice_store` hands these to the adapter."""

    account = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    body = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="one_practice_record")]

    def __str__(self) -> str:
        return self.key
