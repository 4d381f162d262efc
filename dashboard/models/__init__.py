"""People, their workspaces, and the secrets a workspace keeps."""

from dashboard.models.audit import AuditEntry
from dashboard.models.installation import Heartbeat, Installation
from dashboard.models.secret import SecretUse, StoredSecret
from dashboard.models.user import User
from dashboard.models.workspace import Invitation, Keep, Membership, Role, Workspace

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
