"""PLACEHOLDER until its owner writes it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from dashboard import access


@access.everybody
def job_list(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def changes(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def selected(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404

