"""allauth's forms in our words. allauth finds them by `ACCOUNT_FORMS`."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from django import forms

from dashboard.forms.people import HOW_TO_CHOOSE_ONE


def _say(form: forms.Form, name: str, label: str, autocomplete: str, help_text: str = "") -> None:
    field = form.fields[name]
    field.label, field.help_text = label, help_text
    field.widget.attrs = {"autocomplete": autocomplete, "maxlength": "256"}
    if isinstance(field, forms.CharField):
        field.max_length = 256


class SignInForm(allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "login", "E-mail address", "username")
        _say(self, "password", "Password", "current-password")


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "oldpassword", "Current password", "current-password")
        _say(self, "password1", "New password", "new-password", HOW_TO_CHOOSE_ONE)
        _say(self, "password2", "New password, again", "new-password")


class ForgottenPasswordForm(allauth_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "email", "E-mail address", "username")

    def clean(self) -> dict[str, Any] | None:
        if not get_adapter().may_send_links():
            raise forms.ValidationError(
                "This server does not know its own address, so it sends no links. Ask whoever looks after it to set "
                "PUBLIC_URL."
            )
        found: dict[str, Any] | None = super().clean()
        return found


class NewPasswordForm(allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "password1", "New password", "new-password", HOW_TO_CHOOSE_ONE)
        _say(self, "password2", "New password, again", "new-password")
