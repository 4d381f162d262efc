"""API keys, photo sets, jobs and their results."""

from jobs.models.api_key import ApiKey, KeySecret
from jobs.models.attempt import Attempt, Callback
from jobs.models.consent import Consent, DoomedFile, PhotoRequest
from jobs.models.job import Job, JobEvent, JobState
from jobs.models.lease import Lease
from jobs.models.photo_set import Photo, PhotoSet
from jobs.models.practice import PracticeRecord
from jobs.models.result import Checkpoint, GeneratedImage

__all__ = [
    "ApiKey",
    "Attempt",
    "Callback",
    "Checkpoint",
    "Consent",
    "DoomedFile",
    "GeneratedImage",
    "Job",
    "JobEvent",
    "JobState",
    "KeySecret",
    "Lease",
    "Photo",
    "PhotoRequest",
    "PhotoSet",
    "PracticeRecord",
]
