"""Forms of the team page."""

from typing import Any, cast

from django import forms

from dashboard.forms.people import email_field
from dashboard.models import Membership, Role

ROLE_HINTS = {
    Role.VIEWER: "sees everything, changes nothing",
    Role.EDITOR: "uploads photos, starts jobs, generates pictures",
    Role.ADMIN: "also API keys, invitations, and other people’s jobs",
    Role.OWNER: "also roles, and the workspace itself",
}


class InviteForm(forms.Form):
    """Whom to invite, as what: at most the inviter's own role."""

    role = forms.TypedChoiceField(label="Role", widget=forms.RadioSelect, initial=Role.EDITOR, coerce=Role)
    email = email_field("E-mail address", required=False, autocomplete="off")

    def __init__(self, inviter: Membership, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = cast("forms.TypedChoiceField", self.fields["role"])
        role.choices = [(role.value, role.label) for role in Role if inviter.may(role)]
        self.fields["email"].help_text = "We send the link there too. You can also just copy it."


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.TypedChoiceField(choices=Role.choices, coerce=Role)
