"""Results of dreamlook on their way here, over real HTTP: faults D01 to D09, one by one.

Disks (D04, D05), two fetchers at once (D08) and crashes between rename and commit (D09) are the operations' part.
"""

from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image

from jobs.providers.dreamlook.adapter import Dreamlook
from jobs.providers.errors import NotThere, ProviderError, Refused, Unavailable
from jobs.providers.reply import Artifact, ArtifactKind, Download
from tests.providers.dreamlook.orders import STUDIO, both, training
from tests.providers.emulators.dreamlook import Emulator, Fault
from tests.providers.emulators.dreamlook.faults import CATALOGUE
from tests.providers.emulators.dreamlook.odd import ELSEWHERE
from tests.providers.emulators.files import Content
from tests.providers.kit.loopback import loopback, send

HOUR = 3600.0


@pytest.fixture
def job(emulator: Emulator, service: Dreamlook) -> str:
    """A job that trained and drew, and has just ended."""
    receipt = service.submit(both(), STUDIO)
    emulator.clock.advance(60)
    return receipt.provider_job_id


def results(service: Dreamlook, job: str, kind: ArtifactKind = ArtifactKind.CHECKPOINT) -> list[Artifact]:
    artifacts = service.read(both().kind, job, STUDIO).artifacts
    return sorted((one for one in artifacts if one.kind is kind), key=lambda one: one.is_lora)


@pytest.fixture
def checkpoint(service: Dreamlook, job: str) -> Artifact:
    return results(service, job)[0]


@pytest.fixture
def image(service: Dreamlook, job: str) -> Artifact:
    return results(service, job, ArtifactKind.IMAGE)[0]


def whole(download: Download) -> bytes:
    return b"".join(download.chunks)


def genuine(artifact: Artifact) -> bytes:
    return b"".join(Content(artifact.id, artifact.size).chunks())


def test_every_result_arrives_whole_and_no_key_goes_along(emulator, service, job):
    for artifact in results(service, job):
        download = service.download(artifact, STUDIO)
        assert download.total == artifact.size
        assert sha256(whole(download)).hexdigest() == Content(artifact.id, artifact.size).sha256()
    for artifact in results(service, job, ArtifactKind.IMAGE):
        assert Image.open(BytesIO(whole(service.download(artifact, STUDIO)))).size == (64, 64)
    fetched = [one for one in emulator.server.seen if one.path.startswith("/files/")]
    assert len(fetched) == 6
    assert all("authorization" not in one.headers for one in fetched)


def test_d01_an_image_address_lives_an_hour_and_a_fresh_look_gives_a_new_one(emulator, service, job, image):
    emulator.clock.advance(HOUR)
    with pytest.raises(NotThere):
        service.download(image, STUDIO)
    fresh = next(one for one in results(service, job, ArtifactKind.IMAGE) if one.id == image.id)
    assert whole(service.download(fresh, STUDIO)).startswith(b"\x89PNG")


def test_d01_a_checkpoint_is_gone_after_two_days_and_says_when_before(emulator, service, job, checkpoint):
    left = checkpoint.expires_at.timestamp() - emulator.clock.now()
    assert 47 * HOUR < left < 48 * HOUR
    emulator.clock.advance(left + 1)
    with pytest.raises(NotThere):
        service.download(checkpoint, STUDIO)
    assert [one.available for one in results(service, job)] == [False, False]


@pytest.mark.parametrize(
    "fault", [*(Fault("expired", status=status) for status in (400, 403, 404, 410, 200)), Fault("page")]
)
def test_d01_an_error_page_is_never_a_result(emulator, service, image, fault: Fault):
    emulator.faults.plan("download", fault)
    with pytest.raises(NotThere):
        service.download(image, STUDIO)


@pytest.mark.parametrize("cut", [0, 1, 7, 1000, 65536, 65537, 399_999])
def test_d02_cut_anywhere_it_goes_on_where_it_broke_off(emulator, service, checkpoint, cut: int):
    emulator.faults.plan("download", Fault("cut", at=cut))
    first = service.download(checkpoint, STUDIO)
    received: list[bytes] = []
    with pytest.raises(Unavailable):
        received.extend(first.chunks)
    had = b"".join(received)
    assert len(had) <= cut
    rest = service.download(checkpoint, STUDIO, len(had), first.validator)
    assert rest.offset == len(had)
    assert had + whole(rest) == genuine(checkpoint)


@pytest.mark.parametrize("name", ["changed", "no_ranges"])
def test_d02_another_file_or_no_ranges_means_from_the_start(emulator, service, checkpoint, name: str):
    first = service.download(checkpoint, STUDIO)
    first.chunks.close()
    emulator.faults.plan("download", Fault(name))
    again = service.download(checkpoint, STUDIO, 1000, first.validator)
    assert again.offset == 0
    assert (whole(again) == genuine(checkpoint)) == (name == "no_ranges")


def test_d02_a_weak_validator_is_none(emulator, service, checkpoint):
    emulator.faults.plan("download", Fault("weak_etag"))
    download = service.download(checkpoint, STUDIO)
    download.chunks.close()
    assert download.validator == ""


def test_d02_what_is_complete_already_is_not_fetched_again(service, checkpoint):
    done = service.download(checkpoint, STUDIO, checkpoint.size)
    assert (done.offset, list(done.chunks)) == (checkpoint.size, [])


@pytest.mark.parametrize("name", ["longer", "wrong_length", "endless"])
def test_d03_more_than_was_announced_is_not_taken(emulator, service, checkpoint, name: str):
    emulator.faults.plan("download", Fault(name))
    received: list[bytes] = []
    with pytest.raises(Refused):
        received.extend(service.download(checkpoint, STUDIO).chunks)
    assert len(b"".join(received)) <= checkpoint.size * 1.01 + 1024


def test_d03_a_packed_result_is_not_unpacked(emulator, service, image):
    emulator.faults.plan("download", Fault("gzip_bomb"))
    with pytest.raises(Unavailable):
        service.download(image, STUDIO)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_d06_a_bucket_that_is_busy_is_asked_again_later(emulator, service, image, status: int):
    emulator.faults.plan("download", Fault("status", status=status))
    with pytest.raises(Unavailable):
        service.download(image, STUDIO)
    assert whole(service.download(image, STUDIO))


def test_d07_addresses_that_are_not_the_providers_are_refused_and_the_others_go_on(emulator, service, job):
    emulator.faults.plan("read", Fault("hostile_results"))
    hostile = service.read(both().kind, job, STUDIO).artifacts
    assert {one.url for one in hostile} == set(ELSEWHERE)
    for artifact in hostile:
        with pytest.raises(Refused):
            service.download(artifact, STUDIO)
    for artifact in results(service, job):
        assert whole(service.download(artifact, STUDIO)) == genuine(artifact)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_d07_a_redirect_is_not_followed(emulator, service, image, status: int):
    with loopback(lambda handler: send(handler, 200, b"x")) as elsewhere:
        fault = Fault("redirect", status=status, headers={"Location": f"{elsewhere.url}/x.png"})
        emulator.faults.plan("download", fault)
        with pytest.raises(Refused):
            service.download(image, STUDIO)
    assert elsewhere.seen == []


def test_d08_list_and_single_look_know_a_result_by_the_same_id(service, job):
    (listed,) = service.list_latest(both().kind, STUDIO)
    looked = service.read(both().kind, job, STUDIO)
    assert [one.id for one in listed.artifacts] == [one.id for one in looked.artifacts]
    assert len({one.id for one in looked.artifacts}) == len(looked.artifacts) == 6


def test_no_fault_of_the_catalogue_gives_wrong_bytes(emulator, service, checkpoint):
    for fault in CATALOGUE["download"]:
        emulator.faults.plan("download", fault)
        try:
            received = whole(service.download(checkpoint, STUDIO))
        except ProviderError:
            continue
        assert received == genuine(checkpoint)


def test_a_training_without_lora_leaves_none(emulator, service):
    job = service.submit(training({"extract_lora": "disabled"}), STUDIO).provider_job_id
    emulator.clock.advance(60)
    assert [one.is_lora for one in service.read(training().kind, job, STUDIO).artifacts] == [False]
