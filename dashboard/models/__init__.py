"""People, their workspaces, and the secrets a workspace keeps."""

from dashboard.models.installation import Heartbeat, Installation, SecretUse, StoredSecret
from dashboard.models.workspace import AuditEntry, Invitation, Keep, Membership, Role, User, Workspace

__all__ = [
    "AuditEntry",
    "Heartbeat",
    "Installation",
    "Invitation",
    "Keep",
    "Membership",
    "Role",
    "SecretUse",
    "StoredSecret",
    "User",
    "Workspace",
]
