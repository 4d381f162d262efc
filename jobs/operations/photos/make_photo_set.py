"""Make a photo set: empty, or with the sample photos that come with the product."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from dashboard.models import User, Workspace
from jobs import versions
from jobs.models import PhotoSet
from jobs.operations.errors import NotPossible
from jobs.operations.photos.add_photo import Upload, add

SAMPLES_NAME = "Pip, a clay bird (sample)"
SECOND_PRESS = timedelta(minutes=1)
"""So soon after, the same empty set is asked for by the same person because an answer got lost, or a button twice."""


def make(workspace: Workspace, user: User, name: str, subject: str) -> PhotoSet:
    """A set without photos: a new one, or the one that was made a moment ago by a first press."""
    with transaction.atomic():
        # The version's lock makes a second press wait and then find what the first one made.
        version = versions.touch(workspace)
        made = workspace.photo_sets.present().filter(created_at__gt=timezone.now() - SECOND_PRESS, photos=None)
        twin = made.filter(name=name, subject=subject, created_by=user).first()
        return twin or workspace.photo_sets.create(name=name, subject=subject, created_by=user, version=version)


def make_from_samples(workspace: Workspace, user: User) -> PhotoSet:
    """The workspace's set of sample photos, made when there is none. Raises NotPossible when none came with us."""
    samples = sample_photos()
    if not samples:
        raise NotPossible("This installation came without sample photos. Start with photos of your own.")
    photo_set = _samples_set(workspace, user)
    for position, path in enumerate(samples):
        content = path.read_bytes()
        add(photo_set, Upload(f"sample-{path.stem}", path.name, len(content), [content], position))
    return photo_set


def sample_photos() -> list[Path]:
    """The photos that come with the product, drawn by us."""
    return sorted(Path(settings.BASE_DIR, "static", "samples").glob("pip-*.jpg"))


def _samples_set(workspace: Workspace, user: User) -> PhotoSet:
    with transaction.atomic():
        # The version's lock makes a second press wait and then find the first one's set.
        version = versions.touch(workspace)
        existing = workspace.photo_sets.present().filter(name=SAMPLES_NAME).first()
        return existing or workspace.photo_sets.create(
            name=SAMPLES_NAME, subject=PhotoSet.Subject.OBJECT, created_by=user, version=version
        )
