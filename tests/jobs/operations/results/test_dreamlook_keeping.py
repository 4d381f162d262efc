"""Checkpoints die at dreamlook after two days: copied as the workspace wants, reminded of, never shown when gone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from dashboard.models import Keep
from jobs.models import Checkpoint, Job
from jobs.operations.errors import NotPossible
from jobs.operations.jobs.actions import keep
from jobs.operations.results.checkpoints import handle_expiry
from tests.conftest import client_of, text_of
from tests.jobs.operations.at_dreamlook import Studio
from tests.jobs.operations.conftest import again, told

pytestmark = pytest.mark.django_db


def trained(dreamlook: Studio, policy: Keep) -> Job:
    """A training that has ended, after one turn at fetching."""
    dreamlook.workspace.keep = policy
    dreamlook.workspace.save()
    return dreamlook.fetch(dreamlook.finish(dreamlook.send_training()))


def states(job: Job) -> dict[str, str]:
    return {"lora" if one.is_lora else "full": one.state for one in job.checkpoints.all()}


@pytest.mark.parametrize(
    ("policy", "full", "lora"),
    [(Keep.ALWAYS, "kept", "kept"), (Keep.LORA, "at_provider", "kept"), (Keep.ASK, "at_provider", "at_provider")],
)
def test_what_is_copied_is_what_the_workspace_wants(dreamlook: Studio, policy: Keep, full: str, lora: str):
    job = trained(dreamlook, policy)
    assert states(job) == {"full": full, "lora": lora}
    assert (job.results_pending, job.missing_count, job.checkpoint_count) == (False, 0, 2)
    assert len(dreamlook.seen("GET", "/files/")) == [full, lora].count("kept")


def test_what_was_left_there_is_copied_when_somebody_wants_it(dreamlook: Studio, mara):
    job = trained(dreamlook, Keep.LORA)
    full = job.checkpoints.get(is_lora=False)
    for _ in range(2):
        keep(full, mara)
    job = dreamlook.fetch(job)
    assert states(job) == {"full": "kept", "lora": "kept"}
    assert sum("Mara wants to keep this" in sentence for sentence in told(job)) == 1
    with pytest.raises(NotPossible):
        keep(again(full), mara)


def test_it_is_known_until_when_it_is_there(dreamlook: Studio):
    for checkpoint in trained(dreamlook, Keep.ASK).checkpoints.all():
        # The emulator's clock has run ahead while the job did.
        assert timedelta(hours=47) < checkpoint.expires_at - timezone.now() < timedelta(hours=49)


def expire_in(**span: int) -> None:
    Checkpoint.objects.update(expires_at=timezone.now() + timedelta(**span))


def test_half_a_day_before_people_are_reminded_once(dreamlook: Studio):
    job = trained(dreamlook, Keep.ASK)
    before = again(job).version
    handle_expiry()
    assert again(job).version == before, "too early"
    expire_in(hours=11)
    for _ in range(3):
        handle_expiry()
    assert told(job)[-1].startswith("dreamlook.ai deletes 2 checkpoints of this job on ")
    assert job.events.filter(kind="expires_soon").count() == 1


def test_nobody_is_reminded_of_what_is_here(dreamlook: Studio):
    job = trained(dreamlook, Keep.ALWAYS)
    expire_in(hours=1)
    handle_expiry()
    expire_in(hours=-1)
    handle_expiry()
    assert not job.events.filter(kind="expires_soon").exists()
    assert states(job) == {"full": "kept", "lora": "kept"}


def test_what_was_deleted_there_is_marked_counted_out_and_told_with_its_date(dreamlook: Studio, mara):
    job = trained(dreamlook, Keep.LORA)
    expire_in(minutes=-1)
    full = job.checkpoints.get(is_lora=False)
    assert not full.is_usable, "even before anybody looked after it"
    with pytest.raises(NotPossible):
        keep(full, mara)
    handle_expiry()
    assert states(job) == {"full": "expired", "lora": "kept"}
    assert again(job).checkpoint_count == 1
    assert told(job)[-1].startswith("dreamlook.ai deleted 1 checkpoint of this job on ")


def test_what_is_here_but_no_longer_there_can_be_downloaded_and_not_generated_with(dreamlook: Studio, as_mara):
    job = trained(dreamlook, Keep.ALWAYS)
    expire_in(minutes=-1)
    assert not dreamlook.workspace.checkpoints.usable().exists()
    page = as_mara.get(reverse("models", args=["studio"])).content.decode()
    checkpoint = job.checkpoints.first()
    assert f"?checkpoint={checkpoint.pk}" not in page
    assert reverse("checkpoint_download", args=["studio", checkpoint.pk]) in page
    assert "no longer at dreamlook.ai" in page


@pytest.mark.parametrize("name", ["models", "job"])
def test_the_pages_count_down_and_have_the_button(dreamlook: Studio, as_mara, as_vic, name: str):
    job = trained(dreamlook, Keep.ASK)
    address = reverse(name, args=["studio", *([job.pk] if name == "job" else [])])
    button = reverse("checkpoint_keep", args=["studio", job.checkpoints.first().pk])
    page = text_of(as_mara.get(address))
    assert "dreamlook.ai deletes it" in page
    assert "in 2 days" in page
    assert button in page
    assert button not in as_vic.get(address).content.decode()


def test_pressing_keep_this_copies_it_and_leads_back(dreamlook: Studio, as_mara):
    job = trained(dreamlook, Keep.ASK)
    checkpoint = job.checkpoints.get(is_lora=True)
    address = reverse("checkpoint_keep", args=["studio", checkpoint.pk])
    answer = as_mara.post(address, {"from": "job"})
    assert answer.url == f"{reverse('job', args=['studio', job.pk])}#checkpoint-{checkpoint.pk}"
    assert states(dreamlook.fetch(job)) == {"full": "at_provider", "lora": "kept"}
    assert as_mara.post(address).url.startswith(reverse("models", args=["studio"])), "pressed again: said so, no error"


def test_strangers_and_viewers_keep_nothing(dreamlook: Studio, as_vic, as_sam):
    checkpoint = trained(dreamlook, Keep.ASK).checkpoints.first()
    address = reverse("checkpoint_keep", args=["studio", checkpoint.pk])
    assert [client.post(address).status_code for client in (as_vic, as_sam)] == [403, 404]
    assert again(checkpoint).state == Checkpoint.State.AT_PROVIDER


def test_admins_choose_it_on_the_settings_page(dreamlook: Studio, ann, as_mara):
    as_ann, address = client_of(ann), reverse("workspace_settings", args=["studio"])
    page = as_ann.get(address).content.decode()
    assert "about 2 GB" in page
    assert "about 75 MB" in page
    assert as_ann.post(address, {"name": "Studio", "keep": "lora"}).status_code == 302
    dreamlook.workspace.refresh_from_db()
    assert dreamlook.workspace.keep == Keep.LORA
    assert as_ann.post(address, {"name": "Studio", "keep": "some"}).status_code == 400
    assert as_mara.get(address).status_code == 403


def test_deleting_a_job_here_does_not_pretend_to_delete_there(dreamlook: Studio, ann):
    job = trained(dreamlook, Keep.ALWAYS)
    page = client_of(ann).post(reverse("job_delete", args=["studio", job.pk]), follow=True).content.decode()
    assert "Nothing is deleted at dreamlook.ai" in page
