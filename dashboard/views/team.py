"""PLACEHOLDER until its owner writes it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from dashboard import access


@access.everybody
def team(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def invite(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def revoke_invitation(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def change_role(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def remove_member(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def leave(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def workspace_settings(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404

