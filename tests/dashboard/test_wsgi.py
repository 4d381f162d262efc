"""What the web server hands over: whole bodies only, and heads that can be read."""

import encodings
import io
import socket
import sys
from threading import Event
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory
from django.urls import reverse

from dashboard import wsgi
from dashboard.models import Workspace
from dashboard.up.address import Address
from dashboard.up.supervisor import web_command
from dashboard.web import places
from dashboard.web.places import Asker, Busy, Places
from dashboard.wsgi import Request
from tests.conftest import client_of

FORM = b"name=Second+studio&more=words"
PARTS = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nSecond studio\r\n--x--\r\n'
MULTIPART = "multipart/form-data; boundary=x"
PLAIN = "application/x-www-form-urlencoded"


class Dripping(io.RawIOBase):
    """A body that arrives a few bytes at a time, as over a slow connection."""

    def __init__(self, body: bytes) -> None:
        self._rest = body

    def read(self, size: int = -1) -> bytes:
        taken, self._rest = self._rest[: min(size, 7)], self._rest[min(size, 7) :]
        return taken


def send(client, body: Any, content_type: str, length: int) -> int:
    """The status that our web server would give."""
    environ = RequestFactory().generic("POST", reverse("workspace_new"), b"", content_type=content_type).environ
    environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(length), "CONTENT_TYPE": content_type}
    environ["HTTP_COOKIE"] = "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())
    environ |= {"HTTP_COOKIE": f"{environ['HTTP_COOKIE']}; csrf={'a' * 32}", "HTTP_X_CSRFTOKEN": "a" * 32}
    return WSGIHandler().get_response(Request(environ)).status_code


@pytest.mark.parametrize(("content_type", "body"), [(PLAIN, FORM), (MULTIPART, PARTS)])
def test_a_form_that_arrives_slowly_is_read_to_its_end(jon, content_type, body):
    assert send(client_of(jon), Dripping(body), content_type, len(body)) == 302
    assert Workspace.objects.filter(name="Second studio").exists()


@pytest.mark.parametrize(("content_type", "body"), [(PLAIN, FORM), (MULTIPART, PARTS)])
@pytest.mark.parametrize("missing", [1, 5, 10_000])
def test_a_form_that_was_cut_off_does_nothing(jon, studio, content_type, body, missing):
    assert send(client_of(jon), io.BytesIO(body), content_type, len(body) + missing) == 400
    assert list(Workspace.objects.all()) == [studio]


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary*=nonsense''x", "a; b*=''", "; b*=x'y'%ff"])
def test_a_kind_of_body_that_cannot_be_read_is_no_form(jon, content_type):
    assert send(client_of(jon), io.BytesIO(PARTS), content_type, len(PARTS)) in {200, 400}


@pytest.mark.parametrize(
    "charset", ["rot13", "zlib_codec", "hex", "idna", "undefined", "latin-1", "nonsense", "a\x00b"]
)
@pytest.mark.parametrize("kind", [PLAIN, MULTIPART, "text/plain"])
def test_a_body_in_no_encoding_of_browsers_is_no_form_and_the_address_is_read_as_ever(jon, studio, charset, kind):
    assert send(client_of(jon), io.BytesIO(PARTS), f"{kind}; charset={charset}", len(PARTS)) in {200, 400}
    environ = RequestFactory().get("/", {"q": "Zoë"}).environ | {"CONTENT_TYPE": f"{kind}; charset={charset}"}
    assert Request(environ).GET["q"] == "Zoë"
    assert list(Workspace.objects.all()) == [studio]


def test_names_of_encodings_that_strangers_make_up_are_not_kept():
    known = len(encodings._cache)
    for number in range(3):
        Request(RequestFactory().get("/").environ | {"CONTENT_TYPE": f"text/plain; charset=made-up-{number}"})
    assert len(encodings._cache) == known


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_a_form_may_say_that_it_is_utf_8(jon, charset):
    assert send(client_of(jon), io.BytesIO(FORM), f"{PLAIN}; charset={charset}", len(FORM)) == 302


class Silent(io.RawIOBase):
    """A body of which nothing more arrives until the connection is closed."""

    def __init__(self) -> None:
        self.closed_by_server = Event()

    def read(self, size: int = -1) -> bytes:
        self.closed_by_server.wait()
        return b""


def a_stranger(address: str = "192.0.2.7") -> Asker:
    return Asker(address, is_signed_in=False)


@pytest.fixture
def no_patience(monkeypatch):
    monkeypatch.setattr(places, "PATIENCE", 0.01)
    monkeypatch.setattr(wsgi, "SILENCE", 0.05)


@pytest.mark.usefixtures("no_patience")
def test_c06_a_form_of_which_no_more_arrives_is_given_up_and_its_place_is_free_once_the_connection_is(jon, monkeypatch):
    monkeypatch.setattr(wsgi, "BODIES", bodies := Places(most=1, each=1, strangers=1))
    body, client = Silent(), client_of(jon)
    assert send(client, body, PLAIN, len(FORM)) == 408
    assert send(client, io.BytesIO(FORM), PLAIN, len(FORM)) == 503
    body.closed_by_server.set()
    monkeypatch.setattr(places, "PATIENCE", 60)
    monkeypatch.setattr(wsgi, "SILENCE", 60)
    assert send(client, io.BytesIO(FORM), PLAIN, len(FORM)) == 302
    assert not bodies._taken


@pytest.mark.usefixtures("no_patience")
def test_strangers_who_send_nothing_keep_neither_members_nor_pages(jon, studio, monkeypatch):
    monkeypatch.setattr(wsgi, "BODIES", bodies := Places(most=3, each=1, strangers=2))
    monkeypatch.setattr(wsgi, "SILENCE", 60)
    for number in (1, 2):
        bodies.take(a_stranger(f"192.0.2.{number}"))
    with pytest.raises(Busy):
        bodies.take(a_stranger("192.0.2.3"))
    client = client_of(jon)
    assert client.get("/w/studio/team/").status_code == 200
    assert send(client, io.BytesIO(FORM), PLAIN, len(FORM)) == 302


@pytest.mark.usefixtures("no_patience")
def test_one_address_gets_no_more_than_its_places():
    bodies = Places(most=9, each=2, strangers=9)
    for _ in range(2):
        bodies.take(a_stranger())
    with pytest.raises(Busy):
        bodies.take(a_stranger())
    bodies.take(a_stranger("192.0.2.8"))
    bodies.give_back(a_stranger())
    bodies.take(a_stranger())


def test_a_body_that_is_here_to_its_end_waits_for_nobody(monkeypatch):
    monkeypatch.setattr(places, "PATIENCE", 0.01)
    monkeypatch.setattr(wsgi, "BODIES", bodies := Places(most=1, each=1, strangers=1))
    body = wsgi.WholeBody(io.BytesIO(FORM), len(FORM), a_stranger)
    assert body.read() == FORM
    bodies.take(a_stranger())
    assert body.read(64) == b""


def test_whoever_was_cut_off_waits_no_longer(jon, monkeypatch):
    monkeypatch.setattr(wsgi, "BODIES", Places(most=1, each=1, strangers=1))
    for _ in range(2):
        assert send(client_of(jon), io.BytesIO(FORM), PLAIN, len(FORM) + 5) == 400


def test_there_are_more_threads_than_places_for_slow_clients():
    command = web_command(Address("127.0.0.1", 8000))
    threads = int(command[command.index("--blocking-threads") + 1])
    assert threads >= places.BODIES.most + places.STREAMS.most + 8


def test_the_server_speaks_http_1_alone():
    command = web_command(Address("127.0.0.1", 8000))
    assert command[command.index("--http") + 1] == "1"


def test_an_answer_that_is_there_is_handed_over_whole_so_that_no_thread_waits_for_its_reader(db):
    environ = RequestFactory().get("/health/live/").environ
    answer = wsgi.application(environ, lambda *_: None)
    assert isinstance(answer, list)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this limit")
def test_an_answer_that_nobody_reads_has_a_time_limit_from_the_socket_that_listens():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        wsgi._give_up_on_who_never_reads()
        limit = listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == limit == 30_000
