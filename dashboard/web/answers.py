"""Small things that several views answer with."""

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from dashboard.access import MemberRequest


def form_status(request: HttpRequest, form: forms.BaseForm) -> int:
    """The status of a page that shows *form*: 400 when it has errors, but 200 to htmx, which swaps in nothing else."""
    return 400 if form.is_bound and "HX-Request" not in request.headers else 200


def way_back(request: MemberRequest, page: str) -> str:
    """Where the form was, with its filters: its `next`, if that is an address of ours, else the workspace's *page*."""
    back = request.POST.get("next") or request.GET.get("next", "")
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return back
    return reverse(page, args=[request.workspace.slug])


def public_address(request: HttpRequest, path: str) -> str:
    """*path* as a link that works outside: below `PUBLIC_URL`, or the address that this request came by."""
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
