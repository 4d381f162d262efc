"""PLACEHOLDER until its owner writes it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from dashboard import access


@access.everybody
def gallery(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def page(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def download_many(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def delete_many(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def restore_many(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def details(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def star(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


@access.everybody
def download(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404

