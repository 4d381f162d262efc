"""The gallery: what it shows, in which order, with which filters, and to whom."""

import re

import pytest
from django.urls import reverse

from jobs.models import GeneratedImage
from tests.conftest import text_of
from tests.jobs.factories import make_checkpoint, make_image, make_images, make_job

pytestmark = [pytest.mark.django_db, pytest.mark.services(every_case=True)]


def shown(response) -> list[int]:
    return [int(pk) for pk in re.findall(r'data-id="(\d+)"', text_of(response))]


def gallery(workspace, query=""):
    return reverse("gallery", args=[workspace.slug]) + query


def test_pictures_are_newest_first(studio, as_vic):
    images = make_images(make_job(studio), 3)
    assert shown(as_vic.get(gallery(studio))) == [image.pk for image in reversed(images)]


def test_every_picture_has_its_size_so_that_nothing_moves_while_loading(studio, as_vic):
    make_image(make_job(studio), width=832, height=1216)
    page = text_of(as_vic.get(gallery(studio)))
    assert 'width="832" height="1216"' in page
    assert 'data-ratio="0.6842" data-shape="67"' in page


def test_waiting_missing_and_deleted_pictures_are_not_shown(studio, as_vic):
    job = make_job(studio)
    make_image(job, state=GeneratedImage.State.WAITING)
    make_image(job, state=GeneratedImage.State.MISSING)
    make_image(job, deleted_at="2026-01-01T00:00Z")
    assert shown(as_vic.get(gallery(studio))) == []


def test_pictures_of_another_workspace_are_not_shown(studio, elsewhere, as_vic):
    make_image(make_job(elsewhere))
    assert shown(as_vic.get(gallery(studio))) == []


def test_a_stranger_finds_no_gallery(studio, as_sam):
    assert as_sam.get(gallery(studio)).status_code == 404


def test_somebody_signed_out_is_asked_to_sign_in(studio, client):
    assert client.get(gallery(studio)).status_code == 302


def test_an_empty_gallery_says_how_to_fill_it(studio, as_mara):
    page = text_of(as_mara.get(gallery(studio)))
    assert "No pictures yet" in page
    assert reverse("new_training", args=[studio.slug]) in page


def test_a_viewer_of_an_empty_gallery_is_not_offered_what_they_may_not_do(studio, as_vic):
    assert reverse("new_training", args=[studio.slug]) not in text_of(as_vic.get(gallery(studio)))


def test_older_pictures_follow_where_the_page_ends_even_when_new_ones_arrive(studio, as_vic):
    job = make_job(studio)
    images = make_images(job, 130)
    first = as_vic.get(gallery(studio))
    make_image(job)
    query = "?" + re.search(r'data-older="[^"]*\?([^"]+)"', text_of(first))[1]
    second = as_vic.get(reverse("gallery_page", args=[studio.slug]) + query)
    newest_first = [image.pk for image in reversed(images)]
    assert shown(first) == newest_first[:60]
    assert shown(second) == newest_first[60:120]


def test_older_pictures_have_a_link_that_works_without_scripts(studio, as_vic):
    images = make_images(make_job(studio), 61)
    address = re.search(r'class="button older" href="([^"]+)"', text_of(as_vic.get(gallery(studio))))[1]
    assert shown(as_vic.get(address)) == [images[0].pk]


def test_exactly_one_page_has_no_older_link(studio, as_vic):
    make_images(make_job(studio), 60)
    assert b"data-older" not in as_vic.get(gallery(studio)).content


def test_the_page_costs_six_queries_with_three_times_the_pictures_too(studio, as_vic, django_assert_num_queries):
    make_images(make_job(studio, image_count=5), 5)
    as_vic.get(gallery(studio))  # the first visit also remembers the workspace in the session
    with django_assert_num_queries(6):
        as_vic.get(gallery(studio))
    for _ in range(3):
        job = make_job(studio, image_count=5)
        make_checkpoint(job)
        make_images(job, 5)
    with django_assert_num_queries(6):
        as_vic.get(gallery(studio))


def test_a_further_page_costs_four_queries(studio, as_vic, django_assert_num_queries):
    make_images(make_job(studio), 20)
    as_vic.get(gallery(studio))
    with django_assert_num_queries(4):
        as_vic.get(reverse("gallery_page", args=[studio.slug]))


# Filters


def test_starred_pictures_can_be_shown_alone(studio, as_vic):
    job = make_job(studio)
    make_image(job)
    starred = make_image(job, starred=True)
    assert shown(as_vic.get(gallery(studio, "?starred=on"))) == [starred.pk]


def test_pictures_of_one_job_can_be_shown_alone(studio, as_vic):
    job, other = make_job(studio), make_job(studio)
    mine = make_image(job)
    make_image(other)
    assert shown(as_vic.get(gallery(studio, f"?job={job.pk}"))) == [mine.pk]


def test_pictures_of_one_model_can_be_shown_alone(studio, as_vic):
    job = make_job(studio)
    checkpoint = make_checkpoint(make_job(studio, kind="training"))
    made_with_it = make_image(job, checkpoint=checkpoint)
    make_image(job)
    assert shown(as_vic.get(gallery(studio, f"?model={checkpoint.pk}"))) == [made_with_it.pk]


def test_all_words_of_the_prompt_must_occur_in_any_order_and_case(studio, as_vic):
    job = make_job(studio)
    beach = make_image(job, prompt="Ukj dog, running on the Beach")
    make_image(job, prompt="ukj dog in the snow")
    assert shown(as_vic.get(gallery(studio, "?prompt=BEACH+dog"))) == [beach.pk]


def test_signs_that_mean_something_to_the_database_are_only_letters(studio, as_vic):
    job = make_job(studio)
    make_image(job, prompt="a dog")
    percent = make_image(job, prompt="100% dog")
    assert shown(as_vic.get(gallery(studio, "?prompt=%25"))) == [percent.pk]


def test_filters_stay_in_the_link_to_older_pictures(studio, as_vic):
    job = make_job(studio)
    make_images(job, 61, starred=True)
    page = text_of(as_vic.get(gallery(studio, f"?starred=on&prompt=dog&job={job.pk}")))
    assert f"?prompt=dog&amp;starred=True&amp;job={job.pk}&amp;before=" in page


def test_a_chosen_job_is_among_the_choices_however_old(studio, as_vic):
    old = make_job(studio, name="The very first", image_count=1)
    make_image(old)
    for _ in range(51):
        make_job(studio, image_count=1)
    page = text_of(as_vic.get(gallery(studio, f"?job={old.pk}")))
    assert f'<option value="{old.pk}" selected>The very first</option>' in page


def test_a_job_of_another_workspace_looks_like_one_that_does_not_exist(studio, elsewhere, as_vic):
    foreign = make_job(elsewhere, name="Secret wedding", image_count=1)
    make_image(foreign)
    response = as_vic.get(gallery(studio, f"?job={foreign.pk}"))
    assert response.status_code == as_vic.get(gallery(studio, "?job=999999")).status_code == 200
    assert shown(response) == []
    assert b"Secret wedding" not in response.content


def test_no_match_says_so_and_offers_everything(studio, as_vic):
    make_image(make_job(studio))
    page = text_of(as_vic.get(gallery(studio, "?prompt=unicorn")))
    assert "No picture matches" in page
    assert 'value="unicorn"' in page


@pytest.mark.parametrize(
    "query",
    [
        "?prompt=a%00b",
        "?prompt=" + "x" * 201,
        "?job=abc",
        "?job=-1",
        "?job=99999999999999999999999",
        "?model=%00",
        "?before=0",
        "?before=1e9",
        "?before=9223372036854775808",
    ],
)
@pytest.mark.parametrize("url_name", ["gallery", "gallery_page"])
def test_a_filter_that_makes_no_sense_is_answered_with_400(studio, as_vic, url_name, query):
    make_image(make_job(studio))
    response = as_vic.get(reverse(url_name, args=[studio.slug]) + query)
    assert response.status_code == 400
    assert shown(response) == []


@pytest.mark.parametrize("query", ["?prompt=%ED%A0%80", "?prompt=%FF", "?starred=%00", "?unknown=%00", "?job="])
def test_odd_text_in_the_address_is_harmless(studio, as_vic, query):
    assert as_vic.get(gallery(studio, query)).status_code == 200


def test_what_is_wrong_is_said_beside_the_filters(studio, as_vic):
    make_image(make_job(studio))
    page = text_of(as_vic.get(gallery(studio, "?prompt=a%00b")))
    assert "Words of the prompt: Null characters are not allowed." in page
