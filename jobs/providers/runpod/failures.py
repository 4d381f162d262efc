"""Why a run failed, in a sentence. The worker says it as a text, as a list of texts, or as JSON inside of a text."""

from collections.abc import Mapping
from typing import Any

from jobs.providers.kit import strict_json
from jobs.providers.kit.replies import mapping, sentence

TIMED_OUT = "It took longer than its time limit at RunPod."


def failure(job: Mapping[str, Any]) -> str:
    """The first line of what *job* says went wrong; the rest stays in what is kept of the job."""
    told = _first_line(job.get("error") or mapping(job.get("output")).get("error"))
    return sentence(*((TIMED_OUT,) if job.get("status") == "TIMED_OUT" else ()), told)


def _first_line(error: object) -> object:
    if isinstance(error, list):
        more = f" (and {len(error) - 1} more)" if len(error) > 1 else ""
        first = _first_line(error[0]) if error else ""
        return f"{first}{more}" if isinstance(first, str) else error
    packed = _unpacked(error) if isinstance(error, str) else error
    if isinstance(packed, Mapping):
        error = packed.get("error_message") or packed.get("error_type") or packed
    return error.strip().partition("\n")[0].strip() if isinstance(error, str) else error


def _unpacked(text: str) -> Mapping[str, Any] | None:
    """The object that *text* is JSON of, if it is."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = strict_json.parse(text.encode(errors="replace"))
    except ValueError:
        return None
    return found if isinstance(found, Mapping) and found else None
