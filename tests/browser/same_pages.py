"""Whether pages look as they did before a change: every page of the same studio, drawn by two checkouts, compared.

In the checkout from before: `python -m tests.browser.same_pages seed DATA`, which keeps a studio in the folder DATA,
then `… shoot DATA BEFORE`. In the checkout from after: `… shoot DATA AFTER` and `… compare BEFORE AFTER`, which names
each page that differs, with the part of it, and exits with 1 if any does.

Each checkout works on a copy of DATA, brought up to date by its own migrations, and with the web server alone, so that
nothing moves while it is looked at. All that happened there happened days ago, so "three days ago" stays that.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import httpx
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import CHROMIUM
from tests.browser.inhabited import HOME, OWNER, TRAININGS, Studio
from tests.browser.product import ROOT, Product, free_port

AGE = "-78 hours"
LOOKS = {"desktop-light": (1280, 800, "light"), "phone-dark": (390, 780, "dark")}
FIRST = (f"{HOME}/jobs/", "/system/", "/admin/", "/workspaces/new/", "/account/password/change/", f"{HOME}/jobs/9999/")
OUTSIDE = ("/account/login/", "/account/password/reset/", "/join/nothing/")
MOST_PAGES = 150
MOST_ALIKE = {f"{HOME}/jobs/#/": 10}
"""Of most kinds of pages, such as pictures or filters, three are enough, and of the admin panel's one."""
ADDRESSES = "addresses.json"
UNSEEN = 24
"""Of 255: edges of letters and curves come out a little different each time that Chromium draws them."""


def seed(data: Path) -> None:
    """Make a studio with jobs in every state, people and keys, and let it all have happened a few days ago."""
    with tempfile.TemporaryDirectory() as folder:
        nowhere = "dreamlook=http://127.0.0.1:9"
        with Product(Path(folder), PROVIDER_BASE_URLS=nowhere, ALLOW_PRIVATE_PROVIDER_HOSTS="true") as product:
            studio = Studio(product, TRAININGS)
            studio.settle()
            asked = studio.visitor.open(f"{studio.photo_set}ask/")
            studio.visitor.press(asked, label="Anna", max_photos="5", days="30")
            key = studio.visitor.open(f"{HOME}/keys/new/")
            studio.visitor.press(key, provider="dreamlook", label="Studio key", secret="dl-" + "0" * 32)
            time.sleep(8)
            studio.visitor.client.close()
        shutil.copytree(
            Path(folder) / "data", data, ignore=shutil.ignore_patterns("valkey", "static", "*.sock", "beat*")
        )
    make_old(data)
    find(data)


def find(data: Path) -> None:
    """Write down the addresses of the pages to look at."""
    with served(data) as url, a_browser() as browser:
        (data / ADDRESSES).write_text(json.dumps(list(addresses(browser, url)), indent=1))


def make_old(data: Path) -> None:
    """Move every moment in the database back, to the microsecond."""
    database = next(data.glob("*.sqlite3"))
    with closing(sqlite3.connect(database)) as connection, connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            columns = connection.execute(f'pragma table_info("{table}")').fetchall()
            for column in (column[1] for column in columns if column[2] == "datetime"):
                moved = f"strftime('%Y-%m-%d %H:%M:%S', \"{column}\", '{AGE}') || substr(\"{column}\", 20)"
                connection.execute(f'update "{table}" set "{column}" = {moved} where "{column}" is not null')


@contextmanager
def served(data: Path) -> Iterator[str]:
    """The address at which this checkout's web server shows a copy of *data*."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "data"
        shutil.copytree(data, copy)
        environment = {**os.environ, "DATA_DIR": str(copy), "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=environment, check=True)
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
        subprocess.run(collect, cwd=ROOT, env=environment, check=True)
        port = free_port()
        granian = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--host", "127.0.0.1"]
        command = [*granian, "--port", str(port), "--blocking-threads", "8", "dashboard.wsgi:application"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        url = f"http://127.0.0.1:{port}"
        try:
            wait_for(f"{url}/health/live/")
            yield url
        finally:
            server.terminate()
            server.wait(timeout=30)


def wait_for(url: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            httpx.get(url, timeout=5).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"Nobody answers at {url}.")


@contextmanager
def a_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])


def signed_in(browser: Browser, url: str, **context: object) -> Page:
    page = browser.new_context(base_url=url, reduced_motion="reduce", **context).new_page()
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill(OWNER["email"])
    page.get_by_label("Password").fill(OWNER["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/jobs/")
    return page


def addresses(browser: Browser, url: str) -> Iterator[str]:
    """Every page that links lead to, a few of each kind."""
    page = signed_in(browser, url)
    waiting, seen, kinds = list(FIRST), set(FIRST), Counter[str]()
    while waiting and kinds.total() < MOST_PAGES:
        address = waiting.pop(0)
        kind = kind_of(address)
        if kinds[kind] >= MOST_ALIKE.get(kind, 1 if kind.startswith("/admin/") else 3):
            continue
        if not page.request.get(address).headers.get("content-type", "").startswith("text/html"):
            continue
        kinds[kind] += 1
        yield address
        page.goto(address)
        links = page.locator("a[href]:not([download])").evaluate_all("all => all.map(link => link.href)")
        found = (urldefrag(urljoin(url, link)).url for link in links)
        ours = [link.removeprefix(url) for link in dict.fromkeys(found) if link.startswith(f"{url}/")]
        fresh = [path for path in ours if path not in seen and not path.startswith(("/m/", "/static/"))]
        seen.update(fresh)
        waiting += fresh


def kind_of(address: str) -> str:
    """The address with a mark for each number and without what its query says."""
    path, _, query = address.partition("?")
    names = "" if path.startswith("/admin/") else "&".join(sorted(part.partition("=")[0] for part in query.split("&")))
    return "/".join("#" if part.isdigit() else part for part in path.split("/")) + names


def shoot(data: Path, target: Path) -> None:
    """Draw every page of *data* into the folder *target*."""
    target.mkdir(parents=True, exist_ok=True)
    inside = json.loads((data / ADDRESSES).read_text())
    with served(data) as url, a_browser() as browser:
        for look, (width, height, scheme) in LOOKS.items():
            context = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
            stranger = browser.new_context(base_url=url, reduced_motion="reduce", **context).new_page()
            for page, places in ((stranger, OUTSIDE), (signed_in(browser, url, **context), inside)):
                for number, address in enumerate(places):
                    name = f"{number:03}{address.replace('/', '_').replace('?', '~')[:80]}"
                    draw(page, address, target / f"{name}-{look}.png")


def draw(page: Page, address: str, target: Path) -> None:
    page.goto(address)
    page.evaluate("document.querySelectorAll('img').forEach(picture => { picture.loading = 'eager' })")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=target, full_page=True, animations="disabled", caret="hide")


def compare(before: Path, after: Path) -> int:
    """Print what differs; the number of pages that do."""
    names = sorted({path.name for folder in (before, after) for path in folder.glob("*.png")})
    differing = [f"{name}: {found}" for name in names if (found := difference(before / name, after / name))]
    print("\n".join(differing), f"{len(differing)} of {len(names)} pictures differ.", sep="\n" if differing else "")
    return len(differing)


def difference(before: Path, after: Path) -> str:
    """What differs between two pictures, in words; nothing when nobody could tell them apart."""
    if not (before.exists() and after.exists()):
        return "is there only once"
    with Image.open(before) as one, Image.open(after) as other:
        if one.size != other.size:
            return f"{one.size} became {other.size}"
        apart = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
        box = apart.point(lambda level: 255 * (level > UNSEEN)).getbbox()
        return f"within {box}" if box else ""


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["seed", data]:
            seed(Path(data))
        case ["shoot", data, target]:
            shoot(Path(data), Path(target))
        case ["compare", before, after]:
            sys.exit(compare(Path(before), Path(after)) > 0)
        case _:
            sys.exit(__doc__)
