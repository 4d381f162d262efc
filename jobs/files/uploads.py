"""How uploads reach us: each file in a temporary file of its own, cut off at the limit however much is sent."""

import errno
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Writes no more than MAX_PHOTO_MB of a file to the disk, but counts all of it, so that its `size` is true.

    The form token of a request is read before its view says who may send, so files of somebody who is not signed in
    would reach the disk from anywhere: they are passed over.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if self.request is None or not self.request.user.is_authenticated:
            raise SkipFile
        super().new_file(*args, **kwargs)
        self.room = settings.MAX_PHOTO_MB << 20

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            super().receive_data_chunk(raw_data[: self.room], start)
        except OSError as error:
            self.file.close()
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise RequestDataTooBig("There is no room left for what is being sent.") from error
            raise
        self.room -= min(self.room, len(raw_data))
