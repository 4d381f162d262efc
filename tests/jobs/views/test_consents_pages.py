"""The team's pages about consent, and what becomes of sets: archived, copied, split, used."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import segno
import time_machine
from django.test import Client
from django.utils import timezone

from dashboard.models import AuditEntry
from jobs.forms.consent import FIRST_ZONE
from jobs.models import Consent, PhotoRequest, PhotoSet
from jobs.operations.api_keys import keys
from jobs.operations.consents import links, records, withdrawal
from jobs.views import consents
from tests.conftest import text_of
from tests.jobs.factories import make_checkpoint, make_image, make_job, make_photo, make_photos, make_set
from tests.jobs.order_forms import begun
from tests.jobs.studio_pages import address, queries

pytestmark = [pytest.mark.django_db, pytest.mark.services(every_case=True)]


def noted(photo_set, person="Anna", **fields):
    today = timezone.localdate()
    given = {"person": person, "agreed_on": today, "agreed_until": None, "words": ""} | fields
    return records.note(photo_set, photo_set.created_by, records.Noted(**given))


ASKED = {"label": "Anna", "purpose": "Spring", "max_photos": "12", "days": "7", "agreed_until": ""}


def test_a_link_is_made_and_shown_once(as_mara, photo_set):
    shown = as_mara.post(address("photo_set_ask", photo_set.pk), ASKED)

    link = re.search(r"http://testserver/ask/[\w-]{43}/", text_of(shown))[0]
    assert consents.qr_code(link).path in text_of(shown)
    assert "no-store" in shown.headers["Cache-Control"]
    assert "Spring" in text_of(Client().get(link))
    assert link not in text_of(as_mara.get(address("photo_set_consents", photo_set.pk)))
    assert AuditEntry.objects.filter(action="photo_request.made").exists()


def test_the_page_of_the_code_keeps_the_strict_policy(as_mara, photo_set):
    shown = text_of(as_mara.post(address("photo_set_ask", photo_set.pk), ASKED))

    assert not re.search(r"<svg[^>]*style=|<style|fill=", shown)


def test_a_code_is_drawn_module_by_module_with_quiet_around_it():
    text = "http://testserver/ask/" + "x" * 43 + "/"
    drawn = consents.qr_code(text)

    dark = {
        (int(x) + place, int(y))
        for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", drawn.path)
        for place in range(int(length))
    }
    rows = segno.make(text, error="m", micro=False).matrix
    assert dark == {(x + 4, y + 4) for y, row in enumerate(rows) for x, module in enumerate(row) if module}
    assert drawn.size == len(rows) + 8


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"label": ""}, "Give this link a name"),
        ({"label": "\u200b"}, "Write a name."),
        ({"max_photos": "0"}, "greater than or equal to 1"),
        ({"max_photos": "1e309"}, "Enter a whole number"),
        ({"days": "365"}, "not one of the available choices"),
        ({"agreed_until": "2001-01-01"}, "from today on"),
        ({"agreed_until": "9999-12-31"}, "within thirty years"),
        ({"agreed_until": "tomorrow"}, "Enter a valid date"),
        ({"purpose": "a\0b"}, "Null characters"),
    ],
)
def test_what_is_wrong_with_a_link_is_said_beside_the_field(as_mara, photo_set, fields, sentence):
    refused = as_mara.post(address("photo_set_ask", photo_set.pk), ASKED | fields)

    assert refused.status_code == 400
    assert sentence in text_of(refused)
    assert not PhotoRequest.objects.exists()


def test_a_link_is_taken_back(as_mara, photo_set, mara):
    made, token = links.ask(photo_set, mara, links.Asked("Anna", "", None, 3, 7))
    as_mara.post(address("photo_set_ask_take_back", photo_set.pk, made.pk))

    assert links.find(token) is None
    assert "Taken back" in text_of(as_mara.get(address("photo_set_consents", photo_set.pk)))


def test_a_consent_is_noted_by_hand(as_mara, photo_set, mara):
    page = as_mara.get(address("photo_set_consent_note", photo_set.pk))
    assert f'value="{timezone.localdate():%Y-%m-%d}"' in text_of(page)
    fields = {"person": "Anna", "agreed_on": "2026-01-05", "agreed_until": "", "words": "Folder 3"}
    as_mara.post(address("photo_set_consent_note", photo_set.pk), fields)

    consent = Consent.objects.get()
    assert (consent.person, consent.noted_by) == ("Anna", mara)
    shown = text_of(as_mara.get(address("photo_set_consents", photo_set.pk)))
    assert "Folder 3" in shown
    assert "noted by <bdi>Mara</bdi>" in shown


def test_nobody_agreed_in_the_future(as_mara, photo_set):
    later = datetime.now(FIRST_ZONE).date() + timedelta(days=1)
    refused = as_mara.post(address("photo_set_consent_note", photo_set.pk), {"person": "Anna", "agreed_on": later})

    assert refused.status_code == 400
    assert "Choose a day up to today." in text_of(refused)


@pytest.mark.parametrize("hour", [0, 11, 23])
def test_a_consent_given_today_is_noted_wherever_today_begins_first(as_mara, photo_set, hour):
    with time_machine.travel(datetime(2026, 11, 22, hour, 30, tzinfo=UTC), tick=False):
        for zone in ("Pacific/Auckland", "Pacific/Kiritimati", "Asia/Kolkata", "Europe/Berlin", "Pacific/Pago_Pago"):
            fields = {"person": zone, "agreed_on": datetime.now(ZoneInfo(zone)).date()}
            as_mara.post(address("photo_set_consent_note", photo_set.pk), fields)
    assert Consent.objects.count() == 5


def test_the_set_says_how_it_stands_with_consent(as_vic, photo_set):
    page = address("photo_set", photo_set.pk)
    assert "Nobody’s consent is noted" in text_of(as_vic.get(page))

    consent = noted(photo_set)
    assert "Anna agreed on" in text_of(as_vic.get(page))
    Consent.objects.filter(pk=consent.pk).update(agreed_until="2020-01-01")
    assert "agreed until 1 January 2020: that is over" in text_of(as_vic.get(page))


def test_a_cup_needs_nobodys_consent(studio):
    assert records.consent_state(make_set(studio, subject=PhotoSet.Subject.OBJECT), []).sentence == ""


def test_many_consents_are_one_sentence(photo_set):
    for person in ("Anna", "Ben", "Cleo", "Dan", "Eva"):
        noted(photo_set, person)

    sentence = records.consent_state(photo_set, []).sentence
    assert "Cleo agreed" in sentence
    assert sentence.endswith("So did 2 others.")


def test_a_withdrawal_is_noted_after_saying_what_it_does(as_mara, photo_set):
    make_photos(photo_set, 3)
    consent = noted(photo_set)
    url = address("consent_withdraw", consent.pk)

    assert "3 photos, all that the team added to <bdi>Rex</bdi>, are deleted at once" in text_of(as_mara.get(url))
    assert as_mara.post(url).url == address("withdrawal", consent.pk)
    assert not photo_set.photos.present().exists()
    assert as_mara.get(url).status_code == 404


def test_an_editor_cannot_withdraw_for_a_set_of_others(as_mara, studio, jon):
    consent = noted(make_set(studio, jon, name="Jon's"))

    assert as_mara.post(address("consent_withdraw", consent.pk)).status_code == 403


def test_who_is_in_a_deleted_set_can_withdraw_too(as_mara, photo_set):
    consent = noted(photo_set)
    as_mara.post(address("photo_set_delete", photo_set.pk))

    assert address("consent_withdraw", consent.pk) in text_of(as_mara.get(address("withdrawals")))
    as_mara.post(address("consent_withdraw", consent.pk))
    consent.refresh_from_db()
    assert consent.withdrawn_at is not None


@pytest.fixture
def withdrawn(photo_set, studio, mara):
    """A withdrawal with a job, a model and a picture to delete."""
    photo, consent = make_photo(photo_set), noted(photo_set, "Anna <b>")
    training = make_job(studio, mara, kind="training", photos=[photo], photo_set=photo_set, name="Rex training")
    model = make_checkpoint(training)
    make_image(make_job(studio, mara, checkpoint=model))
    withdrawal.withdraw(consent)
    return consent


def test_a_withdrawal_is_told_to_those_who_can_settle_it_whole_where_work_begins(as_vic, as_ann, withdrawn):
    told = {"jobs": "1 person has withdrawn their photos.", "photo_sets": "1 person has withdrawn their photos."}
    told |= {"gallery": "1 withdrawal to settle", "models": "1 withdrawal to settle"}
    for page, words in told.items():
        assert words in text_of(as_ann.get(address(page)))
        assert words not in text_of(as_vic.get(address(page)))
    as_ann.post(address("withdrawal_settle", withdrawn.pk))

    for page, words in told.items():
        assert words not in text_of(as_ann.get(address(page)))


def test_what_is_to_be_deleted_is_listed(as_ann, as_mara, withdrawn):
    page = text_of(as_ann.get(address("withdrawal", withdrawn.pk)))

    assert "Rex training" in page
    assert "2 jobs, 1 model and 1 picture are deleted for good" in page
    assert "Anna &lt;b&gt;" in page
    assert address("withdrawal_settle", withdrawn.pk) not in text_of(as_mara.get(address("withdrawal", withdrawn.pk)))


def test_only_admins_delete_it(as_mara, as_ann, studio, withdrawn):
    assert as_mara.post(address("withdrawal_settle", withdrawn.pk)).status_code == 403
    done = as_ann.post(address("withdrawal_settle", withdrawn.pk), follow=True)

    assert "Everything made from the photos was deleted." in text_of(done)
    assert not studio.generated_images.shown().exists()
    assert "Settled" in text_of(as_mara.get(address("withdrawals")))


def test_withdrawals_of_others_and_consents_that_stand_are_not_there(as_ann, as_sam, elsewhere, sam, photo_set):
    theirs = noted(make_set(elsewhere, sam))
    withdrawal.withdraw(theirs)
    for pk in (theirs.pk, noted(photo_set).pk, 10**9):
        assert as_ann.get(address("withdrawal", pk)).status_code == 404
        assert as_ann.post(address("withdrawal_settle", pk)).status_code == 404


def test_the_pages_queries_do_not_grow(as_mara, photo_set, mara, withdrawn):
    pages = [address("photo_set_consents", photo_set.pk), address("withdrawals"), address("withdrawal", withdrawn.pk)]
    for page in pages:
        as_mara.get(page)

    def fill(number):
        for count in range(number):
            _, token = links.ask(photo_set, mara, links.Asked(f"Link {count}", "", None, 3, 7))
            links.agree(links.find(token), "Anna")
            withdrawn.jobs.add(make_job(photo_set.workspace, mara))

    fill(2)
    few = [queries(as_mara, page) for page in pages]
    fill(9)
    assert [queries(as_mara, page) for page in pages] == few
    assert max(few) <= 8


def test_before_sending_it_is_listed_what_leaves_and_who_agreed(as_mara, photo_set, studio, with_dreamlook, jon):
    make_photos(photo_set, 6)
    PhotoSet.objects.update(photo_count=6)
    key = keys.add(studio, jon, "dreamlook", "Studio key", "key-of-the-studio-1")
    typed = begun(as_mara, studio, query=f"?key={key.pk}&photo_set={photo_set.pk}") | {"api_key": key.pk}
    summary = address("new_job_summary")
    page = text_of(as_mara.post(summary, typed))

    assert "What leaves for" in page
    assert "6 photos, as copies without place, time and camera details" in page
    assert "Nobody’s consent is noted for these photos." in page
    noted(photo_set)
    assert "Anna agreed on" in text_of(as_mara.post(summary, typed))


def test_practice_sends_nothing_and_lists_nothing(as_mara, photo_set, studio):
    make_photos(photo_set, 6)
    PhotoSet.objects.update(photo_count=6)
    page = text_of(as_mara.get(address("new_training")))

    assert "What leaves for" not in page
    assert "Nothing leaves this server" in page


def test_originals_are_kept_unless_an_admin_says_so(as_ann, studio):
    as_ann.post(address("workspace_settings"), {"name": "Studio"})
    studio.refresh_from_db()
    assert studio.keep_originals

    as_ann.post(address("workspace_settings"), {"name": "Studio", "originals": "delete"})
    studio.refresh_from_db()
    assert not studio.keep_originals
    as_ann.post(address("workspace_settings"), {"name": "Studio"})
    studio.refresh_from_db()
    assert not studio.keep_originals
    assert AuditEntry.objects.filter(action="workspace.originals").count() == 1
