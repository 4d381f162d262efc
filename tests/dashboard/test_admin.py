"""The admin panel: useful for whoever looks after the server, and no way around the vault."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from dashboard import models, vault
from dashboard.operations import invitations
from tests.conftest import PASSWORD, client_of, person

pytestmark = pytest.mark.services

CANARY = "dl-canary-9f3b7a61c0de-abcdef"
MINE = ["user", "workspace", "membership", "invitation", "auditentry", "storedsecret", "secretuse", "installation"]
READ_ONLY = ["invitation", "auditentry", "storedsecret", "secretuse", "installation", "heartbeat"]


@pytest.fixture
def as_ada(studio):
    return client_of(person("Ada", studio, is_staff=True, is_superuser=True))


@pytest.fixture
def rows(studio, jon):
    """One row of each model."""
    stored = vault.seal(studio, "dreamlook", "key", CANARY)
    vault.open_secret(stored, "test", user=jon)
    invitation, _ = invitations.invite(studio.memberships.get(user=jon), models.Role.EDITOR, "kim@example.com")
    return {
        "user": jon,
        "workspace": studio,
        "membership": studio.memberships.get(user=jon),
        "invitation": invitation,
        "auditentry": models.AuditEntry.objects.get(),
        "storedsecret": stored,
        "secretuse": models.SecretUse.objects.get(),
        "installation": models.Installation.objects.create(owner_email="jon@example.com"),
        "heartbeat": models.Heartbeat.objects.create(worker="worker@here", at=timezone.now()),
    }


@pytest.mark.parametrize("name", [*MINE, "heartbeat"])
def test_every_list_and_page_opens(as_ada, rows, name):
    assert as_ada.get(reverse(f"admin:dashboard_{name}_changelist"), {"q": "x"}).status_code == 200
    assert as_ada.get(reverse(f"admin:dashboard_{name}_change", args=[rows[name].pk])).status_code == 200


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_the_product_writes_cannot_be_changed_by_hand(as_ada, rows, name):
    row = rows[name]
    assert as_ada.get(reverse(f"admin:dashboard_{name}_add")).status_code == 403
    assert as_ada.post(reverse(f"admin:dashboard_{name}_change", args=[row.pk]), {"at_0": "x"}).status_code == 403
    assert as_ada.post(reverse(f"admin:dashboard_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


def test_no_page_shows_a_secret_its_bytes_or_a_token(as_ada, rows):
    stored = rows["storedsecret"]
    shown = [as_ada.get(reverse(f"admin:dashboard_{name}_change", args=[row.pk])).content for name, row in rows.items()]
    page = b"".join(shown).decode()
    assert rows["invitation"].token_hash not in page
    assert CANARY not in page
    for column in ("ciphertext", "wrapped_key", "wrap_nonce"):
        value = bytes(getattr(stored, column))
        assert value.hex() not in page
        assert repr(value)[2:-1] not in page


def test_a_person_is_added_by_e_mail_address(as_ada):
    typed = {"email": "Kim@Example.com", "name": "Kim", "usable_password": "true"}
    typed |= {"password1": PASSWORD, "password2": PASSWORD}
    assert as_ada.post(reverse("admin:dashboard_user_add"), typed | inlines()).status_code == 302
    assert models.User.objects.get(email="kim@example.com").check_password(PASSWORD)


def inlines():
    return {f"memberships-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}


def test_after_a_change_of_address_the_old_one_does_not_open_the_account(as_ada, jon):
    EmailAddress.objects.create(user=jon, email="jon@example.com", primary=True)
    typed = {"email": "jon@new.example", "name": "Jon", "is_active": "on"}
    assert as_ada.post(reverse("admin:dashboard_user_change", args=[jon.pk]), typed | inlines()).status_code == 302
    assert not EmailAddress.objects.filter(email="jon@example.com").exists()


def test_a_workspace_that_is_renamed_here_keeps_what_happened_meanwhile(studio, rf):
    page = admin.site.get_model_admin(models.Workspace)
    loaded = models.Workspace.objects.get(pk=studio.pk)
    form = page.get_form(rf.post("/"), loaded)(
        {"name": "Studio Two", "slug": loaded.slug, "keep": loaded.keep, "keep_originals": "on"}, instance=loaded
    )
    assert form.is_valid()
    studio.raise_version()
    studio.end_media_addresses()
    page.save_model(rf.post("/"), form.instance, form, change=True)

    now = models.Workspace.objects.get(pk=studio.pk)
    assert (now.name, now.version, now.media_epoch) == ("Studio Two", studio.version, loaded.media_epoch + 1)


def test_every_model_of_ours_is_in_the_panel():
    ours = {model for model in admin.site._registry if model._meta.app_label == "dashboard"}
    assert {model._meta.model_name for model in ours} == {*MINE, "heartbeat"}


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/dashboard/user/", "/admin/dashboard/user/1/change/", "/admin/nothing/"]
)
def test_the_panel_is_closed_to_everybody_else(as_jon, as_sam, client, path):
    assert as_jon.get(path, follow=True).status_code == 404
    assert client.get(path).status_code == 302


@pytest.mark.parametrize(
    "asked",
    ["at__year=9999", "at__year=0", "at__year=99999999999999999999", "at__gte=9999-12-31T23:59:59-12:00", "id=9e99"],
)
@pytest.mark.parametrize("is_followed", [True, False])
def test_a_filter_that_no_database_can_look_for_shows_the_list_and_says_so(as_ada, rows, asked, is_followed):
    answer = as_ada.get(f"/admin/dashboard/auditentry/?{asked}", follow=is_followed)
    assert answer.status_code == 200 or (not is_followed and answer.url == "/admin/dashboard/auditentry/?e=1")


def of(user):
    return user.memberships.get()


def rest_of_form(form_page, prefix=""):
    """What the page's form would send if it was left as it is."""
    form = form_page.context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    for inline in form_page.context["inline_admin_formsets"]:
        formset = inline.formset
        sent |= {field.html_name: field.value() for field in formset.management_form}
        sent |= {field.html_name: field.value() for row in formset.initial_forms for field in row}
    return {name: value for name, value in sent.items() if value is not None and value is not False}


def change(client, row, **changed):
    address = reverse(f"admin:dashboard_{row._meta.model_name}_change", args=[row.pk])
    sent = rest_of_form(client.get(address)) | changed
    answer = client.post(address, {name: value for name, value in sent.items() if value is not None})
    assert answer.status_code == 302, answer.context["errors"]


def remove_one(client, jon):
    client.post(reverse("admin:dashboard_membership_delete", args=[of(jon).pk]), {"post": "yes"})


def remove_selected(client, jon):
    sent = {"action": "delete_selected", "_selected_action": of(jon).pk, "post": "yes"}
    client.post(reverse("admin:dashboard_membership_changelist"), sent)


def remove_on_the_workspaces_page(client, jon):
    change(client, of(jon).workspace, **{"memberships-0-DELETE": "on"})


def remove_the_person(client, jon):
    client.post(reverse("admin:dashboard_user_delete", args=[jon.pk]), {"post": "yes"})


def switch_the_person_off(client, jon):
    change(client, jon, is_active=None)


def give_the_place_to_somebody_else(client, jon):
    change(client, of(jon), user=person("Kim").pk)


@pytest.mark.parametrize(
    "act",
    [
        remove_one,
        remove_selected,
        remove_on_the_workspaces_page,
        remove_the_person,
        switch_the_person_off,
        give_the_place_to_somebody_else,
    ],
)
def test_whoever_is_removed_here_loses_what_they_were_handed_as_on_the_team_page(jon, studio, act):
    invitations.invite(of(jon), models.Role.EDITOR, "")
    act(client_of(person("Ada", is_staff=True, is_superuser=True)), jon)
    assert not models.Invitation.objects.open().exists()
    epoch, studio_now = studio.media_epoch, models.Workspace.objects.get()
    assert studio_now.media_epoch == epoch + 1
    assert studio_now.version > studio.version


def test_whoever_is_demoted_here_loses_the_invitations_they_could_not_give_any_more(jon, studio):
    for role in (models.Role.EDITOR, models.Role.OWNER):
        invitations.invite(of(jon), role, "")
    change(client_of(person("Ada", is_staff=True, is_superuser=True)), of(jon), role="admin")
    assert [invitation.role for invitation in models.Invitation.objects.open()] == ["editor"]
    assert models.Workspace.objects.get().media_epoch == studio.media_epoch


def test_a_change_of_name_takes_nothing_back(jon, studio):
    invitations.invite(of(jon), models.Role.OWNER, "")
    change(client_of(person("Ada", is_staff=True, is_superuser=True)), jon, name="Jonathan")
    assert models.Invitation.objects.open().exists()
    assert models.Workspace.objects.get().media_epoch == studio.media_epoch
