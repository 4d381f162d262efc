"""The cards of the job list, kept rendered.

A card's text depends on the job at one version and on what its reader may do, and on nothing else: it names no reader
and carries no token (its buttons belong to one form outside). So it is rendered once and kept; a changed job has a
new version and so a new card. What is lost from the cache is rendered again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from django.core.cache import caches
from django.template.loader import get_template, render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from dashboard.models import Membership, Role, Workspace
from jobs.files import media
from jobs.models import Job, JobState
from jobs.models.job import Stamp
from jobs.operations.jobs.actions import can_be_cancelled
from jobs.pages import job_words, rights
from jobs.pages.job_words import Standing

TEMPLATE = "jobs/_card.html"
KEPT_SECONDS = 3600
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
    may_repeat: bool
    may_clone: bool
    may_delete: bool


def cards(workspace: Workspace, member: Membership, stamps: Iterable[Stamp]) -> dict[int, SafeString]:
    """The cards of jobs of *workspace*, as *member* gets them: HTML by job id, in the order given.

    Only jobs whose card is not kept are read from the database.
    """
    names = {stamp[0]: _name(workspace, member, stamp) for stamp in stamps}
    kept = caches["fragments"].get_many(names.values())
    missing = [job_id for job_id, name in names.items() if name not in kept]
    made = _made(workspace, member, missing) if missing else {}
    found: dict[int, SafeString] = {job_id: kept[name] for job_id, name in names.items() if name in kept} | made
    return {job_id: found[job_id] for job_id in names if job_id in found}


def card(workspace: Workspace, member: Membership, job: Job) -> Card:
    """What the card of *job* says to *member*."""
    is_open = JobState(job.state).is_open
    return Card(
        job=job,
        standing=job_words.standing(job),
        facts=_facts(job),
        price=job_words.price(job),
        trouble=_first_sentence(job.failure),
        pictures=tuple(media.address(workspace, name) for name in job.thumbnails[:PICTURES]),
        more_pictures=max(job.image_count - PICTURES, 0),
        is_practice=job_words.is_practice(job),
        may_stop=is_open and not job.cancel_requested_at and rights.may_stop(member, job) and can_be_cancelled(job),
        may_repeat=not is_open and rights.may_repeat(member),
        may_clone=rights.may_repeat(member),
        may_delete=not is_open and rights.may_delete(member),
    )


def _made(workspace: Workspace, member: Membership, job_ids: list[int]) -> dict[int, SafeString]:
    """New cards by job id. A job that changed a moment ago is kept under the version that its card shows."""
    jobs = list(workspace.jobs.filter(pk__in=job_ids).for_list())
    made = {job.pk: _rendered(workspace, member, job) for job in jobs}
    names = {job.pk: _name(workspace, member, (job.pk, job.version, job.created_by_id)) for job in jobs}
    caches["fragments"].set_many({names[job_id]: html for job_id, html in made.items()}, timeout=KEPT_SECONDS)
    return made


def _rendered(workspace: Workspace, member: Membership, job: Job) -> SafeString:
    return render_to_string(TEMPLATE, {"card": card(workspace, member, job), "workspace": workspace})


def _name(workspace: Workspace, member: Membership, stamp: Stamp) -> str:
    job_id, version, created_by_id = stamp
    reader = member.role if member.role != Role.EDITOR else f"editor-{created_by_id == member.user_id:d}"
    return f"card:{job_id}:{version}:{reader}:{workspace.slug}:{workspace.media_epoch}:{get_language()}:{_edition()}"


@cache
def _edition() -> str:
    """Changes with the template, so that a shared cache never serves yesterday's."""
    return sha256(str(vars(get_template(TEMPLATE))["template"].source).encode()).hexdigest()[:8]


def _facts(job: Job) -> tuple[str, ...]:
    service = "" if job_words.is_practice(job) else job_words.service(job)
    who = str(job.created_by) if job.created_by else ""
    parts = ("Rehearsal" if job.dry_run else "", job_words.kind(job), job_words.base_model(job), service, who)
    return tuple(part for part in parts if part)


def _first_sentence(text: str) -> str:
    first, stop, rest = text.partition(". ")
    return f"{first}." if stop and rest else text
