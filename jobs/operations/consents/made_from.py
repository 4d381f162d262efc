"""What was made from photos: the jobs they went into, and the jobs that used what came of those."""

from jobs.models import Checkpoint, Consent, Job


def jobs_made_from(consent: Consent) -> set[int]:
    """The ids of all jobs that rest on the consent's photos, directly or through a model."""
    found = _trained_on(consent)
    while more := _built_on(found) - found:
        found |= more
    return found


def _trained_on(consent: Consent) -> set[int]:
    photos = set(consent.photos().values_list("pk", flat=True))
    jobs = Job.objects.filter(workspace=consent.workspace_id).exclude(photo_ids=[])
    return {pk for pk, used in jobs.values_list("pk", "photo_ids") if photos.intersection(used)}


def _built_on(jobs: set[int]) -> set[int]:
    models = Checkpoint.objects.filter(job__in=jobs)
    return set(Job.objects.filter(checkpoint__in=models).values_list("pk", flat=True))
