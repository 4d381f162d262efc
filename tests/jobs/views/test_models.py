"""The models page, and a checkpoint's file."""

from urllib.parse import unquote

import pytest
from django.urls import reverse

from jobs.files import storage
from jobs.models import Checkpoint, PhotoSet
from tests.conftest import text_of
from tests.jobs.factories import make_checkpoint, make_job

pytestmark = [pytest.mark.django_db, pytest.mark.services(every_case=True)]

CONTENT = bytes(range(256)) * 40


def page(workspace):
    return reverse("models", args=[workspace.slug])


def file_of(checkpoint, workspace=None):
    return reverse("checkpoint_download", args=[(workspace or checkpoint.workspace).slug, checkpoint.pk])


def body(response) -> bytes:
    return b"".join(response)


@pytest.fixture
def training(studio, mara):
    photo_set = PhotoSet.objects.create(workspace=studio, name="Twelve photos of Rex")
    return make_job(studio, mara, kind="training", name="Rex, second try", photo_set=photo_set)


@pytest.fixture
def kept(training) -> Checkpoint:
    stored = storage.put(training.workspace_id, "checkpoints", CONTENT, ".safetensors")
    return make_checkpoint(training, file=stored.name, sha256=stored.sha256, size_bytes=stored.size)


# The page


def test_a_checkpoint_is_shown_with_where_it_comes_from(studio, training, as_vic):
    make_checkpoint(training, step=1200, is_lora=True)
    text = text_of(as_vic.get(page(studio)))
    for words in ("Rex, second try", "Twelve photos of Rex", "Step 1200", "LoRA", "6.5 GB", "Kept here", "Mara"):
        assert words in text


def test_checkpoints_of_one_training_stand_together_last_step_first(studio, training, as_vic):
    for step, is_lora in ((800, False), (1200, False), (1200, True), (1000, False)):
        make_checkpoint(training, step=step, is_lora=is_lora)
    text = text_of(as_vic.get(page(studio)))
    assert text.index("Practice file") < text.index("LoRA")
    assert text.count('class="card training"') == 1
    assert text.index("Step 1200") < text.index("Step 1000") < text.index("Step 800")


def test_a_training_is_one_however_mixed_up_its_checkpoints_came(studio, training, as_vic):
    other = make_job(studio, kind="training", name="Another")
    for job, step in ((training, 400), (other, 400), (training, 800)):
        make_checkpoint(job, step=step)
    text = text_of(as_vic.get(page(studio)))
    assert text.count('class="card training"') == 2
    assert text.index("Another") < text.index("Rex, second try")


def test_an_editor_generates_with_it(studio, training, as_mara, as_vic):
    checkpoint = make_checkpoint(training)
    address = f"{reverse('new_generation', args=[studio.slug])}?checkpoint={checkpoint.pk}"
    assert address in text_of(as_mara.get(page(studio)))
    assert address not in text_of(as_vic.get(page(studio)))


@pytest.mark.parametrize("state", [Checkpoint.State.EXPIRED, Checkpoint.State.MISSING])
def test_what_is_gone_is_not_offered(studio, training, as_mara, state):
    checkpoint = make_checkpoint(training, state=state)
    text = text_of(as_mara.get(page(studio)))
    assert f"?checkpoint={checkpoint.pk}" not in text
    assert file_of(checkpoint) not in text


def test_the_provider_deleting_it_is_announced(studio, training, as_vic):
    make_checkpoint(training, state=Checkpoint.State.AT_PROVIDER, expires_at="2200-01-01T00:00Z")
    assert "deletes it" in text_of(as_vic.get(page(studio)))


def test_a_checkpoint_of_a_provider_that_is_gone_is_still_shown(studio, as_mara):
    make_checkpoint(make_job(studio, kind="training", provider="long-gone"))
    text = text_of(as_mara.get(page(studio)))
    assert "long-gone" in text
    assert "?checkpoint=" not in text


def test_deleted_and_foreign_checkpoints_are_not_shown(studio, elsewhere, training, as_vic):
    make_checkpoint(training, deleted_at="2026-01-01T00:00Z")
    make_checkpoint(make_job(elsewhere, kind="training", name="Secret wedding"))
    text = text_of(as_vic.get(page(studio)))
    assert "No models yet" in text
    assert "Secret wedding" not in text


def test_older_models_are_one_link_away(studio, as_vic):
    for number in range(31):
        make_checkpoint(make_job(studio, kind="training", name=f"Training {number}"))
    first = text_of(as_vic.get(page(studio)))
    assert "Training 0<" not in first
    last = text_of(as_vic.get(f"{page(studio)}?before={Checkpoint.objects.order_by('pk')[1].job_id}"))
    assert "Training 0" in last


@pytest.mark.parametrize("query", ["?before=x", "?before=%00", "?before=-1", "?before=99999999999999999999"])
def test_an_address_that_makes_no_sense_is_answered_with_400(studio, as_vic, query):
    assert as_vic.get(page(studio) + query).status_code == 400


def test_the_page_costs_five_queries_with_three_times_the_models_too(
    studio, training, as_vic, django_assert_num_queries
):
    make_checkpoint(training)
    as_vic.get(page(studio))
    with django_assert_num_queries(5):
        as_vic.get(page(studio))
    for _ in range(3):
        make_checkpoint(make_job(studio, training.created_by, kind="training", photo_set=training.photo_set))
    with django_assert_num_queries(5):
        as_vic.get(page(studio))


def test_a_stranger_finds_no_models(studio, as_sam):
    assert as_sam.get(page(studio)).status_code == 404


# The file


def test_a_kept_checkpoint_is_saved_under_its_name_and_never_shown(kept, as_vic):
    response = as_vic.get(file_of(kept))
    assert body(response) == CONTENT
    assert response["Content-Disposition"] == 'attachment; filename="rex-second-try-step-1200.safetensors"'
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Length"] == str(len(CONTENT))


def test_every_model_has_a_file_name_of_its_own_in_any_script(studio, training, as_vic, own_media):
    def name_of(**fields) -> str:
        file = storage.put(studio.pk, "checkpoints", CONTENT, ".safetensors").name
        kept = make_checkpoint(training, file=file, **fields)
        response = as_vic.get(file_of(kept))
        assert body(response) == CONTENT
        return unquote(response["Content-Disposition"].partition("filename*=utf-8''")[2])

    training.name = "もち、秋" + "の" * 100
    training.save()
    short = "もち秋" + "の" * 56
    assert name_of(step=1500) == f"{short}-step-1500.safetensors"
    assert name_of(step=1500, is_lora=True) == f"{short}-step-1500-lora.safetensors"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-", 0, 10240),
        ("bytes=100-199", 100, 200),
        ("bytes=10000-99999", 10000, 10240),
        ("bytes=-40", 10200, 10240),
        ("bytes=-99999", 0, 10240),
        ("bytes=0-0", 0, 1),
    ],
)
def test_a_download_goes_on_from_any_byte(kept, as_vic, asked, start, end):
    response = as_vic.get(file_of(kept), headers={"Range": asked})
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {start}-{end - 1}/10240"
    assert response["Content-Length"] == str(end - start)
    assert body(response) == CONTENT[start:end]


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=99999-999999", "bytes=-0"])
def test_a_range_beyond_the_end_is_416(kept, as_vic, asked):
    response = as_vic.get(file_of(kept), headers={"Range": asked})
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */10240"


@pytest.mark.parametrize("asked", ["bytes=1-2,5-6", "bytes=9-1", "bytes=-", "lines=1-2", "bytes=٣-", "x" * 5000])
def test_what_is_no_single_range_gets_the_whole_file(kept, as_vic, asked):
    response = as_vic.get(file_of(kept), headers={"Range": asked.encode().decode("latin-1")})
    assert response.status_code == 200
    assert body(response) == CONTENT


def test_a_range_of_another_file_gets_the_whole_one(kept, as_vic):
    same = as_vic.get(file_of(kept), headers={"Range": "bytes=5-", "If-Range": f'"{kept.sha256}"'})
    other = as_vic.get(file_of(kept), headers={"Range": "bytes=5-", "If-Range": '"another"'})
    assert (same.status_code, other.status_code) == (206, 200)
    assert body(same) == CONTENT[5:]
    assert body(other) == CONTENT


@pytest.mark.parametrize("state", [state for state in Checkpoint.State if state != Checkpoint.State.KEPT])
def test_what_is_not_kept_here_cannot_be_downloaded(kept, as_vic, state):
    Checkpoint.objects.update(state=state)
    assert as_vic.get(file_of(kept)).status_code == 404


def test_a_lost_file_is_a_404(training, as_vic):
    assert (
        as_vic.get(file_of(make_checkpoint(training, file="checkpoints/1/aa/" + "a" * 64 + ".ckpt"))).status_code == 404
    )


def test_deleted_foreign_and_missing_checkpoints_are_the_same_404(kept, studio, elsewhere, as_vic, as_sam):
    assert as_sam.get(file_of(kept)).status_code == 404
    assert as_sam.get(file_of(kept, elsewhere)).status_code == 404
    assert as_vic.get(reverse("checkpoint_download", args=[studio.slug, 999_999])).status_code == 404
    Checkpoint.objects.update(deleted_at="2026-01-01T00:00Z")
    assert as_vic.get(file_of(kept)).status_code == 404
