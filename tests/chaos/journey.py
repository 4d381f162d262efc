"""What people do with the product while it is being killed under them, and what must have come of it."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

import httpx

from tests.chaos.visitor import File, Filled, Visitor
from tests.photo_files import SAMPLES

NAME, EMAIL, PASSWORD = "Mara", "mara@example.com", "correct horse battery"
HOME = "/w/studio"
PLACES = ("/jobs/", "/gallery/", "/photos/", "/models/", "/keys/", "/team/")
IDEAS = ("on a beach at sunset", "in the snow", "under water", "in a city by night", "among flowers", "at a party")


@dataclass(frozen=True)
class Ordered:
    """An order that a person sent, and what it must come to."""

    name: str
    kind: str
    pictures: int
    checkpoint_steps: frozenset[int]
    photos: int


@dataclass(frozen=True)
class Uploaded:
    """A photo set that a person filled."""

    name: str
    files: tuple[File, ...]


class Journey:
    """One person's way through the product; *random* decides how they go."""

    def __init__(self, url: str, random: Random, patience: float) -> None:
        self.visitor, self.random = Visitor(url, patience), random
        self.orders: list[Ordered] = []
        self.sets: list[Uploaded] = []
        self.pressed_twice = 0

    def arrive(self) -> None:
        """Become the owner. When the answer got lost the page is gone for ever, and one signs in; when only the page
        after it got lost, one is signed in, and the form is of no use any more."""
        page = self.visitor.open("/")
        answer = self.visitor.press(page, name=NAME, email=EMAIL, password=PASSWORD, workspace_name="Studio")
        if answer.status_code == 404:
            page = self.visitor.open("/account/login/")
            answer = self.visitor.press(page, login=EMAIL, password=PASSWORD)
        if answer.status_code == 403:
            answer = self.visitor.open("/")
        self._expect(answer, f"{HOME}/jobs/")

    def fill_a_set(self, count: int) -> Uploaded:
        """Make a photo set and send it *count* photos, in one go."""
        name = f"Set {len(self.sets) + 1}"
        page = self.visitor.open(self._make_set(name))
        files = tuple(_photo(self.random, len(self.sets), number) for number in range(count))
        self._expect(self.visitor.press(page, files=files), f"{HOME}/photos/")
        self.sets.append(Uploaded(name, files))
        return self.sets[-1]

    def _make_set(self, name: str) -> str:
        """The address of a new set. After a broken connection one looks whether it is there before pressing again."""
        while True:
            filled = self.visitor.fill(self.visitor.open(f"{HOME}/photos/new/"), name=name, subject="object")
            answer = self._press_once(filled)
            if answer is not None:
                return answer.url.path
            listed = self.visitor.open(f"{HOME}/photos/").text
            made = re.search(rf'href="({HOME}/photos/\d+/)"[^>]*>(?:(?!</a>).)*{name}\b', listed, re.DOTALL)
            if made:
                return made[1]

    def order(self, checkpoints: list[str]) -> None:
        """Order something: a training, pictures with it, or pictures from one of *checkpoints* when there are any."""
        kinds = ["training", "train_and_generate", *(["generation"] * 2 if checkpoints else [])]
        kind = self.random.choice(kinds)
        pictures = 0 if kind == "training" else self.random.randint(1, 3)
        name = f"Job {len(self.orders) + 1}"
        prompts = f"{self.random.choice(IDEAS)} {name}"
        outcome = self.random.choices(["works", "answer_lost_after"], [5, 1])[0]
        typed = {"name": name, "prompts": prompts if pictures else ""}
        if kind == "generation":
            typed |= {"source": self.random.choice(checkpoints), "g-practice_outcome": outcome}
            steps, photos = frozenset[int](), 0
        else:
            last = 50 * self.random.randint(4, 20)
            early = self.random.choice([[], [last // 2]])
            typed |= {"token": "ukj", "class_word": "bird", "t-steps": str(last)}
            typed |= {"t-save_checkpoints_at": ", ".join(map(str, early)), "t-practice_outcome": outcome}
            steps, photos = frozenset({last, *early}), len(self.sets[-1].files)
        if pictures:
            typed["g-num_samples"] = str(pictures)
        self._send("generation" if kind == "generation" else "training", typed)
        self.orders.append(Ordered(name, kind, pictures, steps, photos))

    def _send(self, form: str, typed: dict[str, str]) -> None:
        """Press the button, sometimes twice at once. When the connection broke, press again, or reload and press."""
        address = f"{HOME}/jobs/new/{form}/"
        filled = self.visitor.fill(self.visitor.open(address), **typed)
        twice = not self.orders or self.random.random() < 0.3
        answers = self._press_twice(filled) if twice else [self._press_once(filled)]
        pages = {str(answer.url) for answer in answers if answer is not None}
        assert len(pages) <= 1, f"Two presses of one form led to {pages}"
        if pages:
            self._expect(next(answer for answer in answers if answer is not None), f"{HOME}/jobs/")
        elif self.random.random() < 0.5:
            page = self.visitor.open(address)
            answer = self.visitor.press(page, **typed)
            assert answer.status_code == 409 or re.search(r"/jobs/\d+/$", str(answer.url)), _said(answer)
        else:
            self._expect(self.visitor.keep_pressing(filled), f"{HOME}/jobs/")

    def look_around(self) -> None:
        """Open a page. Whatever was killed, it comes."""
        answer = self.visitor.open(f"{HOME}{self.random.choice(PLACES)}")
        assert answer.status_code == 200, _said(answer)

    def _press_once(self, filled: Filled) -> httpx.Response | None:
        """The answer, or None when the connection broke or the server could not."""
        try:
            answer = self.visitor.press_once(filled)
        except httpx.TransportError:
            return None
        return None if answer.status_code >= 500 else answer

    def _press_twice(self, filled: Filled) -> list[httpx.Response | None]:
        self.pressed_twice += 1
        with ThreadPoolExecutor(2) as both:
            return list(both.map(self._press_once, [filled, filled]))

    def _expect(self, answer: httpx.Response, address: str) -> None:
        assert answer.status_code == 200, _said(answer)
        assert answer.url.path.startswith(address), _said(answer)


def _said(answer: httpx.Response) -> str:
    text = re.sub(r"<[^>]+>|\s+", " ", answer.text.partition("<main")[2] or answer.text)
    return f"{answer.status_code} at {answer.url}: {' '.join(text.split())[:1500]}"


def _photo(random: Random, photo_set: int, number: int) -> File:
    """A sample photo; what stands behind its end makes each file another one."""
    content = SAMPLES[(photo_set + number) % len(SAMPLES)].read_bytes()
    return f"IMG_{photo_set}{number:03}.jpg", content + random.randbytes(8)
