"""How uploads reach us: each file in a temporary file of its own, cut off at the limit however much is sent."""

import errno
import tempfile
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from django.http import HttpRequest

from jobs.files import parts
from jobs.files.zip_reading import is_zip
from jobs.models import PhotoRequest

PHOTO_REQUEST_UPLOAD = "photo_request_upload"
"""The name of the one address to which people without an account send files."""
MEMBERS_UPLOADS = frozenset({"photo_upload", "photo_captions_take"})
"""The names of those to which members do."""


class NotTaken(RequestDataTooBig):
    """A whole request is refused before it is read. The *sentence* is for people."""

    status = 413

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Writes no more than MAX_PHOTO_MB of a file to the disk, or MAX_ZIP_MB of a member's zip, but counts all of it, so
    that its `size` is true. All files of a request together may be as large as one zip.

    The form token of a request is read before its view says who may send, so files would reach the disk from anywhere.
    Only those that are sent where files belong do, by members or as many as a photo request has room for; the others
    are passed over.
    """

    left: int | None = None
    """How many more files this request may bring; None before the first."""

    passing_over = False
    """Whether the file that arrives just now is read past. (SkipFile would close the files before it, too.)"""

    def handle_raw_input(self, *args: Any) -> None:
        _, _, self.coming, *_ = args
        most = max(settings.MAX_ZIP_MB, settings.MAX_PHOTO_MB)
        if self.coming > (most << 20) + settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise NotTaken(
                f"That was more than {most} MB, the most that is taken in one go. Send fewer files at a time."
            )

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if self.left is None:
            self.left = _capacity(self.request)
            # Many files at once must not fill the disk that the database lies on. One alone, or a part of one, is told
            # later, in a sentence that names it.
            if self.left and self.coming > settings.MAX_PHOTO_MB << 20:
                try:
                    parts.make_sure_of_room(self.coming)
                except parts.Full as problem:
                    raise NotTaken(str(problem)) from None
        self.passing_over = self.left <= 0
        if not self.passing_over:
            self.left -= 1
            FileUploadHandler.new_file(self, *args, **kwargs)
            # On the disk that was checked; and without a name, so that nothing stays of it when we are killed.
            file = tempfile.TemporaryFile(dir=parts.incoming())  # noqa: SIM115 - the request closes it
            about = self.content_type, 0, self.charset, self.content_type_extra
            self.file: Any = UploadedFile(file, self.file_name, *about)
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
                raise NotTaken("There is no room left to store files.") from error
            raise
        self.room -= min(self.room, len(raw_data))

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
        return None if self.passing_over else super().file_complete(file_size)

    def upload_interrupted(self) -> None:
        if not self.passing_over and hasattr(self, "file"):
            self.file.close()


def _capacity(request: HttpRequest | None) -> int:
    """How many files *request* may bring."""
    match = None if request is None else request.resolver_match
    if request is None or match is None:
        return 0
    if match.url_name in MEMBERS_UPLOADS:
        return int(settings.DATA_UPLOAD_MAX_NUMBER_FILES) if request.user.is_authenticated else 0
    if match.url_name != PHOTO_REQUEST_UPLOAD:
        return 0
    answered = PhotoRequest.objects.open().with_token(match.kwargs["token"]).select_related("consent", "photo_set")
    found = answered.exclude(consent=None).first()
    return 0 if found is None else found.consent.places_left()
