"""Who may do what with a job. What the roles mean stands in PRODUCT; whether it can be done now, the operations say."""

from dashboard.models import Membership, Role
from jobs.models import Job


def may_stop(member: Membership, job: Job) -> bool:
    """Editors stop their own jobs, admins everybody's."""
    return member.may(Role.ADMIN) or (member.may(Role.EDITOR) and job.created_by_id == member.user_id)


def may_repeat(member: Membership) -> bool:
    """Editors order again what anybody ordered."""
    return member.may(Role.EDITOR)


def may_delete(member: Membership) -> bool:
    """Admins delete."""
    return member.may(Role.ADMIN)
