"""How uploads reach us: each file in a temporary file of its own, cut off at the limit however much is sent."""

import errno
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest

from jobs.files.zip_reading import is_zip
from jobs.models import PhotoRequest

PHOTO_REQUEST_UPLOAD = "photo_request_upload"
"""The name of the one address to which people without an account send files."""


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Writes no more than MAX_PHOTO_MB of a file to the disk, or MAX_ZIP_MB of a member's zip, but counts all of it, so
    that its `size` is true.

    The form token of a request is read before its view says who may send, so files of somebody who is not signed in
    would reach the disk from anywhere: they are passed over, but for as many as a photo request has room for.
    """

    places: int | None = None
    """How many more files this request may bring; None before the first."""

    passing_over = False
    """Whether the file that arrives just now is read past. (SkipFile would close the files before it, too.)"""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if self.places is None:
            self.places = _places(self.request)
        self.passing_over = self.places <= 0
        if not self.passing_over:
            self.places -= 1
            super().new_file(*args, **kwargs)
            self.room = settings.MAX_PHOTO_MB << 20

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.passing_over:
            return
        if start == 0 and is_zip(raw_data) and self.request is not None and self.request.user.is_authenticated:
            self.room = max(self.room, settings.MAX_ZIP_MB << 20)
        try:
            super().receive_data_chunk(raw_data[: self.room], start)
        except OSError as error:
            self.file.close()
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise RequestDataTooBig("There is no room left for what is being sent.") from error
            raise
        self.room -= min(self.room, len(raw_data))

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
        return None if self.passing_over else super().file_complete(file_size)


def _places(request: HttpRequest | None) -> int:
    """How many files *request* may bring."""
    if request is None:
        return 0
    if request.user.is_authenticated:
        return int(settings.DATA_UPLOAD_MAX_NUMBER_FILES)
    match = request.resolver_match
    if match is None or match.url_name != PHOTO_REQUEST_UPLOAD:
        return 0
    answered = PhotoRequest.objects.open().with_token(match.kwargs["token"]).select_related("consent", "photo_set")
    found = answered.exclude(consent=None).first()
    return 0 if found is None else found.consent.places_left()
