"""A practice job's life follows from its document and the clock."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
import time_machine

from jobs.providers.context import Context
from jobs.providers.errors import NotThere
from jobs.providers.order import Kind
from jobs.providers.reply import ArtifactKind, Snapshot, State
from tests.properties import given, settings, st
from tests.providers.practice.orders import ELSEWHERE, STUDIO, both, generation, practice, training

START = 1_800_000_000.0


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def life(order: object, seconds: list[float], clock: time_machine.Traveller) -> list[Snapshot]:
    provider = practice()
    receipt = provider.submit(order, STUDIO)
    seen = []
    for second in seconds:
        clock.move_to(START + second)
        seen.append(provider.read(order.kind, receipt.provider_job_id, STUDIO))
    return seen


def test_a_training_waits_runs_and_succeeds(clock: time_machine.Traveller) -> None:
    seen = life(training(), [0, 1.1, 2.9, 3, 10, 19.9, 20, 9e6], clock)
    assert [one.state for one in seen] == [State.QUEUED] * 3 + [State.RUNNING] * 3 + [State.SUCCESS] * 2


def test_the_place_in_the_queue_counts_down_to_next(clock: time_machine.Traveller) -> None:
    seen = life(training(), [0, 0.9, 1.1, 2.1, 2.9, 3], clock)
    assert [one.queue_position for one in seen] == [3, 3, 2, 1, 1, None]


def test_percent_grows_while_running_and_reaches_a_hundred_only_at_the_end(clock: time_machine.Traveller) -> None:
    seen = life(training(), [1, 3, 11.5, 19.99, 20], clock)
    assert [one.percent for one in seen] == [None, 0, 50, 99, 100]


def test_sample_pictures_and_checkpoints_appear_at_their_steps(clock: time_machine.Traveller) -> None:
    order = training({"steps": 1000, "save_checkpoints_at": [400, 800]})
    seen = life(order, [3, 7.3, 9.9, 16.7, 20], clock)
    steps = [
        (
            [one.step for one in snapshot.artifacts if one.is_sample],
            [one.step for one in snapshot.artifacts if one.kind is ArtifactKind.CHECKPOINT],
        )
        for snapshot in seen
    ]
    assert steps == [
        ([], []),
        ([250], []),
        ([250], [400]),
        ([250, 500, 750], [400, 800]),
        ([250, 500, 750, 1000], [400, 800, 1000]),
    ]


def test_a_lora_comes_with_each_checkpoint_when_asked(clock: time_machine.Traveller) -> None:
    (done,) = life(training({"steps": 500, "extract_lora": "original"}), [20], clock)
    checkpoints = [one for one in done.artifacts if one.kind is ArtifactKind.CHECKPOINT]
    assert [(one.step, one.is_lora) for one in checkpoints] == [(500, False), (500, True)]
    assert checkpoints[0].size > checkpoints[1].size


def test_generated_pictures_come_one_after_the_other(clock: time_machine.Traveller) -> None:
    seen = life(generation({"num_samples": 4}), [0.9, 1.6, 2.6, 3.1], clock)
    assert [(one.state, len(one.artifacts)) for one in seen] == [
        (State.QUEUED, 0),
        (State.RUNNING, 1),
        (State.RUNNING, 3),
        (State.SUCCESS, 4),
    ]


def test_train_and_generate_draws_every_prompt_after_training(clock: time_machine.Traveller) -> None:
    trained, done = life(both(prompts=2), [20.4, 22], clock)
    assert trained.state is State.RUNNING
    images = [one for one in done.artifacts if one.kind is ArtifactKind.IMAGE and not one.is_sample]
    checkpoint = next(one for one in done.artifacts if one.kind is ArtifactKind.CHECKPOINT)
    assert [one.prompt_index for one in images] == [0, 0, 1, 1]
    assert {one.checkpoint_id for one in images} == {checkpoint.id}
    assert len({one.id for one in done.artifacts}) == len(done.artifacts)


def test_a_rehearsal_succeeds_quickly_and_makes_nothing(clock: time_machine.Traveller) -> None:
    seen = life(both(dry_run=True), [0.5, 1.1], clock)
    assert [(one.state, one.artifacts) for one in seen] == [(State.QUEUED, ()), (State.SUCCESS, ())]


def test_a_training_that_fails_keeps_what_it_made(clock: time_machine.Traveller) -> None:
    before, after, later = life(training({"practice_outcome": "fails"}), [12, 13.3, 60], clock)
    assert before.state is State.RUNNING
    assert after.state is later.state is State.FAILURE
    assert after.failure
    assert [one.step for one in after.artifacts] == [300, 600] == [one.step for one in later.artifacts]


def test_missing_pictures_are_announced_or_left_out(clock: time_machine.Traveller) -> None:
    (done,) = life(generation({"num_samples": 8, "practice_outcome": "some_missing"}), [20], clock)
    assert done.state is State.SUCCESS
    assert [one.available for one in done.artifacts] == [False, True, True, False, True, True]


def test_a_cancelled_job_stops_where_it_was(clock: time_machine.Traveller) -> None:
    provider = practice()
    job_id = provider.submit(training({"steps": 1000}), STUDIO).provider_job_id
    clock.move_to(START + 8)
    provider.cancel(Kind.TRAINING, job_id, STUDIO)
    clock.move_to(START + 60)
    provider.cancel(Kind.TRAINING, job_id, STUDIO)
    stopped = provider.read(Kind.TRAINING, job_id, STUDIO)
    assert (stopped.state, [one.step for one in stopped.artifacts]) == (State.CANCELLED, [250])


def test_p29_a_job_that_was_done_before_it_was_cancelled_is_done(clock: time_machine.Traveller) -> None:
    provider = practice()
    job_id = provider.submit(training(), STUDIO).provider_job_id
    clock.move_to(START + 21)
    provider.cancel(Kind.TRAINING, job_id, STUDIO)
    assert provider.read(Kind.TRAINING, job_id, STUDIO).state is State.SUCCESS


def test_the_list_shows_the_newest_fifty_of_one_kind_and_account(clock: time_machine.Traveller) -> None:
    provider = practice()
    ids = [provider.submit(generation(), STUDIO).provider_job_id for _ in range(52)]
    provider.submit(training(), STUDIO)
    provider.submit(generation(), ELSEWHERE)
    listed = provider.list_latest(Kind.GENERATION, STUDIO)
    assert [one.provider_job_id for one in listed] == ids[:1:-1]
    assert {one.callback_url for one in listed} == {"https://us.example/callback/token"}


def test_a_job_of_another_account_is_not_there() -> None:
    provider = practice()
    job_id = provider.submit(training(), STUDIO).provider_job_id
    for act in (provider.read, provider.cancel):
        with pytest.raises(NotThere):
            act(Kind.TRAINING, job_id, ELSEWHERE)
        with pytest.raises(NotThere):
            act(Kind.TRAINING, "../photos/x", STUDIO)


def test_another_process_with_the_same_store_sees_the_same_job(clock: time_machine.Traveller) -> None:
    """Nothing but the store is remembered, so a process may be killed at any moment."""
    context = Context()
    job_id = practice(context).submit(training(), STUDIO).provider_job_id
    clock.move_to(START + 15)
    one, other = (practice(context).read(Kind.TRAINING, job_id, STUDIO) for _ in range(2))
    assert one == other


def test_what_is_kept_of_the_reply_holds_no_callback() -> None:
    provider = practice()
    receipt = provider.submit(training(), STUDIO)
    snapshot = provider.read(Kind.TRAINING, receipt.provider_job_id, STUDIO)
    assert "token" not in str(snapshot.raw)
    assert "token" not in str(receipt.raw)


ORDER = {State.QUEUED: 0, State.RUNNING: 1, State.SUCCESS: 2, State.FAILURE: 2, State.CANCELLED: 2}


@settings(max_examples=40, deadline=None)
@given(
    outcome=st.sampled_from(["works", "fails", "some_missing"]),
    seconds=st.lists(st.floats(min_value=0, max_value=60), min_size=2, max_size=12).map(sorted),
    steps=st.integers(min_value=50, max_value=5000),
    saved=st.lists(st.integers(min_value=1, max_value=5000), max_size=5),
)
def test_a_job_never_goes_backwards(outcome: str, seconds: list[float], steps: int, saved: list[int]) -> None:
    values = {"steps": steps, "save_checkpoints_at": saved, "practice_outcome": outcome}
    with time_machine.travel(START, tick=False) as clock:
        seen = life(both(prompts=2) if steps % 2 else training(values), seconds, clock)
    for earlier, later in pairwise(seen):
        assert ORDER[earlier.state] <= ORDER[later.state]
        assert earlier.artifacts == later.artifacts[: len(earlier.artifacts)]
        assert (earlier.percent or 0) <= (later.percent or 100)


def test_b11_a_job_of_a_clock_that_was_set_back_begins_now(clock: time_machine.Traveller):
    service = practice()
    clock.move_to(START + 3 * 3600)
    job_id = service.submit(training(), STUDIO).provider_job_id
    clock.move_to(START)
    assert service.read(Kind.TRAINING, job_id, STUDIO).state is State.QUEUED
    clock.move_to(START + 60)
    assert service.read(Kind.TRAINING, job_id, STUDIO).state is State.SUCCESS
