"""The documents say what is: every setting has its row, every command is the one that is used, every link leads on."""

import re
from pathlib import Path

import pytest

from tests.variables import defaults, in_settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
CI = (ROOT / ".ci" / "run").read_text()
ROWS = re.findall(r"^\| `([A-Z0-9_]+)` \| (.+?) \| (.+?) \|$", README, re.MULTILINE)
EXAMPLES = re.findall(r"^(?:# )?([A-Z0-9_]+)=(.*)$", EXAMPLE, re.MULTILINE)
ONLY_COMPOSE = {"POSTGRES_CONNECTIONS", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "WEB_PORT"}
OTHER_IN_THE_IMAGE = {"LOG_FORMAT", "S3_BUCKET", "S3_ENDPOINT_URL", "TRUSTED_PROXIES"}


def test_every_setting_has_one_row_in_the_readme_and_every_row_is_a_setting():
    assert sorted(name for name, _, _ in ROWS) == sorted(in_settings())


def test_every_setting_is_in_the_example_once_and_nothing_else_is():
    assert sorted(name for name, _ in EXAMPLES) == sorted(in_settings() | ONLY_COMPOSE)


@pytest.mark.parametrize(("name", "told"), [(name, told) for name, told, _ in ROWS])
def test_the_readme_tells_the_default_that_the_settings_have(name: str, told: str):
    default = defaults().get(name)
    if default and name != "EMAIL_URL":  # what its value does stands there in words
        assert told == f"`{default}`"
    elif default == "":
        assert not told.startswith("`"), "a default where the settings have none"


@pytest.mark.parametrize(("name", "shown"), EXAMPLES)
def test_the_example_shows_the_default_where_a_line_is_commented_out(name: str, shown: str):
    default = defaults().get(name)
    if default and name not in OTHER_IN_THE_IMAGE and f"# {name}=" in EXAMPLE:
        assert shown == default


def test_the_first_column_of_options_is_what_up_takes():
    from dashboard.up.command import _parser

    options = {action.option_strings[0] for action in _parser()._actions} - {"-h"}
    assert set(re.findall(r"^\| `(--\w+)", README, re.MULTILINE)) == options


def test_the_readmes_two_commands_are_the_ones_that_ci_and_the_tests_use():
    commands = re.findall(r"^```sh\n(python3 .*)\n```$", README, re.MULTILINE)
    assert commands == ["python3 manage.py up", "python3 manage.py test"]
    streams = re.findall(r"python3 manage\.py test (.*?)(?: \|\||;)", CI)
    assert commands[1] in CI
    assert '-n 2 --dist worksteal --ignore=tests/browser "${apart[@]/#/--ignore=}"' in streams
    assert {"tests/browser", '"${apart[@]}"'} <= set(streams), "what one stream leaves out another one runs"
    assert '"manage.py", "up"' in (ROOT / "tests" / "browser" / "product.py").read_text()


@pytest.mark.parametrize(
    "check",
    [
        "ruff format --check .",
        "ruff check .",
        "mypy",
        "oxlint --deny-warnings static/js tests/js",
        "node --test tests/js/*.test.js",
        "makemigrations --check",
        "check --deploy",
    ],
)
def test_the_checks_of_the_contributing_guide_are_those_of_ci(check: str):
    assert check in CONTRIBUTING
    assert check in CI


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_link_and_picture_leads_to_a_file_that_is_kept(name: str):
    text = (ROOT / name).read_text()
    links = re.findall(r"\]\(([^)#]+)\)|(?:src|href)=\"([^\"]+)\"", text)
    for link in filter(None, (first or second for first, second in links)):
        if "://" not in link:
            assert (ROOT / link).is_file(), link


def test_every_path_that_the_contributing_guide_names_exists():
    for path in re.findall(r"`((?:tests|dashboard|\.ci)/[\w./]+)`", CONTRIBUTING):
        assert (ROOT / path).exists(), path


def test_the_contributing_guide_is_short():
    assert len(CONTRIBUTING.splitlines()) < 80
