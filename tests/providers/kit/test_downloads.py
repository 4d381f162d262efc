"""Results come whole, bounded and from where they should, or not at all."""

from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from jobs.providers.context import Context
from jobs.providers.errors import NotThere, Refused, Unavailable
from jobs.providers.kit.client import GuardedClient
from tests.properties import given, st
from tests.providers.kit.loopback import loopback, mock_transport, send

FILE = bytes(range(256)) * 40


def http_over(handler: object) -> GuardedClient:
    transport = mock_transport(handler)
    return GuardedClient(
        "Here",
        "https://api.example.com",
        Context(transport=transport),
        result_hosts=["files.example.com", ".cdn.test"],
    )


def answering(status: int, content: bytes = b"", **headers: str) -> GuardedClient:
    return http_over(lambda _: httpx.Response(status, content=content, headers=headers))


def ranged(request: httpx.Request) -> httpx.Response:
    asked = request.headers.get("Range")
    if asked is None or request.headers.get("If-Range", '"v1"') != '"v1"':
        return httpx.Response(200, content=FILE, headers={"ETag": '"v1"'})
    start = int(asked.removeprefix("bytes=").removesuffix("-"))
    if start >= len(FILE):
        return httpx.Response(416, headers={"Content-Range": f"bytes */{len(FILE)}"})
    headers = {"Content-Range": f"bytes {start}-{len(FILE) - 1}/{len(FILE)}", "ETag": '"v1"'}
    return httpx.Response(206, content=FILE[start:], headers=headers)


def test_a_result_is_streamed_without_any_key() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert "Authorization" not in request.headers
        return ranged(request)

    download = http_over(answer).download("https://files.example.com/x", limit_bytes=len(FILE))
    assert b"".join(download.chunks) == FILE
    assert (download.offset, download.total, download.validator) == (0, len(FILE), '"v1"')


@given(st.integers(min_value=0, max_value=len(FILE)))
def test_d02_a_result_cut_at_any_byte_is_continued_there(cut: int) -> None:
    download = http_over(ranged).download(
        "https://files.example.com/x", limit_bytes=len(FILE), offset=cut, validator='"v1"'
    )
    assert FILE[: download.offset] + b"".join(download.chunks) == FILE
    assert download.offset == cut
    assert download.total == len(FILE)


def test_d02_a_result_that_changed_meanwhile_starts_anew() -> None:
    download = http_over(ranged).download(
        "https://files.example.com/x", limit_bytes=len(FILE), offset=7, validator='"v0"'
    )
    assert download.offset == 0
    assert b"".join(download.chunks) == FILE


@pytest.mark.parametrize("content_range", ["", "bytes 0-9/10", "bytes 6-9/10", "octets 5-9/10", "bytes 5-9/x"])
def test_d02_a_part_that_begins_elsewhere_is_not_used(content_range: str) -> None:
    http = answering(206, b"12345", **{"Content-Range": content_range})
    with pytest.raises(Unavailable):
        http.download("https://files.example.com/x", limit_bytes=100, offset=5)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_d01_an_expired_link_is_not_there_and_its_error_page_is_not_a_result(status: int) -> None:
    with pytest.raises(NotThere):
        answering(status, b"<Error/>").download("https://files.example.com/x", limit_bytes=100)


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/xml", "TEXT/XML", "application/json"])
def test_d01_a_page_in_the_place_of_a_result_is_not_one(kind: str) -> None:
    with pytest.raises(NotThere):
        answering(200, b"<Error/>", **{"Content-Type": kind}).download("https://files.example.com/x", limit_bytes=100)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 204, 416])
def test_a_result_that_cannot_be_had_just_now_is_unavailable(status: int) -> None:
    with pytest.raises(Unavailable):
        answering(status).download("https://files.example.com/x", limit_bytes=100)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_d07_a_redirect_is_refused(status: int) -> None:
    http = answering(status, Location="https://files.example.com/y")
    with pytest.raises(Refused):
        http.download("https://files.example.com/x", limit_bytes=100)


UNREADABLE = (
    *("https://xn--.amazonaws.com/x", "https://xn--a.cdn.test/x", "https://[::1/x", "https://[v1.a]/", "https://a:b/"),
    *("https://\udc80.cdn.test/", "https://a..cdn.test:99999/", "https://%00/", "https://\uff41.cdn.test/", "//", ""),
)


@pytest.mark.parametrize("url", UNREADABLE)
def test_d07_an_address_that_nobody_can_read_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        http_over(ranged).download(url, limit_bytes=len(FILE), hosts=[".amazonaws.com"])


@pytest.mark.parametrize("location", UNREADABLE)
def test_d07_a_redirect_to_such_an_address_is_refused_too(location: str) -> None:
    http = http_over(lambda _: httpx.Response(302, headers={"Location": location.encode(errors="replace")}))
    with pytest.raises(Refused):
        http.download("https://files.example.com/x", limit_bytes=100)


@pytest.mark.parametrize("host", ["files.example.com", "FILES.example.com", "a.cdn.test", "a.b.cdn.test", "own.test"])
def test_d07_results_come_from_allowed_hosts(host: str) -> None:
    download = http_over(ranged).download(f"https://{host}/x", limit_bytes=len(FILE), hosts=["own.test"])
    assert b"".join(download.chunks) == FILE


@pytest.mark.parametrize("host", ["example.com", "api.example.com", "cdn.test", "evilcdn.test", "example.com.evil"])
def test_d07_results_come_from_no_other_host(host: str) -> None:
    with pytest.raises(Refused):
        http_over(ranged).download(f"https://{host}/x", limit_bytes=len(FILE))


def test_d03_a_result_announced_too_big_is_not_begun() -> None:
    with pytest.raises(Refused):
        answering(200, FILE).download("https://files.example.com/x", limit_bytes=len(FILE) - 1)


def test_d03_an_endless_result_is_stopped_at_the_limit() -> None:
    class Endless(httpx.SyncByteStream):
        def __iter__(self):
            while True:
                yield b" " * 1000

    http = http_over(lambda _: httpx.Response(200, stream=Endless()))
    download = http.download("https://files.example.com/x", limit_bytes=10_500)
    with pytest.raises(Refused):
        list(download.chunks)


def test_d03_a_packed_result_is_not_taken() -> None:
    with pytest.raises(Unavailable):
        answering(200, b"x", **{"Content-Encoding": "gzip"}).download("https://files.example.com/x", limit_bytes=9)


def test_d02_a_connection_that_breaks_is_reported_while_reading() -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 30)
        handler.close_connection = True

    with loopback(cut) as server:
        download = server.http.download(f"{server.url}/x", limit_bytes=100)
        received: list[bytes] = []
        with pytest.raises(Unavailable):
            received.extend(download.chunks)
        assert b"".join(received) == b"x" * 30


def test_a_download_that_nobody_reads_gives_its_connection_back() -> None:
    closed = []

    class Stream(httpx.SyncByteStream):
        def __iter__(self):
            yield b"x"

        def close(self) -> None:
            closed.append(True)

    http = http_over(lambda _: httpx.Response(200, stream=Stream()))
    download = http.download("https://files.example.com/x", limit_bytes=100)
    del download
    assert closed


def test_a_result_that_is_already_complete_is_recognised() -> None:
    with loopback(lambda handler: send(handler, 416, b"no", Content_Range="bytes */10")) as server:
        download = server.http.download(f"{server.url}/x", limit_bytes=100, offset=10)
        assert list(download.chunks) == []
        assert (download.offset, download.total) == (10, 10)
