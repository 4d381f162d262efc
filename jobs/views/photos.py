"""PLACEHOLDER until its owner writes it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from dashboard import access


@access.everybody
def upload(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def delete(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def restore(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404

