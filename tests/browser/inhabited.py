"""A studio in the middle of its work, made through the pages' own forms: photos, jobs in every state, people."""

import re
import time
from collections.abc import Mapping

from playwright._impl._api_structures import SetCookieParam

from tests.browser.product import Product
from tests.chaos.visitor import Visitor

HOME = "/w/studio"
OWNER = {"name": "Jon", "email": "jon@example.com", "password": "correct horse battery", "workspace_name": "Studio"}
TRAININGS = {
    "Pip at the seaside": {"prompts": "on a beach at sunset\nin a library", "g-num_samples": "4"},
    "Pip, painted": {"prompts": "as a watercolour", "t-save_checkpoints_at": "200, 400"},
    "Some are missing": {"prompts": "in the snow", "g-num_samples": "4", "g-practice_outcome": "some_missing"},
    "It went wrong": {"t-practice_outcome": "fails"},
    "No tokens": {"t-practice_outcome": "no_tokens"},
    "Key refused": {"t-practice_outcome": "key_refused"},
    "Nobody knows": {"t-practice_outcome": "answer_lost_before"},
}
FILE_NAME = "Pip_on_the_window_sill_in_the_winter_of_2026_final_v3_really_final"
"""What people call their photos: nothing in it lets a line break."""
WAITING = ("READY", "SUBMITTING", "QUEUED", "RUNNING")


class Studio:
    """What is there, and where: job pages by job name, and the address with which somebody may join."""

    def __init__(self, product: Product, trainings: Mapping[str, Mapping[str, str]] = TRAININGS) -> None:
        self.url = product.url
        self.visitor = Visitor(product.url)
        self._send("/welcome/", **OWNER)
        answer = self.visitor.press(self.visitor.open(f"{HOME}/jobs/"), then="")
        self.photo_set = answer.url.path
        self.wait_for(self.photo_set, r">10</\w+> photos ready")
        self.jobs = {name: self.train(name, typed) for name, typed in trainings.items()}
        self.join = self._invite()

    def settle(self, seconds: float = 90) -> None:
        """Wait until the good jobs are done and the bad ones have said what is wrong."""
        for name, words in {
            "Pip at the seaside": "Kept here",
            "Pip, painted": "Kept here",
            "It went wrong": "ailed",
        }.items():
            self.wait_for(self.jobs[name], words, seconds)

    def cookies(self) -> list[SetCookieParam]:
        """What makes a browser's context the owner's."""
        return [{"name": c.name, "value": c.value or "", "url": self.url} for c in self.visitor.client.cookies.jar]

    def _send(self, path: str, **typed: str) -> str:
        answer = self.visitor.press(self.visitor.open(path), **typed)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {said(answer.text)}"
        return answer.url.path

    def train(self, name: str, typed: Mapping[str, str]) -> str:
        """Train on the studio's own photos, whatever sets a test made since."""
        photos = self.photo_set.strip("/").rpartition("/")[2]
        page = f"{HOME}/jobs/new/training/?photo_set={photos}"
        return self._send(page, name=name, token="ukj", class_word="toy", **typed)

    def rename_photos(self, name: str) -> None:
        self._send(f"{self.photo_set}rename/", name=name)

    def _invite(self) -> str:
        answer = self.visitor.press(self.visitor.open(f"{HOME}/team/"), role="editor", email="")
        found = re.search(r"/join/[A-Za-z0-9_-]+/", answer.text)
        assert found, said(answer.text)
        return found[0]

    def wait_for(self, path: str, words: str, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not re.search(words, self.visitor.open(path).text):
            assert time.monotonic() < end, f"{path} never said {words}"
            time.sleep(0.5)


def said(page: str) -> str:
    """The words of a page's main part."""
    return re.sub(r"<[^>]+>|\s+", " ", page.partition("<main")[2])[:3000]
