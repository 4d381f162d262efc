"""What of the job list to show. It stands in the address, to be bookmarked; what makes no sense there is ignored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from dashboard.numbers import whole_number
from jobs.models.job import JobQuerySet, ListTab
from jobs.providers.order import Kind

MOST_WORDS = 10

TABS: dict[str, str] = {"": "All", **{tab.value: str(tab.label) for tab in ListTab}}
KINDS = {
    Kind.TRAINING.value: "Trainings",
    Kind.GENERATION.value: "Pictures",
    Kind.TRAIN_AND_GENERATE.value: "Both in one",
}


@dataclass(frozen=True)
class JobFilter:
    """The filters, and which page: the jobs older than the job *before*, 0 for the newest."""

    tab: str = ""
    kind: str = ""
    person: int = 0
    words: str = ""
    before: int = 0

    @classmethod
    def asked(cls, given: Mapping[str, Any]) -> Self:
        """The filter that an address's query asks for."""
        tab, kind = str(given.get("tab", "")), str(given.get("kind", ""))
        return cls(
            tab=tab if tab in TABS else "",
            kind=kind if kind in KINDS else "",
            person=_id(given.get("person", "")),
            words=str(given.get("q", "")).replace("\x00", "").strip()[:100],
            before=_id(given.get("before", "")),
        )

    @property
    def is_plain(self) -> bool:
        """Whether nothing is filtered."""
        return not (self.tab or self.kind or self.person or self.words)

    def matching(self, jobs: JobQuerySet) -> JobQuerySet:
        """Those of *jobs* that pass all filters, on any page."""
        found = self.matching_but_tab(jobs)
        return found.filter(list_tab=self.tab) if self.tab else found

    def matching_but_tab(self, jobs: JobQuerySet) -> JobQuerySet:
        """Those of *jobs* that pass the filters which a job's progress does not change."""
        for word in self.words.split()[:MOST_WORDS]:
            jobs = jobs.filter(name__icontains=word)
        exact = {"kind": self.kind, "created_by": self.person}
        return jobs.filter(**{field: value for field, value in exact.items() if value})

    def query(self) -> dict[str, str]:
        """The query of this filter, without what is not filtered."""
        parts = {"tab": self.tab, "kind": self.kind, "person": self.person, "q": self.words, "before": self.before}
        return {name: str(value) for name, value in parts.items() if value}

    def address(self) -> str:
        """The address of this filter, below the list's own."""
        return f"?{urlencode(self.query())}"

    def on(self, tab: str) -> "JobFilter":
        """The same filters on another tab, from the top."""
        return replace(self, tab=tab, before=0)

    def after(self, job_id: int) -> "JobFilter":
        """The page of jobs older than *job_id*."""
        return replace(self, before=job_id)


def _id(text: object) -> int:
    return whole_number(str(text)) or 0
