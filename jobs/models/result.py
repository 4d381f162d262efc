"""What jobs leave behind: checkpoints and generated images."""

import math
from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from dashboard.models import Membership, Role, Workspace
from jobs.models.job import Job


class CheckpointQuerySet(models.QuerySet["Checkpoint"]):
    def usable(self) -> Self:
        """Checkpoints that can still be generated with: their provider has them, whether we do or not."""
        there = models.Q(expires_at=None) | models.Q(expires_at__gt=Now())
        return self.filter(there, deleted_at=None, job__withdrawn_at=None).exclude(state__in=Checkpoint.GONE)

    def to_erase(self) -> Self:
        """Deleted checkpoints whose files are to be removed."""
        return self.filter(erase_at__lte=Now())

    def at_provider(self) -> Self:
        """Checkpoints that only their provider has."""
        return self.filter(state=Checkpoint.State.AT_PROVIDER)


class Checkpoint(models.Model):
    """A trained model file; a LoRA is a kind of it."""

    class State(models.TextChoices):
        WAITING = "waiting", "Being copied here"
        AT_PROVIDER = "at_provider", "At the provider"
        KEPT = "kept", "Kept here"
        MISSING = "missing", "Missing"
        EXPIRED = "expired", "Deleted by the provider"

    GONE = (State.MISSING, State.EXPIRED)

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="checkpoints")
    job = models.ForeignKey(Job, models.CASCADE, related_name="checkpoints")
    provider = models.CharField(max_length=40)
    provider_result_id = models.CharField(max_length=200)
    artifact = models.JSONField(default=dict, editable=False)
    """The provider's `Artifact`, as needed to fetch it again."""
    step = models.PositiveIntegerField(null=True)
    is_lora = models.BooleanField(default=False)
    base_model = models.CharField(max_length=200, blank=True)
    model_type = models.CharField(max_length=20, blank=True)
    file_format = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    size_bytes = models.PositiveBigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    file = models.CharField(max_length=200, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True)
    """When the provider deletes its copy, or did."""
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, editable=False)
    erase_at = models.DateTimeField(null=True, editable=False)
    """When its files are removed after it was deleted."""

    objects: ClassVar[models.Manager["Checkpoint"]] = CheckpointQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "provider_result_id"], name="one_checkpoint_each")]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="checkpoint_by_workspace"),
            models.Index(fields=["expires_at"], name="checkpoint_expiring", condition=models.Q(state="at_provider")),
            models.Index(fields=["erase_at"], name="checkpoint_to_erase", condition=models.Q(erase_at__isnull=False)),
        ]

    def __str__(self) -> str:
        step = "" if self.step is None else f", step {self.step}"
        return f"{self.job.name}{step}{' (LoRA)' if self.is_lora else ''}"

    @property
    def rank(self) -> tuple[float, ...]:
        """Sorts checkpoints: the newest training first, of that the last step, and a whole model before its LoRA."""
        return (-self.job_id, -math.inf if self.step is None else -self.step, self.is_lora, -self.pk)

    @property
    def is_usable(self) -> bool:
        """Whether it can still be generated with."""
        gone = self.state in self.GONE or self.deleted_at is not None or self.has_expired
        return not gone and self.job.withdrawn_at is None

    @property
    def has_expired(self) -> bool:
        """Whether the provider has deleted its copy."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def can_be_kept(self) -> bool:
        """Whether it can be copied here, and only somebody's word is missing."""
        return self.state == self.State.AT_PROVIDER and self.is_usable

    @property
    def can_be_downloaded(self) -> bool:
        return self.state == self.State.KEPT and bool(self.file) and self.job.withdrawn_at is None


GRID_FIELDS = ("prompt", "thumbnail", "file", "width", "height", "starred", "position", "job_id", "workspace_id")
SHAPES = (40, 50, 56, 62, 67, 70, 75, 80, 88, 100, 113, 125, 133, 143, 150, 160, 178, 200, 250)
"""Width as a percentage of height; the style sheet has a rule for each."""


class GeneratedImageQuerySet(models.QuerySet["GeneratedImage"]):
    def shown(self) -> Self:
        """Images the gallery shows: fetched, not deleted."""
        return self.filter(state=GeneratedImage.State.READY, deleted_at=None)

    def to_erase(self) -> Self:
        """Deleted images whose time to be brought back is over."""
        return self.filter(erase_at__lte=Now())

    def for_gallery(self) -> Self:
        """Shown images, newest first, with no more than a picture in a row of pictures needs."""
        return self.shown().order_by("-id").only(*GRID_FIELDS)

    def to_pick(self) -> Self:
        """Shown images that may become photos of a set, newest first: not those whose photos somebody withdrew. A copy
        remembers its image, so whoever withdraws later withdraws it, too."""
        return self.shown().filter(job__withdrawn_at=None).select_related("job").order_by("-id")

    def for_details(self) -> Self:
        """Shown images with everything that made them."""
        return self.shown().select_related("job__photo_set", "job__created_by", "checkpoint__job__photo_set")

    def for_download(self) -> Self:
        """Shown images, newest first, with what their files are named after."""
        return self.shown().select_related("job").order_by("-id")

    def deletable_by(self, membership: Membership) -> Self:
        """Images *membership* may delete: an admin any, an editor those of the jobs they started."""
        if membership.may(Role.ADMIN):
            return self
        return self.filter(job__created_by=membership.user_id) if membership.may(Role.EDITOR) else self.none()


class GeneratedImage(models.Model):
    """One picture, with everything that made it."""

    class State(models.TextChoices):
        WAITING = "waiting", "Being copied here"
        READY = "ready", "Ready"
        MISSING = "missing", "Missing"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="generated_images")
    job = models.ForeignKey(Job, models.CASCADE, related_name="generated_images")
    provider_result_id = models.CharField(max_length=200)
    artifact = models.JSONField(default=dict, editable=False)
    is_sample = models.BooleanField(default=False)
    """Drawn during training to show how it goes."""
    checkpoint = models.ForeignKey(Checkpoint, models.SET_NULL, null=True, related_name="generated_images")
    position = models.PositiveIntegerField(default=0)
    prompt = models.TextField(blank=True)
    search_text = models.TextField(blank=True, default="", db_default="", editable=False)
    """The prompt, folded."""
    seed = models.BigIntegerField(null=True)
    settings = models.JSONField(default=dict, editable=False)
    """The generation's `Param` values by name."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    file = models.CharField(max_length=200, blank=True, editable=False)
    thumbnail = models.CharField(max_length=200, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    starred = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, editable=False)
    erase_at = models.DateTimeField(null=True, editable=False)
    """When its files are removed after it was deleted."""

    objects: ClassVar[models.Manager["GeneratedImage"]] = GeneratedImageQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "provider_result_id"], name="one_image_each")]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="image_by_workspace", condition=models.Q(deleted_at=None)),
            models.Index(fields=["workspace", "job", "-id"], name="image_of_job", condition=models.Q(deleted_at=None)),
            models.Index(
                fields=["workspace", "checkpoint", "-id"], name="image_of_model", condition=models.Q(deleted_at=None)
            ),
            models.Index(
                fields=["workspace", "-id"],
                name="image_starred",
                condition=models.Q(deleted_at=None, starred=True),
            ),
            models.Index(fields=["erase_at"], name="image_to_erase", condition=models.Q(erase_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Image {self.pk}"

    @property
    def alt(self) -> str:
        """What a screen reader says of the picture: its prompt."""
        return self.prompt[:200] or "A generated picture without a prompt"

    @property
    def ratio(self) -> float:
        """Width divided by height; 1 when the size is not known."""
        return round(self.width / self.height, 4) if self.width and self.height else 1.0

    @property
    def shape(self) -> int:
        """The nearest of `SHAPES`, for browsers that cannot read the exact ratio from the attribute."""
        return min(SHAPES, key=lambda shape: abs(shape - self.ratio * 100))

    def star(self, *, starred: bool) -> None:
        """Put a star on the image, or take it off."""
        GeneratedImage.objects.filter(pk=self.pk).update(starred=starred)
