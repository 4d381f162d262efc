"""The product's one Redis client, and the broker: whether it answers, and how much waits in its queues."""

from functools import cache

import redis
from django.conf import settings

QUEUES = ("submit", "poll", "results", "photos")
CROWDED = 1000
"""So many messages wait where nobody takes any, or not fast enough: another of those that come again helps nobody."""


@cache
def client() -> redis.Redis:
    """One client a process, for all but Celery's own messages; it gives up after 0.3 s, so that no page waits for a
    server that is away.
    """
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3, protocol=2, decode_responses=True
    )


def answers() -> bool:
    """Whether the broker is there."""
    if not settings.REDIS_URL:
        return False
    try:
        return bool(client().ping())
    except redis.RedisError:
        return False


def waiting() -> dict[str, int] | None:
    """How many messages wait in each queue; None when the broker does not say."""
    if not settings.REDIS_URL:
        return None
    try:
        with client().pipeline(transaction=False) as asked:
            for queue in QUEUES:
                asked.llen(queue)
            return dict(zip(QUEUES, map(int, asked.execute()), strict=True))
    except redis.RedisError:
        return None


def crowded() -> frozenset[str]:
    """The queues to which beat and the sweep send nothing more for now; none when the broker does not say."""
    return frozenset(queue for queue, count in (waiting() or {}).items() if count >= CROWDED)


def version() -> str:
    """What the broker calls itself, such as `Valkey 9.1.2`; nothing when it does not answer."""
    if not settings.REDIS_URL:
        return ""
    try:
        told = client().info("server")
    except redis.RedisError:
        return ""
    if "valkey_version" in told:
        return f"Valkey {told['valkey_version']}"
    return f"Redis {told['redis_version']}"
