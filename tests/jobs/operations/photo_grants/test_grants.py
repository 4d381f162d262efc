"""Photos lent to a provider: fetched by a token, by HEAD and in parts, until the job has ended."""

import hashlib
import json
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.tokens import new_token
from jobs.files import storage
from jobs.models import Attempt, Job, JobState, Photo
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import submit
from jobs.operations.jobs.order import JobDraft, build, create
from jobs.operations.photo_grants import reachability
from jobs.providers.base import Capability
from jobs.providers.errors import InvalidOrder
from jobs.providers.order import Kind
from tests.conftest import without_tokens
from tests.jobs.factories import jpeg, make_photo, make_set
from tests.jobs.operations.conftest import again

pytestmark = pytest.mark.django_db


@pytest.fixture
def public(settings):
    settings.PUBLIC_URL = "https://likeness.studio-pip.com"


@pytest.fixture
def fetching(scripted, monkeypatch):
    """The scripted provider, which now fetches photos itself and reads captions."""
    fetches = type(scripted).capabilities | {Capability.NEEDS_PUBLIC_PHOTOS}
    monkeypatch.setattr(type(scripted), "capabilities", fetches)
    said = lambda self, photos: json.dumps({p.name: p.caption for p in photos if p.caption}).encode()  # noqa: E731
    monkeypatch.setattr(type(scripted), "captions_file", said)
    return scripted


@pytest.fixture
def photos(studio, mara) -> list[Photo]:
    photo_set = make_set(studio, mara)
    contents = [jpeg(width=300 + number).read() for number in range(2)]
    stored = [storage.put(studio.pk, "prepared", content, ".jpg").name for content in contents]
    captions = ["photo of ukj on a rock", ""]
    return [make_photo(photo_set, prepared=name, caption=said) for name, said in zip(stored, captions, strict=True)]


@pytest.fixture
def training(studio, mara, key, photos, fetching, public) -> Job:
    draft = JobDraft(
        Kind.TRAINING, "Rex", api_key=key, photo_set=photos[0].photo_set, base_model="base", training={"steps": 9}
    )
    job = create(studio, mara, draft, "training")
    submit.submit(job.pk)
    return again(job)


def urls(scripted) -> list[str]:
    return [urlsplit(photo.url).path for photo in scripted.orders[-1].photos]


def test_p16_a_provider_fetches_each_photo_under_a_name_of_its_own(training, fetching, photos):
    for path, photo in zip(urls(fetching), photos, strict=True):
        assert path.endswith(f"/photo-{photo.pk}.jpg")
        answer = Client().get(path)
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert b"".join(answer) == storage.read(photo.prepared)


def test_p16_head_and_parts_are_answered(training, fetching, photos):
    path, whole = urls(fetching)[0], storage.read(photos[0].prepared)
    assert int(Client().head(path).headers["Content-Length"]) == len(whole)
    part = Client().get(path, headers={"Range": "bytes=10-19"})
    assert part.status_code == 206
    assert b"".join(part) == whole[10:20]


def test_captions_go_by_the_names_in_the_addresses(training, fetching, photos):
    path = urlsplit(fetching.orders[-1].captions_url).path
    assert Client().get(path).json() == {f"photo-{photos[0].pk}.jpg": "photo of ukj on a rock"}


@pytest.mark.parametrize("state", [JobState.SUCCESS, JobState.FAILURE, JobState.CANCELLED, JobState.LOST])
def test_p16_a_loan_ends_with_its_job(training, fetching, state):
    Job.objects.update(state=state)
    captions = urlsplit(fetching.orders[-1].captions_url).path
    missing = without_tokens(Client().get("/nothing/like/this/"))
    for path in (*urls(fetching), captions):
        answer = Client().get(path)
        assert (answer.status_code, without_tokens(answer)) == (404, missing)


def test_a_loan_ends_by_time(training, fetching):
    Attempt.objects.update(created_at=timezone.now() - timezone.timedelta(days=8))
    assert Client().get(urls(fetching)[0]).status_code == 404


def test_a_deleted_photo_is_lent_no_more(training, fetching, photos):
    Photo.objects.filter(pk=photos[0].pk).update(deleted_at=timezone.now())
    gone, there = [Client().get(path) for path in urls(fetching)]
    assert (gone.status_code, there.status_code) == (404, 200)
    assert b"".join(there)


def test_a_token_opens_the_photos_of_its_own_job_only(training, fetching, studio, mara):
    other = make_photo(make_set(studio, mara))
    base = urls(fetching)[0].rpartition("/")[0]
    odd = (f"photo-{other.pk}.jpg", "photo-0.jpg", "photo-1.png", "photo-99999999999999999999.jpg", "%00", "..%2f..")
    assert {Client().get(f"{base}/{name}").status_code for name in odd} == {404}


def test_neither_token_can_be_told_from_the_other_or_from_the_database(training, fetching):
    callback = fetching.orders[-1].callback_url.rstrip("/").rpartition("/")[2]
    lending = urls(fetching)[0].split("/")[2]
    attempt = Attempt.objects.get()
    assert attempt.token_hash == hashlib.sha256(callback.encode()).hexdigest()
    assert attempt.photo_grant_hash == hashlib.sha256(lending.encode()).hexdigest()
    assert Client().get(f"/lent/{callback}/{urls(fetching)[0].rpartition('/')[2]}").status_code == 404
    assert Client().post(f"/callbacks/{lending}/", b"{}", content_type="application/json").status_code == 404


@pytest.mark.parametrize(
    ("address", "reachable"),
    [
        ("", False),
        ("http://localhost:8000", False),
        ("http://127.0.0.1:8000", False),
        ("http://192.168.1.20:8000", False),
        ("http://[::1]:8000", False),
        ("http://server", False),
        ("http://server.local", False),
        ("https://likeness.studio-pip.com", True),
        ("https://8.8.8.8", True),
    ],
)
def test_whether_a_provider_can_reach_us_is_known_before_anything_is_sent(settings, address, reachable):
    settings.PUBLIC_URL = address
    assert reachability.is_reachable() is reachable


def test_what_nobody_could_fetch_is_not_ordered(studio, mara, key, photos, fetching, settings):
    settings.PUBLIC_URL = ""
    draft = JobDraft(
        Kind.TRAINING, "Rex", api_key=key, photo_set=photos[0].photo_set, base_model="base", training={"steps": 9}
    )
    with pytest.raises(NotPossible, match="Ask whoever looks after the server to set PUBLIC_URL"):
        create(studio, mara, draft, "training")
    assert not Job.objects.exists()


def test_what_nobody_can_fetch_any_more_is_not_sent(studio, mara, key, photos, fetching, settings):
    settings.PUBLIC_URL = "https://likeness.studio-pip.com"
    draft = JobDraft(
        Kind.TRAINING, "Rex", api_key=key, photo_set=photos[0].photo_set, base_model="base", training={"steps": 9}
    )
    job = create(studio, mara, draft, "training")
    settings.PUBLIC_URL = ""
    with pytest.raises(InvalidOrder, match="PUBLIC_URL"):
        build(job, new_token())
    submit.submit(job.pk)
    assert (again(job).state, job.charged) == (JobState.FAILURE, Job.Charged.NO)
    assert fetching.orders == []
