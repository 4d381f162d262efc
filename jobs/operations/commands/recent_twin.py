"""The same order, sent a moment ago from another tab: asking first costs a click, sending twice costs money."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

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
    others = sent.filter(**_columns(drafts[0])).exclude(nonce__in=nonces(nonce, len(drafts)))
    same = (job for job in others.order_by("-id")[:50] if any(_is_same(job, draft) for draft in drafts))
    return next(same, None)


def _columns(draft: JobDraft) -> dict[str, Any]:
    """What the orders of one press have in common."""
    return {
        "kind": draft.kind,
        "api_key": draft.api_key,
        "photo_set": draft.photo_set,
        "checkpoint": draft.checkpoint,
        "base_model": draft.base_model,
        "token": draft.token,
        "class_word": draft.class_word,
        "dry_run": draft.dry_run,
    }


def _is_same(job: Job, draft: JobDraft) -> bool:
    ordered = (dict(draft.training), [dict(values) for values in draft.generations])
    return (job.training, job.generations) == ordered
