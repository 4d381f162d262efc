"""Who agreed to what is done with photos, and the links by which people are asked."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from dashboard.models import Workspace
from dashboard.tokens import new_token, token_hash
from jobs.models.job import Job
from jobs.models.photo_set import Photo, PhotoQuerySet, PhotoSet


class PhotoRequestQuerySet(models.QuerySet["PhotoRequest"]):
    def with_token(self, token: str) -> Self:
        return self.filter(token_hash=token_hash(token))

    def open(self) -> Self:
        """Links that take photos: not taken back, not over, for a set that is there."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), photo_set__deleted_at=None)

    def unanswered(self) -> Self:
        return self.filter(consent=None)


class PhotoRequest(models.Model):
    """A link with which one person agrees and sends photos. Only the SHA-256 of its token is kept.

    It takes photos until it expires or is taken back. Whoever answered it can look at their photos and withdraw with
    it for as long as there is anything to withdraw: that does not expire.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="photo_requests")
    photo_set = models.ForeignKey(PhotoSet, models.CASCADE, related_name="photo_requests")
    label = models.CharField(max_length=80)
    """Whom the team asks, in its own words; never shown to that person."""
    purpose = models.CharField(max_length=300, blank=True)
    """What the photos are for, in the team's words to the person."""
    agreed_until = models.DateField(null=True, blank=True)
    """Until when the consent that is asked for lasts; None for no end."""
    max_photos = models.PositiveSmallIntegerField(default=30)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[models.Manager["PhotoRequest"]] = PhotoRequestQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["photo_set", "-id"], name="request_of_set")]

    def __str__(self) -> str:
        return self.label

    def renew_token(self) -> str:
        """Give the link a fresh 256-bit token and return it; the caller saves the row."""
        token = new_token()
        self.token_hash = token_hash(token)
        return token

    @property
    def is_open(self) -> bool:
        """Whether it still takes photos."""
        return self.revoked_at is None and self.expires_at > timezone.now() and self.photo_set.deleted_at is None

    @property
    def can_be_taken_back(self) -> bool:
        """Whether it still takes photos, or shows those that came by it."""
        return self.revoked_at is None and (self.is_open or getattr(self, "consent", None) is not None)


class ConsentQuerySet(models.QuerySet["Consent"]):
    def standing(self) -> Self:
        """Consents that nobody withdrew, those that ran out included."""
        return self.filter(withdrawn_at=None)

    def to_settle(self) -> Self:
        """Withdrawn consents, whose models and pictures the team has yet to delete."""
        return self.filter(withdrawn_at__isnull=False, settled_at=None)


class Consent(models.Model):
    """What one person agreed to: given by a link for the photos sent with it, or noted by hand for a whole set.

    It goes with its photos: a copy of the set has the same consents. A consent that was withdrawn stays as the record
    of it, without anything of the photos.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="consents")
    photo_sets: "models.ManyToManyField[PhotoSet, models.Model]" = models.ManyToManyField(
        PhotoSet, related_name="consents"
    )
    photo_request = models.OneToOneField(PhotoRequest, models.SET_NULL, null=True, blank=True, related_name="consent")
    """The link by which it was given; None when the team noted it."""
    person = models.CharField(max_length=120)
    agreed_on = models.DateField()
    agreed_until = models.DateField(null=True, blank=True)
    """The last day it counts; None for no end."""
    words = models.TextField(blank=True)
    """What the person read and agreed to, or the team's note on it."""
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    """The member who noted the withdrawal; None when the person did it by the link."""
    settled_at = models.DateTimeField(null=True, editable=False)
    """When the models and pictures made from the photos were deleted, or it turned out that there were none."""
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    jobs: "models.ManyToManyField[Job, models.Model]" = models.ManyToManyField(Job, related_name="withdrawals")
    """The jobs that used the photos, or what came of them, when it was withdrawn."""

    objects: ClassVar[models.Manager["Consent"]] = ConsentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "-id"], name="consent_by_workspace")]

    def __str__(self) -> str:
        return self.person

    def photos(self) -> PhotoQuerySet:
        """Its photos, removed ones included: those sent by its link, or all of its sets that came by none."""
        if self.is_by_link:
            return PhotoQuerySet(Photo).filter(workspace=self.workspace_id, consent=self)
        return PhotoQuerySet(Photo).filter(workspace=self.workspace_id, photo_set__consents=self, consent=None)

    def places_left(self) -> int:
        """How many more photos its link takes; negative when one is too many already, as when it has closed.

        Deleted photos make room again, but no link takes more than twice its photos in all.
        """
        stands = Consent.objects.standing().filter(pk=self.pk)
        if self.photo_request is None or not self.photo_request.is_open or not stands.exists():
            return -1
        sent = self.photos()
        shown, limit = sent.present().count(), self.photo_request.max_photos
        return min(limit - shown, 2 * limit - sent.count())

    @property
    def is_by_link(self) -> bool:
        return self.photo_request_id is not None

    @property
    def has_ended(self) -> bool:
        """Whether its last day has passed."""
        return self.agreed_until is not None and self.agreed_until < timezone.localdate()
