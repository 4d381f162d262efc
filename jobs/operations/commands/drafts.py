"""What somebody wants done, before it is a job."""

from dataclasses import dataclass, replace

from jobs.models import ApiKey, Checkpoint, Job, Photo, PhotoSet
from jobs.operations.providers import provider
from jobs.providers.order import Kind, Order, OrderSpec


@dataclass(frozen=True, kw_only=True)
class JobDraft(OrderSpec):
    """A checked order: what a form makes and `create` takes.

    *photo_ids* are the photos to use; None means all that are ready in *photo_set* when the job is made. *seen* is the
    `sent_copy.fingerprint` of those that somebody saw before ordering, where there was a page to see them on.
    """

    api_key: ApiKey
    photo_set: PhotoSet | None = None
    checkpoint: Checkpoint | None = None
    cloned_from: Job | None = None
    photo_ids: tuple[int, ...] | None = None
    seen: str = ""

    def photos(self) -> list[Photo]:
        """The photos to train on, as they are ready now, in their order."""
        if self.photo_set is None or not self.kind.trains:
            return []
        ready = self.photo_set.photos.to_train_on().in_order()
        return list(ready if self.photo_ids is None else ready.filter(pk__in=self.photo_ids))

    def as_order(self) -> Order:
        """The order without its photos: enough to estimate it and to preview the request."""
        return Order.of(
            self,
            checkpoint_id=self.checkpoint.provider_result_id if self.checkpoint else "",
            key_options={name: str(value) for name, value in self.api_key.options.items()},
        )


def orders_of(draft: JobDraft) -> tuple[JobDraft, ...]:
    """*draft* as the orders that its provider takes: a list of prompts may be several, each with a name of its own."""
    most, prompts = provider(draft.api_key.provider).prompts_in_generation, draft.generations
    if draft.kind is not Kind.GENERATION or len(prompts) <= most:
        return (draft,)
    parts = [prompts[start : start + most] for start in range(0, len(prompts), most)]
    named = (f"{draft.name[:100]} ({number} of {len(parts)})" for number in range(1, len(parts) + 1))
    return tuple(replace(draft, name=name, generations=part) for name, part in zip(named, parts, strict=True))
