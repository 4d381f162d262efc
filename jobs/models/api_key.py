"""A provider's key, stored: members use it, nobody sees it."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from dashboard.models import StoredSecret, Workspace


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def usable(self) -> Self:
        """Keys a new job can be given: not revoked."""
        return self.filter(revoked_at=None)

    def changeable(self) -> Self:
        """Keys that can be replaced or revoked: not the practice key, which has nothing to replace."""
        return self.usable().exclude(provider="practice")

    def for_page(self) -> Self:
        return self.select_related("added_by").prefetch_related("further_secrets").order_by("provider", "-id")


class ApiKey(models.Model):
    """A provider's key. The practice provider's has no secret but is chosen, shown and counted like any other."""

    class Health(models.TextChoices):
        UNTESTED = "untested", "Not tested yet"
        WORKING = "working", "Working"
        REJECTED = "rejected", "Not accepted"
        NO_CREDIT = "no_credit", "Out of credit"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="api_keys")
    provider = models.CharField(max_length=40)
    label = models.CharField(max_length=60)
    secret = models.ForeignKey(StoredSecret, models.SET_NULL, null=True, related_name="+", editable=False)
    last_four = models.CharField(max_length=4, blank=True, editable=False)
    fingerprint = models.CharField(max_length=12, blank=True, editable=False)
    options = models.JSONField(default=dict, blank=True)
    health = models.CharField(max_length=10, choices=Health.choices, default=Health.UNTESTED)
    last_result = models.CharField(max_length=300, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    paused_until = models.DateTimeField(null=True, editable=False)
    """Nothing is sent with this key before this time (asked too often, or not answering)."""
    failures_in_row = models.PositiveSmallIntegerField(default=0, editable=False)
    callback_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)
    """SHA-256 of the token in the address at which the last check of callbacks waits."""
    callback_asked_at = models.DateTimeField(null=True, editable=False)
    callback_came_at = models.DateTimeField(null=True, editable=False)
    callback_trouble = models.CharField(max_length=300, blank=True, editable=False)
    """Why the last check could not begin."""
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    replaced_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[models.Manager["ApiKey"]] = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        indexes = [models.Index(fields=["workspace", "provider"], name="key_by_workspace")]

    def __str__(self) -> str:
        return self.label

    @property
    def health_text(self) -> str:
        """How well it works, in a few words; one that was tried may have got no answer yet."""
        if self.health == self.Health.UNTESTED and self.last_result:
            return "No answer yet"
        return self.Health(self.health).label

    @property
    def is_paused(self) -> bool:
        """Whether nothing goes out with the key for now, by the database's clock, which said until when (B11)."""
        return self.paused_until is not None and ApiKey.objects.filter(pk=self.pk, paused_until__gt=Now()).exists()


class KeySecret(models.Model):
    """A further secret that was entered along with a key, such as a bucket's. Only its name can be read."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="further_secrets", editable=False)
    name = models.CharField(max_length=40, editable=False)
    """The name of the provider's `Param` that asked for it."""
    stored = models.OneToOneField(StoredSecret, models.CASCADE, related_name="+", editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key", "name"], name="one_key_secret_each")]

    def __str__(self) -> str:
        return self.name
