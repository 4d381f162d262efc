"""The painter of the practice provider: a prompt, photos and a few settings in, a picture out; Pillow only."""

from jobs.providers.practice.painting.picture import draw
from jobs.providers.practice.painting.scene import Scene

__all__ = ["Scene", "draw"]
