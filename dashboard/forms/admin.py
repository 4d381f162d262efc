"""The admin panel's forms for people. Django's own ask for a user name, which people here do not have."""

from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm

from dashboard.models import User


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class UserForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()
