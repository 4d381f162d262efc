"""What a job will take, before it is sent."""

from jobs.operations.commands.drafts import JobDraft
from jobs.operations.providers import provider
from jobs.providers.order import Estimate, Order


def estimate(draft: JobDraft, photo_count: int | None = None) -> Estimate:
    """How long *draft* will take and what it will cost. *photo_count* is the photo set's own when left out.

    Asks nobody and reads no table, so that a form can call it at every key press.
    """
    count = (draft.photo_set.photo_count if draft.photo_set else 0) if photo_count is None else photo_count
    return provider(draft.api_key.provider).estimate(order_shape(draft), count)


def order_shape(draft: JobDraft) -> Order:
    """The order of *draft* without its photos: enough to estimate it and to preview the request."""
    return Order(
        kind=draft.kind,
        base_model=draft.base_model,
        model_type=draft.model_type,
        checkpoint_id=draft.checkpoint.provider_result_id if draft.checkpoint else "",
        training=draft.training,
        generations=draft.generations,
        token=draft.token,
        class_word=draft.class_word,
        dry_run=draft.dry_run,
        key_options={name: str(value) for name, value in draft.api_key.options.items()},
        name=draft.name,
    )
