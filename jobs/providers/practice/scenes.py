"""From a practice job and one of its results to the scene that is painted."""

from jobs.providers.practice.document import Document
from jobs.providers.practice_painting.picture import Scene
from jobs.providers.reply import Artifact


def scene_of(document: Document, artifact: Artifact) -> Scene:
    """The scene that *artifact*, a picture of the job, shows."""
    if artifact.is_sample:
        return _sample_scene(document, artifact)
    values = document.generations[artifact.prompt_index]
    return Scene(
        prompt=str(values["prompt"]),
        negative_prompt=str(values["negative_prompt"]),
        seed=artifact.seed or 0,
        width=int(values["width"]),
        height=int(values["height"]),
        readiness=_readiness(document),
        guidance=float(values["guidance_scale"]),
        drawing_steps=int(values["num_inference_steps"]),
        sampler=str(values["scheduler_type"]),
        step=_step(document),
    )


def _readiness(document: Document) -> float:
    return document.readiness_at(document.steps) if document.kind.trains else document.readiness


def _step(document: Document) -> int:
    """The step of the model that draws: the last of its own training, or that of the checkpoint it was given."""
    if document.kind.trains:
        return document.steps
    last = document.checkpoint_id.rpartition("-")[2]
    return int(last) if last.isdecimal() else 0


def _sample_scene(document: Document, artifact: Artifact) -> Scene:
    edge = 768 if document.model_type == "sdxl-v1" else 512
    return Scene(
        prompt=str(document.training.get("instance_prompt") or "studio photo"),
        negative_prompt="",
        seed=artifact.seed or 0,
        width=edge,
        height=edge,
        readiness=document.readiness_at(artifact.step or 0),
        guidance=7.5,
        drawing_steps=35,
        sampler="dpm++",
        step=artifact.step or 0,
    )
