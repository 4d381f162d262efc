"""Results of RunPod on their way here, over real HTTP: faults D01 to D09, where a bucket of the team's own is another
thing than dreamlook's.

What holds for every download (D02 to D05, D08, D09) is shown with dreamlook and by the client's own tests; here is one
pass over each with the worker's `.ckpt`, which has neither a size nor an id of its own.
"""

from hashlib import sha256
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from PIL import Image

from jobs.providers.credentials import Credentials
from jobs.providers.errors import HostRefused, NotThere, ProviderError, Refused, Unavailable
from jobs.providers.reply import Artifact, ArtifactKind, Download
from jobs.providers.runpod.adapter import RunPod
from tests.providers.emulators.files import content_of
from tests.providers.emulators.runpod import Emulator, Fault
from tests.providers.emulators.runpod.faults import CATALOGUE
from tests.providers.kit.loopback import loopback, send
from tests.providers.runpod.orders import STUDIO, both, runpod

WEEK = 604_800.0


@pytest.fixture
def job(endpoint: Emulator, asked: RunPod) -> str:
    """A job that trained and drew, and has just ended."""
    receipt = asked.submit(both(), STUDIO)
    endpoint.clock.advance(60)
    return receipt.provider_job_id


def results(asked: RunPod, job: str, kind: ArtifactKind) -> list[Artifact]:
    return [one for one in asked.read(both().kind, job, STUDIO).artifacts if one.kind is kind]


@pytest.fixture
def checkpoint(asked: RunPod, job: str) -> Artifact:
    return results(asked, job, ArtifactKind.CHECKPOINT)[0]


@pytest.fixture
def image(asked: RunPod, job: str) -> Artifact:
    return results(asked, job, ArtifactKind.IMAGE)[0]


def whole(download: Download) -> bytes:
    return b"".join(download.chunks)


def genuine(artifact: Artifact) -> bytes:
    found = content_of(urlsplit(artifact.url).path)
    assert found is not None
    return b"".join(found.chunks())


def test_every_result_arrives_whole_and_no_key_goes_along(endpoint, asked, job, checkpoint):
    assert sha256(whole(asked.download(checkpoint, STUDIO))).digest() == sha256(genuine(checkpoint)).digest()
    for artifact in results(asked, job, ArtifactKind.IMAGE):
        assert Image.open(BytesIO(whole(asked.download(artifact, STUDIO)))).size == (64, 64)
    fetched = [one for one in endpoint.server.seen if one.path.startswith("/files/")]
    assert len(fetched) == 5
    assert all("authorization" not in one.headers for one in fetched)


def test_d01_an_address_lives_a_week_and_is_then_gone_for_good(endpoint, asked, checkpoint):
    endpoint.clock.advance(WEEK)
    with pytest.raises(NotThere):
        asked.download(checkpoint, STUDIO)


@pytest.mark.parametrize(
    "fault", [*(Fault("expired", status=status) for status in (400, 403, 404, 410, 200)), Fault("page")]
)
def test_d01_an_error_page_is_never_a_result(endpoint, asked, image, fault: Fault):
    endpoint.faults.plan("download", fault)
    with pytest.raises(NotThere):
        asked.download(image, STUDIO)


@pytest.mark.parametrize("cut", [0, 1, 65536, 399_999])
def test_d02_cut_anywhere_it_goes_on_where_it_broke_off(endpoint, asked, checkpoint, cut: int):
    endpoint.faults.plan("download", Fault("cut", at=cut))
    first = asked.download(checkpoint, STUDIO)
    received: list[bytes] = []
    with pytest.raises(Unavailable):
        received.extend(first.chunks)
    had = b"".join(received)
    rest = asked.download(checkpoint, STUDIO, len(had), first.validator)
    assert had + whole(rest) == genuine(checkpoint)


@pytest.mark.parametrize("name", ["changed", "no_ranges"])
def test_d02_another_file_or_no_ranges_means_from_the_start(endpoint, asked, checkpoint, name: str):
    first = asked.download(checkpoint, STUDIO)
    endpoint.faults.plan("download", Fault(name))
    assert asked.download(checkpoint, STUDIO, 1000, first.validator).offset == 0


def test_d03_a_picture_without_end_is_stopped(endpoint, asked, image):
    """A model has no announced size here: what holds for it is the limit for all models."""
    endpoint.faults.plan("download", Fault("endless"))
    with pytest.raises(Refused):
        whole(asked.download(image, STUDIO))


def test_d06_a_model_is_a_pickle_and_never_opened(asked, checkpoint):
    assert (checkpoint.file_format, whole(asked.download(checkpoint, STUDIO))[:2]) == ("ckpt", b"PK")


@pytest.mark.parametrize("name", ["hostile_results", "local_paths"])
def test_d07_results_that_lie_nowhere_we_go_are_not_asked_for(endpoint, asked, job, name: str):
    endpoint.faults.plan("read", Fault(name))
    seen = len(endpoint.server.seen) + 1
    for artifact in results(asked, job, ArtifactKind.IMAGE):
        with pytest.raises(ProviderError):
            asked.download(artifact, STUDIO)
    assert len(endpoint.server.seen) == seen


def test_d07_a_host_is_asked_only_when_the_key_names_it_or_its_bucket(image, asked):
    """The emulated bucket lies where the API does; anything else of this computer is foreign."""
    with loopback(lambda handler: send(handler, 200, b"x", Content_Type="image/png")) as elsewhere:
        foreign = type(image)(**{**vars(image), "url": elsewhere.url.replace("127.0.0.1", "localhost")})
        with pytest.raises(Refused):
            asked.download(foreign, STUDIO)
        assert elsewhere.seen == []
        named = Credentials(STUDIO.account, STUDIO.secret, {**STUDIO.options, "result_hosts": "localhost"})
        with pytest.raises(HostRefused) as refused:
            asked.download(foreign, named)
        assert refused.value.host == "localhost"
        for words in ("lies on localhost", "“Other hosts of results”", "“Bucket address”", "Check again"):
            assert words in refused.value.sentence
    assert elsewhere.seen == [], "a name without a dot is none of the internet's"


def test_no_fault_of_the_catalogue_gets_out_as_anything_but_an_error_of_ours(endpoint, image):
    asked = runpod(endpoint.url, patience=0.3)
    for fault in CATALOGUE["download"]:
        endpoint.faults.plan("download", fault)
        try:
            whole(asked.download(image, STUDIO))
        except ProviderError as error:
            assert error.sentence.endswith(".")  # noqa: PT017 - some faults are harmless
