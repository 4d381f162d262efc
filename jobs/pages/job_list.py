"""The job list: one page of it, what changed since somebody last looked, and how much is going on in the workspace."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

from django.core.cache import caches
from django.db.models import BooleanField, QuerySet, Value
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from dashboard.access import MemberRequest
from dashboard.models import Role, User, Workspace
from jobs.forms.lists import JobFilter
from jobs.models.job import JobQuerySet, Stamp
from jobs.pages import cards

PAGE = 50
MOST_REFRESHED = 200
CACHED_SECONDS = 600

Made = TypeVar("Made")


@dataclass(frozen=True)
class Placed:
    """A card and its job's id."""

    id: int
    html: SafeString


@dataclass(frozen=True)
class ListPage:
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


def list_page(request: MemberRequest, asked: JobFilter) -> ListPage:
    """The page that *asked* means. It is cached for as long as nothing in the workspace changes."""
    workspace, member = request.workspace, request.membership
    reader = f"{member.role}-{member.user_id if member.role == Role.EDITOR else 0}"
    address = sha256(asked.address().encode()).hexdigest()[:32]
    name = f"jobs:{workspace.slug}:{workspace.media_epoch}:{reader}:{address}"

    def filled() -> ListPage:
        stamps = list(page_of(workspace, asked).stamps()[: PAGE + 1])
        shown, has_older = stamps[:PAGE], len(stamps) > PAGE
        newest, oldest = (shown[0][0], shown[-1][0]) if shown else (0, 0)
        html = render_to_string("jobs/_cards.html", {"cards": _placed(request, shown)})
        return ListPage(html, newest, oldest, has_older)

    return cached_fragment(workspace, name, filled)


def page_of(workspace: Workspace, asked: JobFilter) -> JobQuerySet:
    """The jobs from the beginning of the page that *asked* means, newest first."""
    matching = asked.matching(workspace.jobs.present()).order_by("-id")
    return matching.filter(pk__lt=asked.before) if asked.before else matching


def touched(workspace: Workspace, asked: JobFilter, since: int) -> JobQuerySet:
    """The jobs, deleted ones too, that changed after version *since* and belong to the list apart from its tab."""
    return asked.matching_but_tab(workspace.jobs.changed_since(since)).order_by("version")


def changes(request: MemberRequest, asked: JobFilter, since: int, newest: int, oldest: int) -> Changes | None:
    """What changed of the jobs between *oldest* and *newest* after version *since*, and what is newer than *newest*."""
    matching = touched(request.workspace, asked, since)
    found = list(matching.values_list("pk", "version", "created_by_id", "deleted_at")[: MOST_REFRESHED + 1])
    if len(found) > MOST_REFRESHED:
        return None
    rows = sorted((row for row in found if row[0] >= oldest), reverse=True)
    present = [row[:3] for row in rows if row[3] is None]
    return Changes(
        new=_placed(request, (stamp for stamp in present if stamp[0] > newest)),
        changed=_placed(request, (stamp for stamp in present if stamp[0] <= newest)),
        gone=tuple(row[0] for row in rows if row[3] is not None and row[0] <= newest),
    )


def again(request: MemberRequest, asked: JobFilter, oldest: int) -> tuple[Placed, ...]:
    """All cards down to *oldest* as they are now, for a page whose filter lets jobs come and go."""
    matching = asked.matching(request.workspace.jobs.present()).filter(pk__gte=oldest).order_by("-id")
    return _placed(request, matching.stamps()[:MOST_REFRESHED])


def _placed(request: MemberRequest, stamps: Iterable[Stamp]) -> tuple[Placed, ...]:
    found = cards.cards(request.workspace, request.membership, stamps)
    return tuple(Placed(job_id, html) for job_id, html in found.items())


@dataclass(frozen=True)
class Person:
    """A member, as a filter offers them."""

    id: int
    name: str


@dataclass(frozen=True)
class Counts:
    """Jobs under way, how many of them are *yours*, how many of all wait for a person's decision; and the members."""

    running: int
    yours: int
    needs_you: int
    people: tuple[Person, ...]


@dataclass(frozen=True)
class _Everybody:
    """The counts before anybody looks: jobs under way by the id of who ordered them."""

    running: Counter[int | None]
    needs_you: int
    people: tuple[Person, ...]


def counts(workspace: Workspace, user: User) -> Counts:
    """The counts and members of *workspace*, as *user* sees them.

    They are kept for as long as nothing changes there; a person who comes or goes is a change.
    """

    def counted() -> _Everybody:
        rows = list(rows_to_count(workspace))
        members = sorted((name, email, pk) for pk, name, email, waits in rows if waits is None)
        return _Everybody(
            running=Counter(pk for pk, _, _, waits in rows if waits is not None and not waits),
            needs_you=sum(bool(waits) for _, _, _, waits in rows),
            people=tuple(Person(pk, str(User(name=name, email=email))) for name, email, pk in members),
        )

    found = cached_fragment(workspace, "counts", counted)
    return Counts(found.running.total(), found.running[user.pk], found.needs_you, found.people)


def rows_to_count(workspace: Workspace) -> QuerySet[Any, tuple[Any, ...]]:
    """Of each member id, name, e-mail address and None; of each job under way whose, "", "", and whether it waits.

    The database does not count the jobs: to group them SQLite would rather walk all jobs in the groups' order.
    """
    nothing = Value(None, output_field=BooleanField())
    members = workspace.memberships.order_by().values_list("user_id", "user__name", "user__email", nothing)
    under_way: Any = workspace.jobs.present().open().order_by()
    return members.union(under_way.values_list("created_by_id", Value(""), Value(""), "needs_decision"), all=True)


def cached_fragment(workspace: Workspace, name: str, make: Callable[[], Made]) -> Made:
    """What *make* returned for this version of *workspace*; *name* says what it is and for whom.

    The workspace's version is part of every key, so nothing is ever taken out by hand: what belongs to an older version
    is not asked for again, and makes room when there is too much (`CACHES`). The version was read before what is cached
    under it, so that what is cached can only be newer than its key says, never older.
    """
    full_name = f"{workspace.pk}:{workspace.version}:{name}"
    found: Made | None = caches["pages"].get(full_name)
    if found is None:
        found = make()
        caches["pages"].set(full_name, found, timeout=CACHED_SECONDS)
    return found
