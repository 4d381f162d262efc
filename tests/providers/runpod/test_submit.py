"""What becomes of an order at RunPod, over real HTTP: faults P01 to P16, one by one."""

import json
import socket
import time
from contextlib import closing

import pytest

from jobs.providers.base import Capability
from jobs.providers.credentials import Credentials, Secret
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
from jobs.providers.reply import Receipt, State
from jobs.providers.runpod.adapter import RunPod
from tests.providers.emulators.runpod import Bucket, Emulator, Fault, emulated
from tests.providers.emulators.runpod.emulator import KEY as ANY_KEY
from tests.providers.emulators.runpod.faults import refused
from tests.providers.kit.loopback import loopback, send
from tests.providers.runpod.orders import (
    BARE,
    BUCKET_SECRET,
    CALLBACK,
    ENDPOINT,
    KEY,
    STUDIO,
    both,
    drawn,
    runpod,
    training,
)

ORDERS = [training(), both()]


def failed(asked: RunPod, order: Order | None = None, credentials: Credentials = STUDIO) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        asked.submit(order or training(), credentials)
    return caught.value


def posts(endpoint: Emulator) -> int:
    return sum(one.method == "POST" for one in endpoint.server.seen)


def finished(endpoint: Emulator, asked: RunPod, order: Order, credentials: Credentials = STUDIO) -> object:
    """The state that the order ends in."""
    receipt = asked.submit(order, credentials)
    endpoint.clock.advance(60)
    return asked.read(order.kind, receipt.provider_job_id, credentials).state


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.kind.value)
def test_an_order_is_taken_by_the_strictest_worker_and_charged_once(endpoint, asked, order: Order):
    assert finished(endpoint, asked, order) is State.SUCCESS
    (charge,) = endpoint.service.ledger
    assert (charge.endpoint, charge.request["webhook"]) == (ENDPOINT, CALLBACK)
    assert charge.request["policy"]["executionTimeout"] > 600_000


def test_every_field_that_our_form_has_is_one_that_the_worker_takes(endpoint, asked):
    """The defaults of all fields, as an expert's form sends them."""
    train = {param.name: param.default for param in asked.training_params if param.default is not None}
    draw = {param.name: param.default for param in asked.generation_params if param.default is not None}
    order = both(generations=({**draw, **drawn()},), training={**train, "unet_epochs": 10})
    assert finished(endpoint, asked, order) is State.SUCCESS


def test_a_key_without_a_bucket_draws_pictures_and_keeps_no_model(endpoint, asked):
    order = both(key_options=BARE.options)
    assert finished(endpoint, asked, order, BARE) is State.SUCCESS
    assert "s3Config" not in endpoint.service.ledger[0].request


def test_p01_where_nobody_listens_nothing_was_sent():
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        assert type(failed(runpod(f"http://127.0.0.1:{taken.getsockname()[1]}"))) is Unsent


@pytest.mark.parametrize("name", ["hang", "reset"])
@pytest.mark.parametrize("accept", [False, True])
def test_p02_p03_silence_is_uncertain_whether_the_order_was_taken_or_not(endpoint, name: str, accept: bool):
    endpoint.faults.plan("submit", Fault(name, accept=accept))
    assert type(failed(runpod(endpoint.url, patience=0.3))) is Uncertain
    assert (len(endpoint.service.ledger), posts(endpoint)) == (accept, 1)


def test_p02_there_is_no_list_that_could_prove_anything(asked):
    assert not asked.can(Capability.LIST)
    with pytest.raises(Refused, match="no list"):
        asked.list_latest(Kind.TRAINING, STUDIO)


def test_p03_an_answer_that_only_drips_is_given_up_while_the_grace_time_still_runs(endpoint):
    endpoint.faults.plan("submit", Fault("slow", seconds=5))
    begun = time.monotonic()
    assert type(failed(runpod(endpoint.url, patience=0.5))) is Uncertain
    assert time.monotonic() - begun < 30
    assert RunPod.longest_call > 10 + 1.25 * PATIENCE


@pytest.mark.parametrize(
    "fault",
    [
        *(Fault(name) for name in ("cut", "half_json", "html", "empty", "nan", "twice_the_key", "huge", "gzip_bomb")),
        Fault("no_id"),
        *(Fault("id", body=odd) for odd in (17, None, "", True, ["a-u1"], {"id": "a"}, "x" * 201, "../a", "a b")),
    ],
    ids=lambda fault: f"{fault.name} {str(fault.body)[:20]}",
)
def test_p04_an_unreadable_answer_is_uncertain(endpoint, asked, fault: Fault):
    endpoint.faults.plan("submit", fault)
    error = failed(asked)
    assert type(error) is Uncertain
    assert len(error.raw) <= 65536
    assert (len(endpoint.service.ledger), posts(endpoint)) == (1, 1)


def test_p04_what_is_kept_of_an_answer_holds_no_secret(endpoint, asked):
    said = {"echo": f"{KEY} {CALLBACK} {training().archive_url}", "s3Config": {"accessSecret": BUCKET_SECRET}}
    endpoint.faults.plan("submit", Fault("status", body=said))
    raw = failed(asked).raw
    for secret in (KEY, BUCKET_SECRET, "token-token", "secretsecret"):
        assert secret not in raw


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_p05_a_redirect_is_not_followed_and_an_admin_can_be_told(endpoint, asked, status: int):
    with loopback(lambda handler: send(handler, 200, b'{"id": "a-u1"}')) as elsewhere:
        endpoint.faults.plan("submit", Fault("redirect", status=status, headers={"Location": elsewhere.url}))
        assert type(failed(asked)) is Outdated
    assert elsewhere.seen == []


def test_p06_a_wrong_key_is_refused_in_words(endpoint, asked):
    error = failed(asked, credentials=Credentials("x", Secret("rpa_somebody_elses"), BARE.options))
    assert (type(error), error.sentence) == (KeyRefused, "RunPod did not accept this key.")


def test_p07_a_403_is_not_taken_for_a_wrong_key(endpoint, asked):
    endpoint.faults.plan("submit", refused(403))
    error = failed(asked)
    assert (type(error), endpoint.service.ledger) == (NoCredit, [])


def test_p08_an_endpoint_that_is_not_there_is_named_and_nothing_is_charged(endpoint, asked):
    endpoint.service.endpoints.discard(ENDPOINT)
    error = failed(asked)
    assert (type(error), posts(endpoint), endpoint.service.ledger) == (NotThere, 1, [])
    assert ENDPOINT in error.sentence


@pytest.mark.parametrize(
    ("told", "said"),
    [({"error": "input is required"}, "input is required"), ({"detail": "no"}, "no"), ([], ""), ("not json", "")],
)
@pytest.mark.parametrize("status", [400, 422])
def test_p09_p10_any_shape_of_complaint_is_understood(endpoint, asked, status: int, told: object, said: str):
    endpoint.faults.plan("submit", Fault("status", accept=False, status=status, body=told))
    error = failed(asked)
    assert isinstance(error, InvalidOrder)
    assert said in error.sentence


def test_p09_what_the_worker_finds_wrong_later_is_told_in_its_first_line(endpoint, asked):
    """RunPod takes every order; the worker checks it when its turn has come."""
    receipt = asked.submit(both(), STUDIO)
    endpoint.fail(receipt.provider_job_id, ["unet_epochs should be <class 'int'> type", "another"])
    found = asked.read(Kind.TRAIN_AND_GENERATE, receipt.provider_job_id, STUDIO)
    assert (found.state, found.failure) == (State.FAILURE, "unet_epochs should be <class 'int'> type (and 1 more)")


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("7", 7, 7), ("-1", 1, 1), ("1e9", 900, 900), ("soon", 15, 60), ("", 15, 60)],
)
def test_p11_too_many_says_how_long_to_wait(endpoint, asked, header: str, least: float, most: float):
    endpoint.faults.plan("submit", refused(429, "slow down", Retry_After=header))
    error = failed(asked)
    assert isinstance(error, TooMany)
    assert least <= error.wait <= most


@pytest.mark.parametrize("accept", [True, False])
@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_p12_after_a_server_error_nobody_knows_and_nothing_is_sent_again(endpoint, asked, status: int, accept: bool):
    endpoint.faults.plan("submit", Fault("status", accept=accept, status=status, body="oops"))
    assert type(failed(asked)) is Uncertain
    assert (posts(endpoint), len(endpoint.service.ledger)) == (1, accept)


def test_p13_an_id_that_another_order_has_is_passed_on_as_it_came(endpoint, asked):
    first = asked.submit(training(), STUDIO)
    endpoint.faults.plan("submit", Fault("known_id"))
    assert asked.submit(training(), STUDIO).provider_job_id == first.provider_job_id


def test_p14_runpod_knows_no_rehearsal(asked):
    assert not asked.can(Capability.DRY_RUN)


def test_p15_an_order_longer_than_ten_megabytes_is_refused_before_a_byte_is_sent(endpoint, asked):
    error = failed(asked, both(5200, {"prompt": "x" * 2000}))
    assert isinstance(error, InvalidOrder)
    assert "10 MB" in error.sentence
    assert not endpoint.server.seen


def test_p15_an_order_that_runpod_itself_finds_too_long_is_a_certain_refusal(endpoint, asked):
    endpoint.faults.plan("submit", refused(413, "request entity too large"))
    error = failed(asked)
    assert (type(error), endpoint.service.ledger) == (InvalidOrder, [])


@pytest.mark.parametrize("status", [402, 409, 415])
def test_p12_what_the_contract_does_not_document_leaves_an_order_uncertain(endpoint, asked, status: int):
    endpoint.faults.plan("submit", Fault("status", accept=True, status=status, body={"error": "no"}))
    assert (type(failed(asked)), len(endpoint.service.ledger)) == (Uncertain, 1)


def test_p16_the_worker_is_told_where_the_zip_is_and_never_where_single_photos_are(endpoint, asked):
    asked.submit(both(), STUDIO)
    request = endpoint.service.ledger[0].request
    assert request["input"]["train"]["data_url"] == both().archive_url
    assert json.dumps(request).count("us.example") == 2, "the zip and the callback"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_happens_the_word_that_comes_is_true_of_the_ledger(seed: int):
    """Taken means taken under this id; refused and unsent mean not taken; nothing is taken twice."""
    with emulated(seed=seed, speed=0) as endpoint:
        endpoint.faults.mischief(0.5, "submit")
        asked = runpod(endpoint.url, patience=0.3)
        words = {f"https://us.example/callbacks/{number}/": word_on(asked, number) for number in range(80)}
    charged = {charge.callback: charge.job_id for charge in endpoint.service.ledger}
    assert len(charged) == len(endpoint.service.ledger)
    for callback, (word, id_) in words.items():
        assert word is not Receipt or charged[callback] == id_
        assert not issubclass(word, Unsent | Refused) or callback not in charged
    assert {Receipt, Uncertain, TooMany} <= {word for word, _ in words.values()}


def word_on(asked: RunPod, number: int) -> tuple[type[object], str]:
    options = {"endpoint_id": "dream-booth-v1", "bucket_name": Bucket().name, "bucket_access_id": Bucket().access_id}
    options["bucket_endpoint"] = "https://bucket.example"
    anybody = Credentials("any", Secret(ANY_KEY), options, {"bucket_secret": Secret(Bucket().secret)})
    try:
        receipt = asked.submit(training(callback_url=f"https://us.example/callbacks/{number}/"), anybody)
    except ProviderError as error:
        return type(error), ""
    return Receipt, receipt.provider_job_id
