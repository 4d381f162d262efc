"""Somebody agrees, is believed, withdraws, and everything that rests on their photos follows."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from dashboard.models import AuditEntry, Heartbeat
from jobs.files import storage
from jobs.models import ApiKey, Consent, Job, Lease, Photo, PhotoRequest, PracticeRecord
from jobs.operations.cleanup.retention import enforce
from jobs.operations.consents import links, records, withdrawal
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import actions
from jobs.operations.jobs import order as ordering
from jobs.operations.jobs.order import JobDraft
from jobs.operations.photos.add_photo import Upload
from jobs.operations.sweep import sweep
from jobs.providers.errors import Unavailable
from jobs.providers.order import Kind
from tests.jobs.factories import jpeg, make_checkpoint, make_image, make_job, make_photo, make_set

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_media")]

ANNA = links.Asked("Anna from the shop", "For the spring window", None, max_photos=3, days=7)


@pytest.fixture
def consent(photo_set, mara):
    """Anna's, given by a link."""
    _, token = links.ask(photo_set, mara, ANNA)
    links.agree(links.find(token), "Anna")
    return links.consent_of(links.find(token))


def upload(nonce="nonce-1", shade=100):
    content = jpeg(width=100 + shade).read()
    return Upload(nonce, "IMG_1.jpg", len(content), [content])


def test_a_token_is_kept_only_as_its_hash(photo_set, mara):
    made, token = links.ask(photo_set, mara, ANNA)

    assert links.find(token) == made
    assert token not in str(PhotoRequest.objects.values().get())


def test_a_link_ends_by_time_by_hand_and_with_its_set(photo_set, mara):
    made, token = links.ask(photo_set, mara, ANNA)
    for changes in ({"revoked_at": timezone.now()}, {"expires_at": timezone.now()}):
        before = PhotoRequest.objects.filter(pk=made.pk).values().get()
        PhotoRequest.objects.filter(pk=made.pk).update(**changes)
        assert links.find(token) is None
        PhotoRequest.objects.filter(pk=made.pk).update(**{name: before[name] for name in changes})
    photo_set.deleted_at = timezone.now()
    photo_set.save(update_fields=["deleted_at"])
    assert links.find(token) is None


def test_who_has_answered_can_come_back_for_ever(photo_set, mara):
    made, token = links.ask(photo_set, mara, ANNA)
    links.agree(links.find(token), "Anna")
    PhotoRequest.objects.filter(pk=made.pk).update(expires_at=timezone.now(), revoked_at=timezone.now())

    found = links.find(token)
    assert found == made
    with pytest.raises(NotPossible):
        links.send(links.consent_of(found), upload())


def test_agreeing_twice_is_agreeing_once(consent):
    again = links.agree(consent.photo_request, "Anna again")

    assert again.pk == consent.pk
    assert "train an image model" in consent.words
    assert "For the spring window" in consent.words


def test_nobody_agrees_to_a_link_that_was_taken_back(photo_set, mara):
    made, _ = links.ask(photo_set, mara, ANNA)
    links.take_back(made, mara)
    made.refresh_from_db()

    with pytest.raises(NotPossible):
        links.agree(made, "Anna")


def test_only_so_many_links_are_open_at_once(photo_set, mara, monkeypatch):
    monkeypatch.setattr(links, "MOST_OPEN", 1)
    links.ask(photo_set, mara, ANNA)

    with pytest.raises(NotPossible):
        links.ask(photo_set, mara, ANNA)


def test_photos_come_with_their_consent_once(consent):
    photos = [links.send(consent, upload()) for _ in range(2)]

    assert photos[0] == photos[1]
    assert photos[0].consent == consent


def test_a_nonce_of_the_team_finds_nothing_of_the_team(consent, photo_set):
    theirs = make_photo(photo_set, upload_nonce="nonce-1")

    assert links.send(consent, upload("nonce-1")) != theirs


def test_a_link_takes_as_many_photos_as_it_was_made_for(consent):
    for number in range(3):
        links.send(consent, upload(f"nonce-{number}", number))
    with pytest.raises(NotPossible, match="as many photos"):
        links.send(consent, upload("one-more", 200))


def test_withdrawing_removes_the_photos_and_only_those(consent, photo_set):
    mine, other = links.send(consent, upload()), make_photo(photo_set)
    withdrawal.withdraw(consent)

    mine.refresh_from_db()
    other.refresh_from_db()
    photo_set.refresh_from_db()
    assert (mine.file_names, mine.display_name) == ([], "")
    assert mine.deleted_at is not None
    assert other.file_names
    assert photo_set.photo_count == 1
    with pytest.raises(NotPossible):
        links.send(consent, upload("again"))


def test_what_nobody_used_needs_nobody(consent, studio):
    links.send(consent, upload())
    withdrawal.withdraw(consent)

    consent.refresh_from_db()
    studio.refresh_from_db()
    assert consent.settled_at is not None
    assert studio.open_withdrawals == 0


@pytest.fixture
def made(consent, studio, mara):
    """A training on a photo of Anna's, its model, a picture made with that, and a model trained on from it."""
    photo = links.send(consent, upload())
    training = make_job(studio, mara, kind="training", photos=[photo])
    model = make_checkpoint(training, file="")
    drawn = make_job(studio, mara, checkpoint=model)
    further = make_job(studio, mara, kind="training", checkpoint=model)
    image, later = make_image(drawn), make_image(make_job(studio, mara, checkpoint=make_checkpoint(further)))
    return {"jobs": {training, drawn, further, later.job}, "model": model, "images": {image, later}}


def test_everything_made_from_the_photos_is_flagged(consent, studio, made, mara):
    innocent = make_job(studio, mara, photos=[make_photo(make_set(studio, mara))])
    withdrawal.withdraw(consent)

    studio.refresh_from_db()
    innocent.refresh_from_db()
    assert set(consent.jobs.all()) == made["jobs"]
    assert innocent.withdrawn_at is None
    assert studio.open_withdrawals == 1
    assert withdrawal.remains(consent).images == 2
    assert withdrawal.remains(consent).checkpoints == 2


def test_a_flagged_model_is_no_longer_usable(consent, studio, made):
    withdrawal.withdraw(consent)

    assert made["model"] not in studio.checkpoints.usable()
    made["model"].refresh_from_db()
    assert not made["model"].is_usable


def test_a_job_that_was_not_sent_never_is(consent, studio):
    photo = links.send(consent, upload())
    job = make_job(studio, photos=[photo], state="ready", next_action_at=timezone.now())
    withdrawal.withdraw(consent)

    job.refresh_from_db()
    assert job.state == "cancelled"


def test_the_copies_that_practice_has_are_deleted_too(consent, studio):
    photo = links.send(consent, upload())
    key = ApiKey.objects.create(workspace=studio, provider="practice", label="Practice")
    make_job(studio, photos=[photo], provider_job_id="practice-7", api_key=key)
    PracticeRecord.objects.create(account=key.pk, key="photos/practice-7", body={})
    PracticeRecord.objects.create(account=key.pk, key="photos/practice-8", body={})
    withdrawal.withdraw(consent)

    assert [record.key for record in PracticeRecord.objects.all()] == ["photos/practice-8"]


@pytest.mark.django_db(transaction=True)
def test_a_provider_is_asked_to_forget_the_photos_until_it_does_and_never_within_a_transaction(
    consent, studio, scripted, key
):
    photo = links.send(consent, upload())
    make_job(studio, photos=[photo], provider="scripted", provider_job_id="job-7", api_key=key)
    make_job(studio, provider="scripted", provider_job_id="job-8", api_key=key)
    scripted.trouble = Unavailable("Not just now.")
    withdrawal.withdraw(consent)
    scripted.trouble = None
    withdrawal.flag_again()

    assert scripted.forgotten == [("job-7", False)] * 2


def test_photos_that_were_on_their_way_are_forgotten_once_the_job_has_its_id(consent, studio, scripted, key):
    photo = links.send(consent, upload())
    job = make_job(studio, photos=[photo], provider="scripted", state="submitting", api_key=key)
    withdrawal.withdraw(consent)
    Job.objects.filter(pk=job.pk).update(provider_job_id="job-7", state="queued")
    withdrawal.flag_again()

    assert [forgotten for forgotten, _ in scripted.forgotten] == ["job-7"]


def test_b05_while_one_sweep_waits_for_a_provider_no_other_does_and_all_else_is_done(consent, studio, scripted, key):
    photo = links.send(consent, upload())
    make_job(studio, photos=[photo], provider="scripted", provider_job_id="job-7", api_key=key)
    withdrawal.withdraw(consent)
    scripted.forgotten.clear()
    was_noted = list[bool]()

    def sweep_again() -> None:
        was_noted.append(Heartbeat.objects.filter(worker=Heartbeat.SWEEP).exists())
        if len(was_noted) == 1:
            Lease.objects.exclude(name__contains="at work").delete()  # time passes until the next one
            sweep()

    scripted.while_forgetting = sweep_again
    sweep()
    assert (scripted.forgotten, was_noted) == ([("job-7", True)], [True])


def test_withdrawing_twice_is_withdrawing_once(consent, made):
    withdrawal.withdraw(consent)
    withdrawal.withdraw(consent)

    assert AuditEntry.objects.filter(action="consent.withdrawn").count() == 1


def test_what_is_made_meanwhile_is_flagged_by_the_sweep(consent, studio, made, mara):
    withdrawal.withdraw(consent)
    late = make_job(studio, mara, checkpoint=made["model"])
    withdrawal.flag_again()

    late.refresh_from_db()
    assert late.withdrawn_at is not None


def test_settling_deletes_all_of_it_for_good(consent, studio, made, ann):
    withdrawal.withdraw(consent)
    withdrawal.settle(consent, ann)
    enforce()

    studio.refresh_from_db()
    consent.refresh_from_db()
    assert (studio.open_withdrawals, consent.settled_by) == (0, ann)
    assert not studio.generated_images.shown().exists()
    assert not studio.jobs.present().filter(pk__in=[job.pk for job in made["jobs"]]).exists()
    for image in made["images"]:
        image.refresh_from_db()
        assert (image.file, image.thumbnail, image.prompt) == ("", "", "")
    with pytest.raises(NotPossible):
        actions.restore(Job.objects.filter(withdrawn_at__isnull=False).first(), ann)


def test_addresses_of_pictures_end_as_their_photos_are_withdrawn_and_as_what_was_made_is_deleted(
    consent, studio, made, ann
):
    epochs = [studio.media_epoch]
    for step in (lambda: withdrawal.withdraw(consent), lambda: withdrawal.settle(consent, ann)):
        step()
        studio.refresh_from_db()
        epochs.append(studio.media_epoch)
    assert epochs == sorted(set(epochs))


def test_settling_twice_is_settling_once(consent, made, ann):
    withdrawal.withdraw(consent)
    for _ in range(2):
        withdrawal.settle(Consent.objects.get(pk=consent.pk), ann)

    assert AuditEntry.objects.filter(action="consent.settled").count() == 1


def test_what_arrives_after_settling_is_never_shown(consent, studio, made, ann):
    withdrawal.withdraw(consent)
    withdrawal.settle(consent, ann)
    late = make_image(Job.objects.filter(withdrawn_at__isnull=False).first())
    enforce()

    assert late not in studio.generated_images.shown()


def test_a_noted_consent_stands_for_what_came_by_no_link(consent, photo_set, mara):
    by_link, by_team = links.send(consent, upload()), make_photo(photo_set)
    noted = records.note(photo_set, mara, records.Noted("Ben", date(2026, 6, 3), None, "Paper in the folder"))
    withdrawal.withdraw(noted, mara)

    by_link.refresh_from_db()
    by_team.refresh_from_db()
    assert by_link.deleted_at is None
    assert by_team.deleted_at is not None
    assert AuditEntry.objects.filter(action="consent.withdrawn", user=mara).exists()


def test_an_order_of_photos_that_were_just_withdrawn_is_not_taken(consent, studio):
    photo = links.send(consent, upload())
    withdrawal.withdraw(consent)

    with pytest.raises(NotPossible, match="taken out of this set just now"):
        ordering.photos_to_order(JobDraft(Kind.TRAINING, "Anna", api_key=ApiKey()), [photo.pk])


def test_a_consent_counts_up_to_its_last_day(consent):
    today = timezone.localdate()
    for until, ended in ((None, False), (today, False), (today - timedelta(days=1), True)):
        consent.agreed_until = until
        assert consent.has_ended is ended


def test_the_photos_files_are_gone_a_minute_later(consent):
    names = links.send(consent, upload()).file_names
    withdrawal.withdraw(consent)

    assert Photo.objects.get().file_names == []
    assert all(storage.exists(name) for name in names)
