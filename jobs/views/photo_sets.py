"""PLACEHOLDER until its owner writes it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from dashboard import access


@access.everybody
def photo_sets(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def new(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def samples(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def photo_set(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def changes(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def rename(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def delete(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def restore(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404

