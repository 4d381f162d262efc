"""The broker as the dashboard sees it: whether it answers, and how much waits in its queues."""

from functools import cache

import redis
from django.conf import settings

QUEUES = ("submit", "poll", "results", "photos")


@cache
def client() -> redis.Redis:
    """One client a process; it gives up after 0.3 s, so that no page waits for a broker that is away."""
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
        return {queue: int(client().llen(queue)) for queue in QUEUES}
    except redis.RedisError:
        return None
