"""Whoever loses a place in a workspace loses what they were handed, however it came: by the Team page, in the admin
panel, with their account, or by hand."""

from collections.abc import Collection
from typing import Any

from django.db.models.signals import pre_delete, pre_save
from django.dispatch import receiver

from dashboard.models import Membership, Role, User
from dashboard.operations import members


@receiver(pre_delete, sender=Membership, dispatch_uid="membership ends")
def membership_ends(instance: Membership, **kwargs: Any) -> None:
    members.take_back(instance, keeps=None)


@receiver(pre_save, sender=Membership, dispatch_uid="membership changes")
def membership_changes(instance: Membership, *, raw: bool = False, **kwargs: Any) -> None:
    before = None if raw else Membership.objects.filter(pk=instance.pk).first()
    if before is not None:
        is_same_place = (before.user_id, before.workspace_id) == (instance.user_id, instance.workspace_id)
        members.take_back(before, keeps=Role(instance.role) if is_same_place else None)


@receiver(pre_save, sender=User, dispatch_uid="person is switched off")
def person_is_switched_off(
    instance: User, *, raw: bool = False, update_fields: Collection[str] | None = None, **kwargs: Any
) -> None:
    may_change = update_fields is None or "is_active" in update_fields
    if raw or instance.is_active or not may_change:
        return
    for membership in Membership.objects.filter(user=instance.pk, user__is_active=True).order_by("workspace"):
        members.take_back(membership, keeps=None)
