"""A job, each attempt to send it with what was called back, and what happened to it.

The job row is outbox and schedule at once: `next_action_at` says when somebody must look at it again, `lease_until`
that somebody is. `state` is written by `operations.jobs.state` alone, always by compare-and-set.
"""

import secrets
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from dashboard.models import Membership, Role, Workspace
from jobs import search
from jobs.models.api_key import ApiKey
from jobs.models.photo_set import Photo, PhotoSet
from jobs.providers.order import Kind, Order, OrderSpec


class JobState(models.TextChoices):
    READY = "ready", "Starting"
    SUBMITTING = "submitting", "Sending"
    UNCERTAIN = "uncertain", "Checking"
    QUEUED = "queued", "In the queue"
    RUNNING = "running", "Running"
    SUCCESS = "success", "Done"
    FAILURE = "failure", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    LOST = "lost", "Lost"

    @property
    def is_final(self) -> bool:
        return self in FINAL_STATES

    @property
    def is_open(self) -> bool:
        return self in OPEN_STATES


OPEN_STATES = frozenset({JobState.READY, JobState.SUBMITTING, JobState.UNCERTAIN, JobState.QUEUED, JobState.RUNNING})
FINAL_STATES = frozenset({JobState.SUCCESS, JobState.FAILURE, JobState.CANCELLED, JobState.LOST})


ON_CARD = (
    *("workspace_id", "kind", "name", "created_at", "deleted_at", "provider", "base_model", "photo_count", "dry_run"),
    *("estimated_seconds_low", "estimated_seconds_high", "estimated_cost_cents", "currency"),
    *("state", "percent", "queue_position", "queue_reason"),
    *("failure_code", "failure", "cancel_requested_at", "needs_decision", "restored_from"),
    *("results_pending", "thumbnails", "image_count", "checkpoint_count", "missing_count", "version"),
    *("created_by_id", "created_by__name", "created_by__email"),
)
"""The columns that a card of the job list shows."""


class ListTab(models.TextChoices):
    """What the job list tells apart. The database works it out from each row, so that an index holds it."""

    RUNNING = "running", "Running"
    NEEDS_YOU = "needs-you", "Needs you"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


_TAB_OF_ROW = models.Case(
    models.When(state__in=sorted(OPEN_STATES), needs_decision=True, then=models.Value(ListTab.NEEDS_YOU.value)),
    models.When(state__in=sorted(OPEN_STATES), then=models.Value(ListTab.RUNNING.value)),
    models.When(state=JobState.SUCCESS, then=models.Value(ListTab.DONE.value)),
    models.When(state__in=[JobState.FAILURE, JobState.LOST], then=models.Value(ListTab.FAILED.value)),
    default=models.Value(""),
)

ORDER_COLUMNS = ("kind", "name", "base_model", "dry_run")
"""What of an order has a column of its own, because lists show it and queries ask for it."""

Stamp = tuple[int, int, int | None]
"""A job's id, its version, and who ordered it."""


class JobQuerySet(models.QuerySet["Job"]):
    def present(self) -> Self:
        return self.filter(deleted_at=None)

    def open(self) -> Self:
        return self.filter(list_tab__in=[ListTab.RUNNING, ListTab.NEEDS_YOU])

    def due(self) -> Self:
        """Jobs somebody must look at now and nobody is."""
        free = models.Q(lease_until=None) | models.Q(lease_until__lte=Now())
        return self.filter(free, next_action_at__lte=Now())

    def changed_since(self, version: int) -> Self:
        """Jobs that changed visibly after the workspace had *version*, deleted ones included."""
        return self.filter(version__gt=version)

    def for_list(self) -> Self:
        """Newest first, with what a card shows and nothing more."""
        return self.select_related("created_by").only(*ON_CARD).order_by("-id")

    def stamps(self) -> "models.QuerySet[Job, Stamp]":
        """What names a card, for each job in the same order: enough to find it where it is kept."""
        return self.values_list("pk", "version", "created_by_id")

    def for_page(self) -> Self:
        """With all that a job's page names."""
        return self.select_related("created_by", "api_key", "photo_set", "checkpoint__job", "cloned_from")


class Job(models.Model):
    """One order and its life. What a row of the list shows stands on the row."""

    class Charged(models.TextChoices):
        NO = "no", "Nothing was charged"
        YES = "yes", "Charged by the provider"
        UNKNOWN = "unknown", "Not known yet"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value.replace("_", " ")) for kind in Kind])
    name = models.CharField(max_length=120)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    idempotency_key = models.CharField(max_length=64, default=secrets.token_urlsafe, editable=False, db_column="nonce")
    """One per form shown, so that one press is one job."""
    cloned_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    deleted_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    """Since when somebody has withdrawn the photos behind it: what came of it is to be deleted, and not used."""

    # The order
    provider = models.CharField(max_length=40)
    api_key = models.ForeignKey(ApiKey, models.SET_NULL, null=True, related_name="jobs")
    photo_set = models.ForeignKey(PhotoSet, models.SET_NULL, null=True, blank=True, related_name="jobs")
    order = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), editable=False)
    """What was ordered (`spec`), apart from `ORDER_COLUMNS`. Written once, when the job is made."""
    photo_count = models.PositiveIntegerField(default=0)
    photo_archive = models.CharField(max_length=200, blank=True, editable=False, db_column="lent_archive")
    """Storage name of the zip of its photos while that lies in the bucket, because nobody can fetch it from here."""
    checkpoint = models.ForeignKey(
        "jobs.Checkpoint", models.SET_NULL, null=True, blank=True, related_name="used_by_jobs"
    )
    base_model = models.CharField(max_length=200, blank=True)
    dry_run = models.BooleanField(default=False)
    estimated_seconds_low = models.PositiveIntegerField(default=0)
    estimated_seconds_high = models.PositiveIntegerField(default=0)
    estimated_cost_cents = models.PositiveIntegerField(null=True)
    currency = models.CharField(max_length=3, default="EUR")

    # Where it stands
    state = models.CharField(max_length=12, choices=JobState.choices, default=JobState.READY)
    percent = models.PositiveSmallIntegerField(default=0)
    queue_position = models.PositiveIntegerField(null=True)
    queue_reason = models.CharField(max_length=300, blank=True)
    """Why it only waits there, in a sentence, when it does so for long and the provider knows why; or why its results
    are not here yet."""
    provider_job_id = models.CharField(max_length=200, blank=True)
    provider_state = models.CharField(max_length=100, blank=True)
    raw = models.JSONField(default=dict, editable=False)
    """The provider's last answer, redacted."""
    failure_code = models.CharField(max_length=30, blank=True)
    failure = models.TextField(blank=True)
    """What happened, whether it cost money, what to do: for people."""
    field_errors = models.JSONField(default=dict, editable=False)
    """The provider's word on single `Param`s, by name."""
    charged = models.CharField(max_length=10, choices=Charged.choices, default=Charged.NO)
    cancel_requested_at = models.DateTimeField(null=True, editable=False)
    submitted_at = models.DateTimeField(null=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    last_checked_at = models.DateTimeField(null=True, editable=False)
    not_found_since = models.DateTimeField(null=True, editable=False)
    """Since when the provider says that it does not know this job."""
    is_pollable = models.BooleanField(default=True, editable=False, db_column="tracked")
    """Whether the provider can be asked after it; a rehearsal often can't."""
    uncertain_since = models.DateTimeField(null=True, editable=False)
    restored_from = models.DateTimeField(null=True, editable=False)
    """When the backup was made from which it was restored, waiting: it may have been sent since (B14)."""
    needs_decision = models.BooleanField(default=False, editable=False)
    results_pending = models.BooleanField(default=False, editable=False)
    """Finished at the provider, but not everything is copied here yet."""

    search_text = models.TextField(blank=True, default="", db_default="", editable=False)
    """Its name, its provider, its base model and its prompts, folded."""

    # What its row shows
    thumbnails = models.JSONField(default=list, editable=False)
    """Storage names of up to four pictures."""
    image_count = models.PositiveIntegerField(default=0, editable=False)
    checkpoint_count = models.PositiveIntegerField(default=0, editable=False)
    missing_count = models.PositiveIntegerField(default=0, editable=False)
    version = models.BigIntegerField(default=0, editable=False)
    """The workspace's version when this job last changed visibly."""

    list_tab = models.GeneratedField(
        expression=_TAB_OF_ROW, output_field=models.CharField(max_length=10, choices=ListTab.choices), db_persist=True
    )

    # Whose turn it is
    next_action_at = models.DateTimeField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)

    objects: ClassVar[models.Manager["Job"]] = JobQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "idempotency_key"], name="one_job_per_press")]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="job_list", condition=models.Q(deleted_at=None)),
            # SQLite walks an index in the list's order rather than sort what another one finds: each filter of the
            # list has one that does both.
            models.Index(
                fields=["workspace", "list_tab", "-id"], name="job_by_tab", condition=models.Q(deleted_at=None)
            ),
            models.Index(fields=["workspace", "kind", "-id"], name="job_by_kind", condition=models.Q(deleted_at=None)),
            models.Index(
                fields=["workspace", "created_by", "-id"], name="job_by_person", condition=models.Q(deleted_at=None)
            ),
            models.Index(fields=["workspace", "version"], name="job_changes"),
            models.Index(fields=["next_action_at"], name="job_due", condition=models.Q(next_action_at__isnull=False)),
            models.Index(fields=["api_key", "state"], name="job_by_key"),
            models.Index(fields=["state"], name="job_lending", condition=~models.Q(photo_archive="")),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def ordered(cls, spec: OrderSpec, **fields: Any) -> "Job":
        """A row, not saved yet, of what *spec* orders."""
        order = spec.to_json()
        columns = {name: order.pop(name) for name in ORDER_COLUMNS}
        return cls(order=order, search_text=search_text(spec, fields["provider"]), **columns, **fields)

    @property
    def spec(self) -> OrderSpec:
        """What was ordered. Raises `ValueError` for a row that says what no order does."""
        return OrderSpec.from_json(self.order | {name: getattr(self, name) for name in ORDER_COLUMNS})

    def as_order(self, **attempt: Any) -> Order:
        """What its provider is asked for. *attempt* is what only one attempt knows; without, it can be counted and
        previewed."""
        return Order.of(
            self.spec,
            checkpoint_id=self.checkpoint.provider_result_id if self.checkpoint else "",
            key_options={name: str(value) for name, value in self.api_key.options.items()} if self.api_key else {},
            reference=str(self.pk),
            **attempt,
        )

    def may_be_stopped_by(self, membership: Membership) -> bool:
        """Whether *membership* may stop the job: an admin any, an editor those they started."""
        is_own = self.created_by_id == membership.user_id
        return membership.may(Role.ADMIN) or (is_own and membership.may(Role.EDITOR))


def search_text(spec: OrderSpec, provider: str) -> str:
    """What somebody may remember of an order, as it is looked through."""
    prompts = (str(values.get("prompt") or "") for values in spec.generations)
    return search.folded(spec.name, provider, spec.base_model, spec.token, *prompts)


class JobPhotoQuerySet(models.QuerySet["JobPhoto"]):
    def here(self) -> Self:
        """Those that can still be sent, in the order's order: their photo was not deleted."""
        return self.filter(photo__deleted_at=None).exclude(photo__prepared="").select_related("photo").in_order()

    def unready(self) -> Self:
        """Those whose photo is still getting ready, or turned out to be none that can be used."""
        unready = self.filter(photo__deleted_at=None).exclude(photo__state=Photo.State.READY)
        return unready.select_related("photo").in_order()

    def in_order(self) -> Self:
        return self.order_by("position")

    def of_open_jobs(self) -> Self:
        """Those that may still be sent or fetched."""
        return self.filter(job__state__in=OPEN_STATES)

    def forget(self) -> int:
        """Keep nothing of the photos but that they were ordered."""
        return self.update(caption="", crop=None, file="")


class JobPhoto(models.Model):
    """One photo of an order, and what is sent of it, as it stood when it was ordered: what is changed afterwards is
    for the next order.

    Of a photo that was removed for good nothing is kept here but that it was ordered. Written under the job's lock.
    """

    job = models.ForeignKey(Job, models.CASCADE, related_name="job_photos")
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="job_photos")
    position = models.PositiveIntegerField()
    caption = models.TextField(blank=True)
    crop = models.JSONField(null=True)
    """As `Photo.crop`."""
    file = models.CharField(max_length=200, blank=True)
    """Storage name of what is sent; empty for a crop that is not made yet."""

    objects: ClassVar[models.Manager["JobPhoto"]] = JobPhotoQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "position"], name="one_photo_each_place")]

    def __str__(self) -> str:
        return f"Photo {self.position + 1} of {self.job}"

    @property
    def sent_file(self) -> str:
        """Storage name of what is sent, or of the photo as it stands where that is not known any more."""
        return self.file or self.photo.shown_large

    @property
    def crop_box(self) -> tuple[float, float, float, float]:
        """The part that is sent, as `Photo.crop_box`."""
        left, top, width, height = self.crop["box"] if self.crop else (0.0, 0.0, 1.0, 1.0)
        return left, top, width, height


class JobEvent(models.Model):
    """One thing that happened to a job, in plain words. Events are only ever added."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=30)
    """A stable word: `state`, `note`, `results`, `alert`."""
    state = models.CharField(max_length=12, blank=True)
    """The state the job went to, for a `state` event."""
    sentence = models.CharField(max_length=500)

    class Meta:
        indexes = [models.Index(fields=["job", "id"], name="event_in_order")]

    def __str__(self) -> str:
        return self.sentence


class Attempt(models.Model):
    """One POST to a provider: committed before its first byte, so that nothing is ever sent without a trace."""

    class Outcome(models.TextChoices):
        OPEN = "open", "On its way"
        ACCEPTED = "accepted", "Accepted"
        ADOPTED = "adopted", "Found at the provider"
        UNSENT = "unsent", "Not sent"
        REFUSED = "refused", "Refused"
        UNCERTAIN = "uncertain", "Answer lost"
        ABSENT = "absent", "Not at the provider"

    job = models.ForeignKey(Job, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    """SHA-256 of the callback token; the token itself is only in the request."""
    photo_grant_hash = models.CharField(max_length=64, unique=True, null=True, editable=False, db_column="lent_hash")
    """SHA-256 of the token in the addresses of its photos, from which the callback token cannot be told."""
    called_id = models.CharField(max_length=200, blank=True, editable=False)
    """The id that a callback gave the job: a candidate, in case the answer got lost."""
    account_hash = models.CharField(max_length=64, blank=True, db_default="", editable=False)
    """Tells the key and the options it was sent with from others; empty for what was sent before this was written."""
    photos_fetched_at = models.DateTimeField(null=True, editable=False)
    """When its photos were first fetched, which only a provider does that has the order."""
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    provider_job_id = models.CharField(max_length=200, blank=True)
    detail = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    """The provider's answer, redacted, at most 64 KiB."""
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="attempts_are_numbered")]

    def __str__(self) -> str:
        return f"Attempt {self.number}"

    def end(self, outcome: Outcome, *, provider_job_id: str = "", detail: str = "", answer: str = "") -> None:
        """Write down how it ended, and when by the database's clock: whoever looks for it later compares (B11)."""
        self.outcome, self.provider_job_id, self.ended_at = outcome, provider_job_id, Now()
        self.detail, self.answer = detail, answer
        self.save(update_fields=["outcome", "provider_job_id", "ended_at", "detail", "answer"])


class Callback(models.Model):
    """One thing that a provider told us at an attempt's callback address, however often it did."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="callbacks")
    body_hash = models.CharField(max_length=64, editable=False)
    """SHA-256 of the body."""
    body = models.TextField(blank=True)
    """The body, redacted, at most 64 KiB: to look at, never to believe."""
    first_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "body_hash"], name="one_callback_each")]

    def __str__(self) -> str:
        return f"Callback for attempt {self.attempt.number}"
