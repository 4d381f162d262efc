"""Files that somebody fetches slowly."""

from collections.abc import Iterator

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from dashboard.web import middleware, places
from dashboard.web.middleware import IN_ONE_PIECE, slow_readers
from dashboard.web.places import Busy, Places


class Pieces:
    """An answer in pieces that notes when it is closed."""

    def __init__(self) -> None:
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"a", b"b"])

    def close(self) -> None:
        self.is_closed = True


def answer(length: int | None, pieces: Pieces):
    headers = {} if length is None else {"Content-Length": str(length)}
    made = StreamingHttpResponse(pieces, headers={"ETag": '"x"', **headers})
    return slow_readers(lambda request: made)(RequestFactory().get("/"))


@pytest.fixture
def one_place(monkeypatch):
    monkeypatch.setattr(places, "PATIENCE", 0.01)
    monkeypatch.setattr(middleware, "STREAMS", Places(most=1, each=1, strangers=1))


@pytest.mark.usefixtures("one_place")
def test_a_small_file_is_read_at_once_and_holds_no_place():
    pieces = Pieces()
    whole = answer(2, pieces)
    assert isinstance(whole, HttpResponse)
    assert (whole.content, whole["ETag"]) == (b"ab", '"x"')
    whole.close()
    assert pieces.is_closed
    assert not middleware.STREAMS._taken


@pytest.mark.usefixtures("one_place")
@pytest.mark.parametrize("length", [None, IN_ONE_PIECE + 1])
def test_a_large_file_holds_a_place_until_it_is_closed_and_the_next_one_is_told_to_wait(length):
    first, refused = Pieces(), Pieces()
    fetched = answer(length, first)
    with pytest.raises(Busy):
        answer(length, refused)
    assert refused.is_closed
    assert b"".join(fetched) == b"ab"
    fetched.close()
    assert first.is_closed
    answer(length, Pieces()).close()
