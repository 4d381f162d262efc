"""How the browser's files are published: hashed and compressed, and the stylesheets joined into one.

In development `css/main.css` is served as it stands and the browser follows its imports. `collectstatic` puts the
imported sheets in their place, so that a first visit on a slow network asks for one stylesheet, not for twenty.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEET = "css/main.css"
IMPORT = re.compile(r'@import "(?P<name>[^"]+)";\n')
MODULE_IMPORTS = ("js/*.js", ((r'(?P<matched>(?P<word>(?:from|import)\s*)"(?P<url>\./[^"]+)")', '%(word)s"%(url)s"'),))
"""Imports in our own modules name the hashed files too; packages' scripts are left as they are."""

Paths = dict[str, tuple[Storage, str]]


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Names carry a hash of the content and can be cached for ever."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, MODULE_IMPORTS)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._addresses: dict[tuple[str, bool], str] = {}

    def url(self, name: str, force: bool = False) -> str:  # noqa: FBT001, FBT002 - Django's signature
        """The address of *name*; worked out once, since what is published stays the same while a process lives."""
        if (name, force) not in self._addresses:
            self._addresses[name, force] = str(super().url(name, force))
        return self._addresses[name, force]

    def post_process(self, paths: Paths, *args: Any, **options: Any) -> Iterator[Any]:
        if SHEET in paths:
            paths |= {SHEET: (_holding(SHEET, joined(paths, SHEET)), SHEET)}
        yield from super().post_process(paths, *args, **options)


def joined(paths: Paths, sheet: str) -> str:
    """The text of *sheet* with each of its imports replaced by that file's text, its addresses still resolving."""
    folder = PurePosixPath(sheet).parent
    return IMPORT.sub(lambda found: _text(paths, str(folder / found["name"])), _text(paths, sheet))


def _text(paths: Paths, name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        return str(file.read().decode())


def _holding(name: str, text: str) -> Storage:
    storage = InMemoryStorage()
    storage.save(name, ContentFile(text.encode()))
    return storage
