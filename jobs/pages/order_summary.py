"""The card beside an order form: what it comes to, what it costs, and what is still wrong or unwise."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jobs import formats
from jobs.files import storage
from jobs.forms import from_params, subject
from jobs.forms.generation import NewGeneration
from jobs.forms.new_job import NewJob
from jobs.forms.training import NewTraining
from jobs.models import Job, Photo
from jobs.operations.consents.records import ConsentState, consent_state
from jobs.operations.jobs.order import JobDraft, command, estimate
from jobs.operations.photo_grants import reachability
from jobs.operations.photos import sent_copy
from jobs.operations.photos.report import Verdict, verdict
from jobs.operations.providers import provider
from jobs.pages import advice
from jobs.providers.base import Capability
from jobs.providers.order import LABELS, Estimate, Kind, OrderSpec
from jobs.providers.params import Param, Type, Value, chosen


@dataclass(frozen=True)
class Difference:
    """One thing that changed, in words. Empty texts mean: not set."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field; *anchor* is its id on the page, *is_gap* whether it is only not filled in yet."""

    label: str
    sentence: str
    anchor: str
    is_gap: bool


@dataclass(frozen=True)
class Summary:
    """What stands on the card. Texts are empty where nothing can be said yet."""

    cover: tuple[str, ...]
    photos: str
    seen: str
    """Tells the photos that the card speaks of from others."""
    verdict: Verdict | None
    """What the report card says of the photos."""
    work: str
    price: str
    price_list: str
    service: str
    obstacle: str
    notices: tuple[str, ...]
    command: str
    wait: str
    leaves_building: str
    leaving: tuple[str, ...]
    consent: ConsentState | None
    prompt_start: str
    advice: tuple[str, ...]
    problems: tuple[Problem, ...]
    problems_tone: str
    """What is only not filled in yet is no mistake."""
    differences: tuple[Difference, ...]
    original: str
    is_rehearsed: bool
    """Whether that was a rehearsal."""
    can_rehearse: bool
    verb: str
    """What the button does."""
    button: str
    """The same, with what it costs."""
    in_short: tuple[str, ...]
    """The order in a few words: how much, at what price, how long it takes."""


def summary(form: NewJob) -> Summary:
    """What a checked *form* comes to, as far as it is filled in."""
    draft = form.draft() if form.is_valid() else None
    expected = estimate(draft, form.photo_count if isinstance(form, NewTraining) else 0) if draft else None
    price = formats.price(expected.cost_cents, expected.currency) if expected else ""
    original, problems = form.original(), tuple(_problems(form))
    return Summary(
        cover=_cover(form),
        photos=_photos(form),
        seen=sent_copy.fingerprint(_to_send(form)) if isinstance(form, NewTraining) else "",
        verdict=verdict(form.chosen_set, form.to_send) if isinstance(form, NewTraining) and form.chosen_set else None,
        work=_work(form, draft),
        price=price,
        price_list=_price_list(form, expected),
        service=form.provider.label if form.provider else "",
        obstacle=_obstacle(form),
        notices=_notices(form, draft),
        command=_command(form, draft) if draft else "",
        wait=formats.wait(*expected.seconds) if expected else "",
        leaves_building=_leaves_building(form),
        leaving=tuple(_leaving(form, draft)) if form.provider and not form.provider.is_practice else (),
        consent=_consent(form),
        prompt_start=_prompt_start(form),
        advice=tuple(_advice(form)),
        problems=problems,
        problems_tone="info" if all(problem.is_gap for problem in problems) else "warn",
        differences=tuple(differences(draft, original, _to_send(form))) if draft and original else (),
        original=original.name if original else "",
        is_rehearsed=original is not None and original.dry_run,
        can_rehearse=form.provider is not None and form.provider.can(Capability.DRY_RUN),
        verb=_verb(form),
        button=" · ".join(filter(None, (_verb(form), price))),
        in_short=tuple(filter(None, _in_short(form, draft, expected))),
    )


def _cover(form: NewJob) -> tuple[str, ...]:
    """Storage names of a few thumbnails: of the photos, or of what the model drew before."""
    if isinstance(form, NewTraining):
        return tuple(form.chosen_set.cover) if form.chosen_set else ()
    checkpoint = form.source.checkpoint if isinstance(form, NewGeneration) and form.source else None
    return tuple(checkpoint.job.thumbnails[:4]) if checkpoint else ()


def _to_send(form: NewJob) -> list[Photo]:
    return form.to_send if isinstance(form, NewTraining) else []


def _photos(form: NewJob) -> str:
    if not isinstance(form, NewTraining) or form.chosen_set is None:
        return ""
    captions = _captions(form)
    told = f", {captions} with a caption" if captions else ""
    return f"{formats.counted(form.photo_count, 'photo')} of {form.chosen_set.name}{told}"


def _captions(form: NewTraining) -> int:
    """How many captions are sent: none to a service that does not read them."""
    are_read = form.provider is not None and form.provider.captions_file(form.photos)
    return sum(bool(photo.caption.strip()) for photo in form.photos) if are_read else 0


def _work(form: NewJob, draft: JobDraft | None) -> str:
    """The size of the order in words."""
    if draft is None:
        return ""
    service, photos = provider(draft.api_key.provider), form.photo_count if isinstance(form, NewTraining) else 0
    study = service.study(draft.as_order(), photos)
    return "; then ".join(part for part in (advice.looks(study) if study else "", _pictures(draft)) if part)


def _pictures(draft: JobDraft) -> str:
    if not draft.generations:
        return ""
    total = provider(draft.api_key.provider).expected_images(draft.as_order())
    prompts, orders = len(draft.generations), len(draft.split())
    of_prompts = f" of {prompts} prompts" if prompts > 1 else ""
    return formats.counted(total, "picture") + of_prompts + (f", in {orders} orders" if orders > 1 else "")


def _price_list(form: NewJob, expected: Estimate | None) -> str:
    """Where the prices are, when this one cannot be told."""
    return form.provider.price_list if form.provider and expected and expected.cost_cents is None else ""


def _obstacle(form: NewJob) -> str:
    """Why the order cannot go out whatever is filled in."""
    if too_full := storage.too_full_for_orders():
        return too_full
    return reachability.obstacle(form.provider, _kind(form)) if form.provider else ""


def _kind(form: NewJob) -> Kind:
    return Kind.TRAINING if isinstance(form, NewTraining) else Kind.GENERATION


def _notices(form: NewJob, draft: JobDraft | None) -> tuple[str, ...]:
    """What should be known before this is sent, also while the form is not filled in yet."""
    if form.key is None or form.provider is None:
        return ()
    order = (draft or JobDraft(_kind(form), api_key=form.key)).as_order()
    return form.provider.notices(replace(order, photos=form.photos if isinstance(form, NewTraining) else ()))


def _leaves_building(form: NewJob) -> str:
    if form.provider is None:
        return ""
    only_prompts = form.provider.prompts_leave if isinstance(form, NewGeneration) else ""
    return only_prompts or form.provider.leaves_building


def _leaving(form: NewJob, draft: JobDraft | None) -> Iterator[str]:
    """What is sent to the provider, thing by thing."""
    if isinstance(form, NewTraining) and form.chosen_set is not None and form.photo_count:
        yield f"{formats.counted(form.photo_count, 'photo')}, as copies without place, time and camera details"
        if captions := _captions(form):
            yield formats.counted(captions, "caption")
        if named := _prompt_start(form):
            yield f"the words “{named}”"
    if draft is not None and draft.generations:
        yield formats.counted(len(draft.generations), "prompt")
    yield "the settings on this page"


def _consent(form: NewJob) -> ConsentState | None:
    """How those in the photos stand to it; None when there is nothing to say."""
    if not isinstance(form, NewTraining) or form.chosen_set is None:
        return None
    stands = consent_state(form.chosen_set, form.to_send)
    return stands if stands.sentence else None


def _command(form: NewJob, draft: JobDraft) -> str:
    photos = form.photos if isinstance(form, NewTraining) else ()
    sent = (replace(each.as_order(), photos=photos) for each in draft.split())
    return "\n\n".join(filter(None, (command(provider(draft.api_key.provider), order) for order in sent)))


def _prompt_start(form: NewJob) -> str:
    if not isinstance(form, NewTraining):
        return ""
    token, class_word = (form.cleaned_data.get(name, "") for name in ("token", "class_word"))
    return subject.in_words(token, class_word) if class_word else ""


def _advice(form: NewJob) -> Iterator[str]:
    if isinstance(form, NewGeneration):
        yield from advice.on_nameless(form.nameless_prompts(), str(form.initial.get("suggested", "")))
    if not isinstance(form, NewTraining):
        return
    photos = advice.on_photos(form.photo_count, form.chosen_preset)
    yield from filter(None, (photos, advice.on_token(form.cleaned_data.get("token", ""))))
    training = {name.removeprefix("t-"): value for name, value in form.cleaned_data.items() if name.startswith("t-")}
    yield from advice.on_rates(training)


def _problems(form: NewJob) -> Iterator[Problem]:
    for name, errors in form.errors.as_data().items():
        if name in form.fields and not form[name].is_hidden:
            bound = form[name]
            is_gap = any(error.code == "required" for error in errors)
            yield Problem(str(bound.label), " ".join(map(str, form.errors[name])), bound.auto_id, is_gap)


def _verb(form: NewJob) -> str:
    return "Make pictures" if isinstance(form, NewGeneration) else "Start training"


def _in_short(form: NewJob, draft: JobDraft | None, expected: Estimate | None) -> Iterator[str]:
    if isinstance(form, NewTraining):
        yield formats.counted(form.photo_count, "photo")
    elif draft is not None:
        yield _pictures(draft)
    if expected is not None and form.provider is not None:
        yield formats.price(expected.cost_cents, expected.currency) or f"at {form.provider.label}’s prices"
        yield f"about {formats.wait(*expected.seconds)}"


# What changed since the job that it is a clone of


def differences(draft: JobDraft, job: Job, photos: Sequence[Photo] = ()) -> list[Difference]:
    """What *draft*, which sends *photos*, asks for differently than *job* did."""
    service = provider(draft.api_key.provider)
    ordered = job.spec
    found = [*_facts(draft, job, ordered), *_values(service.training_params, ordered.training, draft.training)]
    if draft.kind.generates:
        before, after = (next(iter(order.generations), {}) for order in (ordered, draft))
        found += _values(service.generation_params, before, after)
    if draft.kind.trains and draft.photo_set == job.photo_set:
        found.append(Difference("In the set since", "", ", ".join(sent_copy.changes(job, photos))))
    return [difference for difference in found if difference.before != difference.after]


def _facts(draft: JobDraft, job: Job, ordered: OrderSpec) -> Iterator[Difference]:
    yield Difference("Photos", _name(job.photo_set), _name(draft.photo_set))
    yield Difference("API key", _name(job.api_key), _name(draft.api_key))
    yield Difference("Model", _model(job), _model(draft))
    for name, label in LABELS.items():
        yield Difference(label, str(getattr(ordered, name)), str(getattr(draft, name)))
    yield Difference("Prompts", _prompts(ordered.generations), _prompts(draft.generations))


def _values(params: tuple[Param, ...], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    # A tick, a list and a seed always say something in a form: what an older version left out is not a change.
    said = {one.name: one.default for one in params if one.type is Type.SEED or not from_params.can_be_empty(one)}
    before, after = (said | chosen(params, values) for values in (before, after))
    return [
        Difference(param.label, _text(before.get(param.name)), _text(after.get(param.name)))
        for param in params
        if param.name != "prompt"
    ]


def _text(value: Value) -> str:
    return "" if value is None else str(from_params.written(value))


def _name(thing: object) -> str:
    return "" if thing is None else str(thing)


def _model(order: Job | JobDraft) -> str:
    return str(order.checkpoint) if order.checkpoint else order.base_model


def _prompts(generations: Iterable[Mapping[str, Any]]) -> str:
    return " / ".join(str(values.get("prompt", "")) for values in generations)
