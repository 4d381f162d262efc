"""PLACEHOLDER until its owner writes it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from dashboard import access


@access.everybody
def new_training(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def new_generation(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def fields(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def summary(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404

