"""No page asks a first visitor for more than 60 KB of style sheets and scripts."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from dashboard.templatetags.ui import icon
from tests.jobs.factories import make_checkpoint, make_image, make_job, make_photos, make_set
from tests.page_weight import LIMIT, Scales

OUTSIDE = ["/account/login/", "/account/password/reset/", "/join/nothing/"]
INSIDE = [
    *("jobs/", "jobs/new/training/", "jobs/new/generation/", "jobs/{job}/", "gallery/", "gallery/{image}/"),
    *("photos/", "photos/new/", "photos/{photo_set}/", "photos/{photo_set}/crop/", "photos/{photo_set}/captions/"),
    *("photos/{photo_set}/{photo}/crop/", "models/", "keys/", "keys/new/", "team/", "settings/"),
]
ELSEWHERE = ["/workspaces/new/", "/account/password/change/", "/system/", "/w/studio/nothing/"]


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All static files as they are published: hashed, the sheets joined."""
    return tmp_path_factory.mktemp("public")


@pytest.fixture
def scales(public: Path, settings):
    storage = {"BACKEND": "dashboard.web.static_storage.StaticStorage"}
    settings.STATIC_ROOT, settings.STORAGES = public, {**settings.STORAGES, "staticfiles": storage}
    if not any(public.iterdir()):
        call_command("collectstatic", interactive=False, verbosity=0)
    icon.cache_clear()
    yield Scales(lambda address: (public / address.removeprefix(f"/{settings.STATIC_URL.strip('/')}/")).read_bytes())
    icon.cache_clear()


@pytest.fixture
def inhabited(studio, jon) -> dict[str, int]:
    """The ids of one thing of each kind."""
    jon.is_staff = True
    jon.save(update_fields=["is_staff"])
    photo_set = make_set(studio, jon)
    photo = make_photos(photo_set, 2)[0]
    job = make_job(studio, jon, kind="training", photo_set=photo_set)
    make_checkpoint(job)
    return {"job": job.pk, "image": make_image(job).pk, "photo_set": photo_set.pk, "photo": photo.pk}


def test_pages_inside(scales, as_jon, inhabited):
    pages = [f"/w/studio/{path.format_map(inhabited)}" for path in INSIDE] + ELSEWHERE
    heavy = {path: scales.weight(as_jon.get(path).content.decode()) for path in pages}
    assert {path: weight for path, weight in heavy.items() if not 0 < weight <= LIMIT} == {}


def test_pages_outside(scales, client, jon):
    heavy = {path: scales.weight(client.get(path, follow=True).content.decode()) for path in OUTSIDE}
    assert {path: weight for path, weight in heavy.items() if not 0 < weight <= LIMIT} == {}


def test_the_scales_follow_imports(scales, as_jon):
    loaded = scales.loaded(as_jon.get("/w/studio/jobs/").content.decode())
    assert any("/flash." in address for address in loaded)
    assert sum(address.endswith(".css") for address in loaded) == 2, "one sheet for all pages, and the page's own"
    assert all(address.startswith(settings.STATIC_URL) for address in loaded)
