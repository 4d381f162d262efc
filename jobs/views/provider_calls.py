"""What providers open: the callback address of an attempt, and the photos that it may fetch. Anything else is a 404."""

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from dashboard import access
from jobs.files.downloads import read_by_a_provider, to_a_provider
from jobs.operations.jobs import callbacks
from jobs.operations.photo_grants import archive, grants

LONGEST_BODY = 1 << 20
"""Bytes of a callback that are read."""


@csrf_exempt
@require_POST
@access.everybody
def callback(request: HttpRequest, token: str) -> HttpResponse:
    """Take in a provider's callback. 503 when the database is away, so that it comes again."""
    try:
        callbacks.receive(token, request.read(LONGEST_BODY + 1)[: LONGEST_BODY + 1])
    except callbacks.NobodyThere:
        raise Http404 from None
    except ValueError:
        return HttpResponse("This is not the callback of a job.", status=400, content_type="text/plain")
    except DatabaseError:
        return HttpResponse("Come again in a moment.", status=503, content_type="text/plain")
    return HttpResponse("Thank you.", content_type="text/plain")


@require_safe
@access.everybody
def granted_file(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """A photo that a provider may fetch, or the captions of all, or all in one archive."""
    if name == grants.CAPTIONS:
        captions = grants.captions(token)
        if not captions:
            raise Http404
        return HttpResponse(captions, content_type="application/json", headers={"Cache-Control": "no-store"})
    if name == archive.NAME:
        zipped = archive.fetched(token)
        if zipped is None:
            raise Http404
        return read_by_a_provider(request, zipped, zipped.sha256, "application/zip")
    photo = grants.photo(token, name)
    if not photo:
        raise Http404
    return to_a_provider(request, photo, "image/jpeg")
