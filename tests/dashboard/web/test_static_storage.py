from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage

from dashboard.web.static_storage import StaticStorage

FILES = {
    "css/main.css": '@layer base;\n@import "base.css";\n@import "parts/card.css";\n',
    "css/base.css": 'body { background: url("../paper.png"); }\n',
    "css/parts/card.css": ".card { color: red; }\n",
    "paper.png": "png",
    "js/main.js": 'import "./menu.js";\nimport { flash } from "./flash.js";\n',
    "js/menu.js": "menu();\n",
    "js/flash.js": "export const flash = 1;\n",
    "package/script.js": 'import "./not-shipped";\n',
}


@pytest.fixture
def published(tmp_path: Path):
    """Reads a published file by its name before hashing."""
    source = FileSystemStorage(location=tmp_path / "source")
    storage = StaticStorage(location=tmp_path / "public", base_url="/static/")
    for name, text in FILES.items():
        for root in ("source", "public"):
            (tmp_path / root / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / root / name).write_text(text)
    assert not [done for done in storage.post_process({name: (source, name) for name in FILES}) if done[2] is None]
    return lambda name: (tmp_path / "public" / storage.stored_name(name)).read_text()


def test_the_main_sheet_is_published_as_one_file(published):
    assert "@import" not in published("css/main.css")
    assert ".card { color: red; }" in published("css/main.css")


def test_addresses_in_a_joined_sheet_name_the_hashed_file(published):
    assert 'url("../paper.' in published("css/main.css")
    assert 'url("../paper.png")' not in published("css/main.css")


def test_modules_import_hashed_modules(published):
    assert '"./menu.js"' not in published("js/main.js")
    assert 'import "./menu.' in published("js/main.js")
    assert 'import { flash } from "./flash.' in published("js/main.js")


def test_scripts_of_packages_are_left_as_they_are(published):
    assert published("package/script.js") == FILES["package/script.js"]
