"""manage.py on a machine that has Python and nothing else: with a real pip, packages of our own and no network."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BASE_PYTHON = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")
DJANGO = "def execute_from_command_line(arguments): print('in', __file__.split('/lib/')[0], 'ran', *arguments[1:])"


def wheel(folder: Path, name: str, version: str, files: dict[str, str]) -> str:
    """Make a package and return the line for it in a lock file."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        for place, text in files.items():
            archive.writestr(place, text)
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return f"{name} @ file://{path} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class Checkout:
    """manage.py with a lock of three small packages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "manage.py").write_text((ROOT / "manage.py").read_text())
        self.lock = folder / "requirements.txt"
        self.write_lock(DJANGO)

    def write_lock(self, django: str, version: str = "1") -> None:
        ours = {"dashboard/operations/starting.py": "def check(**options): pass"}  # beside manage.py in a real one
        core = ours | {
            "django/__init__.py": "def setup(): pass",
            "django/core/__init__.py": "",
            "django/core/management/__init__.py": django,
        }
        lines = [wheel(self.folder, "django", version, core)]
        lines += [wheel(self.folder, name, "1", {f"{name}/__init__.py": ""}) for name in ("celery", "granian")]
        self.lock.write_text("".join(lines))

    def run(self, *arguments: str, python: str = BASE_PYTHON, **env: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
        return subprocess.run(
            [python, str(self.folder / "manage.py"), *arguments],
            env={**clean, "PIP_NO_INDEX": "1", **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.fixture(scope="module")
def empty_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("venv") / ".venv"
    subprocess.run([BASE_PYTHON, "-m", "venv", str(folder)], check=True)
    return folder


@pytest.fixture
def half_done(tmp_path: Path, empty_venv: Path) -> Checkout:
    """A checkout whose installation was interrupted before the first package: quicker than one from nothing."""
    shutil.copytree(empty_venv, tmp_path / ".venv", symlinks=True)
    return Checkout(tmp_path)


@pytest.fixture(autouse=True)
def _bare_python():
    probe = "import importlib.util as u, sys; sys.exit(bool(u.find_spec('django')) or not u.find_spec('ensurepip'))"
    if subprocess.run([BASE_PYTHON, "-c", probe], check=False).returncode:
        pytest.fail("These tests need a base Python with ensurepip and without Django.")


def test_the_first_command_installs_and_goes_on(checkout: Checkout):
    first = checkout.run("check", "--deploy")
    assert "Installing the packages that Likeness needs" in first.stderr
    assert first.stdout.split() == ["in", str(checkout.folder / ".venv"), "ran", "check", "--deploy"]
    second = checkout.run("check")
    assert (second.stderr, second.stdout) == ("", f"in {checkout.folder / '.venv'} ran check\n")


def test_a_changed_lock_is_installed(half_done: Checkout):
    half_done.run("check")
    half_done.write_lock("def execute_from_command_line(arguments): print('newer')", version="2")
    assert half_done.run("check").stdout == "newer\n"


def test_a_changed_lock_is_installed_from_within_its_environment_too(half_done: Checkout):
    half_done.run("check")
    half_done.write_lock("def execute_from_command_line(arguments): print('newer')", version="2")
    assert half_done.run("check", python=str(half_done.folder / ".venv" / "bin" / "python")).stdout == "newer\n"


def test_a_package_that_is_not_the_one_in_the_lock_is_refused_and_mended_later(half_done: Checkout):
    good = half_done.lock.read_text()
    half_done.lock.write_text(good.replace("sha256:", "sha256:" + "0" * 64 + "#"))
    failed = half_done.run("check")
    assert failed.returncode == 1
    assert "The packages could not be installed" in failed.stderr
    half_done.lock.write_text(good)
    assert half_done.run("check").returncode == 0


def test_an_environment_whose_python_went_away_is_made_anew(checkout: Checkout):
    (checkout.folder / ".venv" / "bin").mkdir(parents=True)
    (checkout.folder / ".venv" / "bin" / "python").symlink_to("/nowhere/python3")
    assert checkout.run("check").returncode == 0


def test_an_active_environment_is_left_alone(checkout: Checkout, tmp_path: Path):
    active = tmp_path / "active"
    subprocess.run([BASE_PYTHON, "-m", "venv", "--without-pip", str(active)], check=True)
    refused = checkout.run("up", python=str(active / "bin" / "python"))
    assert refused.returncode == 1
    assert f"The active virtual environment ({active}) lacks packages" in refused.stderr
    assert not (checkout.folder / ".venv").exists()


def test_a_python_without_venv_says_what_to_install(checkout: Checkout, tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'ensurepip' else find(name, *rest)\n"
    )
    refused = checkout.run("up", PYTHONPATH=str(tmp_path))
    assert "sudo apt install python3-venv" in refused.stderr


def test_the_lock_for_tests_holds_all_of_the_other():
    def pins(name: str) -> set[str]:
        return {line.split()[0] for line in (ROOT / name).read_text().splitlines() if "==" in line.split(" ")[0]}

    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_every_locked_package_has_hashes():
    for name in ("requirements.txt", "requirements-dev.txt"):
        blocks = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
        assert [block for block in blocks if "==" in block and "--hash=sha256:" not in block] == []
