"""Many pictures at once: download, delete, undo."""

import io
import json
import zipfile

import pytest
from django.urls import reverse

from jobs.files.picture_downloads import file_name, unique_names
from jobs.forms.lists import MOST_AT_ONCE
from tests.jobs.factories import make_image, make_images, make_job, png, with_files

pytestmark = [pytest.mark.django_db, pytest.mark.services(every_case=True)]

HTMX = {"HX-Request": "true"}


def url(url_name, workspace):
    return reverse(url_name, args=[workspace.slug])


def archive(response) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(response)))


def ids(images) -> str:
    return ",".join(str(image.pk) for image in images)


# Download


def test_selected_pictures_come_as_one_zip(studio, as_vic):
    job = make_job(studio, name="Rex")
    chosen = [
        with_files(make_image(job, prompt="dog", seed=1), "red"),
        with_files(make_image(job, prompt="dog", seed=2)),
    ]
    with_files(make_image(job), "blue")
    response = as_vic.post(url("gallery_download", studio), {"ids": ids(chosen)})
    files = archive(response)
    assert files.testzip() is None
    assert sorted(files.namelist()) == ["rex-dog-1.png", "rex-dog-2.png"]
    assert files.read("rex-dog-1.png") == png("red")
    assert response["Content-Disposition"] == 'attachment; filename="studio-2-pictures.zip"'


def test_checkboxes_alone_work_without_scripts(studio, as_vic):
    images = [with_files(image) for image in make_images(make_job(studio), 2)]
    response = as_vic.post(url("gallery_download", studio), {"ids": "", "id": [image.pk for image in images]})
    assert len(archive(response).namelist()) == 2


def test_pictures_that_would_have_the_same_name_both_arrive(studio, as_vic):
    job = make_job(studio, name="Rex")
    images = [with_files(make_image(job, prompt="dog", seed=1)) for _ in range(2)]
    names = archive(as_vic.post(url("gallery_download", studio), {"ids": ids(images)})).namelist()
    assert len(set(names)) == 2


def test_members_are_stored_with_their_size_in_front(studio, as_vic):
    image = with_files(make_image(make_job(studio)))
    files = archive(as_vic.post(url("gallery_download", studio), {"ids": ids([image])}))
    member = files.infolist()[0]
    assert member.compress_type == zipfile.ZIP_STORED
    assert not member.flag_bits & 0x08


def test_a_picture_whose_file_is_lost_is_named_and_the_others_arrive(studio, as_vic):
    job = make_job(studio, name="Rex")
    here, lost = with_files(make_image(job, prompt="here", seed=1)), make_image(job, prompt="lost", seed=2)
    files = archive(as_vic.post(url("gallery_download", studio), {"ids": ids([here, lost])}))
    assert "rex-here-1.png" in files.namelist()
    assert b"rex-lost-2.png" in files.read("Missing pictures.txt")


def test_pictures_of_another_workspace_do_not_get_into_the_zip(studio, elsewhere, as_vic):
    own, foreign = with_files(make_image(make_job(studio))), with_files(make_image(make_job(elsewhere)))
    files = archive(as_vic.post(url("gallery_download", studio), {"ids": ids([own, foreign])}))
    assert len(files.namelist()) == 1


def test_only_foreign_pictures_are_a_404(studio, elsewhere, as_vic):
    foreign = make_image(make_job(elsewhere))
    assert as_vic.post(url("gallery_download", studio), {"ids": ids([foreign])}).status_code == 404


@pytest.mark.parametrize(
    ("name", "prompt"),
    [
        ("../../etc/passwd", "../../x"),
        ("..\\..\\windows", "c:\\nul"),
        ("CON", "NUL"),
        ("-rf", "--help"),
        ("a\x00b", "x\x00y"),
        ("line\nbreak", "\r\nContent-Type: text/html"),
        ("\u202egnp.exe", "\u202e\u2066"),
        ("🐕" * 60, "🐕" * 200),
        ("ß" * 120, "日" * 500),
        ("", ""),
        ("name.", "prompt. "),
    ],
)
def test_file_names_are_safe_everywhere(studio, name, prompt):
    image = make_image(make_job(studio), seed=-5)
    image.job.name, image.prompt = name, prompt
    safe = file_name(image)
    assert safe.endswith(".png")
    assert len(safe.encode()) < 255
    assert not set(safe) & set('/\\:*?"<>|\x00\r\n\u202e\u2066')
    assert not safe.startswith((".", "-"))
    assert safe.partition(".")[0].upper() not in {"CON", "NUL", "AUX", "PRN"}


def test_names_differ_whatever_they_are_made_of(studio):
    job = make_job(studio, name="A")
    images = [
        make_image(job, prompt="b", seed=None),
        make_image(job, prompt="b", seed=1),
        make_image(job, prompt="b", seed=1),
    ]
    names = [name for name, _ in unique_names(images)]
    assert len({name.lower() for name in names}) == 3


# What cannot be read


_BIG = ["0" * 20 + "9" * 30, "0" * 20 + "9" * 5000, str(2**63)]


@pytest.mark.parametrize("url_name", ["gallery_download", "gallery_delete", "gallery_restore"])
@pytest.mark.parametrize("selection", ["", "abc", "1;2", "-1", "1\x00", "٣", "9" * 30, "9" * 5000, "1e3", " ", *_BIG])
def test_a_selection_that_makes_no_sense_is_answered_with_400(studio, as_ann, url_name, selection):
    response = as_ann.post(url(url_name, studio), {"ids": selection})
    assert response.status_code == 400
    assert "elect" in response.content.decode()


@pytest.mark.parametrize("url_name", ["gallery_download", "gallery_delete"])
def test_more_than_the_limit_is_refused_in_a_sentence(studio, as_ann, url_name):
    too_many = ",".join(str(number) for number in range(1, MOST_AT_ONCE + 2))
    response = as_ann.post(url(url_name, studio), {"ids": too_many})
    assert response.status_code == 400
    assert f"Up to {MOST_AT_ONCE} pictures at once" in response.content.decode()


def test_the_page_knows_the_same_limit(studio, as_ann):
    make_image(make_job(studio))
    assert f'data-most="{MOST_AT_ONCE}"' in as_ann.get(url("gallery", studio)).content.decode()


def test_htmx_hears_a_refusal_as_a_flash(studio, as_ann):
    response = as_ann.post(url("gallery_delete", studio), {"ids": ""}, headers=HTMX)
    assert response.status_code == 204
    assert json.loads(response["HX-Trigger"])["flash"]["text"] == "Select at least one picture."


# Delete and undo


def test_an_admin_deletes_pictures_and_brings_them_back(studio, mara, as_ann):
    images = make_images(make_job(studio, mara), 2)
    as_ann.post(url("gallery_delete", studio), {"ids": ids(images)})
    assert not studio.generated_images.shown().exists()
    as_ann.post(url("gallery_restore", studio), {"ids": ids(images)})
    assert studio.generated_images.shown().count() == 2


def test_deleting_says_so_with_undo_when_there_are_no_scripts(studio, as_ann):
    image = make_image(make_job(studio))
    page = as_ann.post(url("gallery_delete", studio), {"ids": ids([image])}, follow=True).content.decode()
    undo = f"{url('gallery_restore', studio)}?ids={image.pk}"
    assert "1 picture deleted." in page
    assert f'action="{undo}"' in page
    as_ann.post(undo)
    assert studio.generated_images.shown().exists()


def test_htmx_is_told_what_to_take_off_the_page_and_how_to_undo_it(studio, as_ann):
    image = make_image(make_job(studio))
    response = as_ann.post(url("gallery_delete", studio), {"ids": ids([image])}, headers=HTMX)
    events = json.loads(response["HX-Trigger"])
    assert events["pictures-deleted"] == {"ids": [image.pk]}
    assert events["flash"]["undo"] == url("gallery_restore", studio)
    assert events["flash"]["fields"] == {"ids": str(image.pk)}


def test_the_job_shows_what_is_left_and_changes_visibly(studio, as_ann):
    job = make_job(studio, image_count=2, thumbnails=["gone"])
    kept, deleted = make_images(job, 2)
    before = studio.version
    as_ann.post(url("gallery_delete", studio), {"ids": ids([deleted])})
    job.refresh_from_db()
    studio.refresh_from_db()
    assert (job.image_count, job.thumbnails) == (1, [kept.thumbnail])
    assert job.version == studio.version > before


def test_deleting_twice_is_a_404_and_changes_nothing(studio, as_ann):
    image = make_image(make_job(studio))
    as_ann.post(url("gallery_delete", studio), {"ids": ids([image])})
    studio.refresh_from_db()
    before = studio.version
    assert as_ann.post(url("gallery_delete", studio), {"ids": ids([image])}).status_code == 404
    studio.refresh_from_db()
    assert studio.version == before


def test_an_editor_deletes_pictures_of_their_own_jobs(studio, mara, as_mara):
    image = make_image(make_job(studio, mara))
    as_mara.post(url("gallery_delete", studio), {"ids": ids([image])})
    assert not studio.generated_images.shown().exists()


def test_an_editor_cannot_delete_pictures_of_others(studio, ann, as_mara):
    image = make_image(make_job(studio, ann))
    response = as_mara.post(url("gallery_delete", studio), {"ids": ids([image])})
    assert response.status_code == 403
    assert "An admin of the workspace can delete them." in response.content.decode()
    assert studio.generated_images.shown().exists()


def test_an_editor_deletes_what_they_may_and_hears_what_stayed(studio, mara, ann, as_mara):
    own, other = make_image(make_job(studio, mara)), make_image(make_job(studio, ann))
    response = as_mara.post(url("gallery_delete", studio), {"ids": ids([own, other])}, headers=HTMX)
    text = json.loads(response["HX-Trigger"])["flash"]["text"]
    assert text == "1 picture deleted. 1 belongs to other people's jobs: only an admin can delete it."
    assert list(studio.generated_images.shown()) == [other]


def test_an_editor_cannot_bring_back_what_an_admin_deleted_from_others(studio, ann, as_mara):
    image = make_image(make_job(studio, ann), deleted_at="2026-01-01T00:00Z")
    assert as_mara.post(url("gallery_restore", studio), {"ids": ids([image])}).status_code == 404


@pytest.mark.parametrize("url_name", ["gallery_delete", "gallery_restore"])
def test_a_viewer_deletes_nothing(studio, as_vic, url_name):
    image = make_image(make_job(studio))
    assert as_vic.post(url(url_name, studio), {"ids": ids([image])}).status_code == 403


@pytest.mark.parametrize("url_name", ["gallery_download", "gallery_delete", "gallery_restore"])
def test_a_stranger_finds_nothing(studio, as_sam, url_name):
    image = make_image(make_job(studio))
    assert as_sam.post(url(url_name, studio), {"ids": ids([image])}).status_code == 404


@pytest.mark.parametrize("url_name", ["gallery_delete", "gallery_restore"])
def test_pictures_of_another_workspace_stay_as_they_are(studio, elsewhere, as_ann, url_name):
    deleted = make_image(make_job(elsewhere), deleted_at="2026-01-01T00:00Z")
    shown = make_image(make_job(elsewhere))
    assert as_ann.post(url(url_name, studio), {"ids": ids([deleted, shown])}).status_code == 404
    assert list(elsewhere.generated_images.shown()) == [shown]


@pytest.mark.parametrize("url_name", ["gallery_download", "gallery_delete", "gallery_restore"])
def test_nothing_happens_by_a_link(studio, as_ann, url_name):
    assert as_ann.get(url(url_name, studio)).status_code == 405
