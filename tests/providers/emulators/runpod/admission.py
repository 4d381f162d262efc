"""What the platform itself refuses at once; the rest is the worker's to say, when the job's turn has come."""

from tests.providers.emulators.server import Seen

LONGEST_BODY = 10_000_000
LONGEST_LIFE = 7 * 24 * 3600 * 1000


def complaint(seen: Seen) -> str:
    """Why an order is not taken; empty when it is."""
    body = seen.json()
    if len(seen.body) > LONGEST_BODY:
        return "The body is too large."
    if not isinstance(body, dict) or not isinstance(body.get("input"), dict):
        return "input is required"
    return _of_policy(body.get("policy", {}))


def _of_policy(policy: object) -> str:
    if not isinstance(policy, dict) or set(policy) - {"executionTimeout", "ttl", "lowPriority"}:
        return "policy is not valid"
    for name, most in (("executionTimeout", LONGEST_LIFE), ("ttl", LONGEST_LIFE)):
        value = policy.get(name, 10_000)
        if not isinstance(value, int) or isinstance(value, bool) or not 5_000 <= value <= most:
            return f"policy.{name} is out of range"
    return ""
