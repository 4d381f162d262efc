"""A file sent in parts, as the upload script sends it."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jobs.files import parts
from tests.photos import pictures

CONTENT = pictures.saved(pictures.photo(400, 300), "JPEG")
NONCE = "nonce-of-one-file"


def post_part(client, photo_set, begin, content=b"", whole=CONTENT, **fields):
    """Send *content* as the part of *whole* from *begin* on."""
    address = reverse("photo_upload", args=[photo_set.workspace.slug, photo_set.pk])
    return part_to(client, address, begin, content, whole, **fields)


def part_to(client, address, begin, content=b"", whole=CONTENT, **fields):
    body = {"nonce": NONCE, "size": len(whole), "name": "IMG_1.jpg", "offset": begin} | fields
    if content:
        body["photos"] = SimpleUploadedFile("blob", content)
    return client.post(address, body, headers={"accept": "application/json"})


def halves(whole=CONTENT):
    middle = len(whole) // 2
    return middle, whole[:middle], whole[middle:]


def growing():
    return [*parts.incoming().glob("*.part"), *parts.incoming().glob("*.note")]
