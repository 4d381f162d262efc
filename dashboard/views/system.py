"""PLACEHOLDER until its owner writes it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from dashboard import access


@access.everybody
def system(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404

