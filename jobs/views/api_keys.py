"""PLACEHOLDER until its owner writes it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from dashboard import access


@access.everybody
def api_keys(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def new(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def test(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def replace(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def revoke(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404

