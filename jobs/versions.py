"""Whether anything visible changed in a workspace, answered without the database.

The truth is `Workspace.version`. Redis keeps a copy in one sorted set, written only upwards (`ZADD GT`) after commit,
so that two writers that overtake each other cannot turn it back. It is a hint: without it pages ask the database, and
the sweep writes recent versions again in case a process died between its commit and its hint.
"""

import redis
from django.conf import settings
from django.db import transaction

from dashboard.models import Workspace
from dashboard.worker import broker

_KEY = "likeness:versions"


def touch(workspace: Workspace) -> int:
    """Count one visible change: call inside the transaction that makes it, and store the result on what changed."""
    version = workspace.raise_version()
    transaction.on_commit(lambda: publish({workspace.pk: version}))
    return version


def publish(versions: dict[int, int]) -> None:
    """Copy versions by workspace id to Redis; a Redis that is away is left alone."""
    if not settings.REDIS_URL or not versions:
        return
    try:
        broker.client().zadd(_KEY, {str(pk): version for pk, version in versions.items()}, gt=True)
    except redis.RedisError:
        return


def known(workspace_id: int) -> int | None:
    """The workspace's version as Redis has it, or None when only the database can tell."""
    if not settings.REDIS_URL:
        return None
    try:
        score = broker.client().zscore(_KEY, str(workspace_id))
    except redis.RedisError:
        return None
    return None if score is None else int(score)
