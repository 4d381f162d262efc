"""CI says so when it could not test something."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
KINDS = {
    "marked": "@pytest.mark.skip(reason='no Chromium')\ndef test_browser(): ...",
    "inside": "def test_services(): pytest.skip('no Chromium')",
    "whole file": "pytest.skip('no Chromium', allow_module_level=True)",
}


def run(folder: Path, text: str, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(f"import pytest\n{text}\ndef test_other(): ...\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.no_skips", "-p", "no:cacheprovider"]
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [*command, "--rootdir", str(folder), "-c", "/dev/null", str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("text", KINDS.values(), ids=KINDS)
def test_a_skipped_test_fails_where_ci_is_true(tmp_path: Path, text: str):
    done = run(tmp_path, text, ci="true")
    assert done.returncode != 0
    assert "CI=true lets no test be skipped, and this one was: no Chromium. Install what it needs" in done.stdout


@pytest.mark.parametrize("text", KINDS.values(), ids=KINDS)
def test_elsewhere_it_is_skipped(tmp_path: Path, text: str):
    assert run(tmp_path, text, ci="").returncode in {0, 5}


def test_an_expected_failure_is_no_skipped_test(tmp_path: Path):
    assert run(tmp_path, "@pytest.mark.xfail\ndef test_known(): assert False", ci="true").returncode == 0


def test_these_tests_are_guarded():
    from tests import conftest, no_skips

    assert conftest.pytest_runtest_makereport is no_skips.pytest_runtest_makereport
    assert conftest.pytest_make_collect_report is no_skips.pytest_make_collect_report
