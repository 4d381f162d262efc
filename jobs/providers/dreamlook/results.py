"""The checkpoints and images in a job object. They are known by their ids, never by position or by their addresses:
the ids in the addresses of dreamlook's own sample are others."""

from collections.abc import Iterator, Mapping
from typing import Any

from jobs.providers.dreamlook.expiry import kept_until
from jobs.providers.kit.downloads import signed_until
from jobs.providers.kit.replies import mapping, mappings, text, whole
from jobs.providers.reply import Artifact, ArtifactKind

_LONGEST_ID = 200
_LONGEST_ADDRESS = 8192
_MOST_STEPS = 2**31 - 1
_MOST_PROMPTS = 10_000


def checkpoints(job: Mapping[str, Any]) -> Iterator[Artifact]:
    """The checkpoints of *job*: a whole model and its LoRA come together, told apart by type."""
    until = kept_until(job.get("state_running_end"))
    for made in mappings(mapping(job.get("dreambooth_result")).get("checkpoints")):
        id_, url = _id(made.get("checkpoint_id")), text(made.get("url"), _LONGEST_ADDRESS)
        if id_:
            yield Artifact(
                id=id_,
                kind=ArtifactKind.CHECKPOINT,
                url=url,
                size=whole(made.get("size_bytes"), least=1),
                step=whole(made.get("training_step"), least=0, most=_MOST_STEPS),
                checkpoint_id=id_,
                is_lora=made.get("checkpoint_type") == "lora" or made.get("is_extracted_lora") is True,
                model_type=text(made.get("model_type"), 20),
                file_format=text(made.get("file_format"), 20),
                available=bool(url) and made.get("is_available") is not False,
                expires_at=signed_until(url) or until,
            )


def images(job: Mapping[str, Any]) -> Iterator[Artifact]:
    """The images of *job*, prompt by prompt, in the order they were drawn."""
    for position, group in enumerate(mappings(job.get("image_gen_results"))):
        index = whole(group.get("config_idx"), least=0, most=_MOST_PROMPTS)
        made_with = text(group.get("checkpoint_id"), _LONGEST_ID)
        for drawn in sorted(mappings(group.get("generated_images")), key=_turn):
            yield from _image(drawn, position if index is None else index, made_with)


def _turn(drawn: Mapping[str, Any]) -> int:
    """`generation_idx` skips numbers; where it is missing, the list's own order counts."""
    return whole(drawn.get("generation_idx")) or 0


def _image(drawn: Mapping[str, Any], prompt_index: int, made_with: str) -> Iterator[Artifact]:
    id_, url = _id(drawn.get("generated_image_id")), text(drawn.get("url"), _LONGEST_ADDRESS)
    if id_:
        yield Artifact(
            id=id_,
            kind=ArtifactKind.IMAGE,
            url=url,
            seed=whole(drawn.get("seed")),
            prompt_index=prompt_index,
            checkpoint_id=made_with,
            file_format="png",
            available=bool(url) and drawn.get("is_available") is not False,
        )


def _id(value: object) -> str:
    """A result's id, whatever printable word it is; a number counts as one."""
    found = str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value, _LONGEST_ID)
    return found if found.isprintable() and found.strip() and len(found) <= _LONGEST_ID else ""
