"""How much is going on in a workspace, and who is in it: one query, whatever the number of jobs."""

from dataclasses import dataclass

from django.db.models import Count, IntegerField, QuerySet, Subquery
from django.db.models.functions import Coalesce

from dashboard.models import User, Workspace
from jobs.models import Job


@dataclass(frozen=True)
class Person:
    """A member, as a filter offers them."""

    id: int
    name: str


@dataclass(frozen=True)
class Counts:
    """Jobs under way, how many of them are *yours*, and how many of all wait for a person's decision."""

    running: int
    yours: int
    needs_you: int
    people: tuple[Person, ...]


def counts(workspace: Workspace, user: User) -> Counts:
    """The counts and members of *workspace*, as *user* sees them."""
    under_way = workspace.jobs.present().open()
    running = under_way.filter(needs_decision=False)
    members = workspace.memberships.select_related("user").annotate(
        running=_count(running),
        yours=_count(running.filter(created_by=user)),
        waiting=_count(under_way.filter(needs_decision=True)),
    )
    rows = list(members.order_by("user__name", "user__email"))
    people = tuple(Person(row.user_id, str(row.user)) for row in rows)
    first = rows[0]
    return Counts(first.running, first.yours, first.waiting, people)


def _count(jobs: QuerySet[Job]) -> Coalesce:
    """The number of *jobs*, as a column that the database works out once."""
    counted = jobs.order_by().values("workspace").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
