"""Forms for what takes more than an open page: they ask for one's own password, unless it was typed a moment ago."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from dashboard.access import SignedInRequest
from dashboard.web import rate_limit, sessions


class ConfirmedForm(forms.Form):
    """A form that is sent by whoever knows the password of the person who is signed in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request: SignedInRequest | None = None

    def confirm(self, request: SignedInRequest) -> None:
        """Ask for the password of who sends *request*, where that is needed."""
        self.request = request
        if not sessions.is_password_recent(request):
            self.fields["own_password"] = forms.CharField(
                label="Your password",
                strip=False,
                max_length=256,
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
                help_text="With which you sign in here. We ask again before keys and where they are sent change.",
            )

    def clean_own_password(self) -> str:
        typed = str(self.cleaned_data["own_password"])
        if self.request is not None:
            if not rate_limit.within(f"own-password:{self.request.user.pk}", 10, 300):
                raise ValidationError("Too many tries. Wait five minutes.")
            if not self.request.user.check_password(typed):
                raise ValidationError("This is not your password.")
            sessions.password_typed(self.request)
        return typed
