"""Making and naming workspaces."""

import secrets

from django.db import transaction
from django.utils.text import slugify

from dashboard.models import AuditEntry, Membership, Role, User, Workspace


@transaction.atomic
def create(name: str, owner: User) -> Workspace:
    """A new workspace that *owner* owns. Its address is made from its name."""
    workspace = Workspace.objects.create(name=name, slug=_free_slug(name))
    Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
    AuditEntry.note(workspace, owner, "workspace.made", f"{owner} made this workspace.")
    return workspace


def rename(workspace: Workspace, name: str, user: User) -> None:
    """Change the name; the address stays, so that bookmarks do too."""
    before, workspace.name = workspace.name, name
    workspace.save(update_fields=["name"])
    AuditEntry.note(workspace, user, "workspace.renamed", f"{user} renamed the workspace from {before} to {name}.")


def _free_slug(name: str) -> str:
    slug = slugify(name)[:40].strip("-") or "workspace"
    return f"{slug}-{secrets.token_hex(3)}" if Workspace.objects.filter(slug=slug).exists() else slug
