"""One page of the job list, and what of it changed since somebody last looked."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from dashboard.access import MemberRequest
from dashboard.models import Membership, Role, Workspace
from jobs.forms.job_filter import JobFilter
from jobs.models.job import JobQuerySet, Stamp
from jobs.pages import cards
from jobs.pages.kept import kept

PAGE = 50
MOST_REFRESHED = 200


@dataclass(frozen=True)
class Placed:
    """A card and its job's id."""

    id: int
    html: SafeString


@dataclass(frozen=True)
class Shelf:
    """The cards of one page, the *newest* and *oldest* job on it (0: none), and whether there are *older* ones."""

    html: SafeString
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
    name = f"shelf:{workspace.slug}:{workspace.media_epoch}:{reader}:{address}"
    return kept(workspace, name, lambda: _filled(workspace, member, asked))


def page_of(workspace: Workspace, asked: JobFilter) -> JobQuerySet:
    """The jobs from the beginning of the page that *asked* means, newest first."""
    matching = asked.matching(workspace.jobs.present()).order_by("-id")
    return matching.filter(pk__lt=asked.before) if asked.before else matching


def touched(workspace: Workspace, asked: JobFilter, since: int) -> JobQuerySet:
    """The jobs, deleted ones too, that changed after version *since* and belong to the list apart from its tab."""
    return asked.matching_but_tab(workspace.jobs.changed_since(since)).order_by("version")


def _filled(workspace: Workspace, member: Membership, asked: JobFilter) -> Shelf:
    stamps = list(page_of(workspace, asked).stamps()[: PAGE + 1])
    shown, has_older = stamps[:PAGE], len(stamps) > PAGE
    newest, oldest = (shown[0][0], shown[-1][0]) if shown else (0, 0)
    html = render_to_string("jobs/_cards.html", {"cards": _placed(workspace, member, shown)})
    return Shelf(html, newest, oldest, has_older)


def changes(request: MemberRequest, asked: JobFilter, since: int, newest: int, oldest: int) -> Changes | None:
    """What changed of the jobs between *oldest* and *newest* after version *since*, and what is newer than *newest*."""
    matching = touched(request.workspace, asked, since)
    found = list(matching.values_list("pk", "version", "created_by_id", "deleted_at")[: MOST_REFRESHED + 1])
    if len(found) > MOST_REFRESHED:
        return None
    rows = sorted((row for row in found if row[0] >= oldest), reverse=True)
    present = [row[:3] for row in rows if row[3] is None]
    return Changes(
        new=_of(request, (stamp for stamp in present if stamp[0] > newest)),
        changed=_of(request, (stamp for stamp in present if stamp[0] <= newest)),
        gone=tuple(row[0] for row in rows if row[3] is not None and row[0] <= newest),
    )


def again(request: MemberRequest, asked: JobFilter, oldest: int) -> tuple[Placed, ...]:
    """All cards down to *oldest* as they are now, for a page whose filter lets jobs come and go."""
    matching = asked.matching(request.workspace.jobs.present()).filter(pk__gte=oldest).order_by("-id")
    return _of(request, matching.stamps()[:MOST_REFRESHED])


def _of(request: MemberRequest, stamps: Iterable[Stamp]) -> tuple[Placed, ...]:
    return _placed(request.workspace, request.membership, stamps)


def _placed(workspace: Workspace, member: Membership, stamps: Iterable[Stamp]) -> tuple[Placed, ...]:
    return tuple(Placed(job_id, html) for job_id, html in cards.cards(workspace, member, stamps).items())
