"""What a first visit to a page loads: its style sheets and scripts and all that these import, compressed."""

import gzip
import re
from collections.abc import Callable
from urllib.parse import urljoin

LIMIT = 60_000
"""Bytes of CSS and JavaScript together, compressed."""

_IN_PAGES = re.compile(r'<script\b[^>]*\bsrc="([^"]+)"|<link\b[^>]*\brel="stylesheet"[^>]*\bhref="([^"]+)"')
_IN_SCRIPTS = re.compile(r'(?:\bfrom|\bimport)\s*\(?\s*"(\./[^"]+)"')
_IN_SHEETS = re.compile(r'@import\s+(?:url\()?"([^"]+)"')


class Scales:
    """Weighs pages. *read* gives the content at an address; each address is read once."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self.read = read
        self._read: dict[str, bytes] = {}

    def weight(self, html: str) -> int:
        """Bytes that a first visit to the page loads beside it, compressed as the server keeps them."""
        return sum(len(gzip.compress(self._content(address), 9)) for address in self.loaded(html))

    def loaded(self, html: str) -> list[str]:
        """The addresses of the page's style sheets and scripts, each once."""
        addresses = [script or sheet for script, sheet in _IN_PAGES.findall(html)]
        for address in addresses:
            pattern = _IN_SHEETS if address.endswith(".css") else _IN_SCRIPTS
            imported = (urljoin(address, name) for name in pattern.findall(self._content(address).decode()))
            addresses += [one for one in dict.fromkeys(imported) if one not in addresses]
        return addresses

    def _content(self, address: str) -> bytes:
        if address not in self._read:
            self._read[address] = self.read(address)
        return self._read[address]
