"""A job's state changes in one place, as one table allows, and never without an event and a new version."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.models import Workspace
from jobs.models import Job, JobState
from jobs.operations.jobs import diagram
from jobs.operations.jobs.state import MOVES, By, ForbiddenMove, change, locked, move
from tests.jobs.factories import make_job
from tests.properties import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test, settings, st

ROOT = Path(__file__).resolve().parents[4]
THE_ONE = ROOT / "jobs/operations/jobs/state.py"
ALLOWED = {(one.source, one.target, who) for one in MOVES for who in one.by}
WRITERS = {"update", "create", "get_or_create", "update_or_create", "bulk_create", "change", "move", "Job", "replace"}


class Walk(RuleBasedStateMachine):
    """Somebody tries whatever comes to mind with one job."""

    workspace: Workspace

    def __init__(self) -> None:
        super().__init__()
        self.job = make_job(self.workspace, state=JobState.READY)
        self.expected, self.moves, self.version = JobState.READY, 0, self.job.version

    @rule(state=st.sampled_from(JobState), by=st.sampled_from(By))
    def try_any(self, state: JobState, by: By) -> None:
        self.attempt(state, by)

    @rule(data=st.data())
    def try_an_allowed_one(self, data: st.DataObject) -> None:
        ways = sorted((target, by) for source, target, by in ALLOWED if source == self.expected)
        if ways:
            self.attempt(*data.draw(st.sampled_from(ways)))

    def attempt(self, target: JobState, by: By) -> None:
        is_allowed = (self.expected, target, by) in ALLOWED
        with locked(self.job.pk) as row:
            try:
                is_moved = move(row, target, "So it was.", by=by)
            except ForbiddenMove:
                assert not is_allowed
                assert not self.expected.is_final
                return
        assert is_moved == is_allowed
        if is_moved:
            self.expected, self.moves = target, self.moves + 1
            assert row.version > self.version
            self.version = row.version

    @invariant()
    def it_is_where_the_table_led_it(self) -> None:
        self.job.refresh_from_db()
        assert (self.job.state, self.job.version) == (self.expected, self.version)
        assert self.job.events.filter(kind="state").count() == self.moves
        assert (self.job.finished_at is not None) == self.expected.is_final


@pytest.mark.django_db
def test_only_what_the_table_allows_moves_a_job(studio: Workspace):
    Walk.workspace = studio
    run_state_machine_as_test(Walk, settings=settings(max_examples=25, stateful_step_count=15))


def test_no_move_leaves_a_final_state_and_each_pair_stands_once():
    assert not any(one.source.is_final for one in MOVES)
    assert len({(one.source, one.target) for one in MOVES}) == len(MOVES)


def test_every_state_can_be_reached_and_every_open_one_left():
    reached = {JobState.READY, *(one.target for one in MOVES)}
    assert reached == set(JobState)
    assert {one.source for one in MOVES} == {state for state in JobState if state.is_open}


@pytest.mark.django_db
def test_a_job_that_moved_meanwhile_is_not_moved_again(studio: Workspace):
    job = make_job(studio, state=JobState.READY)
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)
    assert not move(job, JobState.SUBMITTING, "Too late.", by=By.SUBMIT)
    job.refresh_from_db()
    assert (job.state, job.events.count()) == (JobState.QUEUED, 0)


@pytest.mark.django_db
def test_changing_something_else_never_changes_the_state(studio: Workspace):
    job = make_job(studio, state=JobState.READY)
    with CaptureQueriesContext(connection) as seen, pytest.raises(ForbiddenMove):
        change(job, state=JobState.SUCCESS)
    assert len(seen) == 0


def writes_of_state(text: str) -> Iterator[int]:
    """The lines on which a module writes a job's state, as far as its text tells."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Assign(targets=targets, value=value):
                written = [part for target in targets for part in ast.walk(target)]
                if any(isinstance(part, ast.Attribute) and part.attr == "state" for part in written):
                    yield from [node.lineno] if "JobState" in ast.unparse(value) or "job" in ast.unparse(node) else []
            case ast.Call(func=func, keywords=keywords):
                name = ast.unparse(func)
                if name.rpartition(".")[2] in WRITERS and "JobEvent" not in name:
                    said = [ast.unparse(one.value) for one in keywords if one.arg == "state"]
                    yield from [node.lineno for value in said if "JobState" in value]
            case ast.Dict(keys=keys, values=values):
                pairs = [(ast.unparse(key), ast.unparse(value)) for key, value in zip(keys, values, strict=True) if key]
                yield from [node.lineno for key, value in pairs if key == "'state'" and "JobState" in value]


def test_no_other_module_writes_the_state_of_a_job():
    modules = [path for path in (ROOT / "jobs").rglob("*.py") if "migrations" not in path.parts and path != THE_ONE]
    assert [(str(path), line) for path in modules for line in writes_of_state(path.read_text())] == []


@pytest.mark.parametrize(
    "text",
    [
        "Job.objects.filter(pk=1).update(state=JobState.READY)",
        "change(job, state=JobState.LOST)",
        "job.state = JobState.QUEUED",
        "job.state, job.tries = target, 0",
        "sending = {'state': JobState.SUBMITTING}",
        "Job(workspace=studio, state=JobState.RUNNING)",
    ],
)
def test_a_write_elsewhere_is_noticed(text: str):
    assert list(writes_of_state(text)) == [1]


def test_the_documentation_shows_the_table_as_it_is():
    text = diagram.DOCUMENT.read_text()
    assert diagram.drawn(text) == text, "run python -m jobs.operations.jobs.diagram"
    assert all(f"{one.source} --> {one.target}: {', '.join(one.by)}\n" in text for one in MOVES)
