"""The report card on a set's page, and its verdict where a training is ordered."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jobs.files import parts
from jobs.models import Photo, PhotoSet
from tests.jobs.factories import make_photo, make_set
from tests.jobs.inspected import measures

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo_set(studio, mara):
    return make_set(studio, mara, subject="person")


def inspected(photo_set, number=0, **changed):
    return make_photo(photo_set, inspection=measures(number, **changed))


def page(client, photo_set):
    response = client.get(reverse("photo_set", args=[photo_set.workspace.slug, photo_set.pk]))
    assert response.status_code == 200
    return response.content.decode()


def answer(client, name, photo, htmx=True, **fields):
    address = reverse(name, args=[photo.workspace.slug, photo.photo_set_id, photo.pk])
    return client.post(address, fields, headers={"hx-request": "true"} if htmx else {})


def test_a_set_of_good_photos_is_good_to_go(as_mara, photo_set):
    for number in range(3):
        inspected(photo_set, number)
    assert "Good to go" in page(as_mara, photo_set)


def test_a_bad_photo_gets_a_sentence_a_picture_and_a_button(as_mara, photo_set):
    photo = inspected(photo_set, blur=3.0)
    shown = page(as_mara, photo_set)

    assert "One photo will hurt" in shown
    assert "a model that learns from it makes blurred pictures" in shown
    assert photo.prepared in shown.partition("finding-pictures")[2].partition("</svg>")[0]
    assert reverse("photo_leave_out", args=[photo.workspace.slug, photo_set.pk, photo.pk]) in shown


def test_photos_that_are_being_looked_at_are_counted(as_mara, photo_set):
    make_photo(photo_set, inspection_due_at="2026-01-01T00:00Z")
    assert "Looking at 1 more photo<" in page(as_mara, photo_set)


def test_a_photo_that_could_not_be_inspected_has_no_findings(as_mara, photo_set):
    make_photo(photo_set, inspection={})
    assert "Report card" not in page(as_mara, photo_set)


def test_a_viewer_sees_the_findings_without_buttons(as_vic, photo_set):
    inspected(photo_set, blur=3.0)
    shown = page(as_vic, photo_set)
    assert "Blurred" in shown
    assert "Keep anyway" not in shown


def test_leaving_a_photo_out_offers_to_undo_it(as_mara, photo_set):
    photo = inspected(photo_set, blur=3.0)
    response = answer(as_mara, "photo_leave_out", photo)

    photo.refresh_from_db()
    assert photo.excluded_at is not None
    assert reverse("photo_use_again", args=[photo.workspace.slug, photo_set.pk, photo.pk]) in response["HX-Trigger"]
    assert "data-left-out" in response.content.decode()


@pytest.mark.parametrize("name", ["photo_leave_out", "photo_use_again"])
def test_it_works_without_scripts(as_mara, photo_set, name):
    response = answer(as_mara, name, inspected(photo_set), htmx=False)
    assert response["Location"] == reverse("photo_set", args=[photo_set.workspace.slug, photo_set.pk])


def test_a_photo_left_out_can_be_used_again(as_mara, photo_set):
    photo = inspected(photo_set)
    answer(as_mara, "photo_leave_out", photo)
    answer(as_mara, "photo_use_again", photo)
    photo.refresh_from_db()
    assert photo.excluded_at is None


def test_a_finding_waved_through_is_gone(as_mara, photo_set):
    photo = inspected(photo_set, blur=3.0)
    response = answer(as_mara, "photo_keep", photo, code="blurred")
    assert "Good to go" in response.content.decode()


@pytest.mark.parametrize("code", ["", "nonsense", "\0"])
def test_a_finding_that_there_is_not_is_refused(as_mara, photo_set, code):
    photo = inspected(photo_set)
    assert answer(as_mara, "photo_keep", photo, code=code).status_code == 400


def test_an_answer_marks_other_photos_anew(as_mara, photo_set):
    better, photo = inspected(photo_set, 1), inspected(photo_set, 1)
    assert "Almost the same" in page(as_mara, photo_set)

    shown = answer(as_mara, "photo_leave_out", better).content.decode()

    assert f'id="mark-{photo.pk}" hx-swap-oob="true"></span>' in shown


def test_photos_that_are_not_ready_cannot_be_judged(as_mara, photo_set):
    photo = make_photo(photo_set, state=Photo.State.WAITING)
    assert answer(as_mara, "photo_leave_out", photo).status_code == 404


def test_more_photos_take_no_more_queries(as_mara, photo_set):
    inspected(photo_set, blur=3.0)
    page(as_mara, photo_set)
    few = queries(as_mara, photo_set)
    for number in range(1, 12):
        inspected(photo_set, number, blur=3.0)
    assert queries(as_mara, photo_set) == few


def queries(client, photo_set):
    with CaptureQueriesContext(connection) as caught:
        page(client, photo_set)
    return len(caught)


def test_the_training_form_says_what_the_report_card_says(as_mara, photo_set):
    inspected(photo_set, 1, blur=3.0)
    inspected(photo_set, 2)
    PhotoSet.objects.update(photo_count=2)
    address = reverse("new_training", args=[photo_set.workspace.slug])
    shown = as_mara.get(address, {"photo_set": photo_set.pk}).content.decode()

    assert "One photo will hurt" in shown
    assert "Blurred. <a" in shown


def test_b09_photos_are_not_called_good_to_go_beside_why_nothing_can_go_out(as_mara, studio, photo_set, monkeypatch):
    for number in range(3):
        inspected(photo_set, number)
    PhotoSet.objects.update(photo_count=3)
    form = f"{reverse('new_training', args=[studio.slug])}?photo_set={photo_set.pk}"
    assert "Good to go" in as_mara.get(form).content.decode()
    monkeypatch.setattr(parts, "LEAST_FOR_ORDERS", 10**18)
    told = as_mara.get(form).content.decode()
    assert told.count("This cannot go out yet") == 2, "beside the form, and on a phone before it"
    assert "Good to go" not in told
