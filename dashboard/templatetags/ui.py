"""What templates say often: icons, times, sizes, states."""

import unicodedata
from datetime import datetime
from functools import lru_cache

from django import template
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

STATE_ICONS = {
    "draft": "pencil",
    "ready": "hourglass",
    "submitting": "send",
    "uncertain": "scan-search",
    "queued": "clock",
    "running": "circle",
    "success": "check",
    "failure": "triangle-alert",
    "cancelled": "ban",
    "lost": "circle-question-mark",
}
TONE_ICONS = {"info": "info", "good": "circle-check", "warn": "triangle-alert", "bad": "circle-alert"}
MESSAGE_TONES = {"success": "good", "warning": "warn", "error": "bad"}
PLACES = {
    "jobs": ("job", "new_"),
    "gallery": ("gallery", "image"),
    "photo_sets": ("photo_", "withdrawal", "consent_"),
    "models": ("models", "checkpoint"),
    "api_keys": ("api_key",),
    "team": ("team", "invite"),
    "workspace_settings": ("workspace_settings",),
    "system": ("system",),
}
UNDO = "undo:"
LONG = 24
"""So many signs of a name have room everywhere."""
JOINERS = {"\u200c", "\u200d", *map(chr, range(0x1F3FB, 0x1F400))}
"""What makes one sign of its neighbours: joiners, and the colours of skin."""
VIRAMA = 9
"""The combining class of the sign that ties two letters of an Indian script into one."""


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> SafeString:
    """The icon *name* of the sprite; hidden from screen readers unless it has a *label*."""
    address = f"{static('icons/lucide.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, address)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', address)


@register.simple_tag
def badge(state: str, label: str) -> SafeString:
    """A job's state: its words, an icon and, only after these, a colour."""
    return format_html(
        '<span class="badge" data-state="{}">{} {}</span>', state, icon(STATE_ICONS.get(state, "circle")), label
    )


@register.simple_tag
def tone_icon(tone: str) -> SafeString:
    """The icon that goes with a note's tone: info, good, warn or bad."""
    return icon(TONE_ICONS.get(tone, "info"))


@register.simple_tag
def ago(moment: datetime | None) -> SafeString | str:
    """How long ago *moment* was, or how soon it will be, with the exact time as title; the page keeps it fresh."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        moment.isoformat(timespec="seconds"),
        f"{local.day} {local:%B %Y, %H:%M}",
        _distance(moment),
    )


@register.simple_tag
def clock(moment: datetime) -> SafeString:
    """When something happened, by the clock, and by the day where that is not today: which came first can be seen."""
    local = timezone.localtime(moment)
    day = "" if local.date() == timezone.localdate() else f"{local.day} {local:%B}, "
    return format_html(
        '<time datetime="{}" title="{}" data-clock>{}</time>',
        moment.isoformat(timespec="seconds"),
        f"{local.day} {local:%B %Y, %H:%M:%S}",
        f"{day}{local:%H:%M}" if day else f"{local:%H:%M:%S}",
    )


def _distance(moment: datetime) -> str:
    seconds = round((timezone.now() - moment).total_seconds())
    if abs(seconds) < 45:
        return "just now" if seconds >= 0 else "in a moment"
    for size, unit in ((60, "min"), (3600, "h"), (86400, "day")):
        count = round(abs(seconds) / size)
        if count < {"min": 60, "h": 24, "day": 7}[unit]:
            words = f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}"
            return f"{words} ago" if seconds >= 0 else f"in {words}"
    local = timezone.localtime(moment)
    return f"{local.day} {local:%B}" if local.year == timezone.localtime().year else f"{local.day} {local:%B %Y}"


@register.simple_tag(name="bytes")
def byte_count(count: int | None) -> str:
    """A size in the unit people know from their file manager (1 MB = 1 000 000 bytes)."""
    if count is None:
        return ""
    size = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


@register.simple_tag
def middle(text: str, tail: int = 8) -> SafeString:
    """*text* that gives way in its middle when it is long and space is short, so that the ends stay readable; heard in
    one piece, and in the direction of its own script."""
    cut = _cut(text, tail) if len(text) > LONG else 0
    if not cut:
        return format_html('<bdi class="middle" title="{}">{}</bdi>', text, text)
    return format_html(
        '<bdi class="middle" title="{}"><span class="middle-head" aria-hidden="true">{}</span>'
        '<span aria-hidden="true">{}</span><span class="sr-only">{}</span></bdi>',
        text,
        text[:cut],
        text[cut:],
        text,
    )


def _cut(text: str, tail: int) -> int:
    """Where the last *tail* signs or a little more begin, without a cut through what people see as one sign; 0 where
    there is no such place, as within letters that are written in one stroke (Arabic)."""
    for place in range(len(text) - tail, max(len(text) - 3 * tail, 0), -1):
        before, after = text[place - 1], text[place]
        is_joined = unicodedata.category(after)[0] == "M" or after in JOINERS or before in JOINERS
        is_flag = all(0x1F1E6 <= ord(sign) <= 0x1F1FF for sign in (before, after))
        is_stroke = all(unicodedata.bidirectional(sign) in ("AL", "R") for sign in (before, after))
        is_conjunct = unicodedata.combining(before) == VIRAMA
        if not (is_joined or is_flag or is_stroke or is_conjunct):
            return place
    return 0


@register.simple_block_tag
def empty_state(content: str, drawing: str, title: str, address: str = "", label: str = "") -> SafeString:
    """What stands where nothing is yet: a drawing, a title, the text between the tags, and a button with *label*."""
    text = SafeString(" ".join(content.split()))
    shown = {"drawing": drawing, "title": title, "text": text, "address": address, "label": label}
    return render_to_string("_empty.html", shown)


@register.simple_tag(takes_context=True)
def current(context: template.Context, place: str) -> SafeString | str:
    """`aria-current` for the link to *place*, when the page shown is that place or lies below it."""
    match = getattr(context.get("request"), "resolver_match", None)
    name = (match and match.url_name) or ""
    if name == place:
        return format_html(' aria-current="{}"', "page")
    if name.startswith(PLACES.get(place, ())):
        return format_html(' aria-current="{}"', "true")
    return ""


@register.filter
def tone(message: Message) -> str:
    """The tone a message is shown in: info, good, warn or bad."""
    return MESSAGE_TONES.get(message.level_tag, "info")


@register.filter
def undo_address(message: Message) -> str:
    """Where the message's Undo button posts to, given as `extra_tags="undo:/address/"`; empty without one."""
    tags = message.extra_tags or ""
    return tags.removeprefix(UNDO) if tags.startswith(UNDO) else ""
