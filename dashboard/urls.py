"""Every address. What a view may be opened by stands at the view (`dashboard.access`)."""

from django.contrib import admin
from django.urls import include, path, re_path

from dashboard.views import account, system, team

WORKSPACE = "w/<slug:workspace>/"
ACCOUNT = [
    path("login/", account.sign_in, name="account_login"),
    path("logout/", account.sign_out, name="account_logout"),
    path("signup/", account.sign_up, name="account_signup"),
    path("inactive/", account.inactive, name="account_inactive"),
    path("password/change/", account.change_password, name="account_change_password"),
    path("password/reset/", account.forgotten_password, name="account_reset_password"),
    path("password/reset/done/", account.forgotten_password_sent, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.new_password,
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", account.new_password_done, name="account_reset_password_from_key_done"),
]
"""Signing in and passwords: allauth's views behind ours, and no others of its views."""

urlpatterns = [
    path("", account.home, name="home"),
    path("welcome/", account.first_run, name="first_run"),
    path("account/", include(ACCOUNT)),
    path("join/<str:token>/", account.join, name="join"),
    path("workspaces/new/", account.workspace_new, name="workspace_new"),
    path(f"{WORKSPACE}team/", team.team, name="team"),
    path(f"{WORKSPACE}team/invite/", team.invite, name="invite"),
    path(f"{WORKSPACE}team/invitations/<int:invitation_id>/revoke/", team.revoke_invitation, name="revoke_invitation"),
    path(f"{WORKSPACE}team/members/<int:membership_id>/role/", team.change_role, name="change_role"),
    path(f"{WORKSPACE}team/members/<int:membership_id>/transfer/", team.transfer, name="transfer_ownership"),
    path(f"{WORKSPACE}team/members/<int:membership_id>/remove/", team.remove_member, name="remove_member"),
    path(f"{WORKSPACE}team/leave/", team.leave, name="leave"),
    path(f"{WORKSPACE}settings/", team.workspace_settings, name="workspace_settings"),
    path(WORKSPACE, include("jobs.urls")),
    path("", include("jobs.provider_urls")),
    path("", include("jobs.request_urls")),
    path("system/", system.system, name="system"),
    path("health/live/", system.live, name="live"),
    path("health/ready/", system.ready, name="ready"),
    path("admin/login/", account.admin_sign_in, name="admin_sign_in"),
    path("admin/", admin.site.urls),
]

handler400 = "dashboard.views.errors.bad_request"
handler403 = "dashboard.views.errors.forbidden"
handler404 = "dashboard.views.errors.not_found"
handler429 = "dashboard.views.errors.too_many"
handler500 = "dashboard.views.errors.server_error"
