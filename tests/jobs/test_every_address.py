"""Every address × every person × every method, for things of one's own workspace, of another one, and of nobody.

The addresses come from the URL configuration and what to expect from the policy that each view declares, so an address
that is added tomorrow is tried too.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from dashboard.access import policy_of
from dashboard.models import Installation, Membership, Role, User
from dashboard.operations import invitations
from jobs.operations.api_keys import keys
from jobs.operations.consents import links, records
from tests.conftest import client_of, person, without_tokens
from tests.jobs.factories import make_checkpoint, make_image, make_job, make_photo, make_set, with_files

pytestmark = pytest.mark.services

NOBODYS = (10**9, 10**40)


def patterns(found: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in found:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns)
        else:
            yield pattern


def for_members() -> dict[str, Role]:
    """The names of the workspaces' addresses, each with the least role that its view declares."""
    policies = {pattern.name: policy_of(pattern.callback) or "" for pattern in patterns(get_resolver().url_patterns)}
    declared = {name: policy.split(": ") for name, policy in policies.items() if policy.startswith("members: ")}
    return {name: Role(role) for name, (_, role) in declared.items()}


def things_in(name: str) -> list[str]:
    """What the address names besides the workspace, such as `job_id`."""
    return get_resolver().reverse_dict.getlist(name)[0][0][0][1][1:]


ADDRESSES = for_members()
LADDER = [Role.VIEWER, Role.EDITOR, Role.ADMIN, Role.OWNER]
OF_THINGS = [name for name in ADDRESSES if things_in(name)]


SORTS = sorted({thing for name in OF_THINGS for thing in things_in(name)})


def things_of(workspace, owner) -> dict[str, int]:
    """The id of one of each thing that an address can name, by the name that addresses have for it."""
    photo_set = make_set(workspace, owner)
    job = make_job(workspace, owner, photo_set=photo_set)
    extra = person(f"Extra-{workspace.slug}", workspace, Role.VIEWER)
    own = Membership.objects.get(user=owner)
    asked, _ = links.ask(photo_set, owner, links.Asked("Anna", "", None, max_photos=3, days=7))
    return {
        "photo_request_id": asked.pk,
        "consent_id": records.note(photo_set, owner, records.Noted("Anna", timezone.localdate(), None, "")).pk,
        "photo_set_id": photo_set.pk,
        "photo_id": make_photo(photo_set).pk,
        "job_id": job.pk,
        "image_id": with_files(make_image(job)).pk,
        "checkpoint_id": make_checkpoint(job).pk,
        "key_id": keys.add(workspace, owner, "dreamlook", "Key", f"key-of-{workspace.slug}").pk,
        "invitation_id": invitations.invite(own, Role.VIEWER, "")[0].pk,
        "membership_id": Membership.objects.get(user=extra).pk,
    }


@pytest.fixture(autouse=True)
def rows_are_locked_in_one_order() -> None:
    """`answer` puts a request's transactions into one, where their order says nothing."""


@pytest.fixture
def ours(studio, jon, with_dreamlook, own_media):
    Installation.objects.create(owner_email=jon.email)
    return things_of(studio, jon)


@pytest.fixture
def theirs(elsewhere, sam, with_dreamlook, own_media):
    return things_of(elsewhere, sam)


def address(name: str, workspace: str, ids: dict[str, int]) -> str:
    return reverse(name, args=[workspace, *(ids[thing] for thing in things_in(name))])


def answer(client: Client, method: str, url: str):
    """What comes back; whatever was done for it is undone."""
    with transaction.atomic():
        found = getattr(client, method)(url)
        transaction.set_rollback(True)
    for close in found._resource_closers:
        close()
    return found


REFUSED_LATER = {
    # Jon's, whom an editor's role is not enough for
    **dict.fromkeys(["job_cancel", "photo_set_delete", "photo_set_restore", "photo_delete", "photo_restore"], 403),
    **dict.fromkeys(["photo_set_split", "consent_withdraw"], 403),
    # nobody has withdrawn
    **dict.fromkeys(["withdrawal", "withdrawal_settle"], 404),
    # the form does not say which form it is, and the file is not here
    **dict.fromkeys(["new_job_fields", "new_job_summary", "checkpoint_download"], 404),
}


def signed_in(*users: User) -> dict[User, Callable[[], Client]]:
    """A fresh client of each, without signing in again: what was done with the last one may have signed it out."""
    cookies = {user: client_of(user).cookies for user in users}

    def fresh(user: User) -> Client:
        client = Client()
        client.cookies.update(cookies[user])
        return client

    return {user: partial(fresh, user) for user in users}


def test_members_get_in_from_their_role_on_to_read_or_to_write(ours, jon, ann, mara, vic, subtests):
    people = signed_in(vic, mara, ann, jon)
    for (name, least), (role, fresh) in product(ADDRESSES.items(), zip(LADDER, people.values(), strict=True)):
        url = address(name, "studio", ours)
        inside = {200, 204, 302, 400, REFUSED_LATER.get(name)} if role.includes(least) else {403}
        with subtests.test(name, role=role):
            found = {method: answer(fresh(), method, url).status_code for method in ("get", "head", "post")}
            assert set(found.values()) <= {405, *inside}
            known = [method for method, status in found.items() if status != 405]
            assert known in (["get", "head"], ["post"], ["get", "head", "post"])


def test_an_address_knows_no_other_method(ours, jon, subtests):
    fresh = signed_in(jon)[jon]
    for name, method in product(ADDRESSES, ("put", "patch", "delete", "options")):
        with subtests.test(name, method=method):
            assert answer(fresh(), method, address(name, "studio", ours)).status_code == 405


def test_things_of_others_and_things_that_do_not_exist_look_the_same(ours, theirs, jon, subtests):
    fresh = signed_in(jon)[jon]
    for name, thing, method in product(OF_THINGS, SORTS, ("get", "post")):
        if thing not in things_in(name):
            continue
        urls = [address(name, "studio", ours | {thing: number}) for number in (theirs[thing], *NOBODYS)]
        with subtests.test(name, thing=thing, method=method):
            answers = [answer(fresh(), method, url) for url in urls]
            assert {each.status_code for each in answers} <= {404, 405}
            assert len({without_tokens(each) for each in answers}) == 1


def test_a_workspace_one_is_not_in_does_not_exist(ours, sam, subtests):
    strangers = signed_in(sam, person("Ada", is_staff=True, is_superuser=True))
    for name, (user, fresh), method in product(ADDRESSES, strangers.items(), ("get", "post")):
        with subtests.test(name, method=method, who=user.name):
            real = answer(fresh(), method, address(name, "studio", ours))
            made_up = answer(fresh(), method, address(name, "no-such-workspace", ours))
            assert real.status_code in {404, 405}
            assert (real.status_code, without_tokens(real)) == (made_up.status_code, without_tokens(made_up))


def test_somebody_not_signed_in_is_asked_to(ours, subtests):
    for name, workspace, method in product(ADDRESSES, ("studio", "no-such-workspace"), ("get", "head", "post")):
        with subtests.test(name, workspace=workspace, method=method):
            found = answer(Client(), method, address(name, workspace, ours))
            assert found.status_code in {302, 405}
            assert found.status_code == 405 or found.headers["Location"].startswith("/account/login/?next=/")
            assert found.content == b""


def test_nothing_is_done_without_the_form_token(ours, jon, subtests):
    client = Client(enforce_csrf_checks=True)
    client.force_login(jon)
    for name, method in product(ADDRESSES, ("post", "put", "patch", "delete")):
        with subtests.test(name, method=method):
            assert answer(client, method, address(name, "studio", ours)).status_code == 403
