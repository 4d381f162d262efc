"""Pictures are served by signed address alone, and only while the workspace wants it."""

import pytest
from django.template import Context, Template

from jobs.files import media, storage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_epochs():
    media._epochs.clear()
    media._signer.cache_clear()
    yield
    media._signer.cache_clear()


@pytest.fixture
def thumbnail(studio):
    return storage.put(studio.pk, "thumbnails", b"RIFF....WEBP", ".webp").name


def body(response):
    return b"".join(response)


def test_an_address_answers_with_the_picture_and_keeps_for_a_year(client, studio, thumbnail):
    response = client.get(media.address(studio, thumbnail))

    assert response.status_code == 200
    assert response.content == b"RIFF....WEBP"
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "private, max-age=3600, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Set-Cookie" not in response


def test_a_big_picture_is_streamed(client, studio):
    name = storage.put(studio.pk, "images", b"x" * 3_000_000, ".png").name

    response = client.get(media.address(studio, name))

    assert response.streaming
    assert len(body(response)) == 3_000_000
    assert response["Content-Length"] == "3000000"


def test_the_second_picture_costs_no_query(client, studio, thumbnail, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get(media.address(studio, thumbnail))
        client.get(media.address(studio, thumbnail))


def test_an_address_ends_with_the_epoch(client, studio, thumbnail):
    address = media.address(studio, thumbnail)
    studio.end_media_addresses()

    assert client.get(address).status_code == 404


def test_a_changed_epoch_is_noticed_within_seconds(client, studio, thumbnail, monkeypatch):
    address = media.address(studio, thumbnail)
    assert client.get(address).status_code == 200
    studio.end_media_addresses()
    monkeypatch.setattr(media.time, "monotonic", lambda: 10**9)

    assert client.get(address).status_code == 404


def test_a_changed_secret_key_still_opens_addresses_signed_with_the_old_one(client, studio, thumbnail, settings):
    address = media.address(studio, thumbnail)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]
    media._signer.cache_clear()
    assert client.get(address).status_code == 200

    settings.SECRET_KEY_FALLBACKS = []
    media._signer.cache_clear()
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        lambda address: address[:-1],
        lambda address: address + "/",
        lambda address: address.replace("/m/", "/m//"),
        lambda address: address.replace("thumbnails", "originals"),
        lambda address: address.replace("thumbnails", "prepared"),
        lambda address: address.replace(".webp", ".png"),
        lambda address: address.replace("/1/", "/2/", 1),
        lambda address: address + "%0A",
        lambda address: address + "%00",
        lambda address: address.replace("thumbnails", "../thumbnails"),
        lambda address: address[:12] + ("A" if address[12] != "A" else "B") + address[13:],
        lambda address: address.replace("/m/", "/m/\u0661", 1),
    ],
)
def test_a_changed_address_is_not_found(client, studio, thumbnail, change):
    response = client.get(change(media.address(studio, thumbnail)))

    assert response.status_code == 404
    assert "immutable" not in response["Cache-Control"]


def test_originals_and_checkpoints_have_no_address_that_works(client, studio):
    for folder in ("originals", "checkpoints"):
        name = storage.put(studio.pk, folder, b"secret", ".jpg").name
        assert client.get(media.address(studio, name)).status_code == 404


def test_another_workspaces_file_cannot_be_signed_for_ours(client, studio, elsewhere):
    name = storage.put(elsewhere.pk, "images", b"theirs", ".png").name

    assert client.get(media.address(studio, name)).status_code == 404


def test_a_file_that_is_gone_is_not_found(client, studio, thumbnail):
    storage.delete(thumbnail)

    assert client.get(media.address(studio, thumbnail)).status_code == 404


def test_only_reading_is_possible(client, studio, thumbnail):
    assert client.post(media.address(studio, thumbnail)).status_code == 405
    head = client.head(media.address(studio, thumbnail))
    assert (head.status_code, head.content) == (200, b"")


def test_templates_get_the_address_from_a_name(rf, studio, thumbnail):
    request = rf.get("/")
    request.workspace = studio
    page = Template("{% load jobs %}{% media name %}|{% media '' %}")

    assert page.render(Context({"request": request, "name": thumbnail})) == media.address(studio, thumbnail) + "|"
