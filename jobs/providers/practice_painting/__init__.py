"""The painter of the practice provider: a prompt, photos and a few settings in, a picture out; Pillow only."""

from jobs.providers.practice_painting.picture import Scene, draw

__all__ = ["Scene", "draw"]
