"""What was sent to providers, and when they called back."""

from django.db import models
from django.utils import timezone

from jobs.models.job import Job


class Attempt(models.Model):
    """One POST to a provider: committed before its first byte, so that nothing is ever sent without a trace."""

    class Outcome(models.TextChoices):
        OPEN = "open", "On its way"
        ACCEPTED = "accepted", "Accepted"
        ADOPTED = "adopted", "Found at the provider"
        UNSENT = "unsent", "Not sent"
        REFUSED = "refused", "Refused"
        UNCERTAIN = "uncertain", "Answer lost"
        ABSENT = "absent", "Not at the provider"

    job = models.ForeignKey(Job, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    """SHA-256 of the callback token; the token itself is only in the request."""
    photo_grant_hash = models.CharField(max_length=64, unique=True, null=True, editable=False, db_column="lent_hash")
    """SHA-256 of the token in the addresses of its photos, from which the callback token cannot be told."""
    called_id = models.CharField(max_length=200, blank=True, editable=False)
    """The id that a callback gave the job: a candidate, in case the answer got lost."""
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    provider_job_id = models.CharField(max_length=200, blank=True)
    detail = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    """The provider's answer, redacted, at most 64 KiB."""
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="attempts_are_numbered")]

    def __str__(self) -> str:
        return f"Attempt {self.number}"

    def end(self, outcome: Outcome, *, provider_job_id: str = "", detail: str = "", answer: str = "") -> None:
        """Write down how it ended."""
        self.outcome, self.provider_job_id, self.ended_at = outcome, provider_job_id, timezone.now()
        self.detail, self.answer = detail, answer
        self.save(update_fields=["outcome", "provider_job_id", "ended_at", "detail", "answer"])


class Callback(models.Model):
    """One thing that a provider told us at an attempt's callback address, however often it did."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="callbacks")
    body_hash = models.CharField(max_length=64, editable=False)
    """SHA-256 of the body."""
    body = models.TextField(blank=True)
    """The body, redacted, at most 64 KiB: to look at, never to believe."""
    first_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "body_hash"], name="one_callback_each")]

    def __str__(self) -> str:
        return f"Callback for attempt {self.attempt.number}"
