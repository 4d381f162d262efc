"""Pages of the studio, by their names."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse


def address(name: str, *args: object) -> str:
    return reverse(name, args=["studio", *args])


def queries(client: Client, url: str) -> int:
    """How many the page takes."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)
