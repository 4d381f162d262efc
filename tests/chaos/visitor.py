"""A person without JavaScript: opens pages, fills the forms it finds in them, presses their buttons."""

import time
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx


@dataclass
class FoundForm:
    """A form as it stands in a page: where it goes, and the value of each control."""

    action: str
    values: dict[str, str] = field(default_factory=dict)


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
        if tag == "input" and name and (given.get("type") not in {"checkbox", "radio"} or "checked" in given):
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


class Visitor:
    """One signed-in person. Patient: a page that is away for a moment is asked for again, as people do."""

    def __init__(self, url: str, patience: float = 60.0) -> None:
        self.patience = patience
        self.client = httpx.Client(base_url=url, follow_redirects=True, timeout=20)

    def open(self, path: str) -> httpx.Response:
        """GET *path*, again and again while nobody answers or the answer is a server error."""
        end = time.monotonic() + self.patience
        while True:
            try:
                answer = self.client.get(path)
                if answer.status_code < 500 or time.monotonic() > end:
                    return answer
            except httpx.TransportError:
                if time.monotonic() > end:
                    raise
            time.sleep(0.3)

    def press(self, page: httpx.Response, goes_to: str = "", **typed: str) -> httpx.Response:
        """Send the page's form whose address contains *goes_to*; press again when the connection broke.

        Pressing again is what people do, and safe: the form carries its nonce.
        """
        form = self.form(page, goes_to)
        target = str(page.url.join(form.action)) if form.action else str(page.url)
        end = time.monotonic() + self.patience
        while True:
            try:
                answer = self.client.post(target, data={**form.values, **typed}, headers={"Referer": str(page.url)})
                if answer.status_code < 500 or time.monotonic() > end:
                    return answer
            except httpx.TransportError:
                if time.monotonic() > end:
                    raise
            time.sleep(0.3)

    def form(self, page: httpx.Response, goes_to: str = "") -> FoundForm:
        reader = FormReader()
        reader.feed(page.text)
        found = [form for form in reader.forms if goes_to in form.action]
        if not found:
            raise AssertionError(f"{page.url} ({page.status_code}) has no form to {goes_to!r}:\n{page.text[:3000]}")
        return found[0]
