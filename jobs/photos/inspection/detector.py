"""dlib's face detector in a file of this process's own: unpacking it takes 0.3 s, and each child would do so again."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def kept() -> str:
    """The file's path; empty where there is no detector, or no place to keep it."""
    try:
        import dlib

        folder = tempfile.mkdtemp(prefix="likeness-")
    except (ImportError, OSError):
        return ""
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = str(Path(folder, "faces.svm"))
    dlib.get_frontal_face_detector().save(path)
    return path
