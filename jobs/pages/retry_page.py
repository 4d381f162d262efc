"""What should be known before a job is ordered again: what its order form would say now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from dashboard.models import User
from jobs import formats
from jobs.files import storage
from jobs.models import Job, Photo
from jobs.operations.consents.records import consent_state
from jobs.operations.errors import NotPossible
from jobs.operations.jobs.order import JobDraft, draft_of, estimate, named, next_retry_key, recent_twin
from jobs.operations.photos import sent_copy
from jobs.operations.photos.report import verdict
from jobs.operations.providers import provider
from jobs.pages import advice, photos_sent
from jobs.pages.photos_sent import SentPhotos


@dataclass(frozen=True)
class Notice:
    """One thing to know, in a sentence; *page* names the page about it, which belongs to the photo set."""

    tone: str
    sentence: str
    page: str = ""
    link: str = ""
    stops: bool = True
    """Whether it is worth a question; what stood beside the order before, and is only advice, is not."""


@dataclass(frozen=True)
class RetryPage:
    """An order that is to go out again: what it sends, what it costs, and what to know first."""

    job: Job
    notices: tuple[Notice, ...]
    sent: SentPhotos
    seen: str
    price: str
    service: str

    @property
    def question(self) -> str:
        """The first thing for which it should not go out unasked; empty where there is none."""
        return next((notice.sentence for notice in self.notices if notice.stops), "")


def retry_page(job: Job, user: User) -> RetryPage:
    """What the page says before *user* orders *job* again. Raises `NotPossible` when that cannot be done at all."""
    if too_full := storage.too_full_for_orders():
        raise NotPossible(f"{too_full} Nothing was sent.")
    draft = draft_of(job)
    photos, service = draft.photos(), provider(draft.api_key.provider)
    expected = estimate(draft, len(photos))
    return RetryPage(
        job=job,
        notices=tuple(_notices(job, user, draft, photos)),
        sent=photos_sent.of_draft(photos, service),
        seen=sent_copy.fingerprint(photos),
        price=formats.price(expected.cost_cents, expected.currency),
        service=service.label,
    )


def _notices(job: Job, user: User, draft: JobDraft, photos: Sequence[Photo]) -> Iterator[Notice]:
    twin = recent_twin(job.workspace, user, [draft], next_retry_key(job), besides=job.pk)
    if twin is not None:
        ago = formats.age((timezone.now() - twin.created_at).total_seconds())
        yield Notice("warn", f"You sent the same {ago} ago, as “{twin.name}”. Send it again only if you want it twice.")
    if changed := sent_copy.changes(job, photos) if draft.kind.trains else []:
        yield Notice("info", f"Since then: {', '.join(changed)}. The photos go out as they are now.")
    if draft.photo_set is not None and draft.kind.trains:
        found, consent = verdict(draft.photo_set, photos), consent_state(draft.photo_set, photos)
        if found is not None and found.hurts:
            yield Notice("warn", f"{found.score}: {found.sentence}", "photo_set", "See the report card")
        if consent.sentence and consent.tone != "good":
            stops = consent.tone == "bad"
            yield Notice(consent.tone, consent.sentence, "photo_set_consents", "Consent", stops=stops)
    order = replace(draft.as_order(), photos=named(photos))
    for sentence in provider(draft.api_key.provider).notices(order):
        yield Notice("warn", sentence)
    for sentence in advice.on_rates(draft.training):
        yield Notice("info", sentence, stops=False)
