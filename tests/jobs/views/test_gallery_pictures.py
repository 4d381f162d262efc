"""One picture: its page, its star, its file."""

import pytest
from django.urls import reverse

from dashboard.models import Role
from jobs.models import PhotoSet
from tests.conftest import client_of, person
from tests.jobs.factories import make_checkpoint, make_image, make_images, make_job, with_files

pytestmark = pytest.mark.django_db


def at(url_name, image):
    return reverse(url_name, args=[image.workspace.slug, image.pk])


# Details


def test_the_page_says_what_made_the_picture(studio, mara, as_vic):
    photo_set = PhotoSet.objects.create(workspace=studio, name="Twelve photos of Rex")
    training = make_job(studio, mara, kind="training", name="Rex, second try", photo_set=photo_set)
    checkpoint = make_checkpoint(training, step=800)
    settings = {"prompt": "as sent", "num_inference_steps": 30, "odd_field": 7, "left_out": None}
    image = make_image(make_job(studio, mara), prompt="ukj dog", seed=42, checkpoint=checkpoint, settings=settings)
    page = as_vic.get(at("image", image)).content.decode()
    for text in ("ukj dog", "42", "512 × 768", "odd_field", "Rex, second try, step 800", "Rex on the beach", "Mara"):
        assert text in page
    assert reverse("job", args=[studio.slug, image.job_id]) in page
    assert reverse("photo_set", args=[studio.slug, photo_set.pk]) in page
    assert "left_out" not in page


def test_settings_have_the_labels_of_the_provider(studio, as_vic):
    image = make_image(make_job(studio), settings={"negative_prompt": "blurry hands"})
    page = as_vic.get(at("image", image)).content.decode()
    assert "Negative prompt" in page
    assert "blurry hands" in page


def test_a_picture_of_a_provider_that_is_gone_still_has_its_page(studio, as_vic):
    image = make_image(make_job(studio, provider="long-gone"), settings={"steps": 30})
    assert "<dd>30</dd>" in as_vic.get(at("image", image)).content.decode()


def test_hostile_prompts_are_only_text(studio, as_vic):
    image = make_image(make_job(studio), prompt='"><script>alert(1)</script>{{ 7|add:7 }}')
    page = as_vic.get(at("image", image)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_htmx_gets_the_details_alone(studio, as_vic):
    image = make_image(make_job(studio))
    response = as_vic.get(at("image", image), headers={"HX-Request": "true"})
    assert response.content.decode().lstrip().startswith('<div class="details"')
    assert "HX-Request" in response["Vary"]


def test_the_page_leads_to_the_newer_and_the_older_picture(studio, elsewhere, as_vic):
    job = make_job(studio)
    older, image = make_images(job, 2)
    make_image(make_job(elsewhere))
    newer = make_image(job)
    page = as_vic.get(at("image", image)).content.decode()
    assert f'rel="prev" href="{at("image", newer)}"' in page
    assert f'rel="next" href="{at("image", older)}"' in page


def test_details_cost_four_queries(studio, as_vic, django_assert_num_queries):
    job = make_job(studio)
    image = make_image(job, checkpoint=make_checkpoint(job))
    make_images(job, 12)
    as_vic.get(at("image", image))
    with django_assert_num_queries(4):
        as_vic.get(at("image", image), headers={"HX-Request": "true"})


@pytest.mark.parametrize("url_name", ["image", "image_download"])
def test_deleted_foreign_and_missing_pictures_are_the_same_404(studio, elsewhere, as_vic, url_name):
    deleted = make_image(make_job(studio), deleted_at="2026-01-01T00:00Z")
    foreign = make_image(make_job(elsewhere))
    for pk in (deleted.pk, foreign.pk, 999_999, 2**70):
        assert as_vic.get(reverse(url_name, args=[studio.slug, pk])).status_code == 404


def test_an_editor_is_only_offered_to_delete_pictures_of_their_own_jobs(studio, mara, ann, as_mara, as_ann):
    own, other = make_image(make_job(studio, mara)), make_image(make_job(studio, ann))
    assert "Delete picture" in as_mara.get(at("image", own)).content.decode()
    assert "Delete picture" not in as_mara.get(at("image", other)).content.decode()
    assert "Delete picture" in as_ann.get(at("image", own)).content.decode()


# Stars


def test_an_editor_stars_a_picture_and_takes_the_star_off(studio, as_mara):
    image = make_image(make_job(studio))
    as_mara.post(at("image_star", image), {"starred": "1"})
    image.refresh_from_db()
    assert image.starred
    as_mara.post(at("image_star", image), {"starred": "0"})
    image.refresh_from_db()
    assert not image.starred


def test_starring_twice_leaves_one_star(studio, as_mara):
    image = make_image(make_job(studio))
    for _ in range(2):
        as_mara.post(at("image_star", image), {"starred": "1"}, headers={"HX-Request": "true"})
    image.refresh_from_db()
    assert image.starred


def test_without_scripts_starring_goes_back_to_where_one_was(studio, as_mara):
    image = make_image(make_job(studio))
    back = reverse("gallery", args=[studio.slug]) + "?starred=on"
    response = as_mara.post(at("image_star", image), {"starred": "1", "next": back})
    assert response.url == f"{back}#picture-{image.pk}"


@pytest.mark.parametrize(
    "elsewhere_on_the_web", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"]
)
def test_the_way_back_never_leaves_this_site(studio, as_mara, elsewhere_on_the_web):
    image = make_image(make_job(studio))
    response = as_mara.post(at("image_star", image), {"starred": "1", "next": elsewhere_on_the_web})
    assert response.url == f"{reverse('gallery', args=[studio.slug])}#picture-{image.pk}"


def test_a_viewer_sees_stars_but_gives_none(studio, as_vic):
    image = make_image(make_job(studio), starred=True)
    assert as_vic.post(at("image_star", image), {"starred": "0"}).status_code == 403
    page = as_vic.get(reverse("gallery", args=[studio.slug])).content.decode()
    assert "Starred" in page
    assert "data-star" not in page


def test_a_star_is_not_given_by_a_link(studio, as_mara):
    assert as_mara.get(at("image_star", make_image(make_job(studio)))).status_code == 405


def test_a_stranger_cannot_star(studio, as_sam):
    image = make_image(make_job(studio))
    assert as_sam.post(at("image_star", image), {"starred": "1"}).status_code == 404


# The file


def test_a_picture_downloads_under_a_name_that_says_what_it_is(studio, as_vic):
    image = with_files(make_image(make_job(studio, name="Rex, 2nd try"), prompt="Ukj dog!", seed=7))
    response = as_vic.get(at("image_download", image))
    assert response["Content-Disposition"] == 'attachment; filename="rex-2nd-try-ukj-dog-7.png"'
    assert response["Content-Type"] == "image/png"
    assert b"".join(response).startswith(b"\x89PNG")


def test_names_beyond_ascii_are_encoded_as_rfc_6266_says(studio, as_vic):
    image = with_files(make_image(make_job(studio, name="Strandhäuser"), prompt="", seed=7))
    response = as_vic.get(at("image_download", image))
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''strandh%C3%A4user-7.png"
    response.close()


def test_a_lost_file_is_a_404(studio, as_vic):
    assert as_vic.get(at("image_download", make_image(make_job(studio)))).status_code == 404


def test_a_member_of_two_workspaces_reaches_a_picture_only_through_its_own(studio, elsewhere):
    both = person("Kim", studio, Role.OWNER)
    both.memberships.create(workspace=elsewhere, role=Role.OWNER)
    image = make_image(make_job(studio))
    assert client_of(both).get(reverse("image", args=[elsewhere.slug, image.pk])).status_code == 404
