"""Signing in and out, and passwords: allauth's views, each with its policy and with 400 for a form it refuses."""

from collections.abc import Callable

from allauth.account import views as allauth_views
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from dashboard import access
from dashboard.access import SignedInRequest
from dashboard.operations import first_run


def _answer(view: Callable[..., HttpResponseBase], request: HttpRequest, **kwargs: str) -> HttpResponseBase:
    response = view(request, **kwargs)
    if request.method == "POST" and response.status_code == 200:
        response.status_code = 400
    return response


@access.everybody
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page; before the first visit there is nobody to sign in as."""
    if not request.user.is_authenticated and not first_run.is_done():
        return redirect("first_run")
    return _answer(allauth_views.login, request)


@access.everybody
def admin_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Django's admin has no sign-in page of its own: ours counts the tries."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise Http404
    wanted = request.GET.get("next", reverse("admin:index"))
    return redirect(f"{reverse('account_login')}?{urlencode({'next': wanted})}")


@access.everybody
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """Whoever sits down at this computer next finds no pictures in its browser's cache."""
    response = _answer(allauth_views.logout, request)
    if request.method == "POST":
        response.headers["Clear-Site-Data"] = '"cache"'
    return response


@access.everybody
def sign_up(request: HttpRequest) -> HttpResponseBase:
    """Says that accounts come with an invitation."""
    return _answer(allauth_views.signup, request)


@access.everybody
def inactive(request: HttpRequest) -> HttpResponseBase:
    return _answer(allauth_views.account_inactive, request)


@access.signed_in
def change_password(request: SignedInRequest) -> HttpResponseBase:
    return _answer(allauth_views.password_change, request)


@access.everybody
def forgotten_password(request: HttpRequest) -> HttpResponseBase:
    return _answer(allauth_views.password_reset, request)


@access.everybody
def forgotten_password_sent(request: HttpRequest) -> HttpResponseBase:
    return _answer(allauth_views.password_reset_done, request)


@access.everybody
def new_password(request: HttpRequest, uidb36: str, key: str) -> HttpResponseBase:
    return _answer(allauth_views.password_reset_from_key, request, uidb36=uidb36, key=key)


@access.everybody
def new_password_done(request: HttpRequest) -> HttpResponseBase:
    return _answer(allauth_views.password_reset_from_key_done, request)
