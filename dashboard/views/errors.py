"""PLACEHOLDER until its owner writes it."""

from django.http import HttpRequest, HttpResponse


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return HttpResponse("400", status=400)


forbidden = not_found = server_error = bad_request
