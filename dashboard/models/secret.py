"""Secrets at rest. Only `dashboard.vault` reads or writes the ciphertext columns."""

import uuid

from django.conf import settings
from django.db import models

from dashboard.models.workspace import Workspace


class StoredSecret(models.Model):
    """One secret, encrypted under its own key, which is wrapped by a master key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", editable=False)
    provider = models.CharField(max_length=40, editable=False)
    field = models.CharField(max_length=40, editable=False)
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
