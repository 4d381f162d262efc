"""The cards of the job list, cached rendered.

A card's text depends on the job at one version and on what its reader may do, and on nothing else: it names no reader
and carries no token (its buttons belong to one form outside). So it is rendered once and cached; a changed job has a
new version and so a new card. What is lost from the cache is rendered again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from django.core.cache import caches
from django.template import Engine
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from dashboard.models import Membership, Role, Workspace
from jobs.files import media
from jobs.models import Job, JobState
from jobs.models.job import Stamp
from jobs.operations.jobs.actions import can_be_cancelled, is_being_stopped, is_out_of_reach
from jobs.pages import job_labels
from jobs.pages.job_labels import Standing

TEMPLATE, PARTS = "jobs/_card.html", ("jobs/_stop.html",)
CACHED_SECONDS = 3600
PICTURES = 4


@dataclass(frozen=True)
class Card:
    """What a card shows, in words, and what its reader may do with the job."""

    job: Job
    standing: Standing
    facts: tuple[str, ...]
    price: str
    trouble: str
    pictures: tuple[str, ...]
    more_pictures: int
    is_practice: bool
    may_stop: bool
    is_out_of_reach: bool
    may_repeat: bool
    may_clone: bool
    may_delete: bool


def cards(workspace: Workspace, member: Membership, stamps: Iterable[Stamp]) -> dict[int, SafeString]:
    """The cards of jobs of *workspace*, as *member* gets them: HTML by job id, in the order given.

    Only jobs whose card is not cached are read from the database.
    """
    keys = {stamp[0]: _key(workspace, member, stamp) for stamp in stamps}
    cached = caches["fragments"].get_many(keys.values())
    missing = [job_id for job_id, name in keys.items() if name not in cached]
    made: dict[int, SafeString] = {}
    if missing:
        # A job that changed a moment ago is cached under the version that its card shows.
        jobs = list(workspace.jobs.filter(pk__in=missing).for_list())
        for job in jobs:
            shown = {"card": card(workspace, member, job), "workspace": workspace}
            made[job.pk] = render_to_string(TEMPLATE, shown)
        names = {job.pk: _key(workspace, member, (job.pk, job.version, job.created_by_id)) for job in jobs}
        caches["fragments"].set_many({names[job_id]: html for job_id, html in made.items()}, timeout=CACHED_SECONDS)
    found: dict[int, SafeString] = {job_id: cached[key] for job_id, key in keys.items() if key in cached} | made
    return {job_id: found[job_id] for job_id in keys if job_id in found}


def card(workspace: Workspace, member: Membership, job: Job) -> Card:
    """What the card of *job* says to *member*."""
    is_open, is_practice = JobState(job.state).is_open, job_labels.is_practice(job)
    service, who = "" if is_practice else job_labels.service(job), str(job.created_by) if job.created_by else ""
    facts = ("Rehearsal" if job.dry_run else "", job_labels.kind(job), job_labels.base_model(job), service, who)
    trouble, stop, more = job.failure.partition(". ")
    return Card(
        job=job,
        standing=job_labels.standing(job),
        facts=tuple(fact for fact in facts if fact),
        price=job_labels.price(job),
        trouble=f"{trouble}." if stop and more else job.failure,
        pictures=tuple(media.address(workspace, name) for name in job.thumbnails[:PICTURES]),
        more_pictures=max(job.image_count - PICTURES, 0),
        is_practice=is_practice,
        may_stop=job.may_be_stopped_by(member) and can_be_cancelled(job) and not is_being_stopped(job),
        is_out_of_reach=is_out_of_reach(job),
        may_repeat=not is_open and member.may(Role.EDITOR),
        may_clone=member.may(Role.EDITOR),
        may_delete=not is_open and member.may(Role.ADMIN),
    )


def _key(workspace: Workspace, member: Membership, stamp: Stamp) -> str:
    job_id, version, created_by_id = stamp
    reader = member.role if member.role != Role.EDITOR else f"editor-{created_by_id == member.user_id:d}"
    return f"card:{job_id}:{version}:{reader}:{workspace.slug}:{workspace.media_epoch}:{get_language()}:{_edition()}"


@cache
def _edition() -> str:
    """Changes with the templates, so that a shared cache never serves yesterday's."""
    sources = (Engine.get_default().get_template(name).source for name in (TEMPLATE, *PARTS))
    return sha256("".join(sources).encode()).hexdigest()[:8]
