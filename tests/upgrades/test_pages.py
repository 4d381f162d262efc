"""Every page opens on data of 0.1.0 that was brought up to date, and what it shows is there."""

import html
import re
from collections.abc import Iterator
from itertools import product

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from dashboard.models import Invitation, Membership
from jobs.models import ApiKey, Checkpoint, Consent, GeneratedImage, Job, Photo, PhotoRequest, PhotoSet
from tests.jobs.test_every_address import patterns
from tests.upgrades.data import KNOWN

pytestmark = pytest.mark.services

THINGS = {
    "job_id": Job.objects.filter(deleted_at=None),
    "image_id": GeneratedImage.objects.filter(state="ready", deleted_at=None, job__deleted_at=None),
    "checkpoint_id": Checkpoint.objects.filter(deleted_at=None),
    "photo_set_id": PhotoSet.objects.filter(deleted_at=None),
    "photo_id": Photo.objects.filter(state="ready", deleted_at=None, photo_set__deleted_at=None),
    "key_id": ApiKey.objects.filter(revoked_at=None).exclude(provider="practice"),
    "consent_id": Consent.objects.filter(withdrawn_at__isnull=False),
    "photo_request_id": PhotoRequest.objects.all(),
    "invitation_id": Invitation.objects.all(),
    "membership_id": Membership.objects.all(),
}
"""What an address can name, and that its page shows."""
NOT_OPENED = {
    "account_reset_password_from_key",  # its address comes by e-mail
    "callback",  # providers post there; see test_jobs_go_on
}
NOT_HERE = {
    # the first owner has been, and whoever is signed in neither signs up nor needs another way in
    "first_run": 404,
    "ready": 503,  # neither broker nor worker is here
    "account_signup": 404,
    "account_inactive": 404,
    # the form does not say which form it is
    "new_job_fields": 404,
    "new_job_summary": 404,
    "consent_withdraw": 404,  # those that are asked for here were withdrawn already
    # only what is kept here, or ready
    "checkpoint_download": 404,
    "image_download": 404,
    # a provider that cannot call back has no such page
    "api_key_callbacks": 404,
    "api_key_check_callbacks": 404,
}


def addresses() -> Iterator[tuple[str, str]]:
    """Each address with a name, once for each row of ours that it can be about."""
    for pattern in patterns(get_resolver().url_patterns):
        if pattern.name is None or pattern.name in NOT_OPENED or pattern.callback.__module__.startswith("django"):
            continue
        try:
            named = get_resolver().reverse_dict.getlist(pattern.name)[0][0][0][1]
        except IndexError:  # in a namespace, such as the admin's
            continue
        for values in product(*(known(name, pattern.name) for name in named)):
            if belong_together(dict(zip(named, values, strict=True))):
                yield pattern.name, reverse(pattern.name, args=values)


def known(name: str, address: str) -> list[object]:
    if name == "workspace":
        return ["studio"]
    if name == "token":
        return [KNOWN["links"]["join" if address == "join" else "ask"]]
    if name == "name":
        return []
    return list(THINGS[name].filter(workspace__slug="studio").values_list("pk", flat=True))


def belong_together(values: dict[str, object]) -> bool:
    for name, model in (("photo_id", Photo), ("photo_request_id", PhotoRequest)):
        if name in values and "photo_set_id" in values:
            return model.objects.filter(pk=values[name], photo_set=values["photo_set_id"]).exists()
    return True


def opened(client: Client, address: str) -> tuple[int, str]:
    client.raise_request_exception = False
    answer = client.get(address)
    body = b"".join(answer)
    answer.close()
    return answer.status_code, body.decode(errors="replace")


def test_every_page_opens_with_each_thing_that_it_can_show(as_owner: Client):
    found = {address: (name, *opened(as_owner, address)) for name, address in addresses()}
    broken = {
        address: status
        for address, (name, status, _) in found.items()
        if status not in {200, 204, 302, 400, 405, NOT_HERE.get(name)}
    }
    assert broken == {}
    assert sum(status == 200 for _, status, _ in found.values()) > 100
    shown = {html.unescape(one) for _, _, page in found.values() for one in re.findall(r'"(/m/[^"]+)"', page)}
    assert shown, "no page shows a picture"
    assert {one: status for one in shown if (status := opened(as_owner, one)[0]) != 200} == {}


def test_every_page_of_the_administration_opens(as_owner: Client):
    broken = {}
    for model in admin.site._registry:
        place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages = [reverse(f"{place}_changelist")]
        for pk in model._default_manager.values_list("pk", flat=True):
            try:
                pages.append(reverse(f"{place}_change", args=[pk]))
            except NoReverseMatch:
                continue
        broken |= {page: status for page in pages if (status := opened(as_owner, page)[0]) != 200}
    assert broken == {}


@pytest.mark.parametrize("path", ["/", "/admin/", "/health/live/", "/system/"])
def test_the_house_itself_stands(as_owner: Client, path: str):
    assert opened(as_owner, path)[0] in {200, 302}


def test_passwords_go_on(upgraded, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    assert Client().login(username="mara@example.com", password="correct horse battery")
