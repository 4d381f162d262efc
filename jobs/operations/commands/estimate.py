"""What a job will take, before it is sent."""

from jobs.operations.commands.drafts import JobDraft
from jobs.operations.providers import provider
from jobs.providers.order import Estimate


def estimate(draft: JobDraft, photo_count: int | None = None) -> Estimate:
    """How long *draft* will take and what it will cost. *photo_count* is the photo set's own when left out.

    Asks nobody and reads no table, so that a form can call it at every key press.
    """
    count = (draft.photo_set.photo_count if draft.photo_set else 0) if photo_count is None else photo_count
    return provider(draft.api_key.provider).estimate(draft.as_order(), count)
