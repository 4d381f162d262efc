"""A small picture as a provider would send it."""

from functools import cache
from io import BytesIO

from PIL import Image


@cache
def a_png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), "orange").save(out, "PNG")
    return out.getvalue()
