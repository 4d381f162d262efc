"""What broke off on its way into a bucket. Large files go there in pieces, which nobody sees and somebody pays for
until they are put together or called off; whoever dies in between does neither."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import chain

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.storage import storages

logger = logging.getLogger(__name__)


def call_off(folders: Iterable[str], older_than_seconds: float) -> int:
    """Call off what was begun in these *folders* of the bucket so long ago, and say how many files that were.

    Nothing happens without a bucket. One that does not tell what was begun, as some do not, is left alone.
    """
    bucket = getattr(storages["default"], "bucket", None)
    if bucket is None:
        return 0
    deadline = datetime.now(UTC) - timedelta(seconds=older_than_seconds)
    try:
        begun = chain.from_iterable(bucket.multipart_uploads.filter(Prefix=f"{folder}/") for folder in folders)
        old = [upload for upload in begun if upload.initiated < deadline]
        for upload in old:
            upload.abort()
        return len(old)
    except (BotoCoreError, ClientError):
        logger.warning("The bucket does not let us call off what was begun and not finished.", exc_info=True)
        return 0
