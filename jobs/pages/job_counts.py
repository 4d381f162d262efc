"""How much is going on in a workspace, and who is in it: one query, whatever the number of jobs."""

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Count, IntegerField, Value

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

    running: dict[int | None, int]
    needs_you: int
    people: tuple[Person, ...]


def counts(workspace: Workspace, user: User) -> Counts:
    """The counts and members of *workspace*, as *user* sees them.

    They are kept for as long as nothing changes there; a person who comes or goes is a change.
    """
    found = kept(workspace, "counts", lambda: _counted(workspace))
    return Counts(sum(found.running.values()), found.running.get(user.pk, 0), found.needs_you, found.people)


def _counted(workspace: Workspace) -> _Everybody:
    rows = _rows(workspace)
    members = sorted((name, email, pk) for pk, name, email, waits, _ in rows if waits is None)
    return _Everybody(
        running={pk: number for pk, _, _, waits, number in rows if waits is not None and not waits},
        needs_you=sum(number for _, _, _, waits, number in rows if waits),
        people=tuple(Person(pk, str(User(name=name, email=email))) for name, email, pk in members),
    )


def _rows(workspace: Workspace) -> list[tuple[Any, ...]]:
    """Of each member id, name, e-mail address, None and 0; of jobs whose, "", "", whether they wait, how many."""
    nothing, none = Value(None, output_field=BooleanField()), Value(0, output_field=IntegerField())
    members = workspace.memberships.order_by().values_list("user_id", "user__name", "user__email", nothing, none)
    under_way: Any = workspace.jobs.present().open().order_by()
    counted = under_way.values("created_by_id", "needs_decision").annotate(number=Count("pk"))
    jobs = counted.values_list("created_by_id", Value(""), Value(""), "needs_decision", "number")
    return list(members.union(jobs, all=True))
