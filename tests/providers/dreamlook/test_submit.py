"""What becomes of an order at dreamlook, over real HTTP: faults P01 to P16, one by one.

What the job does then (waits, asks, tells) is the operations' part; here it is which of the four words comes, that
nothing is sent twice, and that the provider charged what it should.
"""

import socket
import time
from contextlib import closing

import pytest

from jobs.providers.credentials import Credentials, Secret
from jobs.providers.dreamlook.adapter import Dreamlook
from jobs.providers.errors import (
    InvalidOrder,
    KeyRefused,
    NoCredit,
    NotThere,
    Outdated,
    ProviderError,
    Refused,
    TooMany,
    Uncertain,
    Unsent,
)
from jobs.providers.kit.network import PATIENCE
from jobs.providers.order import Kind, Order
from jobs.providers.reply import Receipt
from tests.providers.dreamlook.orders import CALLBACK, KEY, STUDIO, both, dreamlook, generation, training
from tests.providers.emulators.dreamlook import Emulator, Fault, emulated
from tests.providers.emulators.dreamlook.faults import refused
from tests.providers.kit.loopback import loopback, send

ORDERS = [training(), generation(), both()]
TOKEN = CALLBACK.rpartition("/")[2]


def failed(service: Dreamlook, order: Order | None = None, key: str = KEY) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        service.submit(order or training(), Credentials("studio", Secret(key)))
    return caught.value


def posts(emulator: Emulator) -> int:
    return sum(one.method == "POST" for one in emulator.server.seen)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.kind.value)
def test_an_order_is_taken_charged_once_and_found_by_its_callback(emulator, service, order: Order):
    receipt = service.submit(order, STUDIO)
    (charge,) = emulator.service.ledger
    assert (receipt.provider_job_id, service.can_be_asked_after(charge.job_id)) == (charge.job_id, True)
    (found,) = service.list_latest(order.kind, STUDIO)
    assert (found.provider_job_id, found.callback_url) == (charge.job_id, CALLBACK)
    assert emulator.server.seen[0].path == {
        Kind.TRAINING: "/dreambooth",
        Kind.GENERATION: "/image_gen",
        Kind.TRAIN_AND_GENERATE: "/dreambooth_image_gen",
    }.get(order.kind)


def test_p01_where_nobody_listens_nothing_was_sent():
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        assert type(failed(dreamlook(f"http://127.0.0.1:{taken.getsockname()[1]}"))) is Unsent


def test_p01_a_name_that_leads_nowhere_means_nothing_was_sent():
    assert type(failed(dreamlook("http://nobody.invalid"))) is Unsent


def test_p01_without_a_common_encryption_nothing_was_sent(emulator):
    assert type(failed(dreamlook(emulator.url.replace("http:", "https:")))) is Unsent
    assert emulator.service.ledger == []


@pytest.mark.parametrize("name", ["hang", "reset"])
def test_p02_silence_before_accepting_is_uncertain_and_leaves_nothing(emulator, service, name: str):
    emulator.faults.plan("submit", Fault(name, accept=False))
    assert type(failed(dreamlook(emulator.url, patience=0.3))) is Uncertain
    assert (emulator.service.ledger, service.list_latest(Kind.TRAINING, STUDIO)) == ([], [])


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.kind.value)
@pytest.mark.parametrize("name", ["hang", "reset"])
def test_p03_silence_after_accepting_is_uncertain_and_the_job_stands_on_the_list(
    emulator, service, name: str, order: Order
):
    emulator.faults.plan("submit", Fault(name))
    assert type(failed(dreamlook(emulator.url, patience=0.3), order)) is Uncertain
    (found,) = service.list_latest(order.kind, STUDIO)
    assert found.callback_url == CALLBACK
    assert (len(emulator.service.ledger), posts(emulator)) == (1, 1)


def test_p03_an_answer_that_only_drips_is_given_up_while_the_grace_time_still_runs(emulator):
    service = dreamlook(emulator.url, patience=0.5)
    emulator.faults.plan("submit", Fault("slow", seconds=5))
    begun = time.monotonic()
    assert type(failed(service)) is Uncertain
    assert time.monotonic() - begun < 30


def test_an_order_has_ended_when_its_lease_runs_out():
    assert Dreamlook.longest_call > 10 + 1.25 * PATIENCE


@pytest.mark.parametrize(
    "fault",
    [
        Fault("cut"),
        Fault("half_json"),
        Fault("html"),
        Fault("empty"),
        Fault("nan"),
        Fault("twice_the_key"),
        Fault("huge"),
        Fault("gzip_bomb"),
        Fault("no_id"),
        *(Fault("id", body=odd) for odd in (17, None, "", True, ["db_1"], {"id": "db_1"}, "x" * 201, "../db", "a b")),
        Fault("id", body="TEST_1ccb410f"),
    ],
    ids=lambda fault: f"{fault.name} {str(fault.body)[:20]}",
)
def test_p04_an_unreadable_answer_is_uncertain_and_the_job_stands_on_the_list(emulator, service, fault: Fault):
    emulator.faults.plan("submit", fault)
    error = failed(service)
    assert type(error) is Uncertain
    assert len(error.raw) <= 65536
    assert [one.callback_url for one in service.list_latest(Kind.TRAINING, STUDIO)] == [CALLBACK]
    assert (len(emulator.service.ledger), posts(emulator)) == (1, 1)


def test_p04_what_is_kept_of_an_unreadable_answer_holds_neither_key_nor_token_nor_photo(emulator, service):
    order = training()
    urls = " ".join(photo.url for photo in order.photos)
    emulator.faults.plan("submit", Fault("status", body=f"{KEY} {CALLBACK} {TOKEN} {urls}"))
    raw = failed(service, order).raw
    for secret in (KEY, TOKEN, "secretsecret"):
        assert secret not in raw


@pytest.mark.parametrize("accept", [True, False])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_p05_a_redirect_is_not_followed_and_an_admin_can_be_told(emulator, service, status: int, accept: bool):
    with loopback(lambda handler: send(handler, 200, b'{"job_id": "db_1"}')) as elsewhere:
        headers = {"Location": f"{elsewhere.url}/dreambooth"}
        emulator.faults.plan("submit", Fault("redirect", accept=accept, status=status, headers=headers))
        error = failed(service)
    assert type(error) is Outdated
    assert "update" in error.sentence
    assert elsewhere.seen == []
    assert len(emulator.service.ledger) == accept


def test_p06_a_wrong_key_is_refused_in_words(emulator, service):
    error = failed(service, key="dl-somebody-elses-key")
    assert type(error) is KeyRefused
    assert error.sentence == "dreamlook.ai did not accept this key."


def test_p07_an_account_without_tokens_is_told_apart_from_a_wrong_key(emulator, service):
    emulator.service.open_account("dl-broke-account", 100)
    error = failed(service, key="dl-broke-account")
    assert type(error) is NoCredit
    assert "not enough credit" in error.sentence
    assert emulator.service.tokens["dl-broke-account"] == 100


def test_p08_an_endpoint_that_is_not_there_is_a_certain_refusal(emulator, service):
    emulator.faults.plan("submit", refused(404))
    assert type(failed(service)) is NotThere
    assert posts(emulator) == 1


def test_p09_the_providers_complaint_stands_beside_its_field(emulator, service):
    error = failed(service, training({"steps": 10**7, "priority": 5000}))
    assert isinstance(error, InvalidOrder)
    assert error.fields == {"steps": "this value is not accepted", "priority": "this value is not accepted"}


def test_p09_in_train_and_generate_the_complaint_finds_its_field_too(emulator, service):
    order = both()
    error = failed(service, training({"steps": 10**7}, kind=order.kind, generations=order.generations))
    assert isinstance(error, InvalidOrder)
    assert error.fields.keys() == {"steps"}


@pytest.mark.parametrize(
    ("detail", "fields", "said"),
    [
        ([{"loc": ["body", "image_urls", 3], "msg": "cannot be read"}], {"photos": "cannot be read"}, ""),
        ([{"loc": ["body", "base_model"], "msg": "unknown"}], {"base_model": "unknown"}, ""),
        ([{"loc": ["body", "callback"], "msg": "not https"}], {}, "callback: not https"),
        ([{"loc": ["body", "steps", "int"], "msg": ""}], {"steps": "dreamlook does not take this."}, ""),
        ([{"loc": ["body", "steps"], "msg": "<script>"}, "and this"], {"steps": "<script>"}, "and this"),
        ("not today", {}, "not today"),
        ({"message": "not today"}, {}, "not today"),
        (None, {}, "will not take these values"),
        (17, {}, "will not take these values"),
    ],
)
@pytest.mark.parametrize("status", [400, 422])
def test_p09_p10_any_shape_of_complaint_is_understood(emulator, service, status: int, detail, fields, said: str):
    emulator.faults.plan("submit", refused(status, detail))
    error = failed(service)
    assert isinstance(error, InvalidOrder)
    assert error.fields == fields
    assert said in error.sentence


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("7", 7, 7), ("-1", 1, 1), ("1e9", 900, 900), ("soon", 15, 60), ("", 15, 60), ("0", 1, 1)],
)
def test_p11_too_many_says_how_long_to_wait(emulator, service, header: str, least: float, most: float):
    emulator.faults.plan("submit", refused(429, "slow down", Retry_After=header))
    error = failed(service)
    assert isinstance(error, TooMany)
    assert least <= error.wait <= most


@pytest.mark.parametrize("accept", [True, False])
@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_p12_after_a_server_error_nobody_knows_and_nothing_is_sent_again(emulator, service, status: int, accept: bool):
    emulator.faults.plan("submit", Fault("status", accept=accept, status=status, body="oops"))
    assert type(failed(service)) is Uncertain
    assert (posts(emulator), len(emulator.service.ledger)) == (1, accept)


@pytest.mark.parametrize("status", [402, 409, 413, 415])
def test_p12_what_the_contract_does_not_document_leaves_an_order_uncertain(emulator, service, status: int):
    emulator.faults.plan("submit", Fault("status", accept=True, status=status, body={"detail": "no"}))
    assert (type(failed(service)), len(emulator.service.ledger)) == (Uncertain, 1)


def test_p13_an_id_that_another_order_has_is_passed_on_as_it_came(emulator, service):
    first = service.submit(training(), STUDIO)
    emulator.faults.plan("submit", Fault("known_id"))
    assert service.submit(training(), STUDIO).provider_job_id == first.provider_job_id
    assert len(emulator.service.ledger) == 2


@pytest.mark.parametrize("kind", list(Kind))
def test_p14_a_rehearsal_is_free_untracked_and_never_asked_after(emulator, service, kind: Kind):
    order = {one.kind: one for one in (training(dry_run=True), generation(dry_run=True), both(dry_run=True))}[kind]
    receipt = service.submit(order, STUDIO)
    assert receipt.provider_job_id.startswith("TEST_")
    assert not service.can_be_asked_after(receipt.provider_job_id)
    assert emulator.service.ledger == []
    assert service.list_latest(kind, STUDIO) == []
    asked = len(emulator.server.seen)
    with pytest.raises(NotThere):
        service.read(kind, receipt.provider_job_id, STUDIO)
    assert len(emulator.server.seen) == asked


def test_p14_a_rehearsal_that_is_answered_like_a_real_order_is_tracked(emulator, service):
    emulator.faults.plan("submit", Fault("id", accept=False))
    with loopback(lambda handler: send(handler, 200, b'{"job_id": "db_1ccb410f"}')) as careless:
        asked = dreamlook(careless.url)
        assert asked.can_be_asked_after(asked.submit(training(dry_run=True), STUDIO).provider_job_id)


def test_p14_a_rehearsal_finds_the_same_faults(emulator, service):
    assert isinstance(failed(service, training({"steps": 10**7}, dry_run=True)), InvalidOrder)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_happens_the_word_that_comes_is_true_of_the_ledger(seed: int):
    """Taken means taken under this id; refused and unsent mean not taken; nothing is taken twice."""
    with emulated(seed=seed, speed=0) as emulator:
        emulator.faults.mischief(0.5, "submit")
        service = dreamlook(emulator.url, patience=0.3)
        words = {f"https://us.example/callbacks/{number}/": word_on(service, number) for number in range(80)}
    charged = {charge.request["callback"]: charge.job_id for charge in emulator.service.ledger}
    assert len(charged) == len(emulator.service.ledger)
    for callback, (word, id_) in words.items():
        assert word is not Receipt or charged[callback] == id_
        assert not issubclass(word, Unsent | Refused) or callback not in charged
    assert {Receipt, Uncertain, TooMany} <= {word for word, _ in words.values()}


def word_on(service: Dreamlook, number: int) -> tuple[type[object], str]:
    try:
        receipt = service.submit(training(callback_url=f"https://us.example/callbacks/{number}/"), STUDIO)
    except ProviderError as error:
        return type(error), ""
    return Receipt, receipt.provider_job_id
