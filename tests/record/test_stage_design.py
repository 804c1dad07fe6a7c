"""Staging what a design found: every table by its name, the headline first, figures where told."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from evalkit.disclosure.profiles import load_profiles
from evalkit.disclosure.suppress import protect_table
from evalkit.errors import AnalysisError
from evalkit.findings.measured import tabulate_measured
from evalkit.record import Staging, open_staging
from evalkit.record.design_specs import estimates_spec, keep_columns, shown_spec
from evalkit.record.design_tables import TABLES
from evalkit.record.stage_design import (
    MOST_CLUSTERS_DRAWN,
    stage_effects,
    stage_result,
    stage_shown,
)
from evalkit.record.table_specs import BOTH, measured_spec
from evalkit.results import Result
from evalkit.study import load_parameters
from evalkit.study.schemas.design_study import DesignStudy

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def parameters() -> DesignStudy:
    """Return the parameters of a design's study."""
    loaded = load_parameters(ROOT / "parameters" / "difference_in_differences.yml")
    assert isinstance(loaded, DesignStudy)
    return loaded


@pytest.fixture
def staging(parameters: DesignStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Staging:
    """Return a staging folder over one made-up source."""
    from evalkit.data.sources import Source

    monkeypatch.setenv("EVALKIT_STAGING", str(tmp_path / "staging"))
    source = Source("data", "cqc_survey", "table", pd.DataFrame(), "0" * 64, 3, True)
    return open_staging(parameters, {"data": source})


@pytest.fixture
def effects() -> pd.DataFrame:
    """Return two rows of one effect, the answer second, and two of events."""
    row = {"std_error": 0.1, "conf_low": 0.0, "conf_high": 0.4, "level": 0.95, "n": 400}
    row |= {"clusters": 12, "outcome": "outcome", "facet": "overall", "group": "all", "df": 3.0}
    rows = [
        row | {"term": "effect", "method": "beside", "estimate": 0.1, "label": "Beside"},
        row | {"term": "effect", "method": "answer", "estimate": 0.2, "label": "Answer"},
        row | {"term": "event", "method": "answer", "estimate": 0.3, "label": "1", "period": 1},
        row | {"term": "event", "method": "answer", "estimate": 0.0, "label": "-2", "period": -2},
    ]
    return pd.DataFrame(rows)


def result(effects: pd.DataFrame, **tables: pd.DataFrame) -> Result:
    """Return a result whose headline is its second row."""
    key = {"term": "effect", "method": "answer"}
    return Result("difference_in_differences", effects, key, tables=tables)


TABLE = pd.DataFrame({"period": ["2021Q1"]})


def test_the_headline_stands_first_and_events_apart(
    staging: Staging, effects: pd.DataFrame
) -> None:
    """The row that answers leads its table; rows by period have a table of their own, in order."""
    stage_result(staging, TABLE, result(effects))
    assert staging.frames["estimates"]["label"].tolist() == ["Answer", "Beside"]
    assert staging.frames["event_study"]["period"].tolist() == [-2, 1]
    assert {"estimates", "event_study"} <= set(staging.figures)


def test_a_design_that_brings_its_own_table_keeps_it(
    staging: Staging, effects: pd.DataFrame
) -> None:
    """A table of the same name in the result stands for the rows, and is staged once."""
    own = effects[effects["term"] == "event"].assign(band_low=-1.0, band_high=1.0)
    stage_result(staging, TABLE, result(effects, event_study=own[[*own.columns]]))
    assert "band_low" in staging.frames["event_study"]


def test_a_table_without_a_name_of_ours_is_not_shown(
    staging: Staging, effects: pd.DataFrame
) -> None:
    """What only checks read stays out of the record; asked for by name it is refused."""
    stage_result(staging, TABLE, result(effects, event_covariance=pd.DataFrame({"a": [1.0]})))
    assert "event_covariance" not in staging.frames
    with pytest.raises(AnalysisError, match="event_covariance: has no title"):
        stage_shown(staging, "event_covariance", pd.DataFrame({"a": [1.0]}))


def test_degrees_of_freedom_of_intervals_are_no_residuals(
    parameters: DesignStudy, effects: pd.DataFrame
) -> None:
    """A rule on residual degrees of freedom does not hide an estimate over few clusters."""
    spec = estimates_spec("estimates", "All", parameters, effects)
    assert "df" not in [column.name for column in spec.columns]
    assert "interval_df" in keep_columns(effects)


def test_columns_are_told_by_their_names(parameters: DesignStudy) -> None:
    """People, organisations, averages of people and words are each what they are."""
    frame = pd.DataFrame({"group": ["a"], "mean": [8.0], "base": [90], "units": [3], "gap": [0.1]})
    spec = shown_spec("averages", "T", "D", parameters, frame)
    kinds = {column.name: (column.kind, column.counts, column.base) for column in spec.columns}
    assert kinds["group"][0] == "label"
    assert kinds["mean"] == ("mean", "people", "base")
    assert kinds["base"][:2] == ("count", "people")
    assert kinds["units"][:2] == ("count", "organisations")
    assert kinds["gap"][0] == "estimate"


def test_a_long_rollout_is_a_table_without_a_figure(staging: Staging) -> None:
    """A figure has a row for each cluster, so many clusters have none."""
    names = [f"C{n:02d}" for n in range(MOST_CLUSTERS_DRAWN + 1)]
    frame = pd.DataFrame({"cluster": names, "period": "2021", "treated": False, "n": 50})
    stage_shown(staging, "rollout", frame)
    assert "rollout" in staging.frames
    assert "rollout" not in staging.figures


def test_nothing_is_staged_of_nothing(staging: Staging) -> None:
    """An empty table leaves no trace."""
    stage_effects(staging, "facets", "By facet", pd.DataFrame(), "facets")
    stage_shown(staging, "averages", pd.DataFrame())
    assert staging.frames == {}


def test_titles_hold_no_number() -> None:
    """A release refuses numerals that stand in no table, so words about tables hold none."""
    assert [n for n, w in TABLES.items() if any(c.isdigit() for c in w.title + w.description)] in (
        [],
        ["measured"],
    )


def test_measured_figures_are_shares_of_their_design() -> None:
    """Each row shown is of the design asked for, in per cent; an unknown design has none."""
    assert tabulate_measured("no_design").empty
    shown = tabulate_measured("difference_in_differences")
    assert shown["coverage"].between(0, 100).all()


def test_measured_figures_of_staff_are_told_as_those_of_designs(parameters: DesignStudy) -> None:
    """Staff wellbeing's table has the designs' title and columns, resting on both its sources."""
    words, shown = TABLES["measured"], tabulate_measured("mediation")
    design = shown_spec("measured", words.title, words.description, parameters, shown)
    both = [replace(c, sources=BOTH) if c.sources else c for c in design.columns]
    assert measured_spec() == replace(design, columns=tuple(both))


def test_rows_that_are_people_are_counted_as_people(parameters: DesignStudy) -> None:
    """Where a row is an answer, a number of rows is held to the rules for counts of people."""
    frame = pd.DataFrame({"n": [3], "rows": [3], "estimate": [0.1]})
    answers = parameters.model_copy(update={"data_rows": "people"})
    for held, counted in ((parameters, "organisations"), (answers, "people")):
        spec = shown_spec("cohorts", "T", "D", held, frame)
        kinds = {c.name: (c.kind, c.counts) for c in spec.columns}
        assert kinds["n"] == kinds["rows"] == ("count", counted)


def test_a_rollout_counts_people_whatever_a_row_is(parameters: DesignStudy) -> None:
    """The number in a cell of a roll-out is one of people, also where a row is a unit's period."""
    frame = pd.DataFrame({"cluster": ["a"], "n": [3]})
    spec = shown_spec("rollout", "T", "D", parameters, frame)
    assert {c.name: (c.kind, c.counts) for c in spec.columns}["n"] == ("count", "people")


def test_one_treated_unit_does_not_stop_the_release(parameters: DesignStudy) -> None:
    """Rows and gaps of a panel are no people: one unit's may stand beside how many units it is."""
    frame = pd.DataFrame(
        {
            "group": ["all", "with the intervention", "without"],
            "units": [40, 1, 39],
            "clusters": [40, 1, 39],
            "periods": 24,
            "rows": [960, 24, 936],
            "missing": [3, 1, 2],
        }
    )
    spec = shown_spec("coverage", "T", "D", parameters, frame)
    shown = protect_table(frame, spec, {"data": load_profiles()["fft"]}, 960.0).frame
    assert shown.astype(str).eq(frame.astype(str)).all(axis=None)


def test_numbers_of_periods_are_whole(parameters: DesignStudy) -> None:
    """How many periods lie before and since a start is told without decimals."""
    frame = pd.DataFrame({"cohort": ["a"], "periods_before": [5.0], "periods_since": [7.0]})
    spec = shown_spec("cohorts", "T", "D", parameters, frame)
    assert [c.decimals for c in spec.columns] == [None, 0, 0]


BOUNDS = {
    "mean_outcome": ("points", 2),
    "conf_low": ("points", 2),
    "difference": ("points", 3),
    "difference_low": ("points", 3),
    "difference_high": ("points", 3),
}


def test_ends_under_other_names_have_the_outcome_s_unit(parameters: DesignStudy) -> None:
    """An average is told as the outcome is, and every end in the unit of what it is an end of."""
    frame = pd.DataFrame({name: [0.1] for name in BOUNDS})
    spec = shown_spec("dose_bands", "T", "D", parameters, frame)
    assert {c.name: (c.unit, c.decimals) for c in spec.columns} == BOUNDS
    lower = shown_spec("leave_one_out", "T", "D", parameters, pd.DataFrame({"lower_end": [0.1]}))
    assert (lower.columns[0].unit, lower.columns[0].decimals) == ("points", 3)


def test_a_ratio_has_no_unit_of_the_outcome(parameters: DesignStudy) -> None:
    """What stands beside labels of ratios is told without the outcome's unit."""
    frame = pd.DataFrame({"label": ["Ratio in slope"], "estimate": [1.1], "conf_low": [0.9]})
    spec = shown_spec("baseline", "T", "D", parameters, frame)
    assert [c.unit for c in spec.columns] == ["", "", ""]


def test_levels_of_a_percentage_are_percentages(parameters: DesignStudy) -> None:
    """A difference of percentages is in percentage points, and a percentage in per cent."""
    points = parameters.model_copy(
        update={"outcome_unit": "percentage points", "outcome_kind": "percentage"}
    )
    frame = pd.DataFrame({"observed": [81.2], "estimate": [4.6]})
    spec = shown_spec("series", "T", "D", points, frame)
    assert [c.unit for c in spec.columns] == ["%", "percentage points"]


def test_what_counts_are_out_of_are_no_people_who_answered(parameters: DesignStudy) -> None:
    """The base of a count of events is what it is out of; that of a score, who answered."""
    frame = pd.DataFrame({"base": [900]})
    counts = parameters.model_copy(update={"outcome_kind": "count"})
    labels = [
        shown_spec("averages", "T", "D", held, frame).columns[0].label
        for held in (parameters, counts)
    ]
    assert labels == ["People who answered", "What the rate is out of"]


def test_periods_since_the_start_stand_in_their_order(
    staging: Staging, effects: pd.DataFrame
) -> None:
    """Periods counted from the start are ordered as numbers, if written as words too."""
    rows = effects[effects["term"] == "event"]
    many = pd.concat([rows.assign(period=str(n)) for n in (-2, -10, 1, -9)], ignore_index=True)
    head = effects[effects["term"] == "effect"].assign(period="")
    stage_result(staging, TABLE, result(pd.concat([head, many], ignore_index=True)))
    shown = staging.frames["event_study"]["period"].drop_duplicates()
    assert shown.tolist() == ["-10", "-9", "-2", "1"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [(["SYN1", "SYN2"], "Two clusters"), (["Started 2021 (40 clusters)", "B"], "Two groups")],
)
def test_a_row_of_a_rollout_is_called_what_it_is(
    staging: Staging, rows: list[str], told: str
) -> None:
    """Where many clusters are one row, the words say groups."""
    frame = pd.DataFrame({"cluster": rows, "period": "2021", "treated": False, "n": 50})
    stage_shown(staging, "rollout", frame)
    assert told in staging.figures["rollout"]["alt"]


def test_the_curve_of_a_dose_is_drawn(staging: Staging) -> None:
    """The two lines of a dose stand in a figure beside their table."""
    row = {"shape": "linear", "difference": 0.1, "conf_low": 0.0, "conf_high": 0.2}
    frame = pd.DataFrame([row | {"dose": dose} for dose in (10.0, 20.0)])
    stage_shown(staging, "curve", frame)
    assert staging.figures["curve"]["chart"] == "dose_curve"


def test_both_bounds_on_trends_are_told() -> None:
    """The words of the bounds name moves as a multiple and the turn of the slope."""
    told = TABLES["honest_did"].description
    assert "so many times what was seen" in told
    assert "slope turns" in told


def test_each_table_says_what_it_is_a_difference_in(
    staging: Staging, effects: pd.DataFrame
) -> None:
    """Facets are each a part of experience; effects by period are told as what they are."""
    stage_result(staging, TABLE, result(effects))
    stage_effects(staging, "facets", "By facet", effects.head(2), "facets")
    assert staging.tables["facets"]["description"].startswith("Difference in each part")
    told = staging.tables["event_study"]["description"]
    assert told.startswith("The difference in each period")
    assert "in points" in told


def test_periods_are_called_by_their_length(staging: Staging, effects: pd.DataFrame) -> None:
    """A table that the design brings itself is drawn in quarters where periods are quarters."""
    own = pd.DataFrame({"period": [-2, 0], "estimate": 0.1, "conf_low": 0.0, "conf_high": 0.2})
    stage_result(staging, TABLE, result(effects, event_study=own))
    assert "quarters since the start" in staging.figures["event_study"]["alt"]
