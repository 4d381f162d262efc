"""How often dreamlook is asked: a list an interval for each key and kind, and a read for each job not on it (F7)."""

import pytest
from django.utils import timezone

from jobs.models import Job, Lease
from jobs.operations.clock import in_seconds
from jobs.operations.jobs import callbacks
from jobs.operations.jobs.poll import poll_key
from tests.benchmarks.provider_requests import under_way
from tests.jobs.operations.at_dreamlook import Studio
from tests.jobs.operations.conftest import again, look

pytestmark = pytest.mark.django_db


def asked(dreamlook: Studio) -> tuple[int, int]:
    return dreamlook.lists, dreamlook.reads


def an_interval_later() -> None:
    Lease.objects.update(until=in_seconds(-1))


@pytest.fixture
def crowd(dreamlook: Studio) -> Studio:
    under_way(dreamlook.emulator, dreamlook.workspace, dreamlook.key, 200, "generation")
    return dreamlook


def test_f7_two_hundred_jobs_cost_one_list_and_one_read_for_each_that_left_it(crowd: Studio):
    poll_key(crowd.key.pk, "generation")
    assert asked(crowd) == (1, 150)
    assert not Job.objects.filter(last_checked_at=None).exists()


def test_f7_whatever_falls_due_within_an_interval_waits_for_the_next(dreamlook: Studio):
    under_way(dreamlook.emulator, dreamlook.workspace, dreamlook.key, 52, "generation")
    for _ in range(5):
        poll_key(dreamlook.key.pk, "generation")
        Job.objects.update(next_action_at=timezone.now())
    assert asked(dreamlook) == (1, 2)
    an_interval_later()
    poll_key(dreamlook.key.pk, "generation")
    assert asked(dreamlook) == (2, 4)


def test_f7_a_look_asks_singly_only_for_what_is_due(crowd: Studio):
    poll_key(crowd.key.pk, "generation")
    an_interval_later()
    oldest = Job.objects.order_by("pk").first()
    Job.objects.filter(pk=oldest.pk).update(next_action_at=timezone.now())
    poll_key(crowd.key.pk, "generation")
    assert asked(crowd) == (2, 151)


def test_f7_nothing_is_asked_while_nothing_is_due(crowd: Studio):
    Job.objects.update(next_action_at=in_seconds(5))
    poll_key(crowd.key.pk, "generation")
    assert asked(crowd) == (0, 0)


def test_f6_a_callback_is_answered_by_a_look_within_the_interval(dreamlook: Studio):
    job = look(dreamlook.send())
    dreamlook.pass_there(60)
    poll_key(dreamlook.key.pk, job.kind)
    assert (again(job).state, dreamlook.lists) == ("queued", 1), "its turn has not come"

    token = dreamlook.emulator.service.ledger[0].request["callback"].rstrip("/").rpartition("/")[2]
    callbacks.receive(token, b"{}")
    poll_key(dreamlook.key.pk, job.kind)
    assert (again(job).state, dreamlook.lists) == ("success", 2)
