"""The photos that the product comes with make a set that says what it is."""

import pytest

from jobs.models import Photo, PhotoSet
from jobs.operations.photos import sets
from tests.jobs.studio_pages import address

pytestmark = pytest.mark.django_db


def test_samples_make_a_set_that_says_so(as_mara, samples):
    response = as_mara.post(address("photo_set_samples"))

    made = PhotoSet.objects.get()
    assert response.url == address("photo_set", made.pk)
    assert "(sample)" in made.name
    assert made.photos.count() == 3
    assert made.photos.due().count() == 3


def test_samples_asked_for_twice_are_one_set(as_mara, samples):
    as_mara.post(address("photo_set_samples"))
    as_mara.post(address("photo_set_samples"))

    assert PhotoSet.objects.count() == 1
    assert Photo.objects.count() == 3


def test_samples_can_lead_straight_to_training(as_mara, samples):
    response = as_mara.post(address("photo_set_samples"), {"then": "train"})

    assert response.url == f"{address('new_training')}?photo_set={PhotoSet.objects.get().pk}&ideas=1"
    assert "on a beach at sunset\n" in as_mara.get(response.url).context["form"].initial["prompts"]


def test_an_installation_without_samples_says_so(as_mara, settings, tmp_path):
    settings.BASE_DIR = tmp_path

    response = as_mara.post(address("photo_set_samples"), follow=True)

    assert "came without sample photos" in response.text


def test_the_product_comes_with_samples():
    assert len(sets.sample_photos()) >= 8
