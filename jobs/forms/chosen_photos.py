"""The photos of a training: the sets to choose from, and the one that was chosen."""

from collections.abc import Iterable, Sequence

from django import forms
from django.db.models import Exists, OuterRef, Q

from dashboard.models import Workspace
from jobs.forms.new_job import Typed, is_id
from jobs.models import Photo, PhotoSet

MOST_SETS_SHOWN = 60


def usable_sets(workspace: Workspace, chosen: str) -> list[PhotoSet]:
    """The newest sets with photos in them, ready or about to be, and the chosen one however old or put away it is."""
    getting_ready = Exists(Photo.objects.filter(photo_set=OuterRef("pk")).waiting())
    usable = workspace.photo_sets.present().filter(Q(photo_count__gt=0) | getting_ready).order_by("-id")
    shown = list(usable.filter(archived_at=None)[:MOST_SETS_SHOWN])
    is_elsewhere = is_id(chosen) and int(chosen) not in {photo_set.pk for photo_set in shown}
    return [*shown, *usable.filter(pk=chosen)] if is_elsewhere else shown


def chosen_set(sets: Sequence[PhotoSet], values: Typed) -> PhotoSet | None:
    """The set that *values* name; the newest when nobody has chosen yet."""
    if "photo_set" not in values:
        return sets[0] if sets else None
    return next((photo_set for photo_set in sets if str(photo_set.pk) == str(values["photo_set"])), None)


def photo_set_field(sets: Iterable[PhotoSet]) -> forms.Field:
    """The field that asks for one of *sets*."""
    return forms.ChoiceField(
        label="Photos",
        choices=[(photo_set.pk, photo_set.name) for photo_set in sets],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the photos to train on.",
            "invalid_choice": "This photo set is no longer here. Choose another.",
        },
    )
