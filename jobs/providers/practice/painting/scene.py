"""What one practice picture is to show: everything the painter needs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scene:
    """One picture's order. *readiness*, 0 to 1, is how well the model knows its subject; *step* is the step of its
    training at which the model was kept, 0 for one that was not trained."""

    prompt: str
    negative_prompt: str
    seed: int
    width: int
    height: int
    readiness: float
    guidance: float
    drawing_steps: int
    sampler: str
    step: int = 0
