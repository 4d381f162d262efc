"""A workspace's API keys as its page shows them."""

from dataclasses import dataclass

from django.db.models import Count, Q

from dashboard.models import Workspace
from jobs.models import ApiKey, Job
from jobs.models.job import OPEN_STATES
from jobs.operations.jobs import callback_check
from jobs.operations.jobs.callback_check import Check, check_of
from jobs.operations.providers import all_providers
from jobs.providers.base import Provider

TONES = {
    ApiKey.Health.WORKING: "good",
    ApiKey.Health.REJECTED: "bad",
    ApiKey.Health.NO_CREDIT: "warn",
    ApiKey.Health.UNTESTED: "neutral",
}


@dataclass(frozen=True)
class KeyCard:
    """A key as the page shows it. *open_jobs* are those that would wait without it."""

    key: ApiKey
    provider: Provider
    tone: str
    jobs: int
    open_jobs: int
    submitted: tuple[tuple[str, str], ...]
    """What was entered along with it, by label; of a secret, that there is one."""
    callbacks: Check | None
    """How the last check of callbacks went; None where there is nothing to check."""


def key_cards(workspace: Workspace, only: int | None = None) -> list[KeyCard]:
    """The workspace's keys, or the one with the id *only*; keys of a provider that is no longer there are left out."""
    shown = workspace.api_keys.usable().for_page()
    providers = {one.slug: one for one in all_providers()}
    used = Job.objects.present().filter(workspace=workspace, api_key__isnull=False).values("api_key")
    counted = used.annotate(total=Count("id"), still=Count("id", Q(state__in=OPEN_STATES)))
    counts = {row["api_key"]: (row["total"], row["still"]) for row in counted}
    cards = []
    for key in shown.filter(pk=only) if only else shown:
        if (provider := providers.get(key.provider)) is None:
            continue
        stored = {row.name for row in key.further_secrets.all()}
        options = [
            (param.label, "stored" if param.name in stored else str(key.options.get(param.name, "")))
            for param in provider.key_params
        ]
        jobs, open_jobs = counts.get(key.pk, (0, 0))
        cards.append(
            KeyCard(
                key=key,
                provider=provider,
                tone=TONES[ApiKey.Health(key.health)],
                jobs=jobs,
                open_jobs=open_jobs,
                submitted=tuple((label, text) for label, text in options if text),
                callbacks=check_of(key) if callback_check.can_be_checked(provider) else None,
            )
        )
    return cards
