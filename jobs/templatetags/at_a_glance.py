"""`{% at_a_glance %}`: the installation in numbers, on the admin panel's first page."""

from dataclasses import dataclass

from django import template
from django.db.models import Count

from jobs.models import ApiKey, Checkpoint, GeneratedImage, Job, JobState, PhotoSet

register = template.Library()


@dataclass(frozen=True)
class Number:
    """How many there are of something; *query* filters the admin panel's list to just these."""

    label: str
    count: int
    query: str = ""


@dataclass(frozen=True)
class Glance:
    """Jobs by state and keys by health, without what there is none of; and how much there is of the rest."""

    jobs: tuple[Number, ...]
    keys: tuple[Number, ...]
    images: int
    checkpoints: int
    photo_sets: int


def glance() -> Glance:
    """The numbers of now: five queries, each a count over one index."""
    jobs = Job.objects.present().order_by().values("state").annotate(count=Count("pk"))
    by_state = dict(jobs.values_list("state", "count"))
    keys = ApiKey.objects.usable().order_by().values("health").annotate(count=Count("pk"))
    by_health = dict(keys.values_list("health", "count"))
    return Glance(
        jobs=tuple(
            Number(str(state.label), by_state[state], f"state__exact={state}")
            for state in JobState
            if by_state.get(state)
        ),
        keys=tuple(
            Number(str(health.label), by_health[health], f"health__exact={health}")
            for health in ApiKey.Health
            if by_health.get(health)
        ),
        images=GeneratedImage.objects.shown().count(),
        checkpoints=Checkpoint.objects.filter(state=Checkpoint.State.KEPT, deleted_at=None).count(),
        photo_sets=PhotoSet.objects.present().count(),
    )


@register.inclusion_tag("admin/_at_a_glance.html")
def at_a_glance() -> dict[str, Glance]:
    """What there is, each number a link to its list."""
    return {"glance": glance()}
