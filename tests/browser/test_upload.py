"""Photos on a bad network: what did not go up says so, and goes on when the connection is back or the page is."""

import base64
import mimetypes
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.inhabited import HOME
from tests.browser.network import Network
from tests.photo_files import SAMPLES
from tests.photos import pictures

Look = Callable[[Page, str], None]

DROP = """([name, type, text]) => {
  window.dropped ??= new DataTransfer();
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  window.dropped.items.add(new File([bytes], name, { type }));
}"""


def make_set(page: Page, name: str) -> None:
    page.goto(f"{HOME}/photos/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make the set").click()
    expect(page.get_by_text("no photos yet")).to_be_visible()


def drop(page: Page, files: list[Path]) -> None:
    page.wait_for_load_state()  # the script that takes what is dropped is here, too
    for file in files:
        kind = mimetypes.guess_type(file.name)[0] or ""
        page.evaluate(DROP, [file.name, kind, base64.b64encode(file.read_bytes()).decode()])
    page.evaluate("""() => {
      const drop = new DragEvent("drop", { dataTransfer: window.dropped, bubbles: true, cancelable: true });
      delete window.dropped;
      document.querySelector("main").dispatchEvent(drop);
    }""")


def arrived(page: Page) -> Locator:
    return page.locator("#photos > .photo")


def ready(page: Page, number: int) -> None:
    expect(page.locator("#set-standing")).to_contain_text(re.compile(f"{number} photos ready"), timeout=60_000)
    expect(page.locator("#uploads > li")).to_have_count(0)


def test_an_upload_without_a_network_says_so_and_goes_on_by_itself(owners_page: Page):
    page = owners_page
    make_set(page, "Bella")
    page.context.set_offline(True)
    page.locator("input[type=file][multiple]").set_input_files(SAMPLES[:3])
    expect(page.get_by_text("3 photos of 3 not sent yet.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("3 photos sent.")).to_be_visible()
    ready(page, 3)


def test_photos_chosen_before_the_script_is_there_are_sent(owners_page: Page):
    page = owners_page
    held: list[Route] = []

    def hold(route: Route) -> None:  # Playwright marks what it is given, and a list's own method takes no mark
        held.append(route)

    page.route("**/upload.*js", hold)
    page.goto(f"{HOME}/photos/new/")
    page.get_by_label("Name").fill("Quick")
    page.get_by_role("button", name="Make the set").click(no_wait_after=True)
    page.locator("input[type=file][multiple]").set_input_files(SAMPLES[:2])
    while not held:
        page.wait_for_timeout(50)
    held[0].continue_()
    expect(page.get_by_text("2 photos sent.")).to_be_visible()
    ready(page, 2)


def test_twelve_dropped_files_survive_a_network_that_dies_half_way(owners_page: Page, twelve):
    page = owners_page
    make_set(page, "Twelve")
    network = Network(page)
    network.is_as(uploading=1_500_000)
    drop(page, twelve)
    expect(arrived(page).nth(3)).to_be_attached()
    network.is_as(offline=True)
    expect(page.get_by_text(re.compile("of 12 not sent yet"))).to_be_visible()
    assert 4 <= arrived(page).count() < 12
    network.is_as()
    expect(page.get_by_text("12 photos sent.")).to_be_visible()
    ready(page, 12)


def test_a_reload_half_way_loses_nothing(owners_page: Page, twelve):
    page = owners_page
    make_set(page, "Reloaded")
    network = Network(page)
    network.is_as(uploading=1_500_000)
    drop(page, twelve)
    expect(arrived(page).nth(3)).to_be_attached()
    network.is_as(uploading=300_000)
    page.wait_for_timeout(1000)
    page.reload()
    expect(page.locator("#uploads > li").first).to_be_attached()  # the page goes on with what it kept
    network.is_as()
    expect(page.get_by_text(re.compile(r"\d+ photos sent\."))).to_be_visible()
    ready(page, 12)
    page.reload()
    expect(page.locator("#uploads > li")).to_have_count(0)


def test_a_file_taken_back_is_not_sent(owners_page: Page, twelve):
    page = owners_page
    make_set(page, "Taken back")
    network = Network(page)
    network.is_as(uploading=200_000)
    drop(page, twelve[-2:])
    page.get_by_role("button", name="Remove large-2.jpg").click()
    network.is_as()
    expect(page.get_by_text("1 photo sent.")).to_be_visible()
    expect(arrived(page)).to_have_count(1)


def test_a_zip_brings_its_photos_and_names_what_it_refuses(owners_page: Page, twelve, tmp_path: Path, look: Look):
    page = owners_page
    make_set(page, "Zipped")
    with zipfile.ZipFile(tmp_path / "holiday.zip", "w") as packed:
        for photo in twelve[:6]:
            packed.write(photo, f"Holiday/{photo.name}")
        packed.writestr("Holiday/notes.pdf", b"%PDF-1.7")
        packed.write(twelve[0], "Holiday/again/IMG_0001.HEIC")
    drop(page, [tmp_path / "holiday.zip"])
    expect(page.get_by_text("6 photos sent. 1 was here already. 1 of these could not be used.")).to_be_visible()
    expect(page.locator("#uploads")).to_contain_text("This photo is here already, as IMG_0001.HEIC.")
    expect(page.locator("#uploads")).to_contain_text("notes.pdf This is a PDF, not a photo.")
    expect(page.locator("#set-standing")).to_contain_text("6 photos ready", timeout=60_000)
    look(page, "photo-set-zip")


def test_pictures_of_the_gallery_are_chosen_for_a_set(owners_page: Page, look: Look):
    page = owners_page
    make_set(page, "Chosen")
    look(page, "photo-set-empty")
    page.get_by_role("link", name="From the gallery").click()
    look(page, "photo-set-pick")
    page.get_by_role("button", name="Add to Chosen").click()
    expect(page.get_by_text("Select at least one picture.")).to_be_visible()
    for prompt in ("beach", "library"):
        page.get_by_role("checkbox", name=prompt).first.check()
    page.get_by_role("button", name="Add to Chosen").click()
    expect(page.get_by_text("2 pictures added.")).to_be_visible()
    ready(page, 2)


def test_a_pasted_picture_is_a_photo(owners_page: Page):
    page = owners_page
    make_set(page, "Pasted")
    content = base64.b64encode(pictures.saved(pictures.upright(), "PNG")).decode()
    page.evaluate(DROP, ["image.png", "image/png", content])
    page.evaluate("""() => document.body.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: window.dropped, bubbles: true, cancelable: true }))""")
    expect(page.get_by_text("1 photo sent.")).to_be_visible()
    expect(page.get_by_alt_text(re.compile(r"Pasted \d\d\.\d\d\.\d\d\.png"))).to_be_visible()


def test_a_folder_is_sent_without_what_computers_hide_in_it(owners_page: Page, tmp_path: Path):
    page = owners_page
    make_set(page, "Folder")
    folder = tmp_path / "Rex" / "inner"
    folder.mkdir(parents=True)
    for sample in SAMPLES[:2]:
        (folder / sample.name).write_bytes(sample.read_bytes())
    (folder / ".DS_Store").write_bytes(b"hidden")
    page.locator("input[webkitdirectory]").set_input_files(tmp_path / "Rex")
    expect(page.get_by_text("2 photos sent.")).to_be_visible()


def test_a_text_too_long_for_a_caption_does_not_go_along_with_its_photo(owners_page: Page, tmp_path: Path):
    page = owners_page
    make_set(page, "Long text")
    folder = tmp_path / "Rex"
    folder.mkdir()
    (folder / "IMG_1.jpg").write_bytes(SAMPLES[0].read_bytes())
    (folder / "IMG_1.txt").write_text("on a sofa " * 300_000)
    with page.expect_request(re.compile("/upload/$")) as first:
        page.locator("input[webkitdirectory]").set_input_files(folder)
    assert int(first.value.header_value("content-length") or 0) < 1 << 20
    expect(page.get_by_text("1 photo sent. 1 of these could not be used.")).to_be_visible()
    expect(page.locator("#uploads")).to_contain_text("longer than the 1000 signs")


def test_the_text_beside_a_photo_of_a_folder_is_its_caption(owners_page: Page, tmp_path: Path):
    page = owners_page
    make_set(page, "Captioned")
    for number, name in enumerate(("sofa", "rock")):  # photos of the same name, as each camera begins at 1
        folder = tmp_path / "Rex" / name
        folder.mkdir(parents=True)
        (folder / "IMG_1.jpg").write_bytes(SAMPLES[number].read_bytes())
        (folder / "IMG_1.txt").write_text(f"on a {name}")
    page.locator("input[webkitdirectory]").set_input_files(tmp_path / "Rex")
    expect(page.get_by_text("2 photos sent. 2 captions taken.")).to_be_visible()
    ready(page, 2)
    page.get_by_role("link", name="Captions").click()
    said = [text.input_value() for text in page.get_by_role("textbox", name="Caption of IMG_1.jpg").all()]
    assert sorted(said) == ["on a rock", "on a sofa"]
