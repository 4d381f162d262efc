"""Photos of one subject, as uploaded and as prepared."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from dashboard.models import Membership, Role, Workspace
from jobs.photos import crop as parts


class PhotoSetQuerySet(models.QuerySet["PhotoSet"]):
    def present(self) -> Self:
        return self.filter(deleted_at=None)

    def for_list(self) -> Self:
        """Sets as the page of all sets shows them, newest first."""
        return self.present().filter(archived_at=None).order_by("-id")

    def archived(self) -> Self:
        """Sets that were put out of the way, newest first."""
        return self.present().filter(archived_at__isnull=False).order_by("-id")

    def to_erase(self) -> Self:
        """Deleted sets whose time to be brought back is over."""
        return self.filter(erase_at__lte=Now())


class PhotoSet(models.Model):
    """Photos of one person, pet, object or style. Counts and cover are kept on the row so that lists stay one query."""

    class Subject(models.TextChoices):
        PERSON = "person", "A person"
        PET = "pet", "A pet"
        OBJECT = "object", "An object"
        STYLE = "style", "A style"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="photo_sets")
    name = models.CharField(max_length=80)
    subject = models.CharField(max_length=10, choices=Subject.choices, default=Subject.PERSON)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, editable=False)
    erase_at = models.DateTimeField(null=True, editable=False)
    """When the deleted set's files are removed: until then it can be brought back."""
    archived_at = models.DateTimeField(null=True, editable=False)
    """Since when the set is kept out of the way: not offered for trainings, on a page of its own."""
    photo_count = models.PositiveIntegerField(default=0, editable=False)
    """Photos that are ready to train on."""
    cover = models.JSONField(default=list, editable=False)
    """Storage names of up to four thumbnails."""
    version = models.BigIntegerField(default=0, editable=False)
    """The workspace's version at the last visible change of the set or one of its photos."""

    objects: ClassVar[models.Manager["PhotoSet"]] = PhotoSetQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="set_by_workspace"),
            models.Index(fields=["erase_at"], name="set_to_erase", condition=models.Q(erase_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    def may_be_deleted_by(self, membership: Membership) -> bool:
        """Whether *membership* may delete the set and its photos: an admin any, an editor those they made."""
        is_own = self.created_by_id == membership.user_id
        return membership.may(Role.ADMIN) or (is_own and membership.may(Role.EDITOR))


class PhotoQuerySet(models.QuerySet["Photo"]):
    def present(self) -> Self:
        return self.filter(deleted_at=None)

    def ready(self) -> Self:
        return self.present().filter(state=Photo.State.READY)

    def waiting(self) -> Self:
        return self.present().filter(state=Photo.State.WAITING)

    def to_train_on(self) -> Self:
        """Photos that a training gets: ready ones that nobody left out."""
        return self.ready().filter(excluded_at=None)

    def to_order(self) -> Self:
        """Photos that an order takes: those that a training gets, and those that are still getting ready for it."""
        return self.usable().filter(excluded_at=None)

    def due_for_inspection(self) -> Self:
        """Ready photos that wait to be inspected, or whose inspector died."""
        return self.ready().filter(inspection_due_at__lte=Now())

    def due_for_cropping(self) -> Self:
        """Ready photos whose crop waits to be made, or whose worker died."""
        return self.ready().filter(crop_due_at__lte=Now())

    def usable(self) -> Self:
        """Photos that are ready or may become so."""
        return self.present().exclude(state=Photo.State.REFUSED)

    def due(self) -> Self:
        """Uploads that wait to be taken in, or whose worker died."""
        return self.present().filter(state=Photo.State.WAITING, next_action_at__lte=Now())

    def to_erase(self) -> Self:
        """Deleted photos whose time to be brought back is over."""
        return self.filter(erase_at__lte=Now())

    def changed_since(self, version: int) -> Self:
        """Photos that changed visibly after the workspace had *version*, deleted ones included."""
        return self.filter(version__gt=version)

    def in_order(self) -> Self:
        return self.order_by("position", "id")


class Photo(models.Model):
    """One photo: the upload as it came, and the upright JPEG without metadata that pages and providers get."""

    class State(models.TextChoices):
        WAITING = "waiting", "Getting ready"
        READY = "ready", "Ready"
        REFUSED = "refused", "Could not be used"

    FILES: ClassVar[tuple[str, ...]] = ("original", "prepared", "thumbnail", "cropped", "cropped_thumbnail")
    """The columns that name stored files."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    photo_set = models.ForeignKey(PhotoSet, models.CASCADE, related_name="photos")
    upload_nonce = models.CharField(max_length=64)
    """Given by the browser for each file, so that a repeated upload is the same photo."""
    display_name = models.CharField(max_length=255)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    refusal = models.CharField(max_length=300, blank=True)
    caption = models.TextField(blank=True, max_length=1000)
    former_caption = models.TextField(null=True, editable=False)
    """What the last change of all captions replaced, to be undone; None where it changed nothing."""
    position = models.PositiveIntegerField(default=0)
    original = models.CharField(max_length=200, blank=True, editable=False)
    """Storage name of the upload as it came, location and all; never served."""
    original_bytes = models.PositiveBigIntegerField(default=0, editable=False)
    original_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    prepared = models.CharField(max_length=200, blank=True, editable=False)
    zip_entry = models.JSONField(null=True, editable=False)
    """Name, size and CRC-32 of what is sent, once a zip of it was needed; of another file, it does not count."""
    thumbnail = models.CharField(max_length=200, blank=True, editable=False)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    full_width = models.PositiveIntegerField(default=0, editable=False)
    full_height = models.PositiveIntegerField(default=0, editable=False)
    """The upload's size in pixels, upright: what there is to cut from for as long as the original is kept."""
    crop = models.JSONField(null=True, editable=False)
    """What part is sent: `mode` (centre, face or hand), `shape`, and `box`, [x, y, width, height] in fractions of the
    upright photo; None: all of it."""
    cropped = models.CharField(max_length=200, blank=True, editable=False)
    """Storage name of that part, which providers get instead of what is prepared; empty until it is made."""
    cropped_thumbnail = models.CharField(max_length=200, blank=True, editable=False)
    cropped_width = models.PositiveIntegerField(default=0, editable=False)
    cropped_height = models.PositiveIntegerField(default=0, editable=False)
    crop_due_at = models.DateTimeField(null=True, editable=False)
    """When the crop is to be made next; None when there is nothing to make."""
    crop_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    inspection = models.JSONField(null=True, editable=False)
    """What was measured (`photos.inspection`); None until somebody looked, empty when looking failed."""
    faces = models.JSONField(null=True, editable=False)
    """The faces found, each [x, y, width, height] in fractions of the upright photo; None until somebody looked."""
    phash = models.CharField(max_length=16, blank=True, editable=False)
    """Its perceptual hash, 64 bits in hexadecimal: photos that look alike differ in few of them."""
    kept_anyway = models.JSONField(default=list, editable=False)
    """The codes of findings that somebody waved through."""
    excluded_at = models.DateTimeField(null=True, editable=False)
    """Since when trainings are started without this photo."""
    inspection_due_at = models.DateTimeField(null=True, editable=False)
    """When it is to be inspected next; None when there is nothing to inspect."""
    inspection_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    version = models.BigIntegerField(default=0, editable=False)
    """The workspace's version when this photo last changed visibly."""
    next_action_at = models.DateTimeField(db_default=Now(), editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    consent = models.ForeignKey("jobs.Consent", models.SET_NULL, null=True, editable=False, related_name="+")
    """The consent it was sent with, by a link; None for photos that the team added."""
    picked_from = models.ForeignKey(
        "jobs.GeneratedImage", models.SET_NULL, null=True, editable=False, related_name="picked_as"
    )
    """The generated image that it is a copy of: whoever withdraws the photos behind that withdraws this, too."""
    deleted_at = models.DateTimeField(null=True, editable=False)
    erase_at = models.DateTimeField(null=True, editable=False)
    """When the deleted photo's files are removed: until then it can be brought back."""
    erased_at = models.DateTimeField(null=True, editable=False)
    """When everything of it was removed. The empty row stays for the jobs that name it."""

    objects: ClassVar[models.Manager["Photo"]] = PhotoQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["photo_set", "upload_nonce"], name="one_photo_per_upload")]
        indexes = [
            models.Index(fields=["photo_set", "position", "id"], name="photo_in_order"),
            models.Index(fields=["next_action_at"], condition=models.Q(state="waiting"), name="photo_due"),
            models.Index(fields=["erase_at"], condition=models.Q(erase_at__isnull=False), name="photo_to_erase"),
            models.Index(
                fields=["inspection_due_at"],
                condition=models.Q(inspection_due_at__isnull=False),
                name="photo_inspection_due",
            ),
            models.Index(fields=["crop_due_at"], condition=models.Q(crop_due_at__isnull=False), name="photo_crop_due"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def crop_box(self) -> tuple[float, float, float, float]:
        """The part that is sent: left, top, width and height in fractions of the upright photo."""
        left, top, width, height = self.crop["box"] if self.crop else (0.0, 0.0, 1.0, 1.0)
        return left, top, width, height

    @property
    def source_size(self) -> parts.Size:
        """The size of the original in pixels; nothing where that is not kept."""
        return (self.full_width, self.full_height) if self.original else (0, 0)

    @property
    def sent_size(self) -> parts.Size:
        """Width and height in pixels of what is sent; of a crop that is being made, what it will have."""
        if self.cropped_width:
            return self.cropped_width, self.cropped_height
        return parts.sent_size(self.crop_box, (self.width, self.height), self.source_size)

    @property
    def shown(self) -> str:
        """Storage name of the thumbnail of what is sent; of the whole photo while its crop is being made."""
        return self.cropped_thumbnail or self.thumbnail

    @property
    def shown_large(self) -> str:
        """Storage name of what is sent; of the whole photo while its crop is being made."""
        return self.cropped or self.prepared

    @property
    def file_names(self) -> list[str]:
        """The names of its stored files."""
        return [name for name in (getattr(self, field) for field in self.FILES) if name]
