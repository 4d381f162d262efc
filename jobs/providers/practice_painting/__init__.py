"""The painter of the practice provider: a prompt, photos and a few settings in, a picture out; Pillow only."""
