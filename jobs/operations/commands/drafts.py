"""What somebody wants done, before it is a job."""

from dataclasses import dataclass, field, replace

from jobs.models import ApiKey, Checkpoint, Job, Photo, PhotoSet
from jobs.operations.providers import provider
from jobs.providers.order import Kind
from jobs.providers.params import Values


@dataclass(frozen=True)
class JobDraft:
    """A checked order: what a form makes and `create` takes.

    *training* and *generations* hold `Param` values by name. *photo_ids* are the photos to use; None means all that
    are ready in *photo_set* when the job is made. *seen* is the `sent_copy.fingerprint` of those that somebody saw
    before ordering, where there was a page to see them on.
    """

    kind: Kind
    name: str
    api_key: ApiKey
    photo_set: PhotoSet | None = None
    checkpoint: Checkpoint | None = None
    base_model: str = ""
    model_type: str = ""
    preset: str = ""
    token: str = ""
    class_word: str = ""
    training: Values = field(default_factory=dict)
    generations: tuple[Values, ...] = ()
    dry_run: bool = False
    cloned_from: Job | None = None
    photo_ids: tuple[int, ...] | None = None
    seen: str = ""

    def photos(self) -> list[Photo]:
        """The photos to train on, as they are ready now, in their order."""
        if self.photo_set is None or not self.kind.trains:
            return []
        ready = self.photo_set.photos.to_train_on().in_order()
        return list(ready if self.photo_ids is None else ready.filter(pk__in=self.photo_ids))


def orders_of(draft: JobDraft) -> tuple[JobDraft, ...]:
    """*draft* as the orders that its provider takes: a list of prompts may be several, each with a name of its own."""
    most, prompts = provider(draft.api_key.provider).prompts_in_generation, draft.generations
    if draft.kind is not Kind.GENERATION or len(prompts) <= most:
        return (draft,)
    parts = [prompts[start : start + most] for start in range(0, len(prompts), most)]
    named = (f"{draft.name[:100]} ({number} of {len(parts)})" for number in range(1, len(parts) + 1))
    return tuple(replace(draft, name=name, generations=part) for name, part in zip(named, parts, strict=True))
