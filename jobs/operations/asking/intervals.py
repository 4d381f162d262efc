"""How often one API key is asked about one kind of job, however many jobs fall due in between.

Jobs fall due one by one, and one list answers for fifty of them: whatever falls due meanwhile waits for the next
interval, so that a key with two hundred jobs costs one list call an interval like a key with one.
"""

from django.db.models.functions import Now
from django.utils import timezone

from jobs.models import Job, Lease
from jobs.operations.leases import take


def begin(key_id: int, kind: str, seconds: float) -> bool:
    """Begin an interval of so many seconds; False while the last one lasts."""
    return take(_name(key_id, kind), seconds) is not None


def left(key_id: int, kind: str) -> float:
    """The seconds until the next interval can begin."""
    until = Lease.objects.filter(name=_name(key_id, kind)).values_list("until", flat=True).first()
    return max(0.0, (until - timezone.now()).total_seconds()) if until else 0.0


def cut_short(job: Job) -> None:
    """Somebody rang or asked: the next question about *job* need not wait for its turn."""
    Lease.objects.filter(name=_name(job.api_key_id or 0, job.kind)).update(until=Now())


def _name(key_id: int, kind: str) -> str:
    return f"interval:{key_id}:{kind}"
