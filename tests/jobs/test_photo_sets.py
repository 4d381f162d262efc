"""Photo sets: made, shown, renamed, and the sample photos that come with the product."""

import re

import pytest
from django.utils import timezone

from jobs.files import media
from jobs.models import Photo, PhotoSet
from jobs.operations.photos import sets
from tests.conftest import text_of
from tests.jobs.factories import make_job, make_photo, make_photos, make_set, make_waiting
from tests.jobs.studio_pages import address, queries

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def test_without_sets_the_page_offers_samples_and_a_new_set(as_mara):
    page = as_mara.get(address("photo_sets")).text

    assert "No photos yet" in page
    assert address("photo_set_samples") in page
    assert address("photo_set_new") in page


def test_a_viewer_is_offered_nothing_to_press(as_vic, photo_set):
    assert address("photo_set_new") not in as_vic.get(address("photo_sets")).text
    page = as_vic.get(address("photo_set", photo_set.pk)).text
    assert "data-upload" not in page
    assert address("photo_set_delete", photo_set.pk) not in page


def test_the_list_shows_names_counts_and_covers(as_vic, studio, photo_set):
    PhotoSet.objects.update(photo_count=12, cover=[f"thumbnails/{studio.pk}/aa/{n:064x}.webp" for n in range(4)])

    page = as_vic.get(address("photo_sets")).text

    assert "Rex" in page
    assert "12 photos" in page
    assert page.count(f'src="/m/{studio.pk}/') == 4


def test_the_lists_queries_do_not_grow(as_vic, studio, mara):
    as_vic.get(address("photo_sets"))
    for _ in range(3):
        make_set(studio, mara)
    few = queries(as_vic, address("photo_sets"))
    for _ in range(30):
        make_set(studio, mara)

    assert queries(as_vic, address("photo_sets")) == few <= 6


def test_a_sets_queries_do_not_grow(as_mara, photo_set):
    as_mara.get(address("photo_set", photo_set.pk))
    make_photos(photo_set, 5)
    few = queries(as_mara, address("photo_set", photo_set.pk))
    make_photos(photo_set, 50)
    make_job(photo_set.workspace, photo_set=photo_set)

    assert queries(as_mara, address("photo_set", photo_set.pk)) == few <= 10


@pytest.mark.parametrize("number", ["0", "-1", "x", "999", "9" * 30])
def test_a_page_number_that_makes_no_sense_shows_a_page(as_vic, photo_set, number):
    assert as_vic.get(address("photo_sets"), {"page": number}).status_code == 200


def test_a_new_set_goes_to_its_page(as_mara, mara):
    response = as_mara.post(address("photo_set_new"), {"name": "Rex", "subject": "pet"})

    made = PhotoSet.objects.get()
    assert response.url == address("photo_set", made.pk)
    assert (made.name, made.subject, made.created_by) == ("Rex", "pet", mara)
    assert made.version == made.workspace.version


def test_a_button_pressed_twice_makes_one_set_and_a_set_with_photos_is_no_twin(as_mara):
    for _ in range(2):
        as_mara.post(address("photo_set_new"), {"name": "Rex", "subject": "pet"})
    made = PhotoSet.objects.get()
    make_photo(made)
    as_mara.post(address("photo_set_new"), {"name": "Rex", "subject": "pet"})
    assert PhotoSet.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "", "subject": "pet"}, "Give the set a name"),
        ({"name": "x" * 81, "subject": "pet"}, "at most 80 characters"),
        ({"name": "a\0b", "subject": "pet"}, "Null characters are not allowed"),
        ({"name": "Rex", "subject": "dragon"}, "Choose what the photos show."),
        ({"name": "Rex"}, "Choose what the photos show."),
        ({"name": "x" * 100_000, "subject": "pet"}, "at most 80 characters"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_stays_typed(as_mara, fields, sentence):
    response = as_mara.post(address("photo_set_new"), fields)

    assert response.status_code == 400
    assert sentence in response.text
    assert not PhotoSet.objects.exists()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{{7*7}}", "\u202egnp", "🐕", "-1", "' OR 1=1 --"])
def test_names_are_shown_unharmed(as_mara, name):
    as_mara.post(address("photo_set_new"), {"name": name, "subject": "pet"})

    for page in (as_mara.get(address("photo_sets")), as_mara.get(address("photo_set", PhotoSet.objects.get().pk))):
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    assert PhotoSet.objects.get().name == name


def test_renaming_keeps_everything_else(as_mara, photo_set):
    response = as_mara.post(address("photo_set_rename", photo_set.pk), {"name": "Rex II", "subject": "pet"})

    photo_set.refresh_from_db()
    assert response.url == address("photo_set", photo_set.pk)
    assert (photo_set.name, photo_set.subject) == ("Rex II", "pet")


def test_renaming_to_nothing_is_refused(as_mara, photo_set):
    assert as_mara.get(address("photo_set_rename", photo_set.pk)).status_code == 200
    assert as_mara.post(address("photo_set_rename", photo_set.pk), {"name": ""}).status_code == 400


def test_a_set_shows_its_photos_at_signed_addresses(as_vic, photo_set):
    photo = make_photo(photo_set, display_name="<b>Rex</b>.jpg")
    make_waiting(photo_set)
    make_photo(photo_set, state=Photo.State.REFUSED, refusal="This is a GIF.", thumbnail="", prepared="")

    page = as_vic.get(address("photo_set", photo_set.pk)).text

    assert media.address(photo_set.workspace, photo.thumbnail) in page
    assert media.address(photo_set.workspace, photo.prepared) in page
    assert "&lt;b&gt;Rex&lt;/b&gt;.jpg" in page
    assert "Getting ready" in page
    assert "This is a GIF." in page
    assert "originals/" not in page


def test_the_next_step_appears_with_the_first_photo(as_mara, photo_set):
    training = f"{address('new_training')}?photo_set={photo_set.pk}"
    assert training not in as_mara.get(address("photo_set", photo_set.pk)).text

    make_photo(photo_set)

    assert training in as_mara.get(address("photo_set", photo_set.pk)).text


@pytest.mark.parametrize(
    ("subject", "count", "said"),
    [
        ("pet", 0, None),
        ("pet", 3, "Add 2 more"),
        ("pet", 12, None),
        ("pet", 25, "ten to fifteen"),
        ("style", 12, "Add 8"),
    ],
)
def test_the_page_says_whether_these_are_enough(as_mara, studio, mara, subject, count, said):
    photo_set = make_set(studio, mara, subject=subject)
    make_photos(photo_set, count)

    page = as_mara.get(address("photo_set", photo_set.pk)).text

    assert (said in page) if said else ("Add " + "1" not in page)
    assert ("more:" in page) == bool(said and said.startswith("Add"))


def test_a_set_says_which_jobs_used_it(as_vic, photo_set):
    job = make_job(photo_set.workspace, name="Rex, second try", photo_set=photo_set)

    assert address("job", job.pk) in as_vic.get(address("photo_set", photo_set.pk)).text


def test_changes_brings_the_changed_photos_and_nothing_else(as_mara, studio, photo_set):
    old = make_photo(photo_set, version=1)
    new = make_photo(photo_set, version=5)
    gone = make_photo(photo_set, version=5, deleted_at=timezone.now())

    changes = text_of(as_mara.get(address("photo_set_changes", photo_set.pk), {"since": 3}))

    assert f'id="photo-{old.pk}"' not in changes
    assert f'id="photo-{new.pk}" data-photo="{new.pk}" data-position="0" hx-swap-oob="true"' in changes
    assert f'id="photo-{gone.pk}" data-photo="{gone.pk}" hx-swap-oob="delete"' in changes
    assert 'id="poller"' in changes
    assert "<b>2</b> photos ready" in changes


def test_photos_that_are_left_out_are_not_counted_as_ready(as_mara, photo_set):
    make_photos(photo_set, 3)
    make_photo(photo_set, excluded_at=timezone.now())
    page = text_of(as_mara.get(address("photo_set", photo_set.pk)))
    assert "<b>3</b> photos ready" in page
    assert "<b>1</b> left out" in page


def test_nothing_new_is_an_empty_answer(as_mara, photo_set):
    page = as_mara.get(address("photo_set", photo_set.pk)).text
    poll = re.search(r'hx-get="([^"]+)"', page)[1].replace("&amp;", "&")

    assert as_mara.get(poll).status_code == 204
    as_mara.post(address("photo_set_rename", photo_set.pk), {"name": "Rex", "subject": "pet"})
    assert as_mara.get(poll).status_code == 200


@pytest.mark.parametrize("since", ["", "x", "-1", "9" * 99, "\0", "1e9"])
def test_a_version_that_makes_no_sense_brings_everything(as_mara, photo_set, since):
    photo = make_photo(photo_set, version=1)

    changes = as_mara.get(address("photo_set_changes", photo_set.pk), {"since": since})

    assert changes.status_code == 200
    assert f'id="photo-{photo.pk}"' in changes.text


def test_a_deleted_photo_comes_back_by_undo(as_mara, photo_set):
    make_photos(photo_set, 2)
    photo = photo_set.photos.first()

    as_mara.post(address("photo_delete", photo_set.pk, photo.pk))
    photo_set.refresh_from_db()
    assert (photo_set.photo_count, len(photo_set.cover)) == (1, 1)
    assert f'id="photo-{photo.pk}"' not in as_mara.get(address("photo_set", photo_set.pk)).text

    as_mara.post(address("photo_restore", photo_set.pk, photo.pk))
    photo_set.refresh_from_db()
    assert (photo_set.photo_count, len(photo_set.cover)) == (2, 2)


def test_the_scripts_answer_takes_the_tile_away_and_offers_undo(as_mara, photo_set):
    photo = make_photo(photo_set)

    response = as_mara.post(address("photo_delete", photo_set.pk, photo.pk), headers={"HX-Request": "true"})

    assert f'id="photo-{photo.pk}" data-photo="{photo.pk}" hx-swap-oob="delete"' in response.text
    assert address("photo_restore", photo_set.pk, photo.pk) in response["HX-Trigger"]
    assert 'id="poller"' not in response.text


def test_deleting_twice_changes_nothing_more(as_mara, photo_set):
    photo = make_photo(photo_set)
    as_mara.post(address("photo_delete", photo_set.pk, photo.pk))
    photo.refresh_from_db()
    first = photo.deleted_at, photo.version

    as_mara.post(address("photo_delete", photo_set.pk, photo.pk))
    photo.refresh_from_db()

    assert (photo.deleted_at, photo.version) == first


def test_a_deleted_set_comes_back_by_undo(as_mara, photo_set):
    response = as_mara.post(address("photo_set_delete", photo_set.pk), follow=True)
    assert address("photo_set_restore", photo_set.pk) in response.text
    assert as_mara.get(address("photo_set", photo_set.pk)).status_code == 404
    assert PhotoSet.objects.present().count() == 0

    assert as_mara.post(address("photo_set_restore", photo_set.pk)).status_code == 302
    assert as_mara.get(address("photo_set", photo_set.pk)).status_code == 200


def test_editors_delete_what_they_made_and_admins_anything(as_mara, as_ann, studio, ann, photo_set):
    theirs = make_set(studio, ann)
    photo = make_photo(theirs)

    assert as_mara.post(address("photo_set_delete", theirs.pk)).status_code == 403
    assert as_mara.post(address("photo_delete", theirs.pk, photo.pk)).status_code == 403
    assert as_ann.post(address("photo_set_delete", photo_set.pk)).status_code == 302


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
