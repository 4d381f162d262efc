"""Who belongs to a workspace, and as what. A workspace always keeps an owner.

Whoever loses a place loses what they were handed (`take_back`), however it came: by the Team page, in the admin panel,
with their account, or by hand. So receivers see to that.
"""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models.signals import pre_delete, pre_save
from django.dispatch import receiver
from django.utils import timezone

from dashboard.models import AuditEntry, Invitation, Membership, Role, User


class NotPossible(Exception):
    """It cannot be done and nothing was changed; the message tells the person why."""


@transaction.atomic
def change_role(target: Membership, role: Role, actor: Membership) -> None:
    """Give *target* another role. Raises `NotPossible` for the last owner."""
    target.workspace.lock()
    _require(owner=actor)
    if role != Role.OWNER:
        _keep_an_owner(target)
    _set_role(target, role)
    whom = "themselves" if target.pk == actor.pk else target.user
    sentence = f"{actor.user} made {whom} {'a' if role == Role.VIEWER else 'an'} {role.label.lower()}."
    AuditEntry.note(target.workspace, actor.user, "member.role", sentence)


@transaction.atomic
def transfer_ownership(target: Membership, actor: Membership) -> None:
    """Make *target* the owner in the place of *actor*, who stays as admin. Raises `NotPossible` for oneself."""
    if target.pk == actor.pk:
        raise NotPossible("You are the owner already.")
    target.workspace.lock()
    _require(owner=actor)
    _set_role(target, Role.OWNER)
    _set_role(actor, Role.ADMIN)
    sentence = f"{actor.user} handed the workspace over to {target.user}."
    AuditEntry.note(target.workspace, actor.user, "workspace.transferred", sentence)


@transaction.atomic
def remove(target: Membership, actor: Membership) -> None:
    """End *target*'s membership. Jobs belong to the workspace and go on. Raises `NotPossible`."""
    if target.pk == actor.pk:
        raise NotPossible("To go yourself, press Leave.")
    target.workspace.lock()
    if not may_remove(as_now(actor), as_now(target)):
        raise NotPossible("Only an owner can remove an admin or an owner.")
    _keep_an_owner(target)
    target.delete()
    AuditEntry.note(target.workspace, actor.user, "member.removed", f"{actor.user} removed {target.user}.")


def may_remove(actor: Membership, target: Membership) -> bool:
    """Whether *actor*'s role is enough: owners remove anybody, admins those below them."""
    return actor.may(Role.OWNER) or (actor.may(Role.ADMIN) and not target.may(Role.ADMIN))


@transaction.atomic
def leave(membership: Membership) -> None:
    """End one's own membership. Raises `NotPossible` for the last owner."""
    membership.workspace.lock()
    _keep_an_owner(membership)
    membership.delete()
    AuditEntry.note(membership.workspace, membership.user, "member.left", f"{membership.user} left.")


def as_now(membership: Membership) -> Membership:
    """*membership* with the role it has under the lock: the request began with an earlier look. Raises `NotPossible`
    when it is over."""
    now = Membership.objects.filter(pk=membership.pk).select_related("user", "workspace").first()
    if now is None:
        raise NotPossible(f"{membership.user} is no longer a member.")
    return now


def _require(*, owner: Membership) -> None:
    if not as_now(owner).may(Role.OWNER):
        raise NotPossible("You are no longer an owner of this workspace.")


def may_give(role: Role | None) -> list[Role]:
    """The roles to which one with *role* may invite others; none without a role."""
    return [other for other in Role if role and role.includes(Role.ADMIN) and role.includes(other)]


def _keep_an_owner(going: Membership) -> None:
    owners = going.workspace.memberships.filter(role=Role.OWNER)
    if owners.filter(pk=going.pk).exists() and not owners.exclude(pk=going.pk).exists():
        raise NotPossible(f"{going.user} is the only owner. Make somebody else an owner first.")


def _set_role(membership: Membership, role: Role) -> None:
    now = as_now(membership)
    now.role = role
    now.save(update_fields=["role"])


@transaction.atomic
def take_back(membership: Membership, *, keeps: Role | None) -> None:
    """What *membership* handed out and no longer may, stops working: open invitations to roles that one with the role
    it *keeps* could not give, and with None, when it ends, the signed picture addresses."""
    workspace, user = membership.workspace, membership.user
    workspace.lock()
    given = Invitation.objects.open().filter(workspace=workspace, created_by=user)
    given.exclude(role__in=may_give(keeps)).update(revoked_at=timezone.now())
    if keeps is None:
        workspace.end_media_addresses()
        workspace.raise_version()


@receiver(pre_delete, sender=Membership, dispatch_uid="membership ends")
def membership_ends(instance: Membership, **kwargs: Any) -> None:
    take_back(instance, keeps=None)


@receiver(pre_save, sender=Membership, dispatch_uid="membership changes")
def membership_changes(instance: Membership, *, raw: bool = False, **kwargs: Any) -> None:
    before = None if raw else Membership.objects.filter(pk=instance.pk).first()
    if before is not None:
        is_same_place = (before.user_id, before.workspace_id) == (instance.user_id, instance.workspace_id)
        take_back(before, keeps=Role(instance.role) if is_same_place else None)


@receiver(pre_save, sender=User, dispatch_uid="person is switched off")
def person_is_switched_off(
    instance: User, *, raw: bool = False, update_fields: Collection[str] | None = None, **kwargs: Any
) -> None:
    may_change = update_fields is None or "is_active" in update_fields
    if raw or instance.is_active or not may_change:
        return
    for membership in Membership.objects.filter(user=instance.pk, user__is_active=True).order_by("workspace"):
        take_back(membership, keeps=None)
