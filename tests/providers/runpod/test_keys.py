"""What a RunPod key comes with, where it goes, and which results are fetched with it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from jobs.providers.context import Context
from jobs.providers.credentials import Credentials, Secret
from jobs.providers.errors import InvalidOrder, KeyRefused, NotThere, Refused
from jobs.providers.order import Kind
from jobs.providers.params import Type
from jobs.providers.reply import Artifact, ArtifactKind
from jobs.providers.runpod import key_options, replies
from jobs.providers.runpod.adapter import RunPod
from tests.providers.kit.loopback import loopback, send
from tests.providers.runpod.orders import BARE, BUCKET, ENDPOINT, OPENED, STUDIO, runpod, training


@pytest.fixture(autouse=True)
def closed_connections() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


@pytest.mark.parametrize(
    ("typed", "id_"),
    [
        ("dream-booth-v1", "dream-booth-v1"),
        (" abc123xyz ", "abc123xyz"),
        ("https://api.runpod.ai/v2/abc123xyz/run", "abc123xyz"),
        ("https://api.runpod.ai/v1/abc123xyz/runsync", "abc123xyz"),
        ("https://api.runpod.ai/v2/abc123xyz", "abc123xyz"),
        ("", ""),
        ("a b", ""),
        ("a/../b", ""),
        ("abc?x=1", ""),
        ("-abc", ""),
        ("ä", ""),
        ("x" * 65, ""),
    ],
)
def test_p27_an_endpoint_is_known_by_its_id_or_its_whole_address(typed: str, id_: str):
    assert key_options.endpoint({"endpoint_id": typed}) == id_


def test_a_key_without_an_endpoint_is_for_the_public_one():
    assert key_options.endpoint({}) == "dream-booth-v1"


def test_secrets_are_asked_for_as_secrets_and_the_place_is_named():
    params = {param.name: param for param in runpod().key_params}
    assert {name for name, param in params.items() if param.type is Type.SECRET} == {"bucket_secret", "hf_token"}
    assert [name for name, param in params.items() if param.names_place] == ["endpoint_id"]
    assert [name for name, param in params.items() if param.required] == ["endpoint_id"]


@pytest.mark.parametrize(
    ("options", "secrets", "wrong"),
    [
        ({}, (), set()),
        (BUCKET, ("bucket_secret",), set()),
        (BUCKET, ("bucket_secret", "hf_token"), set()),
        ({}, ("hf_token",), set()),
        (BUCKET, (), {"bucket_secret"}),
        ({"bucket_name": "models"}, (), {"bucket_access_id", "bucket_secret", "bucket_endpoint"}),
        ({}, ("bucket_secret",), {"bucket_name", "bucket_access_id", "bucket_endpoint"}),
        ({"endpoint_id": "a b"}, (), {"endpoint_id"}),
        ({**BUCKET, "bucket_endpoint": "http://s3.example"}, ("bucket_secret",), {"bucket_endpoint"}),
        ({**BUCKET, "bucket_endpoint": "https://u:p@s3.example"}, ("bucket_secret",), {"bucket_endpoint"}),
        ({**BUCKET, "bucket_endpoint": "https://s3.example/?a=b"}, ("bucket_secret",), {"bucket_endpoint"}),
        ({**BUCKET, "bucket_endpoint": "https://[::1"}, ("bucket_secret",), {"bucket_endpoint"}),
        ({**BUCKET, "bucket_name": "a b"}, ("bucket_secret",), {"bucket_name"}),
        ({"result_hosts": "pictures.example.com, .cdn.example.com"}, (), set()),
        ({"result_hosts": "https://pictures.example.com"}, (), {"result_hosts"}),
        ({"result_hosts": "localhost"}, (), {"result_hosts"}),
        ({"result_hosts": ".com"}, (), {"result_hosts"}),
    ],
)
def test_what_does_not_go_together_is_said_beside_its_field(options, secrets, wrong: set[str]):
    found = runpod().wrong_key_options({"endpoint_id": ENDPOINT, **options}, secrets)
    assert found.keys() == wrong
    assert all(said.endswith(".") for said in found.values())


def test_a_bucket_whose_secret_is_missing_stops_the_order_instead_of_losing_the_model():
    lost = replace(STUDIO, secrets={})
    with pytest.raises(InvalidOrder) as caught:
        runpod("http://127.0.0.1:9").submit(training(), lost)
    assert "secret" in caught.value.sentence
    assert not runpod().test_key(lost).ok


def test_an_endpoint_that_cannot_be_is_never_asked():
    odd = Credentials("x", Secret("rpa_x"), {"endpoint_id": "../../evil"})
    service = runpod("http://127.0.0.1:9")
    assert not service.test_key(odd).ok
    for ask in (lambda: service.why_waiting(odd), lambda: service.read(Kind.TRAINING, "a", odd)):
        with pytest.raises(NotThere):
            ask()


def test_a_key_is_bound_to_the_providers_own_host():
    """A base URL of another server counts only in tests, together with private hosts."""
    service = RunPod(Context(base_urls={"runpod": "https://evil.test"}))
    assert service.key_host == "api.runpod.ai"


def test_a_key_with_spaces_is_refused_before_anything_is_sent():
    with pytest.raises(KeyRefused):
        runpod("http://127.0.0.1:9").submit(training(), replace(STUDIO, secret=Secret("rpa_a b")))


@pytest.mark.parametrize(
    ("host", "options"),
    [
        ("models.s3.eu-central-1.amazonaws.com", {}),
        ("abc.r2.cloudflarestorage.com", {}),
        ("storage.example.com", {"bucket_endpoint": "https://storage.example.com"}),
        ("models.storage.example.com", {"bucket_endpoint": "https://storage.example.com:443/x"}),
        ("pictures.example.com", {"result_hosts": "pictures.example.com"}),
        ("a.cdn.example.com", {"result_hosts": "x.example.com .cdn.example.com"}),
    ],
)
def test_d07_results_may_lie_in_storage_services_and_where_the_key_says(host: str, options: dict[str, str]):
    service = RunPod(
        Context(transport=httpx.MockTransport(lambda _: httpx.Response(200, stream=httpx.ByteStream(b"picture"))))
    )
    picture = Artifact("0-0", ArtifactKind.IMAGE, f"https://{host}/0.png")
    assert list(service.download(picture, replace(BARE, options=options)).chunks) == [b"picture"]
    with pytest.raises(Refused):
        service.download(replace(picture, url=f"https://{host}.evil.test/0.png"), replace(BARE, options=options))


SIGNED = (
    "https://s3.eu-central-1.amazonaws.com/models/a.ckpt?X-Amz-Credential=AKIAX/20260801/eu-central-1/s3/aws4_request"
)


@pytest.mark.parametrize(
    ("url", "key", "signs"),
    [
        (SIGNED, STUDIO, True),
        (SIGNED.replace("//s3", "//models.s3"), STUDIO, True),
        (SIGNED.partition("?")[0], STUDIO, False),
        (SIGNED.replace("amazonaws.com", "evil.test"), STUDIO, False),
        (SIGNED, BARE, False),
        (SIGNED, replace(STUDIO, secrets={}), False),
        ("https://[::1", STUDIO, False),
        ("", STUDIO, False),
    ],
)
def test_a_model_in_the_teams_own_bucket_can_be_fetched_after_its_address_ended(
    url: str, key: Credentials, signs: bool
):
    again = key_options.signed_again(url, key)
    assert bool(again) is signs
    assert "AKIASTUDIO" in again or not again


def test_a_model_in_the_teams_own_bucket_stays_until_the_team_deletes_it():
    def ends(url: str) -> object:
        job = {"id": "a", "status": "COMPLETED", "output": {"train": {"checkpoint_url": url}}}
        return replies.snapshot(job, STUDIO).artifacts[0].expires_at

    life = "&X-Amz-Date=20260801T100000Z&X-Amz-Expires=604800"
    assert ends(f"{SIGNED}{life}") is None
    assert ends(f"{SIGNED}{life}".replace("//s3.eu-central-1", "//s3.us-east-1")) == datetime(
        2026, 8, 8, 10, tzinfo=UTC
    )


def test_an_address_that_ended_is_tried_again_with_the_buckets_own_key():
    def answer(handler: BaseHTTPRequestHandler) -> None:
        is_ours = "AKIASTUDIO" in handler.path
        send(handler, 200 if is_ours else 403, b"model" if is_ours else b"<Error/>", Content_Type="binary/octet-stream")

    with loopback(answer) as bucket:
        service = runpod(bucket.url)
        key = replace(STUDIO, options={**STUDIO.options, "bucket_endpoint": bucket.url})
        url = SIGNED.replace("https://s3.eu-central-1.amazonaws.com", bucket.url)
        model = Artifact("checkpoint", ArtifactKind.CHECKPOINT, url)
        assert b"".join(service.download(model, key).chunks) == b"model"
        for odd, unsigned in ((replace(model, kind=ArtifactKind.IMAGE), key), (model, BARE)):
            with pytest.raises(NotThere):
                service.download(odd, unsigned)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/0-0.png",
        "https://amazonaws.com.evil.test/0-0.png",
        "http://models.s3.amazonaws.com/0-0.png",
        "https://169.254.169.254/latest",
        "local_upload/0-0.png",
        "",
    ],
)
def test_d07_nothing_is_fetched_from_elsewhere(url: str):
    odd = replace(BARE, options={"result_hosts": "evil, localhost, .com"})
    with pytest.raises(Refused):
        runpod().download(Artifact("0-0", ArtifactKind.IMAGE, url), odd)
