"""The work on photos that nobody waits for: make an upload ready, cut out the part that is sent, measure what is there.

The row is the schedule. Each kind of work (`Step`) has a column that says when it is due next: whoever moves it on has
claimed the work, for `LEASE_SECONDS` at a time and for as long as the worker lives. What was made is kept only while
the column stands as the claim left it, so a photo that was cropped anew or removed meanwhile keeps nothing of the
former part. Doing it twice is harmless, because files are named by their content.

A few photos are worked on at a time (`CONCURRENCY`): all at once they would share the processors, so that the first is
ready when the last is, and each needs memory. A worker's other threads stay free for the providers meanwhile.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from jobs.files import storage
from jobs.models import Photo
from jobs.operations.cleanup import orphans
from jobs.operations.clock import in_seconds
from jobs.operations.enqueue import enqueue
from jobs.operations.failpoints import reach
from jobs.operations.photos.counts import recount
from jobs.photos import crop as parts
from jobs.photos import intake
from jobs.photos.inspection.measures import Box

_PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
CONCURRENCY = min(_PROCESSORS + 1, 5)
"""One more than there are processors, since opening also waits for the disk, and never most of a worker's threads."""
LEASE_SECONDS = 20.0
"""It is renewed for as long as the photo is being opened, so this is what a dead worker costs."""
PAUSE_SECONDS = 60.0
"""How long a photo waits when there is no room to store what is made of it."""
MAX_TRIES = 3
"""So often may a photo stop the child that opens it."""
MOST_CLAIMS = 10
"""So often may a worker die over a photo before the photo is taken for the cause."""
MOST_INSPECTIONS = 3
"""The same for an inspection, which nothing waits for."""
AT_ONCE = 200
INSPECTORS = 4
"""Messages about photos to be inspected: whoever takes one goes on with the others by itself."""

GONE = "The file was lost before it could be read. Send it again."
GAVE_UP = "This photo could not be read: opening it failed three times. Save it as a JPEG and send that."
INSPECT_ANEW: dict[str, Any] = {"inspection_due_at": Now(), "inspection_tries": 0}

_free = threading.BoundedSemaphore(CONCURRENCY)


@dataclass(frozen=True)
class Made:
    """What came of a step: new values of the photo's *columns*, and the stored *files* among them."""

    columns: Mapping[str, Any]
    files: Sequence[str] = ()


@dataclass(frozen=True)
class Step:
    """One kind of work: the *task* that does it, which photos are *due* by the column *due_at*, and how it is done."""

    task: str
    failpoints: str
    due: Callable[[], QuerySet[Photo]]
    due_at: str
    tries: str
    make: Callable[["Claim"], Made]
    give_up: Callable[[str], Mapping[str, Any]]
    """The columns of a photo with which it cannot be done, from the sentence that says why."""
    when_done: Mapping[str, Any] = field(default_factory=dict)
    only: Mapping[str, Any] = field(default_factory=dict)
    """What else must hold of a row on which the result is written."""
    most_claims: int = MOST_CLAIMS


@dataclass
class Claim:
    """The right of this process to do *step* with *photo*, until it is ended or its lease runs out."""

    step: Step
    photo: Photo
    renewed_at: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, step: Step, photo_id: int, due: QuerySet[Photo] | None = None) -> Self | None:
        """The claim of the photo; None when it is not due, which is when it is not among *due*, if that is given."""
        photos = step.due() if due is None else due
        lease = {step.due_at: in_seconds(LEASE_SECONDS), step.tries: F(step.tries) + 1}
        if photos.filter(pk=photo_id).update(**lease) != 1:
            return None
        return cls(step, Photo.objects.select_related("workspace").get(pk=photo_id))

    def renew(self) -> None:
        """Keep the claim: its end moves on by the time that has passed, so nothing has to be read back."""
        now, due_at = time.monotonic(), self.step.due_at
        moment = getattr(self.photo, due_at) + timedelta(seconds=now - self.renewed_at)
        if self._row().update(**{due_at: moment}):
            setattr(self.photo, due_at, moment)
            self.renewed_at = now

    def retry_in(self, seconds: float, *, counts: bool = True) -> None:
        """Let somebody try again after *seconds*; a try that does not count was no fault of the photo's."""
        tries = {} if counts else {self.step.tries: F(self.step.tries) - 1}
        self._row().update(**{self.step.due_at: in_seconds(seconds)}, **tries)

    def end(self, **columns: Any) -> bool:
        """Write what came of it; False when somebody else has the photo now, or it changed meanwhile."""
        with transaction.atomic():
            self.photo.workspace.lock()
            ended = self._row().update(**self.step.when_done, **columns) == 1
            if ended:
                recount(self.photo.workspace, self.photo.photo_set_id, self.photo.pk)
        return ended

    def _row(self) -> QuerySet[Photo]:
        due_at = self.step.due_at
        return Photo.objects.filter(pk=self.photo.pk, **{due_at: getattr(self.photo, due_at)}, **self.step.only)


def work_through(step: Step, photo_id: int) -> None:
    """Do *step* with the photo, and then one after the other whatever is due, uploads and crops first.

    Nothing happens while `CONCURRENCY` photos are being worked on: whoever ends one looks for the next that is due.
    """
    turn: tuple[Step, int] | None = (step, photo_id)
    if step is INSPECT:  # people wait to see the others
        turn = _next(TAKE_IN, CROP) or turn
    while turn is not None and _free.acquire(blocking=False):
        try:
            process(*turn)
        finally:
            _free.release()
        # Looked for only after the place is free: a message that came before was dropped, one that comes now is not.
        turn = _next(*STEPS)


def _next(*steps: Step) -> tuple[Step, int] | None:
    for step in steps:
        found = step.due().order_by(step.due_at, "id").values_list("pk", flat=True).first()
        if found is not None:
            return step, found
    return None


def enqueue_due() -> None:
    """Give a message for what is due, whose first message got lost or whose worker died."""
    for step in STEPS:
        due = step.due().order_by(step.due_at).values_list("pk", flat=True)
        for photo_id in due[: INSPECTORS if step is INSPECT else AT_ONCE]:
            enqueue(step.task, photo_id)


def process(step: Step, photo_id: int) -> None:
    """Do *step* with the photo; nothing happens when it is not due, or somebody else has it."""
    claim = Claim.of(step, photo_id)
    if claim is not None:
        _do(claim)


def crop_now(photo: Photo) -> str:
    """Make the photo's crop without waiting for its turn: the name it is stored by, empty when it cannot be made.

    Whoever else is at it makes the same file.
    """
    claim = Claim.of(CROP, photo.pk, Photo.objects.filter(crop_due_at__isnull=False))
    if claim is not None:
        _do(claim)
    photo.refresh_from_db(fields=["crop", "cropped"])
    return photo.cropped


def _do(claim: Claim) -> None:
    step, tries = claim.step, getattr(claim.photo, claim.step.tries)
    reach(f"photos.{step.failpoints}claimed")
    if tries > step.most_claims:
        claim.end(**step.give_up(GAVE_UP))
        return
    try:
        made = step.make(claim)
    except intake.Interrupted:
        claim.end(**step.give_up(GAVE_UP)) if tries >= MAX_TRIES else claim.retry_in(1.0)
    except intake.Unreadable as unreadable:
        claim.end(**step.give_up(unreadable.sentence))
    except FileNotFoundError:
        claim.end(**step.give_up(GONE))
    except storage.Full:
        claim.retry_in(PAUSE_SECONDS, counts=False)
    else:
        reach(f"photos.{step.failpoints}stored")
        if not claim.end(**made.columns):
            # It was cropped anew or removed meanwhile, or somebody else was faster: the sweep keeps what a row has.
            orphans.add(claim.photo.workspace_id, made.files)


def _ready(claim: Claim) -> Made:
    """The upright photo without metadata, and its thumbnail."""
    prepared = intake.prepare(storage.source(claim.photo.original), meanwhile=claim.renew)
    large, small = _stored(claim.photo, prepared)
    columns = {
        "state": Photo.State.READY,
        "prepared": large,
        "thumbnail": small,
        "width": prepared.width,
        "height": prepared.height,
        "full_width": prepared.full[0],
        "full_height": prepared.full[1],
        **INSPECT_ANEW,
    }
    return Made(columns, [large, small])


def _cropped(claim: Claim) -> Made:
    """The part of the photo that is sent, which is measured anew."""
    made = _cut(claim.photo, claim.photo.crop_box, claim.renew)
    large, small = _stored(claim.photo, made)
    sizes = {"cropped_width": made.width, "cropped_height": made.height}
    return Made({"cropped": large, "cropped_thumbnail": small, **sizes, **INSPECT_ANEW}, [large, small])


def cut(photo: Photo, box: Box) -> str:
    """Cut *box* out without noting it on the photo: the name it is stored by, empty when it cannot be cut."""
    try:
        return storage.put(photo.workspace_id, "prepared", _cut(photo, box).jpeg, ".jpg").name
    except (intake.Unreadable, FileNotFoundError, storage.Full):
        return ""


def _cut(photo: Photo, box: Box, meanwhile: Callable[[], None] = lambda: None) -> intake.Prepared:
    """The part *box*, out of the original where it would be too small otherwise. Raises as `intake.crop`."""
    if parts.is_cut_from_original(box, (photo.width, photo.height), photo.source_size):
        # Of what cannot be opened at its full size, or was removed a moment ago, there is still the prepared copy.
        with suppress(intake.Unreadable, FileNotFoundError):
            return intake.crop(storage.source(photo.original), box, meanwhile)
    return intake.crop(storage.source(photo.prepared), box, meanwhile)


def _stored(photo: Photo, made: intake.Prepared) -> tuple[str, str]:
    large = storage.put(photo.workspace_id, "prepared", made.jpeg, ".jpg")
    small = storage.put(photo.workspace_id, "thumbnails", made.thumbnail, ".webp")
    return large.name, small.name


def _measured(claim: Claim) -> Made:
    """What is measured of the photo for its set's report card; of a part that has more pixels than the prepared copy,
    the part itself tells how sharp it is and how the light falls."""
    photo = claim.photo
    measures = intake.inspect(storage.source(photo.prepared), photo.crop_box, claim.renew)
    if photo.cropped_width > parts.pixels(photo.crop_box, (photo.width, photo.height))[2]:
        close = intake.inspect(storage.source(photo.cropped), parts.WHOLE, claim.renew)
        measures = {**measures, "blur": close["blur"], "light": close["light"]}
    return Made({"inspection": measures, "faces": measures["faces"], "phash": measures["phash"]})


TAKE_IN = Step(
    task="take_in_photo",
    failpoints="",
    due=Photo.objects.due,
    due_at="next_action_at",
    tries="tries",
    make=_ready,
    give_up=lambda sentence: {"state": Photo.State.REFUSED, "refusal": sentence[:300]},
    only={"state": Photo.State.WAITING},
)
CROP = Step(
    task="crop_photo",
    failpoints="crop_",
    due=Photo.objects.due_for_cropping,
    due_at="crop_due_at",
    tries="crop_tries",
    make=_cropped,
    give_up=lambda sentence: {"crop": None, **INSPECT_ANEW},
    when_done={"crop_due_at": None, "crop_tries": 0},
)
INSPECT = Step(
    task="inspect_photo",
    failpoints="inspection_",
    due=Photo.objects.due_for_inspection,
    due_at="inspection_due_at",
    tries="inspection_tries",
    make=_measured,
    give_up=lambda sentence: {"inspection": {}},
    when_done={"inspection_due_at": None, "inspection_tries": 0},
    most_claims=MOST_INSPECTIONS,
)
STEPS = (TAKE_IN, CROP, INSPECT)
"""What is done first stands first: without an inspection, photos train as well."""
