"""The very first visit, which makes the owner and the first workspace; and making and naming workspaces."""

import secrets

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from dashboard import VERSION
from dashboard.models import AuditEntry, Installation, Keep, Membership, Role, User, Workspace


class AlreadySetUp(Exception):
    """Somebody else was first."""


def is_set_up() -> bool:
    """Whether the installation has had its first owner."""
    return Installation.objects.exists()


def set_up(email: str, name: str, password: str, workspace_name: str) -> tuple[User, Workspace]:
    """Make the first person, who also looks after the server, and their workspace. Raises `AlreadySetUp`.

    The installation's row has one possible primary key: of two first visits at once, the second one's INSERT waits
    for the first one's commit and then fails, before anything else of it is made.
    """
    user = User(email=email, name=name, is_staff=True, is_superuser=True)
    user.set_password(password)  # it takes long, and SQLite has one writer at a time
    with transaction.atomic():
        try:
            with transaction.atomic():
                Installation.objects.create(owner_email=email, version=VERSION)
        except IntegrityError as error:
            raise AlreadySetUp from error
        user.save(force_insert=True)
        return user, create(workspace_name, user)


@transaction.atomic
def create(name: str, owner: User) -> Workspace:
    """A new workspace that *owner* owns. Its address is made from its name."""
    slug = slugify(name)[:40].strip("-") or "workspace"
    try:
        with transaction.atomic():
            workspace = Workspace.objects.create(name=name, slug=slug)
    except IntegrityError:  # somebody has this address, perhaps since a moment ago
        workspace = Workspace.objects.create(name=name, slug=f"{slug}-{secrets.token_hex(3)}")
    Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
    AuditEntry.note(workspace, owner, "workspace.made", f"{owner} made this workspace.")
    return workspace


def rename(workspace: Workspace, name: str, user: User) -> None:
    """Change the name; the address stays, so that bookmarks do too."""
    if workspace.name == name:
        return
    before, workspace.name = workspace.name, name
    workspace.save(update_fields=["name"])
    AuditEntry.note(workspace, user, "workspace.renamed", f"{user} renamed the workspace from {before} to {name}.")


def choose_what_to_keep(workspace: Workspace, keep: Keep, user: User) -> None:
    """From now on these trained models are copied here by themselves."""
    if workspace.keep != keep:
        workspace.keep = keep
        workspace.save(update_fields=["keep"])
        said = f"{user} chose which trained models are copied here: {keep.label.lower()}."
        AuditEntry.note(workspace, user, "workspace.keep", said)


def choose_originals(workspace: Workspace, user: User, *, keep: bool) -> None:
    """Keep uploads as they came from now on, or delete them: those that are here go with the next sweep."""
    if workspace.keep_originals != keep:
        workspace.keep_originals = keep
        workspace.save(update_fields=["keep_originals"])
        said = f"{user} chose to {'keep' if keep else 'delete'} uploads as they came."
        AuditEntry.note(workspace, user, "workspace.originals", said)
