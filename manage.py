#!/usr/bin/env python3
"""Every command starts here: `up` starts the product, `test` runs its tests, the rest are Django's.

Where the packages are missing and no virtual environment is active, it first makes `.venv` beside this file from the
hashed lock. Only the standard library is used until then, and no syntax that an old Python could not read.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whoever pasted the command may have an older one
    sys.exit("Likeness needs Python 3.11 or newer, and this is Python %d.%d." % sys.version_info[:2])  # noqa: UP031
if sys.platform == "win32":
    sys.exit("Likeness runs on Linux and macOS. On Windows, run it inside WSL.")

import fcntl
import hashlib
import importlib.util
import os
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
RUN = "requirements.txt"
DEV = "requirements-dev.txt"
PROBES = {RUN: ("django", "celery", "granian"), DEV: ("pytest", "pytest_django", "playwright")}


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def lock_of(command: str) -> str:
    """The lock file with what *command* needs; the one for tests holds all of the other."""
    return DEV if command == "test" else RUN


def is_importable(lock: str) -> bool:
    return all(importlib.util.find_spec(name) for name in PROBES[RUN] + PROBES[lock])


def stamp_of(lock: str) -> Path:
    return VENV / f"{lock}.installed"


def fingerprint(lock: str) -> str:
    """What an installation was made from: this lock, for this version of Python."""
    return f"{sys.version_info.major}.{sys.version_info.minor} {hashlib.sha256((HERE / lock).read_bytes()).hexdigest()}"


def is_installed(lock: str) -> bool:
    stamp = stamp_of(lock)
    return stamp.exists() and stamp.read_text() == fingerprint(lock) and (VENV / "bin" / "python").exists()


def has_pip() -> bool:
    """Whether `.venv` is whole: the last thing that making it writes is pip's list of its own files."""
    packages = VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    return (VENV / "bin" / "python").exists() and any(packages.glob("pip-*.dist-info/RECORD"))


def make_venv() -> None:
    """Make or mend `.venv`; one whose Python has gone away is made anew."""
    if not importlib.util.find_spec("ensurepip"):
        sys.exit(
            "This Python cannot make virtual environments. On Debian or Ubuntu, run\n"
            "    sudo apt install python3-venv\nand then the same command again."
        )
    clear = [] if (VENV / "bin" / "python").exists() else ["--clear"]
    if subprocess.run([sys.executable, "-m", "venv", *clear, str(VENV)], check=False).returncode:
        sys.exit(f"The virtual environment {VENV} could not be made; the reason stands above.")


def install(lock: str) -> None:
    """Install *lock* into `.venv`; the stamps come last, so that whatever was interrupted is done again."""
    python = str(VENV / "bin" / "python")
    pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    for any_lock in PROBES:
        stamp_of(any_lock).unlink(missing_ok=True)
    if subprocess.run([*pip, "-r", str(HERE / lock)], check=False).returncode:
        sys.exit(
            "The packages could not be installed; pip's reason stands above. Nothing is broken: "
            "check that this computer reaches the internet, and run the same command again."
        )
    for covered in {lock, RUN}:
        stamp_of(covered).write_text(fingerprint(covered))


def ensure_packages(lock: str, arguments: list[str]) -> None:
    """Return when the packages of *lock* are here; otherwise go on in `.venv`, made first where it must be."""
    in_ours = Path(sys.prefix).resolve() == VENV
    if not in_ours and is_importable(lock):
        return
    if not in_ours and sys.prefix != sys.base_prefix:
        sys.exit(
            f"The active virtual environment ({sys.prefix}) lacks packages. Leave it (deactivate) and run the same\n"
            f"command again, or add them: python -m pip install --require-hashes -r {HERE / lock}"
        )
    with Path(__file__).open() as ourselves:
        fcntl.flock(ourselves, fcntl.LOCK_EX)  # two commands started together install once
        if not is_installed(lock):
            say(f"Installing the packages that Likeness needs into {VENV}. This takes about a minute, once.")
            if not has_pip():
                make_venv()
            install(lock)
    if not in_ours:
        python = str(VENV / "bin" / "python")
        os.execv(python, [python, str(HERE / "manage.py"), *arguments])
    importlib.invalidate_caches()


def main(arguments: list[str]) -> int:
    command = arguments[0] if arguments else "help"
    if command in {"--version", "version"}:
        from dashboard import VERSION

        print(f"Likeness {VERSION}")
        return 0
    ensure_packages(lock_of(command), arguments)
    if command == "up":
        from dashboard.up.command import up

        return up(arguments[1:])
    if command == "test":
        os.chdir(HERE)
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments[1:]])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    if command != "prepare":  # which looks once it is alone
        from dashboard.operations import starting

        starting.check(keys=command != "rotate_keys")  # which mends what is wrong with them
    execute_from_command_line(["manage.py", *arguments])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
