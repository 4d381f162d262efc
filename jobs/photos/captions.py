"""What captions are made of: plain lines, patterns for all of them, and suggestions from what was measured."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from jobs.photos.inspection.measures import Box, Measures

LONGEST = 1000
"""Signs of a caption; no model reads as many."""
MOST_TOKENS = 75
"""So much of a caption do Stable Diffusion's text encoders read: 77 tokens, two of which are its beginning and end."""
MOST_SUGGESTIONS = 6
_DARK, _BRIGHT = 70.0, 190.0
_FRAMES = ((0.45, "close-up"), (0.25, "portrait"), (0.12, "upper body"), (0.0, "full body"))
"""From which height of the face on, as a share of what is sent, people call a photo what."""
_PIECE = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|(?:[^\w\s]|_)+", re.IGNORECASE)
"""What CLIP's tokenizer takes apart before it looks anything up (openai/CLIP, `simple_tokenizer.py`)."""
_JOINERS = "\u200c\u200d"
_PLACE = re.compile(r"\{([^{}]*)\}")
_LEFT_OVER = re.compile(r"(?:\s*,)+(?=\s*,|\s*$)|^(?:\s*,)+\s*|\s+(?=,)")


def one_line(text: str) -> str:
    """*text* as one line without signs that cannot be seen."""
    spaced = "".join(" " if sign.isspace() else sign for sign in text)
    words = "".join(sign for sign in spaced if is_seen(sign)).split()
    return " ".join(filter(None, (word.lstrip(_JOINERS) for word in words)))  # before a word they join nothing


def is_seen(sign: str) -> bool:
    """Whether *sign* shows, by itself or by how it joins the letters beside it: in Persian, Hindi and many other
    scripts, and in emoji of several people, the two joiners are spelling."""
    return sign.isprintable() or sign in _JOINERS


def is_cut(caption: str) -> bool:
    """Whether the end of *caption* is certainly not read: each of its pieces is one token or more."""
    return sum(1 for _ in _PIECE.finditer(caption)) > MOST_TOKENS


def unknown_places(pattern: str, known: Iterable[str]) -> list[str]:
    """What stands in braces in *pattern* and is none of the *known* words."""
    return [found for found in _PLACE.findall(pattern) if found.strip() not in set(known)]


def filled(pattern: str, words: Mapping[str, str]) -> str:
    """*pattern* with its places filled; commas around what is empty go with it.

    What the pattern puts around an old caption is not put there twice, so that it may be used again.
    """
    before, kept, after = pattern.partition("{caption}")
    caption = words.get("caption", "")
    if kept and caption:
        around = [_put(part, words).strip(" ,") for part in (before, after)]
        bare = caption.removeprefix(around[0]).removesuffix(around[1]) if any(around) else caption
        words = {**words, "caption": bare.strip(" ,")}
    return one_line(_LEFT_OVER.sub("", one_line(_put(pattern, words))))


def suggested(caption: str, others: Iterable[str], measures: Measures | None, box: Box) -> list[str]:
    """Words that may be added to *caption*: what the photo shows, then what the *others* often say."""
    shown: list[str] = []
    if measures:
        if faces := measures["faces"]:
            shown.append(next(word for least, word in _FRAMES if faces[0][3] / box[3] >= least))
        if measures["light"]["middle"] < _DARK:
            shown.append("dim light")
        elif measures["light"]["middle"] > _BRIGHT:
            shown.append("bright light")
    counted = Counter(part for other in others for part in dict.fromkeys(parts(other)))
    common = [part for part, times in counted.most_common() if times > 1]
    said = {part.lower() for part in parts(caption)}
    return [part for part in dict.fromkeys([*shown, *common]) if part.lower() not in said][:MOST_SUGGESTIONS]


def parts(caption: str) -> list[str]:
    """What stands between the commas."""
    return [part for part in (part.strip() for part in caption.split(",")) if part]


def _put(pattern: str, words: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda found: words.get(found[1].strip(), ""), pattern)
