"""One page of the job list, and what of it changed since somebody last looked."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.core.cache import caches
from django.utils.safestring import SafeString

from dashboard.access import MemberRequest
from dashboard.models import Membership, Role, Workspace
from jobs.forms.job_filter import JobFilter
from jobs.models import Job
from jobs.pages import cards

PAGE = 50
MOST_REFRESHED = 200
KEPT_SECONDS = 600


@dataclass(frozen=True)
class Placed:
    """A card and its job's id."""

    id: int
    html: SafeString


@dataclass(frozen=True)
class Shelf:
    """The cards of one page, the *newest* and *oldest* job on it (0: none), and whether there are *older* ones."""

    cards: tuple[Placed, ...]
    newest: int
    oldest: int
    has_older: bool


@dataclass(frozen=True)
class Changes:
    """What of a page changed: cards to put on top, to replace and to take away; None when it is too much to say."""

    new: tuple[Placed, ...] = ()
    changed: tuple[Placed, ...] = ()
    gone: tuple[int, ...] = ()


def shelf(request: MemberRequest, asked: JobFilter) -> Shelf:
    """The page that *asked* means. It is kept for as long as nothing in the workspace changes."""
    workspace, member = request.workspace, request.membership
    reader = f"{member.role}-{member.user_id if member.role == Role.EDITOR else 0}"
    address = sha256(asked.address().encode()).hexdigest()[:32]
    name = f"shelf:{workspace.pk}:{workspace.version}:{workspace.media_epoch}:{reader}:{address}"
    kept: Shelf | None = caches["fragments"].get(name)
    if kept is None:
        kept = _filled(workspace, member, asked)
        caches["fragments"].set(name, kept, timeout=KEPT_SECONDS)
    return kept


def _filled(workspace: Workspace, member: Membership, asked: JobFilter) -> Shelf:
    matching = asked.matching(workspace.jobs.present()).for_list()
    page = matching.filter(pk__lt=asked.before) if asked.before else matching
    jobs = list(page[: PAGE + 1])
    shown, has_older = jobs[:PAGE], len(jobs) > PAGE
    newest, oldest = (shown[0].pk, shown[-1].pk) if shown else (0, 0)
    return Shelf(_placed(workspace, member, shown), newest, oldest, has_older)


def changes(request: MemberRequest, asked: JobFilter, since: int, newest: int, oldest: int) -> Changes | None:
    """What changed of the jobs between *oldest* and *newest* after version *since*, and what is newer than *newest*."""
    touched = request.workspace.jobs.changed_since(since).filter(pk__gte=oldest)
    jobs = list(asked.matching_but_tab(touched).for_list()[: MOST_REFRESHED + 1])
    if len(jobs) > MOST_REFRESHED:
        return None
    present = [job for job in jobs if job.deleted_at is None]
    return Changes(
        new=_of(request, (job for job in present if job.pk > newest)),
        changed=_of(request, (job for job in present if job.pk <= newest)),
        gone=tuple(job.pk for job in jobs if job.deleted_at is not None and job.pk <= newest),
    )


def again(request: MemberRequest, asked: JobFilter, oldest: int) -> tuple[Placed, ...]:
    """All cards down to *oldest* as they are now, for a page whose filter lets jobs come and go."""
    matching = asked.matching(request.workspace.jobs.present()).filter(pk__gte=oldest).for_list()
    return _of(request, matching[:MOST_REFRESHED])


def _of(request: MemberRequest, jobs: Iterable[Job]) -> tuple[Placed, ...]:
    return _placed(request.workspace, request.membership, jobs)


def _placed(workspace: Workspace, member: Membership, jobs: Iterable[Job]) -> tuple[Placed, ...]:
    return tuple(Placed(job_id, html) for job_id, html in cards.cards(workspace, member, jobs).items())
