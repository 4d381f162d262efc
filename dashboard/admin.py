"""The admin panel's pages for people, workspaces and what is kept about them. Jobs bring their own."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from dashboard.models import (
    AuditEntry,
    Heartbeat,
    Installation,
    Invitation,
    Membership,
    SecretUse,
    StoredSecret,
    User,
    Workspace,
)

admin.site.site_header = admin.site.site_title = "Likeness"
admin.site.index_title = "Admin panel"
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)


class ReadOnly:
    """Rows that are written by the product alone: looked at here, never changed."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class NewUserForm(AdminUserCreationForm):
    """Django's own asks for a user name, which people here do not have."""

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


class MembershipsInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user", "workspace")


@admin.register(User)
class PersonAdmin(UserAdmin):
    """People, who sign in by e-mail address."""

    form = UserForm
    add_form = NewUserForm
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "date_joined")
    search_fields = ("email", "name")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    inlines = (MembershipsInline,)
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        ("What they may do", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:  # noqa: FBT001
        """allauth remembers addresses of its own: after a change the old one must not open the account."""
        super().save_model(request, obj, form, change)
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()


@admin.register(Workspace)
class WorkspaceAdmin(admin.ModelAdmin):
    list_display = ("name", "slug", "created_at")
    search_fields = ("name", "slug")
    readonly_fields = ("version", "media_epoch", "created_at")
    inlines = (MembershipsInline,)

    def save_model(self, request: HttpRequest, obj: Workspace, form: ModelForm, change: bool) -> None:  # noqa: FBT001
        """What was changed and no more: others raise the version meanwhile, which never goes back."""
        obj.save(update_fields=form.changed_data if change else None)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ("user", "workspace", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "workspace")
    search_fields = ("user__email", "user__name", "workspace__name")
    autocomplete_fields = ("user", "workspace")


@admin.register(Invitation)
class InvitationAdmin(ReadOnly, admin.ModelAdmin):
    """Without the token: only its SHA-256 is kept, and even that is not shown."""

    list_display = ("workspace", "email", "role", "created_by", "created_at", "expires_at", "used_by", "revoked_at")
    list_filter = ("role",)
    list_select_related = ("workspace", "created_by", "used_by")
    search_fields = ("email", "workspace__name")
    exclude = ("token_hash",)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "workspace", "user", "action", "sentence")
    list_filter = ("action",)
    list_select_related = ("workspace", "user")
    search_fields = ("sentence",)
    date_hierarchy = "at"


@admin.register(StoredSecret)
class StoredSecretAdmin(ReadOnly, admin.ModelAdmin):
    """Which secrets there are. Their bytes are not even read from the database."""

    list_display = ("id", "workspace", "provider", "field", "master_key_id", "created_at")
    list_filter = ("provider", "field")
    list_select_related = ("workspace",)
    fields = ("id", "workspace", "provider", "field", "format", "master_key_id", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StoredSecret]:
        return super().get_queryset(request).defer("wrap_nonce", "wrapped_key", "nonce", "ciphertext")


@admin.register(SecretUse)
class SecretUseAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "purpose", "host", "user", "secret_id")
    list_select_related = ("user",)
    search_fields = ("purpose", "secret_id")


@admin.register(Installation)
class InstallationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("owner_email", "created_at")


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("worker", "at")
