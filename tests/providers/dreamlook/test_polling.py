"""What dreamlook says of jobs, and what is made of it, over real HTTP: faults P20 to P30, one by one."""

import json

import pytest

from jobs.providers.credentials import Credentials, Secret
from jobs.providers.dreamlook import replies
from jobs.providers.dreamlook.adapter import Dreamlook
from jobs.providers.errors import KeyRefused, NotThere, ProviderError, Refused, TooMany, Unavailable
from jobs.providers.order import Kind, Order
from jobs.providers.reply import Snapshot, State
from tests.providers.dreamlook.orders import CALLBACK, STUDIO, both, dreamlook, generation, sample, training
from tests.providers.emulators.dreamlook import Emulator, Fault
from tests.providers.emulators.dreamlook.faults import CATALOGUE, refused
from tests.providers.emulators.dreamlook.odd import SCRIPT

DONE = 1000.0


@pytest.fixture
def job(service: Dreamlook) -> str:
    return service.submit(training(), STUDIO).provider_job_id


def look(service: Dreamlook, job: str, kind: Kind = Kind.TRAINING) -> Snapshot:
    return service.read(kind, job, STUDIO)


def finished(emulator: Emulator, service: Dreamlook, order: Order) -> Snapshot:
    job = service.submit(order, STUDIO).provider_job_id
    emulator.clock.advance(DONE)
    return look(service, job, order.kind)


def test_a_job_waits_runs_and_succeeds(emulator, service, job):
    seen = []
    for seconds in (0, 1.5, 1.5, 5):
        emulator.clock.advance(seconds)
        seen.append(look(service, job))
    assert [one.state for one in seen] == [State.QUEUED, State.RUNNING, State.RUNNING, State.SUCCESS]
    assert [one.percent for one in seen][::3] == [0, 100]
    assert 0 < seen[1].percent < seen[2].percent < 100


def test_a_list_brings_every_job_of_its_kind_newest_first_and_fifty_at_most(emulator, service):
    jobs = [service.submit(training(), STUDIO).provider_job_id for _ in range(51)]
    service.submit(generation(), STUDIO)
    assert [one.provider_job_id for one in service.list_latest(Kind.TRAINING, STUDIO)] == jobs[:0:-1]
    assert len(service.list_latest(Kind.GENERATION, STUDIO)) == 1
    assert service.list_length == 50


@pytest.mark.parametrize(
    "fault",
    [
        *(Fault(name) for name in ("reset", "hang", "cut", "half_json", "html", "empty", "nan", "huge", "gzip_bomb")),
        *(Fault("status", status=status, body="oops") for status in (302, 307, 408, 500, 502, 503, 504)),
    ],
    ids=lambda fault: f"{fault.name} {fault.status}",
)
@pytest.mark.parametrize("door", ["read", "list"])
def test_p20_a_question_without_a_good_answer_says_nothing_about_the_job(
    emulator, service, job, door: str, fault: Fault
):
    hurried = dreamlook(emulator.url, patience=0.5)
    emulator.faults.plan(door, fault)
    with pytest.raises(Unavailable):
        look(hurried, job) if door == "read" else hurried.list_latest(Kind.TRAINING, STUDIO)
    assert look(service, job).state is State.QUEUED


def test_p20_asked_too_often_it_says_how_long_to_wait(emulator, service, job):
    emulator.faults.plan("list", refused(429, Retry_After="9"))
    with pytest.raises(TooMany) as caught:
        service.list_latest(Kind.TRAINING, STUDIO)
    assert caught.value.wait == 9


@pytest.mark.parametrize(
    ("said", "state", "shown"),
    [
        ("paused", State.UNKNOWN, "paused"),
        ("", State.UNKNOWN, ""),
        (None, State.UNKNOWN, ""),
        (5, State.UNKNOWN, "5"),
        ({"a": 1}, State.UNKNOWN, '{"a": 1}'),
        ("SUCCESS", State.SUCCESS, "SUCCESS"),
        (" Running ", State.RUNNING, " Running "),
        ("successful", State.UNKNOWN, "successful"),
        (SCRIPT * 100, State.UNKNOWN, (SCRIPT * 100)[:100]),
    ],
)
def test_p21_only_states_we_know_count(emulator, service, job, said: object, state: State, shown: str):
    emulator.faults.plan("read", Fault("state", body=said))
    found = look(service, job)
    assert (found.state, found.raw_state) == (state, shown)


@pytest.mark.parametrize("name", ["odd_types", "extra", "bare", "hostile", "huge_numbers", "spelling"])
@pytest.mark.parametrize("order", [training(), generation(), both()], ids=lambda order: order.kind.value)
def test_p22_whatever_else_is_said_state_and_results_are_read(emulator, service, order: Order, name: str):
    plain = finished(emulator, service, order)
    emulator.faults.plan("read", Fault(name))
    found = look(service, plain.provider_job_id, order.kind)
    assert (found.state, found.callback_url) == (State.SUCCESS, CALLBACK)
    assert [one.id for one in found.artifacts] == [one.id for one in plain.artifacts]
    assert found.percent is None or 0 <= found.percent <= 100


@pytest.mark.parametrize("name", ["nan", "twice_the_key", "huge"])
def test_p22_ambiguous_or_endless_json_is_no_answer(emulator, service, job, name: str):
    emulator.faults.plan("list", Fault(name))
    with pytest.raises(Unavailable):
        service.list_latest(Kind.TRAINING, STUDIO)


def test_p22_provider_strings_come_capped_on_one_line_and_without_addresses(emulator, service, job):
    emulator.fail(job, "x")
    emulator.faults.plan("read", Fault("hostile"))
    found = look(service, job)
    assert found.state is State.FAILURE
    assert len(found.failure) <= 500
    assert "\n" not in found.failure
    assert "us.example/p/secret" not in json.dumps(found.raw)


def test_p23_going_backwards_is_reported_as_it_is_said(emulator, service, job):
    emulator.clock.advance(DONE)
    assert look(service, job).state is State.SUCCESS
    emulator.faults.plan("read", Fault("backwards"))
    assert look(service, job).state is State.RUNNING


@pytest.mark.parametrize("skew", [86400, -86400, 0])
def test_p24_their_clock_moves_nothing_but_what_they_say_of_it(emulator, service, job, skew: float):
    emulator.clock.advance(DONE)
    emulator.faults.plan("read", Fault("skew", seconds=skew))
    found = look(service, job)
    assert found.state is State.SUCCESS
    assert {one.expires_at for one in found.artifacts} == {one.expires_at for one in look(service, job).artifacts}


def test_p25_a_job_that_is_not_there_is_not_there_in_either_spelling(emulator, service):
    for kind in Kind:
        with pytest.raises(NotThere):
            service.read(kind, "db_00000000", STUDIO)
    asked = [one.path for one in emulator.server.seen]
    assert asked.count("/jobs/image_gen/db_00000000") == asked.count("/jobs/image-gen/db_00000000") == 1
    assert asked.count("/jobs/dreambooth/db_00000000") == 1


@pytest.mark.parametrize("id_", ["../jobs/image_gen", "a/b", "a?b", "", "x" * 201, "db 1", "db_1\r\nX: y", ".."])
def test_p25_an_id_that_cannot_be_one_is_not_asked_after(emulator, service, id_: str):
    with pytest.raises(NotThere):
        service.read(Kind.TRAINING, id_, STUDIO)
    assert not emulator.server.seen


def test_p26_a_job_that_never_ends_keeps_running(emulator, service):
    emulator.faults.plan("life", Fault("never_ends"))
    found = finished(emulator, service, training())
    assert (found.state, found.percent) == (State.RUNNING, 99)


def test_p27_where_only_the_other_spelling_is_known_it_is_asked_from_then_on(emulator, service):
    job = service.submit(generation(), STUDIO).provider_job_id
    emulator.old_spelling = True
    for _ in range(2):
        assert look(service, job, Kind.GENERATION).state is State.QUEUED
        assert len(service.list_latest(Kind.GENERATION, STUDIO)) == 1
    assert sum("/jobs/image_gen" in one.path for one in emulator.server.seen) == 1


def test_p28_missing_results_are_missing_and_the_others_are_there(emulator, service):
    whole = finished(emulator, service, both())
    assert len(whole.artifacts) == 2 + 4
    for name, count, available in (("few_results", 3, 3), ("no_results", 0, 0), ("unavailable", 6, 0)):
        emulator.faults.plan("read", Fault(name))
        found = look(service, whole.provider_job_id, Kind.TRAIN_AND_GENERATE)
        assert found.state is State.SUCCESS
        assert (len(found.artifacts), sum(one.available for one in found.artifacts)) == (count, available)


def test_p28_pictures_belong_to_their_prompt_and_keep_the_order_they_were_drawn_in(emulator, service):
    images = [one for one in finished(emulator, service, both(prompts=3)).artifacts if not one.step]
    assert [one.prompt_index for one in images] == [0, 0, 1, 1, 2, 2]
    assert service.expected_images(both(prompts=3)) == len(images)
    job = sample("job_image_gen_success")
    job["image_gen_results"][0]["generated_images"].reverse()
    assert [one.id for one in replies.snapshot(job).artifacts] == ["c7102f3f", "577ab3c6"]


def test_p28_a_checkpoint_and_its_lora_are_told_apart_by_type_and_step(emulator, service):
    order = training({"save_checkpoints_at": [400, 800]})
    found = finished(emulator, service, order).artifacts
    assert {(one.step, one.is_lora) for one in found} == {(step, lora) for step in (400, 800, 1200) for lora in (0, 1)}
    assert {one.size for one in found if one.is_lora} == {emulator.service.pace.lora_bytes}


def test_p29_dreamlook_cannot_stop_a_job_and_says_so(emulator, service, job):
    with pytest.raises(Refused, match="no way to stop"):
        service.cancel(Kind.TRAINING, job, STUDIO)
    assert look(service, job).state is State.QUEUED


def test_p30_a_key_revoked_meanwhile_is_told_apart_from_a_lost_job(emulator, service, job):
    del emulator.service.tokens["dl-emulator"]
    for question in (lambda: look(service, job), lambda: service.list_latest(Kind.TRAINING, STUDIO)):
        with pytest.raises(KeyRefused):
            question()


def test_another_accounts_job_is_not_there(emulator, service, job):
    emulator.service.open_account("dl-elsewhere")
    elsewhere = Credentials("elsewhere", Secret("dl-elsewhere"))
    with pytest.raises(NotThere):
        service.read(Kind.TRAINING, job, elsewhere)
    assert service.list_latest(Kind.TRAINING, elsewhere) == []


def test_an_answer_about_another_job_is_no_answer(emulator, service, job):
    emulator.faults.plan("read", Fault("other_job"))
    with pytest.raises(Unavailable):
        look(service, job)


def test_damaged_entries_stay_on_the_list_so_that_it_is_not_taken_for_complete(emulator, service, job):
    emulator.faults.plan("list", Fault("odd_entries"))
    found = service.list_latest(Kind.TRAINING, STUDIO)
    assert [one.provider_job_id for one in found] == [""] * 6 + [job]
    assert not any(one.tells_callback for one in found[:6])


def test_a_job_whose_callback_is_not_repeated_may_be_anybodys(emulator, service, job):
    emulator.faults.plan("list", Fault("no_callback"))
    (found,) = service.list_latest(Kind.TRAINING, STUDIO)
    assert (found.provider_job_id, found.callback_url, found.tells_callback) == (job, "", False)


@pytest.mark.parametrize("name", ["no_list", "empty"])
def test_what_is_no_list_proves_nothing(emulator, service, name: str):
    emulator.faults.plan("list", Fault(name))
    with pytest.raises(Unavailable):
        service.list_latest(Kind.TRAINING, STUDIO)


def test_what_is_kept_of_a_job_has_no_callback_and_no_photo_address(emulator, service, job):
    kept = json.dumps(dict(look(service, job).raw))
    for secret in ("token-token", "secretsecret", "dl-emulator"):
        assert secret not in kept


@pytest.mark.parametrize("door", ["read", "list"])
def test_no_fault_of_the_catalogue_gets_out_as_anything_but_an_error_of_ours(emulator, job, door: str):
    service = dreamlook(emulator.url, patience=0.3)
    emulator.clock.advance(DONE)
    for fault in CATALOGUE[door]:
        emulator.faults.plan(door, fault)
        try:
            look(service, job) if door == "read" else service.list_latest(Kind.TRAINING, STUDIO)
        except ProviderError as error:
            assert error.sentence.endswith(".")  # noqa: PT017 - some faults are harmless
