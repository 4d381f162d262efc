"""Where CI is `true`, a test that was skipped has failed: what nobody ran, nobody knows."""

import os
from collections.abc import Generator

import pytest

SENTENCE = "CI=true lets no test be skipped, and this one was: {}. Install what it needs (.ci/run does)."


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if not hasattr(report, "wasxfail"):
        refuse(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A whole file can be skipped too, before any of its tests is known."""
    report = yield
    refuse(report)
    return report


def refuse(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and os.environ.get("CI") == "true":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = SENTENCE.format(str(reason).removeprefix("Skipped: "))
