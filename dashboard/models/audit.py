"""Who did what, when."""

from django.conf import settings
from django.db import models

from dashboard.models.workspace import Workspace


class AuditEntry(models.Model):
    """One thing a person did, in words. Entries are only ever added."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, null=True, related_name="audit_entries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    action = models.CharField(max_length=50)
    """A stable word for filters, for example `key.added`."""
    sentence = models.CharField(max_length=300)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["workspace", "-id"], name="audit_by_workspace")]

    def __str__(self) -> str:
        return self.sentence

    @classmethod
    def note(cls, workspace: Workspace | None, user: models.Model | None, action: str, sentence: str) -> None:
        """Add an entry; a *sentence* longer than the column is cut."""
        cls.objects.create(workspace=workspace, user=user, action=action, sentence=sentence[:300])
