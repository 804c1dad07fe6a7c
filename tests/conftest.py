"""What every test shares: a neutral machine, a copy of the project, and no silent skip."""

import os
import shutil
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
ROOT = Path(__file__).resolve().parent.parent
PROJECT_PARTS = ("notebooks", "parameters", "data/synthetic", "pyproject.toml", "requirements.lock")
NEUTRAL = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "MPLBACKEND": "Agg"}
START_PROCESSES = ("notebooks", "runs", "faults", "insight", "browser", "reports", "databases")
"""Rooms whose tests start processes: their files take longest, so they are begun first."""
FROM_OUTSIDE = ("EVALKIT_PROJECT", "EVALKIT_STAGING", "EVALKIT_DEBUG")


def pytest_configure(config: pytest.Config) -> None:
    """Make locale, time zone, settings and Ctrl-C the same on every machine.

    A shell starts what it puts in the background with Ctrl-C ignored, and children inherit that.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.update(NEUTRAL)
    for name in FROM_OUTSIDE:
        os.environ.pop(name, None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, so that two workers come to the end together."""
    items.sort(key=lambda item: item.path.parent.name not in START_PROCESSES)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that skips for want of a part which EVALKIT_REQUIRE names."""
    report = yield
    marks = {mark.name for mark in item.iter_markers()}
    return fail_if_required(report, marks)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a whole file that skips for want of a part which EVALKIT_REQUIRE names."""
    report = yield
    return fail_if_required(report, set())


def fail_if_required(report: Report, marks: set[str]) -> Report:
    """Turn a skip into a failure if its reason is `<part>: ...`, or a mark is a required part."""
    required = {part.strip() for part in os.environ.get("EVALKIT_REQUIRE", "").split(",")} - {""}
    if report.outcome != "skipped" or hasattr(report, "wasxfail"):
        return report
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    part = next((name for name in required if reason.startswith(f"{name}:") or name in marks), None)
    if part:
        report.outcome = "failed"
        report.longrepr = f"EVALKIT_REQUIRE names {part}, and it is missing. {reason}"
    return report


def _copy_project(folder: Path) -> Path:
    for part in PROJECT_PARTS:
        source, target = ROOT / part, folder / part
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    return folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the project that EVALKIT_PROJECT names: what is written stays in it."""
    folder = _copy_project(tmp_path / "project")
    monkeypatch.setenv("EVALKIT_PROJECT", str(folder))
    return folder


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project that the tests of one file share; nothing names it."""
    return _copy_project(tmp_path_factory.mktemp("shared") / "project")


@pytest.fixture(scope="session")
def forks() -> Iterator[str | None]:
    """Return the address of a fork server, or None where there can be none.

    A run that it makes has the stack imported already, and takes a third of the time. It is for
    tests of what a run finds, seals and releases, not of how its processes begin and end.
    """
    from evalkit.runs.warm_process import warm_stack

    with warm_stack() as address:
        yield address


@pytest.fixture(scope="session")
def data_root() -> Path:
    """Return the folder of real data, or skip: `EVALKIT_DATA_ROOT`, or shared/data beside us."""
    named = os.environ.get("EVALKIT_DATA_ROOT")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real_data: set EVALKIT_DATA_ROOT to the folder of real data to run this test")
    return folder.resolve()
