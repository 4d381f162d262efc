"""People and their workspaces: who belongs to one in which role, who is invited, and who did what."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F
from django.utils import timezone

from dashboard.tokens import new_token, token_hash

INVITATION_LIFETIME = timedelta(days=7)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=(email or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person with a password. What they may see follows from their memberships; `is_staff` looks after the server."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("looks after the server", default=False)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return self.name or self.email.partition("@")[0]

    @property
    def initial(self) -> str:
        """The letter that stands for the person where there is no room for a name."""
        return str(self)[:1].upper()

    def get_short_name(self) -> str:
        return str(self)


class Role(models.TextChoices):
    """What a member may do; each role may do all that the ones before it may."""

    VIEWER = "viewer", "Viewer"
    EDITOR = "editor", "Editor"
    ADMIN = "admin", "Admin"
    OWNER = "owner", "Owner"

    def includes(self, other: "Role") -> bool:
        """Whether this role may do all that *other* may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class Keep(models.TextChoices):
    """Which trained models are copied here by themselves before their provider deletes them."""

    ALWAYS = "always", "All of them"
    LORA = "lora", "LoRAs only"
    ASK = "ask", "None: I choose"


class Workspace(models.Model):
    """A team's space: everything made in Likeness belongs to exactly one."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=50, unique=True)
    version = models.BigIntegerField(default=1, editable=False)
    """Raised with every visible change; see `jobs.versions`."""
    media_epoch = models.PositiveIntegerField(default=1, editable=False)
    """Part of every signed picture address: raising it ends all addresses given out before."""
    keep = models.CharField(max_length=6, choices=Keep, default=Keep.ALWAYS)
    keep_originals = models.BooleanField(default=True)
    """Whether uploads stay here as they came, beside the copies without metadata that are made of them."""
    open_withdrawals = models.PositiveIntegerField(default=0, editable=False)
    """How many people withdrew their photos and wait for the team to delete what was made of them."""
    created_at = models.DateTimeField(auto_now_add=True)
    members: "models.ManyToManyField[models.Model, Membership]" = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="workspaces"
    )

    def __str__(self) -> str:
        return self.name

    def lock(self) -> None:
        """Let nobody else lock this workspace, or raise its version, until the transaction ends.

        All transactions lock rows in one order, so that no two wait each for the other:

            API key, consent, one job (or those of the key), workspace, photos and photo sets, members and invitations

        What stands before the workspace is locked before it and before its version is raised. Of what stands behind
        it a transaction changes any number, in any order, because it has locked the workspace first; in the same way
        a job's attempts and results are changed under the job's lock. Without, a statement by itself may change one
        row. No lock keeps away rows that only refer to the locked one (`no_key`): the database looks those up when a
        transaction ends. A whole person or workspace is deleted by hand only, and that keeps to no order.
        """
        Workspace.objects.select_for_update(no_key=True).get(pk=self.pk)

    def raise_version(self) -> int:
        """Count one visible change and return the new version.

        The UPDATE holds the row until the transaction ends, so versions are committed in their order and a reader
        who has seen version n has seen every change up to n. It is a lock like any other: see `lock` for its place.
        """
        Workspace.objects.filter(pk=self.pk).update(version=F("version") + 1)
        self.refresh_from_db(fields=["version"])
        return self.version

    def end_media_addresses(self) -> None:
        """Make every signed picture address handed out so far a 404."""
        Workspace.objects.filter(pk=self.pk).update(media_epoch=F("media_epoch") + 1)


class Membership(models.Model):
    """A person's place in a workspace."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.EDITOR)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_each")]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}"

    def may(self, role: Role) -> bool:
        """Whether this member may do what *role* may."""
        return Role(self.role).includes(role)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=timezone.now())

    def with_token(self, token: str) -> Self:
        return self.filter(token_hash=token_hash(token))


def _invitation_end() -> datetime:
    return timezone.now() + INVITATION_LIFETIME


class Invitation(models.Model):
    """A link with which one person joins. Only the SHA-256 of its token is kept, so it is shown once."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="invitations")
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.EDITOR)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=_invitation_end)
    used_at = models.DateTimeField(null=True, editable=False)
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[models.Manager["Invitation"]] = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Invitation to {self.workspace}"

    def renew_token(self) -> str:
        """Give the invitation a fresh 256-bit token and return it; the caller saves the row."""
        token = new_token()
        self.token_hash = token_hash(token)
        return token


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
