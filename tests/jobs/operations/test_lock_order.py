"""Two changes that touch the same rows wait one for the other, never each for the other (`Workspace.lock`).

On PostgreSQL, where each row has a lock of its own, one of two transactions that do is ended with an error.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random

import pytest
from django.db import OperationalError
from django.db.models.functions import Now
from django.utils import timezone

from dashboard.models import Invitation, Membership, Role, User, Workspace
from dashboard.operations import invitations, members
from jobs.models import Consent, Job, JobState, Photo, PhotoSet
from jobs.operations.api_keys import keys
from jobs.operations.cleanup import orphans, retention
from jobs.operations.consents import links, withdrawal
from jobs.operations.jobs import order as ordering
from jobs.operations.jobs.actions import cancel
from jobs.operations.jobs.snapshot import apply, apply_all
from jobs.operations.photos import edit, sets
from jobs.operations.photos.processing import INSPECT, TAKE_IN, Claim
from jobs.operations.results import artifacts, images
from jobs.photos.crop import Mode, Shape
from jobs.providers.reply import Snapshot, State
from tests.conftest import person
from tests.jobs.factories import make_images, make_job, make_photos, make_set, make_waiting
from tests.jobs.operations.threads import slowly

pytestmark = [pytest.mark.services(every_case=True), pytest.mark.usefixtures("own_media")]

BY_HAND = edit.Crop(Mode.HAND, Shape.FREE, (0.5, 0.0, 0.5, 0.5))
PAUSES = [0.01, 0.02, 0.03]
A_DAY = timedelta(days=1)


@dataclass
class Studio:
    """A workspace with a set of photos that Anna sent and may withdraw, a job that runs, and one that failed."""

    owner: Membership
    editor: Membership
    photo_set: PhotoSet
    consent: Consent
    photos: list[Photo]
    job: Job
    failed: Job

    @property
    def ids(self) -> list[int]:
        return [photo.pk for photo in self.photos]

    def photo(self, number: int = 0) -> Photo:
        return Photo.objects.select_related("workspace", "photo_set").get(pk=self.ids[number])

    def pictures(self) -> list[int]:
        return list(self.job.generated_images.values_list("pk", flat=True))


def furnished(name: str) -> Studio:
    workspace = Workspace.objects.create(name=name, slug=name.lower())
    jon, mara = person(f"Jon-{name}", workspace, Role.OWNER), person(f"Mara-{name}", workspace, Role.EDITOR)
    photo_set = make_set(workspace, mara)
    _, token = links.ask(photo_set, mara, links.Asked("Anna", "", None, max_photos=30, days=7))
    links.agree(links.find(token), "Anna")
    photos = [*make_photos(photo_set, 4, thumbnail=""), make_waiting(photo_set)]
    # The first one stands last, so that the order of the page is not the order of ids.
    Photo.objects.filter(pk=photos[0].pk).update(position=9)
    consent = links.consent_of(links.find(token))
    assert consent
    Photo.objects.filter(photo_set=photo_set).update(consent=consent)
    key = keys.practice_key(workspace)
    order = {"api_key": key, "base_model": "practice-xl", "generations": [{"prompt": "a cat"}]}
    job = make_job(workspace, mara, state=JobState.RUNNING, provider_job_id=name, **order)
    failed = make_job(workspace, mara, state=JobState.FAILURE, **order)
    owner, editor = (Membership.objects.select_related("workspace", "user").get(user=user) for user in (jon, mara))
    return Studio(owner, editor, photo_set, consent, photos, job, failed)


def withdrawn(there: Studio) -> None:
    withdrawal.withdraw(Consent.objects.select_related("workspace").get(pk=there.consent.pk))


def cropped(there: Studio) -> None:
    edit.crop(there.photo(), BY_HAND)


def all_cropped(there: Studio) -> None:
    edit.crop_all(there.photo_set, Mode.CENTRE, Shape.SQUARE, spare_by_hand=False)


def inspected(there: Studio) -> None:
    Claim(INSPECT, there.photo()).end(inspection={})


def taken_in(there: Studio) -> None:
    Claim(TAKE_IN, there.photo(4)).end(**TAKE_IN.give_up("It cannot be read."))


def deleted(there: Studio) -> None:
    edit.delete(there.photo())


def captioned(there: Studio) -> None:
    edit.caption(there.photo(), "Anna at home")


def all_captioned(there: Studio) -> None:
    edit.caption_all(there.photo_set, {pk: f"Anna {pk}" for pk in there.ids})


def left_out(there: Studio) -> None:
    edit.leave_out(there.photo())


def split(there: Studio) -> None:
    sets.split(there.photo_set, there.editor.user, "Two", there.ids[:2])


def erased(there: Studio) -> None:
    """The time for undo of the second and third photo, and of every second picture, is over."""
    retention.clear_due()
    orphans.remove_due()


def answered(there: Studio) -> None:
    apply(there.job.pk, Snapshot(there.job.provider_job_id, State.RUNNING, "running", percent=50))


def listed(there: Studio) -> None:
    """A list comes on which nothing is new."""
    said = Snapshot(there.job.provider_job_id, State.RUNNING)
    apply_all(Job.objects.filter(pk=there.job.pk), {said.provider_job_id: said})


def stopped(there: Studio) -> None:
    cancel(there.job, there.editor.user)


def counted(there: Studio) -> None:
    artifacts.recount(there.job.pk)


def tried_again(there: Studio) -> None:
    """A new job that names the first one, at which the database looks once more in the end."""
    ordering.retry(there.failed, there.editor.user)


def pictures_deleted(there: Studio) -> None:
    images.delete(there.owner, there.pictures())


def pictures_back(there: Studio) -> None:
    images.restore(there.owner, there.pictures())


def settled(there: Studio) -> None:
    withdrawal._delete(there.job.pk, there.owner.user)


def joined(there: Studio) -> None:
    """Somebody accepts an invitation of the owner's."""
    invitation = Invitation.objects.select_related("workspace").get(workspace=there.owner.workspace)
    with suppress(invitations.InvitationClosed):  # it is taken back when its owner is none any more
        invitations.accept(invitation, User.objects.get(name="Eve"))


def handed_over(there: Studio) -> None:
    """The owner becomes an admin, who may not have invited an owner."""
    members.transfer_ownership(there.editor, there.owner)


def removed(there: Studio) -> None:
    """In the admin panel, which knows nothing of the workspace's lock."""
    there.owner.delete()


Change = Callable[[Studio], None]
PAIRS: list[tuple[Change, Change]] = [
    *((withdrawn, other) for other in (cropped, all_cropped, inspected, taken_in, deleted, captioned, all_captioned)),
    *((withdrawn, other) for other in (left_out, split, answered, tried_again)),
    *((erased, other) for other in (withdrawn, all_captioned, all_cropped, split, pictures_back)),
    *((all_captioned, other) for other in (all_cropped, split)),
    *((answered, other) for other in (tried_again, stopped, counted)),
    *((listed, other) for other in (answered, stopped, withdrawn)),
    *((pictures_deleted, other) for other in (counted, settled)),
    *((joined, other) for other in (handed_over, removed)),
]


@pytest.mark.django_db(transaction=True)
def test_no_two_changes_wait_each_for_the_other():
    person("Eve")
    assert list(collisions(seed=1)) == []


def collisions(seed: int) -> Iterator[str]:
    """A sentence for each of `PAIRS` that got in each other's way, each in a studio of its own."""
    random = Random(seed)
    for number, pair in enumerate(PAIRS):
        there = furnished(f"Studio-{seed}-{number}")
        prepare(there, {*pair})
        try:
            slowly([partial(change, there) for change in pair], random.sample(PAUSES, 2))
        except OperationalError as error:
            yield f"{' and '.join(change.__name__ for change in pair)}: {str(error).splitlines()[0]}"


def prepare(there: Studio, changes: set[Change]) -> None:
    """What else there has to be for *changes*."""
    over, gone = timezone.now() - A_DAY, {"deleted_at": Now(), "erase_at": timezone.now() + A_DAY}
    make_images(there.job, 2, **gone if pictures_back in changes else {})
    if erased in changes:
        Photo.objects.filter(pk__in=there.ids[1:3]).update(deleted_at=over, erase_at=over)
        make_images(there.job, 2, deleted_at=over, erase_at=over)
    if listed in changes:
        Job.objects.filter(pk=there.job.pk).update(next_action_at=Now())
    if joined in changes:
        invitations.invite(there.owner, Role.OWNER, "")
