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
from jobs.operations.cancel import can_be_cancelled
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


def cards(workspace: Workspace, member: Membership, jobs: Iterable[Job]) -> dict[int, SafeString]:
    """The cards of *jobs*, all of *workspace*, as *member* gets them: HTML by job id, in the order given."""
    named = {job.pk: (_name(workspace, member, job), job) for job in jobs}
    kept = caches["fragments"].get_many(name for name, _ in named.values())
    made = {name: _rendered(workspace, member, job) for name, job in named.values() if name not in kept}
    if made:
        caches["fragments"].set_many(made, timeout=KEPT_SECONDS)
    found: dict[str, SafeString] = {**kept, **made}
    return {job_id: found[name] for job_id, (name, _) in named.items()}


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


def _rendered(workspace: Workspace, member: Membership, job: Job) -> SafeString:
    return render_to_string(TEMPLATE, {"card": card(workspace, member, job), "workspace": workspace})


def _name(workspace: Workspace, member: Membership, job: Job) -> str:
    reader = member.role if member.role != Role.EDITOR else f"editor-{job.created_by_id == member.user_id:d}"
    return (
        f"card:{job.pk}:{job.version}:{reader}:{workspace.slug}:{workspace.media_epoch}:{get_language()}:{_edition()}"
    )


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
