"""What somebody wants done, before it is a job."""

from dataclasses import dataclass, field

from jobs.models import ApiKey, Checkpoint, Job, PhotoSet
from jobs.providers.base import Kind
from jobs.providers.params import Values


@dataclass(frozen=True)
class JobDraft:
    """A checked order: what a form makes and `create` takes.

    *training* and *generations* hold `Param` values by name. *photo_ids* are the photos to use; None means all that
    are ready in *photo_set* when the job is made.
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
