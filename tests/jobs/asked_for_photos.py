"""A link by which somebody who was photographed sends photos: made by the team, answered on a phone."""

import pytest
from django.test import Client
from django.urls import reverse

from jobs.operations.consents import links
from tests.jobs.factories import make_set


@pytest.fixture
def phone():
    return Client()


@pytest.fixture
def photo_set(studio, mara):
    return make_set(studio, mara, name="Secret project")


@pytest.fixture
def token(photo_set, mara):
    asked = links.Asked("Anna from the shop", "For the spring window", None, max_photos=3, days=7)
    return links.ask(photo_set, mara, asked)[1]


@pytest.fixture
def agreed(token):
    return links.agree(links.find(token), "Anna")


def at(name, token, *args):
    return reverse(name, args=[token, *args])


def send(phone, token, *files, **fields):
    return phone.post(
        at("photo_request_upload", token), {"photos": list(files), **fields}, headers={"accept": "application/json"}
    )
