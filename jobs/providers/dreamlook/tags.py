"""Tags as people type them, `client=acme, shoot=june`, and as third-party clients send them."""


def tags(text: str) -> list[dict[str, str]]:
    """The tags in *text*. Raises `ValueError` for one without a name."""
    return [_tag(part) for part in text.split(",") if part.strip()]


def _tag(part: str) -> dict[str, str]:
    key, _, value = (word.strip() for word in part.partition("="))
    if not key:
        raise ValueError("a tag without a name")
    return {"key": key, "value": value}
