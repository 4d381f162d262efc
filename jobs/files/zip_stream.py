"""A ZIP written while it is sent: no temporary file, and never more than one member in memory."""

import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from zipfile import ZIP_STORED, ZipFile, ZipInfo

Member = tuple[str, datetime, Callable[[], bytes]]
"""A name in the archive, its time, and how to read it."""


class _Window(io.BytesIO):
    """The part of the archive that is not sent yet, at its true offset.

    `zipfile` goes back to a member's header to fill in size and checksum. Giving it the member's own bytes to seek in
    keeps sizes in front of the contents, where macOS's unpacker needs them for members that are not compressed.
    """

    sent = 0

    def tell(self) -> int:
        return self.sent + super().tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_SET:
            return self.sent + super().seek(offset - self.sent)
        return self.sent + super().seek(offset, whence)

    def take(self) -> bytes:
        """What was written since the last call."""
        written = self.getvalue()
        self.sent += len(written)
        super().seek(0)
        self.truncate(0)
        return written


def zip_stream(members: Iterable[Member]) -> Iterator[bytes]:
    """The archive of *members*, piece by piece: stored, since pictures are compressed already.

    A member whose reading raises `FileNotFoundError` is left out and named in `Missing pictures.txt`.
    """
    window, missing = _Window(), list[str]()
    with ZipFile(window, "w", ZIP_STORED) as archive:
        for name, at, read in members:
            try:
                archive.writestr(ZipInfo(name, at.timetuple()[:6]), read())
            except FileNotFoundError:
                missing.append(name)
            yield window.take()
        if missing:
            archive.writestr("Missing pictures.txt", "These could not be read:\r\n" + "\r\n".join(missing))
    yield window.take()
