"""PLACEHOLDER until its owner writes it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from dashboard import access


@access.everybody
def job(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def changes(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def cancel(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def check(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def retry(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def clone(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def delete(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def decide(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404

