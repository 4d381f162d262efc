"""The trained model and the pictures in a job object. They have no ids of their own: their place in it counts."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from jobs.providers.kit import strict_json
from jobs.providers.kit.downloads import signed_until
from jobs.providers.kit.replies import mapping, mappings, text, whole
from jobs.providers.reply import Artifact, ArtifactKind
from jobs.providers.runpod.key_options import is_in_bucket

_LONGEST_ADDRESS = 8192
_LONGEST_INFO = 1024 * 1024
_MOST_PROMPTS = 10_000
_PASSBACK = re.compile(r".{0,200}:([0-9]{1,4})", re.DOTALL)


def artifacts(job: Mapping[str, Any], options: Mapping[str, str]) -> tuple[Artifact, ...]:
    """Every result of a run that has ended; *options* are those of the key."""
    return (*_checkpoint(job, options), *_images(job))


def _checkpoint(job: Mapping[str, Any], options: Mapping[str, str]) -> Iterator[Artifact]:
    """The trained model: there is one only where the key has a bucket, and there it stays until the team deletes it."""
    said = mapping(mapping(job.get("output")).get("train")).get("checkpoint_url")
    if said is not None:
        url = _address(said)
        yield Artifact(
            id="checkpoint",
            kind=ArtifactKind.CHECKPOINT,
            url=url,
            checkpoint_id="checkpoint",
            model_type="sd-v1",
            file_format="ckpt",
            available=bool(url),
            expires_at=None if is_in_bucket(url, options) else signed_until(url),
        )


def _images(job: Mapping[str, Any]) -> Iterator[Artifact]:
    """The pictures, prompt by prompt. Their ids are the prompt's number and their own in it, whatever else is said."""
    made_with = "checkpoint" if mapping(job.get("output")).get("train") else ""
    turns: Counter[int] = Counter()
    for prompt_index, said, seed in _drawn(job.get("output")):
        url = _address(said)
        yield Artifact(
            id=f"{prompt_index}-{turns[prompt_index]}",
            kind=ArtifactKind.IMAGE,
            url=url,
            seed=whole(seed, least=0),
            prompt_index=prompt_index,
            checkpoint_id=made_with,
            file_format="png",
            available=bool(url),
            expires_at=signed_until(url),
        )
        turns[prompt_index] += 1


def _drawn(output: object) -> Iterator[tuple[int, object, object]]:
    """The number of the prompt, the address and the seed of each picture, in either of the two documented shapes."""
    if isinstance(output, list):
        yield from ((0, one.get("image"), one.get("seed")) for one in mappings(output) if "image" in one)
        return
    for position, group in enumerate(mappings(mapping(output).get("inference"))):
        info = _info(group.get("info"))
        seeds = info.get("all_seeds")
        pictures = group.get("images")
        for turn, said in enumerate(_without_overview(pictures if isinstance(pictures, list) else [], info)):
            seed = seeds[turn] if isinstance(seeds, list) and turn < len(seeds) else None
            yield _prompt_index(group.get("passback"), position), said, seed


def _prompt_index(passback: object, position: int) -> int:
    """Which prompt a group is of: what we gave along says so; where it did not come back, its place does."""
    found = _PASSBACK.fullmatch(passback) if isinstance(passback, str) else None
    return int(found[1]) if found else min(position, _MOST_PROMPTS)


def _info(value: object) -> Mapping[str, Any]:
    """What the web UI tells of a group of pictures: JSON inside of a text."""
    if isinstance(value, Mapping):
        return value
    try:
        return mapping(strict_json.parse(text(value, _LONGEST_INFO).encode(errors="replace")))
    except ValueError:
        return {}


def _without_overview(pictures: list[Any], info: Mapping[str, Any]) -> list[Any]:
    """Some web UIs put an overview of all pictures before them, and say where the first of them is."""
    first = whole(info.get("index_of_first_image"), least=0, most=len(pictures)) or 0
    return pictures[first:] if first < len(pictures) else pictures


def _address(value: object) -> str:
    """Where a result can be fetched; some workers tell a path on their own disk instead, which is no address."""
    said = text(value, _LONGEST_ADDRESS)
    return said if said.startswith(("https://", "http://")) else ""
