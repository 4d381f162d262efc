"""The same order, sent a moment ago from another tab: asking first costs a click, sending twice costs money."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from dashboard.models import User, Workspace
from jobs.models import Job, JobState
from jobs.operations.commands.create import nonces
from jobs.operations.commands.drafts import JobDraft

WINDOW = timedelta(minutes=10)


def recent_twin(
    workspace: Workspace, user: User, drafts: Sequence[JobDraft], nonce: str, besides: int = 0
) -> Job | None:
    """The newest job like one of *drafts* that *user* sent within `WINDOW` from another form than *nonce*'s.

    Those that came to nothing and cost nothing do not count, nor does the job with the id *besides*.
    """
    sent = workspace.jobs.present().filter(created_by=user, created_at__gt=timezone.now() - WINDOW).exclude(pk=besides)
    sent = sent.exclude(state__in=[JobState.FAILURE, JobState.CANCELLED], charged=Job.Charged.NO)
    first = drafts[0]
    alike = sent.filter(api_key=first.api_key, photo_set=first.photo_set, checkpoint=first.checkpoint)
    others = alike.exclude(nonce__in=nonces(nonce, len(drafts))).order_by("-id")
    return next((job for job in others[:50] if any(job.spec.is_same_work(draft) for draft in drafts)), None)
