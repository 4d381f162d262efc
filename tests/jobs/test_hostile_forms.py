"""Whatever is typed into a form or an address of the work: a page, a sentence or a refusal, never our own fault."""

from itertools import cycle

import pytest
from django.urls import reverse

from jobs.models import Job, JobState, PhotoSet
from jobs.operations.api_keys import keys
from tests.conftest import client_of
from tests.dashboard.test_hostile_text import TEXTS, encoded
from tests.jobs.factories import make_image, make_job, make_photos, make_set
from tests.jobs.order_forms import begun

pytestmark = [pytest.mark.django_db, pytest.mark.services(every_case=True)]

NUMBERS = {
    "not a number": "NaN",
    "beyond a double": "1e400",
    "less than beyond": "-Infinity",
    "minus nothing": "-0.0",
    "beyond a column": str(2**63),
    "beyond a column below": str(-(2**63) - 1),
    "5 000 digits": "9" * 5000,
    "zeros in front": "0" * 20 + "9" * 30,
    "other digits": "\u0661\u0662\N{SUPERSCRIPT TWO}\N{FULLWIDTH DIGIT THREE}",
    "underscores": "1_0",
    "deep json": "[" * 5000,
    "json": '{"a": [1, null]}',
    "a query": "1' OR '1'='1'; DROP TABLE jobs_job; --",
    "a format": "%s%n{0}{x!r}",
    "a path": "../../../etc/passwd",
    "separators": "a\u2028b\x85c\x1cd\x0be",
    "no characters": "\uffff\U0010ffff\ue000",
    "commas": "1,2,,,3,",
    "nothing": "",
}
VALUES = TEXTS | NUMBERS
SHORT = {kind: text for kind, text in VALUES.items() if len(text) < 20_000}
WORST = ["null", "surrogates", "markup", "5 000 digits", "zeros in front"]
FORM = "application/x-www-form-urlencoded"

FIELDS = {
    "photo_set_new": ["name", "subject"],
    "photo_set_rename": ["name", "subject"],
    "photo_set_samples": ["then"],
    "photo_upload": ["nonce", "position", "photos", "size", "offset", "entry", "name", "taken_back"],
    "photo_set_pick": ["id", "ids", "nonce"],
    "jobs_selected": ["action", "job"],
    "job_decide": ["there", "provider_job_id"],
    "image_star": ["starred", "next"],
    "gallery_download": ["ids", "id", "next"],
    "gallery_delete": ["ids", "id", "next"],
    "gallery_restore": ["ids", "id", "next"],
}
QUERIES = {
    "jobs": ["tab", "kind", "person", "q", "before"],
    "job_changes": ["tab", "before", "since", "workspace", "poll_token", "newest", "oldest"],
    "job_page_changes": ["since", "workspace", "poll_token"],
    "photo_sets": ["page"],
    "photo_set_changes": ["since", "workspace", "poll_token"],
    "photo_set_pick": ["before"],
    "gallery": ["prompt", "starred", "job", "model", "before"],
    "gallery_page": ["prompt", "starred", "job", "model", "before"],
    "models": ["before"],
    "new_training": ["clone", "photo_set"],
    "new_generation": ["clone", "image", "checkpoint"],
}
ORDERS = {"new_training": "training", "new_generation": "generation"}


@pytest.fixture
def ids(studio, jon):
    photo_set = make_set(studio, jon, photo_count=3)
    make_photos(photo_set, 3)
    keys.practice_key(studio)
    job = make_job(studio, jon, state=JobState.UNCERTAIN, needs_decision=True)
    return {"photo_set": photo_set.pk, "photo": photo_set.pk, "job": job.pk, "image": make_image(job).pk}


def address(name, ids):
    kind = next((kind for kind in ids if name.startswith(f"{kind}_")), None)
    whole = {"photo_sets": None, "photo_set_new": None, "photo_set_samples": None, "job_changes": None}
    return reverse(name, args=["studio"] if name in whole or kind is None else ["studio", ids[kind]])


def post(client, url, values):
    return client.post(url, encoded(values), content_type=FORM)


def check(answer):
    assert answer.status_code in {200, 204, 302, 400, 403, 404, 409}
    if not answer.streaming:
        page = answer.content.decode()
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page


@pytest.mark.parametrize("name", FIELDS)
def test_every_form_survives_every_text(as_jon, ids, name):
    for text in VALUES.values():
        check(post(as_jon, address(name, ids), dict.fromkeys(FIELDS[name], text)))
    for shown in ("jobs", "photo_sets", "gallery", "new_training"):
        check(as_jon.get(address(shown, ids)))


@pytest.mark.parametrize("name", QUERIES)
def test_every_address_survives_every_query(as_jon, ids, name):
    for text in SHORT.values():
        check(as_jon.get(f"{address(name, ids)}?{encoded(dict.fromkeys(QUERIES[name], text))}"))
    for field in QUERIES[name]:
        for kind in WORST:
            check(as_jon.get(f"{address(name, ids)}?{encoded({field: VALUES[kind]})}"))


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_of_nothing_but_nonsense_is_refused_and_its_parts_answer(as_jon, studio, ids, name):
    fields, before = begun(as_jon, studio, name), Job.objects.count()
    for text in SHORT.values():
        check(post(as_jon, address(name, ids), dict.fromkeys(fields, text)))
    for kind in WORST:
        typed = dict.fromkeys(fields, VALUES[kind]) | {"kind": ORDERS[name]}
        for part in ("new_job_fields", "new_job_summary"):
            check(post(as_jon, address(part, ids), typed))
    assert Job.objects.count() == before


@pytest.mark.parametrize("name", ORDERS)
def test_one_bad_field_of_an_order_is_no_fault_of_ours(as_jon, studio, ids, name):
    """Each kind in every fifth field: fields that are made alike are many."""
    good = begun(as_jon, studio, name) | {"prompts": "a dog"}
    for field, kind in zip(good, cycle(WORST), strict=False):
        check(post(as_jon, address("new_job_summary", ids), good | {field: VALUES[kind], "kind": ORDERS[name]}))


def test_ten_thousand_fields_are_too_many(as_jon, ids):
    for name in (*FIELDS, *ORDERS, "new_job_summary"):
        assert post(as_jon, address(name, ids), {f"f{n}": "" for n in range(10_000)}).status_code == 400


def test_a_list_in_the_place_of_a_value_is_its_last_one(as_jon, ids):
    values = "&".join(["name=a", "name=Rex", "subject=style", "subject=pet"])
    as_jon.post(address("photo_set_new", ids), values, content_type=FORM)
    made = PhotoSet.objects.latest("pk")
    assert (made.name, made.subject) == ("Rex", "pet")


def test_what_is_stored_comes_back_as_typed_and_escaped(as_jon, ids):
    post(as_jon, address("photo_set_new", ids), {"name": TEXTS["markup"], "subject": "pet"})
    page = as_jon.get(address("photo_sets", ids)).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_viewer_hears_the_same_refusal_whatever_is_sent(vic, ids):
    for name, fields in FIELDS.items():
        answer = post(client_of(vic), address(name, ids), dict.fromkeys(fields, "x"))
        assert answer.status_code in ({403} if name != "gallery_download" else {400})
