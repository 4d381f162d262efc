"""What somebody should know before an order goes out stands beside the form before anything is filled in."""

import pytest
from django.urls import reverse

from jobs.operations.api_keys import keys
from jobs.operations.api_keys.keys import SubmittedOptions
from jobs.providers.runpod.requests import NO_BUCKET
from tests.jobs.factories import make_photos, make_set

BUCKET = {"bucket_name": "studio", "bucket_access_id": "id", "bucket_endpoint": "https://s3.example.com"}
NEW = reverse("new_training", args=["studio"])


def page(client, studio, jon, bucket: dict[str, str], **query: str) -> str:
    told = SubmittedOptions.typed({"endpoint_id": "e-1", **bucket}, {"bucket_secret": "secret"} if bucket else {})
    key = keys.add(studio, jon, "runpod", "Endpoint key", "rpa_0123456789abcdef", told)
    return client.get(NEW, {"api_key": str(key.pk), **query}).text


def test_that_the_model_will_not_be_kept_is_said_before_anything_is_ordered(as_mara, studio, jon):
    photo_set = make_set(studio)
    make_photos(photo_set, 8)
    assert NO_BUCKET in page(as_mara, studio, jon, {})
    assert NO_BUCKET in as_mara.get(NEW, {"photo_set": str(photo_set.pk)}).text


def test_with_a_bucket_there_is_nothing_to_say(as_mara, studio, jon):
    assert NO_BUCKET not in page(as_mara, studio, jon, BUCKET)


@pytest.mark.parametrize("name", ["new_training", "new_generation"])
def test_without_a_key_that_says_so_there_is_nothing_to_say(as_mara, studio, name):
    assert NO_BUCKET not in as_mara.get(reverse(name, args=["studio"])).text
