"""What a sweep's page tells is worked out from released numbers, and from nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from evalkit.errors import DisclosureError
from evalkit.reports.sweep_file import read_sweep
from evalkit.sweeps.files import SweepRun
from evalkit.sweeps.released import write_released_sweep

COLUMNS = ("term", "estimate", "std_error", "conf_low", "conf_high", "level", "interval_df")


def make_release(home: Path, study: str, weight: str, cells: list[Any]) -> SweepRun:
    """Write the least bundle that a report reads, with one estimate, and return its run."""
    words = ("title", "question", "population", "estimand", "stamp", "stamp_reason")
    columns = [{"name": n, "label": n, "kind": "estimate", "decimals": 2} for n in COLUMNS]
    table = {"title": "Estimates", "columns": columns, "rows": [["effect", *cells]]}
    bundle: dict[str, Any] = dict.fromkeys(words, "x")
    bundle |= {"schema": "evalkit-bundle/1", "study": study, "synthetic": True}
    bundle |= {"registered_on": None, "registrations": 0, "departures": [], "figures": {}}
    bundle |= {"changes_since_first": [], "primary": {"term": "effect"}, "checks": []}
    bundle |= {"finding": dict.fromkeys(("claim", "answer", "meaning", "limits"), "x")}
    bundle |= {"not_measured": [], "co_production": [], "sources": [{"name": "data"}]}
    bundle |= {"protocol": {"weight_by": weight, "outcome_unit": "points"}, "hashes": {}}
    bundle |= {"tables": {"estimates": table}, "versions": {}, "record_sha256": f"hash of {study}"}
    (home / study).mkdir(parents=True)
    (home / study / "bundle.json").write_text(json.dumps(bundle))
    return SweepRun(study, {}, {"called": "secret name"})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the folder of releases."""
    return tmp_path / "released"


def make_sites(home: Path) -> list[SweepRun]:
    """Write three sites whose estimates are 0, 0.2 and 0.4, each with an error of 0.1."""
    return [
        make_release(home, f"site_{n}", n, [e, 0.1, e - 0.2, e + 0.2, 0.95, 20.0])
        for n, e in (("a", 0.0), ("b", 0.2), ("c", 0.4))
    ]


def test_sites_that_cannot_be_told_apart_are_not_pooled(home: Path) -> None:
    """Where rounding left all sites equal, nothing is said of them together."""
    cells = [0.2, 0.1, 0.0, 0.4, 0.95, 20.0]
    runs = [make_release(home, f"site_{n}", n, cells) for n in ("a", "b", "c")]
    write_released_sweep("site", runs, home, sites=True)
    assert read_sweep(home, "site").together == {}


def test_ways_to_analyse_by_hand(home: Path) -> None:
    """Lowest, highest and middle of three ways, and how many intervals leave zero out."""
    rows = {"a": (0.3, 0.1, 0.5), "b": (0.2, -0.1, 0.5), "c": (0.1, 0.05, 0.15)}
    runs = [
        make_release(home, f"ways_{n}", n, [e, 0.1, low, high, 0.95, 20.0])
        for n, (e, low, high) in rows.items()
    ]
    runs.append(SweepRun("ways_d", {}, {}))
    write_released_sweep("ways", runs, home, sites=False)
    held = read_sweep(home, "ways")
    assert held.together == {"lowest": 0.1, "highest": 0.3, "middle": 0.2, "beyond_zero": 2.0}
    assert (held.asked, len(held.runs)) == (4, 3)
    assert [run["varied"] for run in held.runs] == [{"weight_by": name} for name in rows]


def test_sites_are_drawn_together_by_hand(home: Path) -> None:
    """Variance between is 0.04 - 0.01, so that each site keeps three quarters of its distance."""
    runs = make_sites(home)
    write_released_sweep("site", runs, home, sites=True)
    held = read_sweep(home, "site")
    assert held.together["pooled"] == 0.2
    assert [run["shrunk"] for run in held.runs] == [0.05, 0.2, 0.35]


def test_a_hidden_number_stays_hidden(home: Path) -> None:
    """A run whose estimate is [c] has no number in the file, and no part in what all show."""
    runs = make_sites(home)
    runs.append(make_release(home, "site_d", "d", ["[c]"] * 4 + [0.95, 20.0]))
    write_released_sweep("site", runs, home, sites=True)
    hidden = read_sweep(home, "site").runs[3]
    assert hidden["estimate"] is hidden["shrunk"] is hidden["std_error"] is None
    assert read_sweep(home, "site").together["pooled"] == 0.2


def test_nothing_of_the_sweep_file_is_told(home: Path) -> None:
    """What varies is read from the released plans: no value of the sweep's own file is in it."""
    runs = make_sites(home)
    path = write_released_sweep("site", runs, home, sites=True)
    assert "secret name" not in path.read_text()


def test_a_sweep_without_releases_is_refused(home: Path) -> None:
    """Where no run is released there is nothing to show, and no file."""
    with pytest.raises(DisclosureError, match=r"^ways: none of its runs is released"):
        write_released_sweep("ways", [SweepRun("ways_a", {}, {})], home, sites=False)
    assert not (home.parent / "released_sweeps").exists()


def test_a_hidden_headline_hides_its_run(home: Path) -> None:
    """Where a study's own headline is [c], its estimate is in no sweep, whatever its table has."""
    runs = make_sites(home)
    path = home / "site_a" / "bundle.json"
    bundle = json.loads(path.read_text())
    columns = [{"name": name, "label": name, "kind": "label"} for name in ("name", "value")]
    rows = [["difference", "[c]"]]
    bundle["tables"]["headline"] = {"title": "Headline", "columns": columns, "rows": rows}
    path.write_text(json.dumps(bundle))
    write_released_sweep("site", runs, home, sites=True)
    held = read_sweep(home, "site")
    assert held.runs[0]["estimate"] is None
    assert held.together == {}
