"""Forms with which people, workspaces and teams come to be, and change."""

from typing import Any, cast

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from dashboard.models import Keep, Membership, Role, User


def password_field(label: str, autocomplete: str, help_text: str = "") -> forms.CharField:
    """A password: never shown again, spaces and all kept."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=256, widget=widget, help_text=help_text)


def email_field(
    label: str = "E-mail address", *, required: bool = True, autocomplete: str = "email"
) -> forms.EmailField:
    widget = forms.EmailInput(attrs={"autocomplete": autocomplete})
    return forms.EmailField(label=label, required=required, max_length=254, widget=widget)


HOW_TO_CHOOSE_ONE = "At least 10 characters. Three or four words in a row are easy to remember."


class NewPersonForm(forms.Form):
    """Somebody new: name, e-mail address and a password that is good enough."""

    name = forms.CharField(label="Your name", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = email_field()
    password = password_field("Password", "new-password", HOW_TO_CHOOSE_ONE)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if "password" in values:
            person = User(email=values.get("email", ""), name=values.get("name", ""))
            try:
                validate_password(values["password"], person)
            except ValidationError as error:
                self.add_error("password", error)
        return values


def _workspace_name_field(said: str = "Usually your team or studio. You can change it later.") -> forms.CharField:
    return forms.CharField(
        label="Workspace name",
        max_length=80,
        help_text=said,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )


class FirstRunForm(NewPersonForm):
    """The first person of all, and their workspace."""

    workspace_name = _workspace_name_field()


class JoinForm(NewPersonForm):
    """Somebody invited who has no account yet."""


class WorkspaceForm(forms.Form):
    """A workspace's name."""

    name = _workspace_name_field()


class WorkspaceSettingsForm(WorkspaceForm):
    """What admins decide for everybody in the workspace."""

    name = _workspace_name_field("The workspace’s address stays the same, so that bookmarks go on working.")
    keep = forms.TypedChoiceField(
        label="Trained models to copy here",
        choices=Keep,
        coerce=Keep,
        required=False,
        widget=forms.RadioSelect,
        help_text=(
            "Providers delete trained models, dreamlook.ai after 48 hours. A full model takes about 2 GB here, its "
            "LoRA about 75 MB. What is not copied waits there with a button “Keep this”. Pictures are always copied."
        ),
    )

    originals = forms.ChoiceField(
        label="Uploads as they came",
        choices=[("keep", "Keep them"), ("delete", "Delete them")],
        required=False,
        widget=forms.RadioSelect,
        help_text=(
            "Beside the upright copies that are shown and sent, uploads stay here as they came, with place, time and "
            "camera details. “Delete” removes them once the copies are made, earlier ones too."
        ),
    )

    def clean_originals(self) -> bool:
        """Whether to keep them; as it was where nothing was said."""
        return str(self.cleaned_data["originals"] or self.initial["originals"]) == "keep"

    def clean_keep(self) -> Keep:
        """What was chosen, or what it was where nothing was said."""
        return Keep(self.cleaned_data["keep"] or self.initial["keep"])


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
