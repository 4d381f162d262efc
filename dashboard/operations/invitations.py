"""Invitations: made, taken back, and accepted once."""

import logging
from smtplib import SMTPException

from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from dashboard.models import AuditEntry, Invitation, Membership, Role, User
from dashboard.operations import members

logger = logging.getLogger(__name__)


class InvitationClosed(Exception):
    """The invitation was used, taken back or ran out; which of them, nobody is told."""


class AddressTaken(Exception):
    """Somebody already has an account with this e-mail address."""


def find_open(token: str) -> Invitation | None:
    """The invitation that *token* opens, with its workspace, or None."""
    return Invitation.objects.open().with_token(token).select_related("workspace").first()


@transaction.atomic
def invite(inviter: Membership, role: Role, email: str) -> tuple[Invitation, str]:
    """Make an invitation to *role*, and return it with its token, which is kept nowhere.

    Raises `NotPossible` when the inviter may not give this role, or not any more: what they handed out is taken back
    under the same lock, and nothing comes after it.
    """
    inviter.workspace.lock()
    if role not in members.may_give(Role(members.as_now(inviter).role)):
        raise members.NotPossible(f"You may not invite anybody as {role.label.lower()}.")
    invitation = Invitation(workspace=inviter.workspace, role=role, email=email, created_by=inviter.user)
    token = invitation.renew_token()
    invitation.save(force_insert=True)
    whom = email or "somebody"
    sentence = f"{inviter.user} invited {whom} as {role.label.lower()}."
    AuditEntry.note(inviter.workspace, inviter.user, "invitation.made", sentence)
    return invitation, token


def send(invitation: Invitation, link: str) -> bool:
    """E-mail the invitation's *link*; False when the mail server did not take it."""
    text = render_to_string("team/email/invitation.txt", {"invitation": invitation, "link": link})
    subject = f"{invitation.created_by} invites you to {invitation.workspace} on Likeness"
    try:
        send_mail(" ".join(subject.split()), text, None, [invitation.email])
    except (OSError, SMTPException):
        logger.warning("The mail server did not take an invitation", exc_info=True)
        return False
    return True


@transaction.atomic
def revoke(invitation: Invitation, user: User) -> None:
    """Take an open invitation back; one that was used or taken back already stays as it is."""
    open_one = Invitation.objects.open().filter(pk=invitation.pk)
    if open_one.update(revoked_at=timezone.now()):
        whom = invitation.email or "a link"
        AuditEntry.note(
            invitation.workspace, user, "invitation.revoked", f"{user} took back the invitation for {whom}."
        )


@transaction.atomic
def accept(invitation: Invitation, user: User) -> Membership:
    """Make *user* a member. Raises `InvitationClosed` when somebody else was quicker: one UPDATE decides."""
    invitation.workspace.lock()
    claimed = Invitation.objects.open().filter(pk=invitation.pk).update(used_at=timezone.now(), used_by=user)
    if claimed != 1:
        raise InvitationClosed
    membership, _ = Membership.objects.get_or_create(
        workspace=invitation.workspace, user=user, defaults={"role": invitation.role}
    )
    invitation.workspace.raise_version()
    role = Role(membership.role).label.lower()
    AuditEntry.note(invitation.workspace, user, "member.joined", f"{user} joined as {role}.")
    return membership


def accept_as_new(invitation: Invitation, email: str, name: str, password: str) -> Membership:
    """Make an account and join with it, both or neither. Raises `AddressTaken` or `InvitationClosed`.

    Hashing the password takes long and comes first: SQLite has one writer at a time.
    """
    if User.objects.filter(email=email).exists():
        raise AddressTaken
    user = User(email=email, name=name)
    user.set_password(password)
    with transaction.atomic():
        try:
            with transaction.atomic():
                user.save(force_insert=True)
        except IntegrityError as error:
            raise AddressTaken from error
        return accept(invitation, user)
