"""People, their workspaces, and the secrets a workspace keeps."""

from dashboard.models.installation import Heartbeat, Installation, RateCount, SecretUse, StoredSecret
from dashboard.models.workspace import AuditEntry, Invitation, Keep, Membership, Role, User, Workspace

__all__ = [
    "AuditEntry",
    "Heartbeat",
    "Installation",
    "Invitation",
    "Keep",
    "Membership",
    "RateCount",
    "Role",
    "SecretUse",
    "StoredSecret",
    "User",
    "Workspace",
]
