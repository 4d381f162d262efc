"""Addresses into a bucket, signed by us as Amazon's own library signs them."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import time_machine
from botocore.config import Config

from jobs.providers.credentials import Secret
from jobs.providers.runpod.key_options import presigned, region_in

ID, SECRET = "AKIASTUDIO", "s3cr3t/with+signs="


def theirs(endpoint: str, key: str, style: str = "auto") -> str:
    config = Config(signature_version="s3v4", s3={"addressing_style": style})
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="eu-central-1",
        aws_access_key_id=ID,
        aws_secret_access_key=SECRET,
        config=config,
    )
    return client.generate_presigned_url("get_object", Params={"Bucket": "models", "Key": key}, ExpiresIn=3600)


@pytest.mark.parametrize("style", ["path", "virtual"])
@pytest.mark.parametrize("endpoint", ["https://s3.eu-central-1.amazonaws.com", "https://storage.example.com:9000"])
@pytest.mark.parametrize("key", ["c80f-u1.ckpt", "a b/ä+c (1).ckpt"])
def test_ours_is_the_signature_that_amazons_library_makes(endpoint: str, key: str, style: str):
    url = theirs(endpoint, key, style)
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    moment = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        assert presigned(url, ID, Secret(SECRET)) == url


def test_the_secret_is_nowhere_in_it():
    url = theirs("https://storage.example.com", "a.ckpt")
    with time_machine.travel(datetime(2026, 8, 1, tzinfo=UTC)):
        again = presigned(url, ID, Secret(SECRET))
    assert again != url
    assert again.startswith("https://storage.example.com/models/a.ckpt?X-Amz-Algorithm=")
    assert "s3cr3t" not in again


@pytest.mark.parametrize(
    "url",
    ["", "https://storage.example.com/a.ckpt", "https://x.example/?X-Amz-Credential=a/b", "https://x/?" + "a=1&" * 60],
)
def test_an_address_that_was_not_signed_is_not_presigned(url: str):
    assert region_in(url) == ""
    assert presigned(url, ID, Secret(SECRET)) == ""
