"""API keys, photo sets, jobs and their results."""

from jobs.models.api_key import ApiKey, KeySecret
from jobs.models.bookkeeping import Lease, OrphanedFile, PracticeRecord
from jobs.models.consent import Consent, PhotoRequest
from jobs.models.job import Attempt, Callback, Job, JobEvent, JobPhoto, JobState
from jobs.models.photo_set import Photo, PhotoSet
from jobs.models.result import Checkpoint, GeneratedImage

__all__ = [
    "ApiKey",
    "Attempt",
    "Callback",
    "Checkpoint",
    "Consent",
    "GeneratedImage",
    "Job",
    "JobEvent",
    "JobPhoto",
    "JobState",
    "KeySecret",
    "Lease",
    "OrphanedFile",
    "Photo",
    "PhotoRequest",
    "PhotoSet",
    "PracticeRecord",
]
