"""The page on how it is built says what is: each fault has its tests, each id in the code its row."""

import re
from pathlib import Path

from tests.test_imports_go_one_way import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text()
CATALOGUE = re.findall(r"^\| ([PDCBU]\d\d) \| .+ \| .+ \|$", PAGE, re.MULTILINE)
_TEST = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)
_ID_IN_NAME = re.compile(r"(?<=_)[pdcbu]\d\d(?=_)")
_ID_IN_TEXT = re.compile(r"\b[PDCBU]\d\d\b(?!-)")


def sources(*folders: str) -> dict[str, str]:
    found = (path for folder in folders for path in sorted(Path(ROOT, folder).rglob("*.py")))
    return {str(path.relative_to(ROOT)): path.read_text() for path in found if path != Path(__file__)}


def named_by_tests() -> dict[str, list[str]]:
    """The names of tests, by the ids of the faults that they are about."""
    found: dict[str, list[str]] = {}
    for text in sources("tests").values():
        for name in _TEST.findall(text):
            for fault in _ID_IN_NAME.findall(name):
                found.setdefault(fault.upper(), []).append(name)
    return found


def test_no_fault_stands_in_the_catalogue_twice():
    assert len(set(CATALOGUE)) == len(CATALOGUE) > 60


def test_each_fault_of_the_catalogue_is_named_by_a_test():
    assert [fault for fault in CATALOGUE if fault not in named_by_tests()] == []


def test_each_fault_that_a_test_or_a_comment_names_is_in_the_catalogue():
    told = {fault: name for fault, names in named_by_tests().items() for name in names}
    told |= {fault: where for where, text in sources("tests", "jobs", "dashboard").items() for fault in cited(text)}
    assert {fault: where for fault, where in told.items() if fault not in CATALOGUE} == {}


def cited(text: str) -> list[str]:
    """The ids in comments and docstrings, which are all that stand in text as a word of their own."""
    return [fault for line in text.splitlines() if not _is_data(line) for fault in _ID_IN_TEXT.findall(line)]


def _is_data(line: str) -> bool:
    """Whether it looks like a colour, a code or a file's name rather than a sentence about a fault."""
    return bool(re.search(r"[\"'#x\\]\S*[PDCBU]\d\d", line))


def test_every_path_on_the_page_exists():
    ours = re.findall(r"`((?:dashboard|jobs|tests)/[\w/]*(?:\.py)?|(?:operations|providers)/[\w/]+(?:\.py)?)`", PAGE)
    rooted = [path if path.split("/")[0] in {"dashboard", "jobs", "tests"} else f"jobs/{path}" for path in ours]
    missing = [path for path in rooted if not (ROOT / path).exists() and not (ROOT / f"{path}.py").exists()]
    assert missing == []
