"""Why jobs only wait at RunPod, told from what its endpoint says of its workers."""

from collections.abc import Mapping
from typing import Any

from jobs.providers.kit.replies import mapping, whole

_UP = ("idle", "running", "ready", "initializing")


def why_waiting(health: object) -> str:
    """Why jobs wait, in a sentence; empty where nothing is known or a worker is free."""
    workers = mapping(mapping(health).get("workers"))
    if not any(whole(workers.get(name), least=0) is not None for name in _UP):
        return ""
    if _sum(workers, _UP) == 0:
        return _none_up(workers)
    queued = whole(mapping(mapping(health).get("jobs")).get("inQueue"), least=0) or 0
    if queued and not _sum(workers, ("idle", "ready", "initializing")):
        return "All workers of your RunPod endpoint are busy; the job starts when one is free."
    return ""


def _none_up(workers: Mapping[str, Any]) -> str:
    if _sum(workers, ("throttled",)):
        return (
            "RunPod has no free GPU of the kind that your endpoint asks for. It starts by itself when there is one; "
            "allowing more kinds of GPU on the endpoint's page helps."
        )
    if _sum(workers, ("unhealthy",)):
        return "The workers of your RunPod endpoint do not start. The endpoint's page at RunPod shows why."
    return (
        "No worker of your RunPod endpoint is up. It takes a minute or two to start one; if this stays, look on the "
        "endpoint's page at RunPod whether it may start any."
    )


def ready(health: object) -> str:
    """What a test of a key says of the workers."""
    up = _sum(mapping(mapping(health).get("workers")), _UP)
    return f"{up} {'worker is' if up == 1 else 'workers are'} up." if up else "No worker is up just now."


def _sum(workers: Mapping[str, Any], names: tuple[str, ...]) -> int:
    return sum(whole(workers.get(name), least=0) or 0 for name in names)
