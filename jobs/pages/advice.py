"""What somebody who knows would say about an order before it is sent. Advice never stops anybody."""

import re
from collections.abc import Iterator

from jobs import formats
from jobs.forms.subject import TOKENS
from jobs.providers.order import Study
from jobs.providers.params import Preset, Values

_COMMON_WORDS = """
    ace amy ana ann art bag bar bat bea bed bee ben bob box boy bus cap car cat cow dan day dog eva eve eye fox fun gin
    girl gun guy hat ian ivy jan jay jim joe jon joy kay ken kid kim lea lee leo lia lily lou luc max may meg men mia
    mom mum ned one owl pal pam pat pet pia pig pip ray red rex ron roy sam sea sky sly son sue sun ted teo tia tim tom
    toy van vic zoe anna bella bird boat book buddy charlie coco daisy emma face fish girl hair hand home jack jane john
    lady life love lucy luna man mara mark mary mike milo molly nina park paul peter photo picture portrait rocky rosie
    ruby sara shop simba star style tony toys tree water woman world person child baby horse house music model paris
"""
COMMON_WORDS = frozenset(_COMMON_WORDS.split())
SPOKEN = re.compile(
    r"(?:[^aeiouy]{0,2}[aeiouy]{1,2}){2,}[^aeiouy]{0,2}|[^aeiouy]{1,2}[aeiou]{1,2}[^aeiouy]{1,2}", re.IGNORECASE
)
"""The shape of most short words and names; meaningless letters rarely fit it."""

LORA_RATE = 5e-5
FULL_RATE = 1e-7


def on_token(token: str) -> str:
    """Why *token* is a poor name for a subject, or nothing."""
    word = token.strip().lower()
    if not word or word in TOKENS:
        return ""
    if word == "sks":
        return "“sks” is a rifle to most models, and it shows up in pictures. Take letters that mean nothing."
    if word in COMMON_WORDS or (len(word) > 3 and word.isalpha() and SPOKEN.fullmatch(word)):
        return (
            f"“{token}” looks like a word or a name. Models may know it already; letters that mean nothing work better."
        )
    if len(word) > 8:
        return "Shorter is better: three or four letters that mean nothing."
    return ""


def on_photos(photos: int, preset: Preset | None) -> str:
    """Whether *photos* suit *preset*, or nothing when they do."""
    if preset is None or not photos:
        return ""
    least, most = preset.photos
    if photos < least:
        return f"{formats.counted(photos, 'photo')} is little for this goal; {least} to {most} varied ones work best."
    if photos > most:
        return f"{formats.counted(photos, 'photo')} is a lot for this goal; {least} to {most} of the best work better."
    return ""


def on_nameless(prompts: list[str], beginning: str) -> Iterator[str]:
    """A sentence on *prompts* that do not name the subject, which a prompt with *beginning* would."""
    if prompts:
        which = f"“{prompts[0][:60]}” does" if len(prompts) == 1 else f"{len(prompts)} prompts do"
        yield f"{which} not name your subject, so the model may draw another. Begin with “{beginning}”."


def on_rates(training: Values) -> Iterator[str]:
    """Sentences on learning rates that fit the other method of training."""
    rates = [value for name, value in training.items() if "learning_rate" in name and isinstance(value, float)]
    if any(rate >= LORA_RATE for rate in rates):
        yield (
            "This learning rate fits LoRA training. Training a whole model takes about a hundred times less, "
            "around 1e-6; with more, every picture looks burnt."
        )
    if rates and 0 < max(rates) < FULL_RATE:
        yield "This learning rate is so low that hardly anything will be learnt. Around 1e-6 is usual."


def looks(study: Study) -> str:
    """Steps in words: how often the model sees each photo, and what is learnt apart."""
    text = formats.counted(study.steps, "step")
    each = round(study.steps / study.round_steps) if study.round_steps else 0
    seen = f"{text}, about {formats.counted(each, 'look')} at each photo" if each else text
    return f"{seen}, and {formats.counted(study.text_steps, 'step')} for its name" if study.text_steps else seen
