"""What two hundred jobs under one API key cost in requests: `python -m tests.benchmarks.provider_requests`.

The jobs are under way at an emulated dreamlook, which lists the newest fifty of each kind, and fall due as they do in
the product. Prints how often it was asked in so many seconds, and how often it would have been asked job by job.
"""

import argparse
import os
import tempfile
import time
from collections import Counter
from typing import Any

from tests.benchmarks.figures import headline, table
from tests.providers.emulators.dreamlook import Emulator, emulated
from tests.providers.emulators.dreamlook.emulator import KEY

KINDS = {"generation": "image_gen", "training": "dreambooth", "train_and_generate": "dreambooth_image_gen"}
REQUESTS: dict[str, dict[str, Any]] = {
    "image_gen": {"num_samples": 1, "width": 64, "height": 64},
    "dreambooth": {"steps": 100, "image_urls": []},
}
REQUESTS["dreambooth_image_gen"] = {"dreambooth": REQUESTS["dreambooth"], "image_gen": [REQUESTS["image_gen"]]}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.provider_requests", description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    chosen = parser.parse_args()
    _set_up()
    with emulated() as emulator:
        _print(chosen.jobs, chosen.seconds, _measure(emulator, chosen.jobs, chosen.seconds))


def _set_up() -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATA_DIR": tempfile.mkdtemp(prefix="likeness-requests-"),
    }
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def under_way(emulator: Emulator, workspace: Any, key: Any, count: int, kind: str) -> None:
    """*count* jobs that dreamlook took, one every half minute, and that go on for ever."""
    from datetime import timedelta

    from django.utils import timezone

    from jobs.models import Job, JobState

    now, rows = timezone.now(), []
    for number in range(count):
        theirs = emulator.service.take(KEY, KINDS[kind], dict(REQUESTS[KINDS[kind]]))
        theirs.ends = False
        age = timedelta(seconds=30 * (count - number))
        order = {"workspace": workspace, "api_key": key, "provider": "dreamlook", "kind": kind, "name": theirs.id}
        life = {"submitted_at": now - age, "estimated_seconds_high": 7200, "next_action_at": now}
        place = {"idempotency_key": theirs.id, "state": JobState.QUEUED, "provider_job_id": theirs.id}
        rows.append(Job(**order, **life, **place))
    Job.objects.bulk_create(rows)


def _measure(emulator: Emulator, jobs: int, seconds: float) -> dict[str, Counter[str]]:
    from django.conf import settings

    from dashboard.models import User, Workspace
    from jobs.operations.api_keys import keys

    settings.PROVIDER_BASE_URLS, settings.ALLOW_PRIVATE_PROVIDER_HOSTS = {"dreamlook": emulator.url}, True
    workspace = Workspace.objects.create(name="Studio", slug="studio")
    key = keys.add(workspace, User.objects.create_user("mara@example.com"), "dreamlook", "Key", KEY)
    counts = {}
    for kind in KINDS:
        under_way(emulator, workspace, key, jobs, kind)
        counts[kind] = _run(emulator, key.pk, kind, seconds)
    return counts


def _run(emulator: Emulator, key_id: int, kind: str, seconds: float) -> Counter[str]:
    """Look for *seconds* whenever something is due, as hints and sweep do."""
    from jobs.models import Job
    from jobs.operations.jobs.poll import poll_key

    emulator.server.seen.clear()
    end, looked = time.monotonic() + seconds, Counter[str]()
    while time.monotonic() < end:
        before = dict(Job.objects.filter(kind=kind).values_list("pk", "last_checked_at"))
        poll_key(key_id, kind)
        after = dict(Job.objects.filter(kind=kind).values_list("pk", "last_checked_at"))
        looked["looks"] += sum(after[pk] != before[pk] for pk in before)
        time.sleep(0.2)
    return looked + Counter("lists" if seen.path.count("/") == 2 else "reads" for seen in emulator.server.seen)


def _print(jobs: int, seconds: float, counts: dict[str, Counter[str]]) -> None:
    from jobs.operations.providers import provider

    interval = provider("dreamlook").poll_seconds[0]
    print(headline(f"{jobs} jobs of each kind under one API key, {seconds:g} s, an interval of {interval:g} s"))
    head = ["Kind", "list calls", "a interval", "single reads", "requests", "jobs brought up to date", "requests a job"]
    rows = []
    for kind, count in counts.items():
        asked = count["lists"] + count["reads"]
        rate = count["lists"] * interval / seconds
        rows.append([kind, count["lists"], rate, count["reads"], asked, count["looks"], asked / (count["looks"] or 1)])
    print(table(head, rows))
    print("Asked job by job, it would have been as many requests as jobs were brought up to date.")


if __name__ == "__main__":
    main()
