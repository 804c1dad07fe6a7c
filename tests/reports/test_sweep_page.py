"""A sweep's page shows released runs, and falls silent where one is no longer as it was."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from evalkit.errors import DataError
from evalkit.reports.gallery import write_gallery
from evalkit.reports.portfolio import write_portfolio
from evalkit.reports.sweep_file import read_sweep, released_sweeps
from evalkit.reports.sweep_page import write_sweep

RUNS = {
    "ways_rows": ("rows", 0.30),
    "ways_people": ("people", 0.24),
    "ways_units": ("units", "[c]"),
}


@pytest.fixture
def home(tmp_path: Path, content: dict[str, Any]) -> Path:
    """Return releases of three runs, one of them suppressed, and the sweep that they are of."""
    released, runs = tmp_path / "released", []
    for number, (study, (weight, estimate)) in enumerate(RUNS.items()):
        made = copy.deepcopy(content) | {"study": study, "record_sha256": f"{number:064x}"}
        made["protocol"]["weight_by"] = weight
        (released / study).mkdir(parents=True)
        (released / study / "bundle.json").write_text(json.dumps(made))
        known = isinstance(estimate, float)
        half = {"conf_low": estimate - 0.1, "conf_high": estimate + 0.1} if known else {}
        run = {"study": study, "record_sha256": f"{number:064x}", "varied": {"weight_by": weight}}
        runs.append(run | {"estimate": estimate if known else None} | half)
    together = {"lowest": 0.24, "highest": 0.3, "middle": 0.27, "beyond_zero": 2}
    sweep = {"schema": "evalkit-sweep/1", "sweep": "ways", "sites": False, "asked": 4}
    sweep |= {"decimals": 2, "runs": runs, "together": together}
    (tmp_path / "released_sweeps").mkdir()
    (tmp_path / "released_sweeps" / "ways.json").write_text(json.dumps(sweep))
    return released


def test_runs_are_named_by_what_varies(home: Path) -> None:
    """Each run has its choice, its numbers, and a link to its own report; a hidden one its mark."""
    written = write_sweep(home, "ways")
    assert "The difference lies between 0.24 and 0.30 points" in written
    assert "Weight by: rows: 0.30 (0.20 to 0.40)" in written
    assert "Weight by: units: [c]" in written
    assert 'href="study?study=ways_people"' in written
    assert "3 of 4 runs are released." in written
    assert "the rest mislead" in written


def test_runs_of_parts_of_the_data_are_no_ways_to_analyse(home: Path) -> None:
    """Where runs differ in whose data they read alone, the page does not call that an analysis."""
    path = home.parent / "released_sweeps" / "ways.json"
    sweep = json.loads(path.read_text())
    for run in sweep["runs"]:
        run["varied"] = {"only": {"site": run["varied"]["weight_by"]}}
    path.write_text(json.dumps(sweep))
    written = write_sweep(home, "ways")
    assert "depending on whose data are looked at. Half of the 3 parts of the data" in written
    assert "Each part of the data" in written
    assert "analys" not in written.partition("Every run")[0]


def test_a_run_released_anew_silences_what_all_showed(home: Path) -> None:
    """Where one run is not the one that was read, nothing is told of all together."""
    path = home / "ways_rows" / "bundle.json"
    path.write_text(path.read_text().replace(f'"{0:064x}"', f'"{9:064x}"'))
    written = write_sweep(home, "ways")
    assert "lies between" not in written
    assert "1 more was withdrawn, or released anew." in written
    assert "0.30 (0.20 to 0.40)" not in written


def test_runs_stand_behind_their_sweep(home: Path) -> None:
    """The list and the table name the sweep in place of each of its runs."""
    for written in (write_gallery(home), write_portfolio(home)):
        assert 'href="sweep?sweep=ways"' in written
        assert "study?study=ways_rows" not in written


@pytest.mark.parametrize("name", ["../ways", "WAYS", "other", "", "<script>"])
def test_an_unknown_sweep_is_told_in_words(home: Path, name: str) -> None:
    """A name that is no released sweep's reads no file and is not repeated."""
    with pytest.raises(DataError, match=r"^Report: no released sweep has this name\."):
        read_sweep(home, name)


def test_a_damaged_file_is_told_in_words(home: Path) -> None:
    """A sweep whose file departs from the contract says so, and the list still stands."""
    path = home.parent / "released_sweeps" / "ways.json"
    path.write_text(path.read_text().replace('"asked": 4', '"asked": "<b>"'))
    assert released_sweeps(home) == ["ways"]
    with pytest.raises(DataError, match="cannot be read"):
        read_sweep(home, "ways")
    assert "study?study=ways_rows" in write_gallery(home)
