"""The comparisons of speed: both sides agree, are timed in turn, and the page keeps its bounds.

Nothing is timed here: seconds are measured by `make performance`, and what it wrote is read.
"""

import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from comparisons import STATISTICS, callaway_santanna, few_cluster_draws, two_way_effects
from comparisons.comparison import Bound, Comparison, Disagreement, measure
from comparisons.page import COMMANDS, PAGE, make_page, read_measured
from runs.judge import overhead, ratio, tell_cold, tell_size

from evalkit.study.yaml_file import read_yaml_file
from evalkit.sweeps.files import read_sweep

SMALL: dict[Callable[..., list[Comparison]], dict[str, int]] = {
    callaway_santanna.compare: {"units": 60, "periods": 12},
    two_way_effects.compare: {"rows": 4000, "units": 20, "periods": 8},
    few_cluster_draws.compare: {"clusters": 18, "periods": 8},
}
FEWEST_PAIRS = 5
RUNS = Path(__file__).resolve().parent / "runs"


def rows_of(page: str) -> list[list[str]]:
    """Return the cells of the page's tables, a list a row, heads left out."""
    lines = [line.strip("| ").split(" | ") for line in page.splitlines() if line[:2] == "| "]
    return [cells for cells in lines if cells[0] != "what is timed"]


def faults_of(page: str) -> list[str]:
    """List the rows whose seconds, as printed, are above what the row allows."""
    return [
        cells[0]
        for cells in rows_of(page)
        if float(cells[1].split()[0]) > float(cells[5].split("=")[-1].split()[0])
        or cells[6] != "yes"
    ]


@pytest.mark.parametrize("compare", STATISTICS, ids=lambda compare: compare.__module__)
def test_both_sides_agree(compare: Callable[..., list[Comparison]]) -> None:
    """At a small size, both sides of every comparison give the same numbers."""
    for comparison in compare(**SMALL[compare]):
        assert comparison.agree()


def test_what_differs_is_not_timed() -> None:
    """Two sides that give different numbers are refused before anything is timed."""
    with pytest.raises(Disagreement, match="error"):
        two_way_effects.agree((0.3, 0.010), (0.3, 0.011))
    with pytest.raises(Disagreement, match="same draws"):
        few_cluster_draws.agree(0.020, 0.021)
    rows = callaway_santanna.make_rows(60, 12)
    events = callaway_santanna.estimate_design(
        callaway_santanna.as_design_table(rows), callaway_santanna.ask_for_all()
    )
    events["estimate"] += 1e-6
    with pytest.raises(Disagreement, match="effects"):
        callaway_santanna.agree_on_design(events, rows)


def test_sides_are_timed_in_turn() -> None:
    """After one call each to warm up, ours and theirs take turns; every call's seconds are kept."""
    calls: list[str] = []
    comparison = Comparison(
        "made up",
        "the other",
        Bound(1.2),
        lambda: calls.append("ours"),
        lambda: calls.append("theirs"),
        lambda: "equal",
    )
    found = measure(comparison, pairs=3)
    assert calls == ["ours", "theirs"] * 4
    assert [len(found[side]) for side in ("ours", "theirs")] == [3, 3]  # type: ignore[arg-type]


def test_bound_by_hand() -> None:
    """1.2 times 0.5 s and 50 ms more is 0.65 s; a bound of one second asks nothing of theirs."""
    assert Bound(1.2, 0.05).allows(0.5) == pytest.approx(0.65)
    assert Bound(0.0, 1.0).allows(99.0) == 1.0
    assert (Bound(1.2, 0.05).words, Bound(0.0, 1.0).words) == ("1.2 x + 50 ms", "1 s")


def test_page_is_what_was_measured() -> None:
    """The page is the template with the seconds that are stored, and nobody has edited it."""
    page = PAGE.read_text("utf-8")
    assert page == make_page(read_measured())
    assert "{{" not in page


def test_page_has_every_comparison() -> None:
    """Each comparison has its row in the order of the modules, of five pairs or more."""
    measured = read_measured()["statistics"]["comparisons"]
    wanted = [c.title.split(",")[0] for compare in STATISTICS for c in compare(**SMALL[compare])]
    assert [row["title"].split(",")[0] for row in measured] == wanted
    on_page = [cells[0].split(",")[0] for cells in rows_of(PAGE.read_text("utf-8"))]
    assert set(wanted) <= set(on_page)
    assert all(len(row["ours"]) == len(row["theirs"]) >= FEWEST_PAIRS for row in measured)


def test_page_keeps_its_bounds() -> None:
    """No time on the page is above what its row allows."""
    page = PAGE.read_text("utf-8")
    assert rows_of(page)
    assert faults_of(page) == []


def test_a_bound_that_is_broken_is_seen() -> None:
    """Had one of ours taken a hundred times as long, its row would say no and fail."""
    measured = deepcopy(read_measured())
    slow = measured["statistics"]["comparisons"][0]
    slow["ours"] = [100 * seconds for seconds in slow["ours"]]
    assert faults_of(make_page(measured)) == [slow["title"]]


BLOCK = {
    "ours": {"runs": 40, "seconds": 40.0, "processor": 60.0},
    "floor": {"runs": 40, "seconds": 28.0, "processor": 40.0},
    "loop": {"runs": 5, "seconds": 45.0, "processor": 40.0},
    "two": {"runs": 8, "seconds": 48.0, "processor": 60.0},
}


def test_figures_of_runs_by_hand() -> None:
    """1 s a run less 0.7 s is 0.3 s; 9 s and 6 s a run are 9 and 6 times as long."""
    assert overhead(BLOCK) == pytest.approx(0.3)
    assert (ratio(BLOCK, "loop"), ratio(BLOCK, "two")) == (9.0, 6.0)
    assert tell_size("about_1_second", [BLOCK])[1]
    assert tell_cold([BLOCK])[1]


@pytest.mark.parametrize(("way", "seconds"), [("floor", 20.0), ("loop", 35.0), ("two", 36.0)])
def test_a_bound_of_runs_that_is_broken_is_seen(way: str, seconds: float) -> None:
    """An overhead of 0.5 s, 7 times the loop's rate and 4.5 times that of two are not enough."""
    words, kept = tell_size("about_1_second", [BLOCK | {way: {**BLOCK[way], "seconds": seconds}}])
    assert not kept
    assert words.count("**not kept**") == 1


def test_a_cold_run_that_is_slower_is_seen() -> None:
    """A run of 10 s beside papermill's of 9 s is more than 1.1 times as long."""
    slow = BLOCK | {"ours": {"runs": 1, "seconds": 10.0, "processor": 9.0}}
    assert not tell_cold([slow])[1]


@pytest.mark.parametrize("sweep", sorted(RUNS.glob("*.yml")), ids=lambda path: path.stem)
def test_sweeps_of_the_bench_draw_no_less_than_their_study(sweep: Path) -> None:
    """Every run has the draws of its base or more, a seed of its own, and a stated number."""
    base = read_yaml_file(sweep.parent / str(read_yaml_file(sweep)["base"]))
    runs = [run.parameters for run in read_sweep(sweep)[1]]
    assert all(run["draws"] >= base["draws"] for run in runs)  # type: ignore[operator]
    assert len({run["seed"] for run in runs}) == len(runs) >= 20


def test_each_section_names_the_command_that_measures_it() -> None:
    """A page of nothing measured names a command of the Makefile in every section."""
    makefile = (PAGE.parents[1] / "Makefile").read_text("utf-8")
    for command in COMMANDS.values():
        assert f"Not measured yet: `make {command}`" in make_page({})
        assert f"\n{command}: " in makefile
