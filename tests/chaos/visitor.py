"""A person without JavaScript: opens pages, fills the forms it finds in them, presses their buttons."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

File = tuple[str, bytes]
"""A file to send: its name and its content."""


@dataclass
class FoundForm:
    """A form as it stands in a page: where it goes, the value of each control, and all names a control has."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class FormReader(HTMLParser):
    """Collects the POST forms of a page with the values a browser would send untouched."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FoundForm] = []
        self._open: FoundForm | None = None
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self._open = FoundForm(given.get("action", ""))
            self.forms.append(self._open)
        if self._open is None:
            return
        name = given.get("name", "")
        if name and tag in {"input", "select", "textarea"}:
            self._open.names.add(name)
        if tag == "input" and name and given.get("type") != "file":
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                self._open.values[name] = given.get("value", "on" if given.get("type") == "checkbox" else "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self._open.values):
            self._open.values[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._textarea = name
            self._open.values[name] = ""

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._textarea:
            self._open.values[self._textarea] += data.lstrip("\n") if not self._open.values[self._textarea] else data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""


@dataclass(frozen=True)
class Filled:
    """A filled form, ready to be pressed, once or several times."""

    target: str
    came_from: str
    values: dict[str, str]
    files: tuple[File, ...] = ()


class Visitor:
    """One person. Patient: a page that is away for a moment is asked for again, as people do."""

    def __init__(self, url: str, patience: float = 60.0) -> None:
        self.patience = patience
        self.client = httpx.Client(base_url=url, follow_redirects=True, timeout=30)

    def close(self) -> None:
        self.client.close()

    def open(self, path: str) -> httpx.Response:
        """GET *path*, again and again while nobody answers or the answer is a server error."""
        return self._patiently(lambda: self.client.get(path))

    def press(self, page: httpx.Response, files: tuple[File, ...] = (), **typed: str) -> httpx.Response:
        """Fill the form of *page* that has all these fields and press; press again when the connection broke.

        Pressing again is what people do, and safe: the form carries its nonce.
        """
        return self.keep_pressing(self.fill(page, files, **typed))

    def keep_pressing(self, filled: Filled) -> httpx.Response:
        return self._patiently(lambda: self.press_once(filled))

    def fill(self, page: httpx.Response, files: tuple[File, ...] = (), **typed: str) -> Filled:
        form = self.form(page, {*typed, *(["photos"] if files else [])})
        target = str(page.url.join(form.action)) if form.action else str(page.url)
        return Filled(target, str(page.url), {**form.values, **typed}, files)

    def press_once(self, filled: Filled) -> httpx.Response:
        """Send a filled form. Raises `httpx.TransportError` when the connection breaks."""
        files = [("photos", (name, content)) for name, content in filled.files]
        headers = {"Referer": filled.came_from}
        return self.client.post(filled.target, data=filled.values, files=files or None, headers=headers)

    def _patiently(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        end = time.monotonic() + self.patience
        while True:
            try:
                answer = ask()
                if answer.status_code < 500 or time.monotonic() > end:
                    return answer
            except httpx.TransportError:
                if time.monotonic() > end:
                    raise
            time.sleep(0.3)

    def form(self, page: httpx.Response, fields: set[str]) -> FoundForm:
        """The first form of *page* with all *fields*."""
        reader = FormReader()
        reader.feed(page.text)
        found = [form for form in reader.forms if fields <= form.names]
        if not found:
            raise AssertionError(f"{page.url} ({page.status_code}) has no form with {fields}:\n{page.text[:3000]}")
        return found[0]
