"""The subject of a model in the words of a prompt: a prompt that does not name it draws somebody else."""

import re
import secrets

_TOKENS = """
    ukj ohwx zwx qbf vxk kzr wyq jfv xqz bvk dhz fqw
    gzx hvq kqj lzv mxq nvz pqk rzx tvq ujx vzk wqf xkj yvq zfk bqz
"""
TOKENS = tuple(_TOKENS.split())
"""Short and meaningless: models know nothing by these names, so they learn nothing wrong about them."""


def suggest_token() -> str:
    """A token that means nothing to any model, a different one each time."""
    return secrets.choice(TOKENS)


def in_words(token: str, class_word: str) -> str:
    """ "photo of ukj dog"; nothing when the subject has no name."""
    return f"photo of {token} {class_word}".strip() if token else ""


def is_named(prompt: str, token: str) -> bool:
    """Whether *prompt* has *token* as a word of its own, in capitals or not."""
    return re.search(rf"(?<!\w){re.escape(token)}(?!\w)", prompt, re.IGNORECASE) is not None


def named(prompt: str, token: str, class_word: str) -> str:
    """*prompt* with the subject before it, unless it names the subject already."""
    return prompt if not token or is_named(prompt, token) else f"{in_words(token, class_word)}, {prompt}"


def unnamed(prompt: str, token: str, class_word: str) -> str:
    """*prompt* as it was before `named`, so that another name can be put before it."""
    return prompt.removeprefix(f"{in_words(token, class_word)}, ") if token else prompt
