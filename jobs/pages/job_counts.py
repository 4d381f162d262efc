"""How much is going on in a workspace, and who is in it: one query, whatever the number of jobs."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, QuerySet, Value

from dashboard.models import User, Workspace
from jobs.pages.kept import kept


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
    found = kept(workspace, "counts", lambda: _counted(workspace))
    return Counts(found.running.total(), found.running[user.pk], found.needs_you, found.people)


def _counted(workspace: Workspace) -> _Everybody:
    rows = list(rows_to_count(workspace))
    members = sorted((name, email, pk) for pk, name, email, waits in rows if waits is None)
    return _Everybody(
        running=Counter(pk for pk, _, _, waits in rows if waits is not None and not waits),
        needs_you=sum(bool(waits) for _, _, _, waits in rows),
        people=tuple(Person(pk, str(User(name=name, email=email))) for name, email, pk in members),
    )


def rows_to_count(workspace: Workspace) -> QuerySet[Any, tuple[Any, ...]]:
    """Of each member id, name, e-mail address and None; of each job under way whose, "", "", and whether it waits.

    The database does not count the jobs: to group them SQLite would rather walk all jobs in the groups' order.
    """
    nothing = Value(None, output_field=BooleanField())
    members = workspace.memberships.order_by().values_list("user_id", "user__name", "user__email", nothing)
    under_way: Any = workspace.jobs.present().open().order_by()
    return members.union(under_way.values_list("created_by_id", Value(""), Value(""), "needs_decision"), all=True)
