"""What is answered before sessions and users are loaded."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from jobs import page_polling
from jobs.files import media


def signed_media(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer addresses of pictures (`jobs.files.media`)."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return media.respond(request) if request.path.startswith(media.PREFIX) else get_response(request)

    return middleware


def nothing_new(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer a page that asks for changes when there are none (`jobs.page_polling`), before anything else is loaded."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if page_polling.PARAMETER in request.META.get("QUERY_STRING", "") and page_polling.is_unchanged(request):
            return page_polling.nothing()
        return get_response(request)

    return middleware
