"""What was made from photos: the jobs they went into, those that used what came of them, and pictures of all these
that became photos again; and the other way round, whose photos stand behind such a picture."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from jobs.models import Checkpoint, Consent, GeneratedImage, Job, JobPhoto, Photo


@dataclass(frozen=True)
class MadeFrom:
    """All that rests on a consent's photos, however far: ids of jobs, and of photos that were picked from pictures."""

    jobs: frozenset[int]
    picked: frozenset[int]


def made_from(consent: Consent) -> MadeFrom:
    """What rests on the consent's photos, directly, through models, or through pictures picked as photos."""
    own = set(consent.photos().values_list("pk", flat=True))
    jobs: set[int] = set()
    picked: set[int] = set()
    while True:
        trained_on = JobPhoto.objects.filter(photo__in=own | picked).values_list("job_id", flat=True)
        built_on = Job.objects.filter(checkpoint__in=Checkpoint.objects.filter(job__in=jobs))
        found = {*trained_on, *built_on.values_list("pk", flat=True)}
        copies = set(Photo.objects.filter(picked_from__job__in=found).values_list("pk", flat=True))
        if found <= jobs and copies <= picked:
            return MadeFrom(frozenset(jobs), frozenset(picked - own))
        jobs |= found
        picked |= copies


def behind(photos: Iterable[Photo]) -> list[Consent]:
    """The consents that stand behind those of *photos* that were picked from pictures: they count like their own."""
    asked = _jobs_of_pictures({photo.picked_from_id for photo in photos if photo.picked_from_id})
    jobs, found = set(asked), set[int]()
    while asked:
        used = set(JobPhoto.objects.filter(job__in=asked).values_list("photo_id", flat=True)) - found
        found |= used
        pictures = Photo.objects.filter(pk__in=used, picked_from__isnull=False)
        further = _jobs_of_pictures(pictures.values_list("picked_from_id", flat=True))
        models = Job.objects.filter(pk__in=asked, checkpoint__isnull=False)
        asked = (set(models.values_list("checkpoint__job_id", flat=True)) | further) - jobs
        jobs |= asked
    rows = list(Photo.objects.filter(pk__in=found).values_list("consent_id", "photo_set_id")) if found else []
    if not rows:
        return []
    by_link = {consent for consent, _ in rows if consent}
    sets = {photo_set for consent, photo_set in rows if not consent}
    standing = Consent.objects.standing()
    noted = standing.filter(photo_request=None, photo_sets__in=sets)
    by_id = {consent.pk: consent for consent in [*standing.filter(pk__in=by_link), *noted]}
    return [by_id[pk] for pk in sorted(by_id)]


def _jobs_of_pictures(images: Collection[int]) -> set[int]:
    """The jobs that drew *images*."""
    return set(GeneratedImage.objects.filter(pk__in=images).values_list("job_id", flat=True)) if images else set()
