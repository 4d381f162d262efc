"""Results as a bucket serves them: ranges, ETags, Google's XML errors, and what goes wrong with them."""

import re
from dataclasses import replace
from itertools import chain, repeat

from tests.providers.emulators.answers import Answer, page
from tests.providers.emulators.faults import Fault
from tests.providers.emulators.files import Content

_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")


def xml_error(status: int, code: str = "ExpiredToken") -> Answer:
    text = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>no</Message></Error>"
    return Answer(status, text.encode(), {"Content-Type": "application/xml; charset=UTF-8"})


def served(content: Content, asked: str | None, if_range: str | None, fault: Fault | None) -> Answer:
    """The answer to a GET of *content* with these Range and If-Range headers."""
    name = fault.name if fault else ""
    if fault is not None and name == "expired":
        return xml_error(fault.status)
    if name == "page":
        return page()
    if name == "changed":
        content = replace(content, id=f"{content.id}-anew", picture=content.picture and content.picture[::-1])
    whole = name == "no_ranges" or (if_range is not None and if_range != content.etag)
    return _misstated(_ranged(content, None if whole else asked), content, name)


def _ranged(content: Content, asked: str | None) -> Answer:
    kind = "image/png" if content.picture else "application/octet-stream"
    headers = {"Content-Type": kind, "ETag": content.etag, "Accept-Ranges": "bytes"}
    found = _RANGE.fullmatch(asked or "")
    if found is None:
        return Answer(200, headers=headers, chunks=content.chunks(), size=content.size)
    start, stop = int(found[1]), min(int(found[2]) + 1 if found[2] else content.size, content.size)
    if start >= content.size:
        return Answer(416, headers={"Content-Range": f"bytes */{content.size}"})
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{content.size}"
    return Answer(206, headers=headers, chunks=content.chunks(start, stop), size=stop - start)


def _misstated(answer: Answer, content: Content, name: str) -> Answer:
    if name == "weak_etag":
        return replace(answer, headers={**answer.headers, "ETag": f"W/{content.etag}"})
    if name == "wrong_length":
        return replace(answer, size=answer.size * 2, headers={**answer.headers, "Connection": "close"})
    if name == "longer":
        return replace(answer, size=answer.size * 3, chunks=chain.from_iterable(repeat(list(answer.chunks or ()), 3)))
    if name == "endless":
        chunked = {"Transfer-Encoding": "chunked", "Content-Length": ""}
        return replace(answer, chunks=repeat(b"10000\r\n" + b"x" * 65536 + b"\r\n"), headers=chunked)
    return answer
