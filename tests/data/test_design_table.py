"""The table of a design: roles by name, calendar times, starts, and what it refuses."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.data.design_table import make_table, tabulate_averages, tabulate_coverage
from evalkit.data.sources import Source
from evalkit.errors import DataError
from evalkit.study import load_parameters
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.design_study import DesignStudy

ROOT = Path(__file__).resolve().parents[2]


def study(design: str = "difference_in_differences", **changes: Any) -> DesignStudy:
    """Return the embedded study of a design, changed, with columns that are called as roles."""
    loaded = load_parameters(ROOT / "parameters" / "difference_in_differences.yml")
    values = loaded.model_dump() | {"notebook": design, "subgroups": [], "co_production": []}
    values["alternatives"] = {}
    values = {k: v for k, v in (values | changes).items() if k in SCHEMAS[design].model_fields}
    made = SCHEMAS[design].model_validate(values)
    assert isinstance(made, DesignStudy)
    return made


def sources(frame: pd.DataFrame) -> dict[str, Source]:
    """Return the frame as the source that was read."""
    return {"data": Source("data", "cqc_survey", "table", frame, "0" * 64, len(frame), True)}


@pytest.fixture
def frame() -> pd.DataFrame:
    """Return two wards over three quarters, out of order."""
    return pd.DataFrame(
        {
            "unit": ["b", "b", "b", "a", "a", "a"],
            "period": ["2021Q2", "2021Q1", "2021Q3"] * 2,
            "outcome": [7.0, 6.0, 8.0, 5.0, 5.0, np.nan],
            "treated": [True, True, True, False, False, False],
        }
    )


COLUMNS = {"unit": "unit", "period": "period", "outcome": "outcome", "treated": "treated"}


def test_times_follow_the_calendar_and_starts_the_group(frame: pd.DataFrame) -> None:
    """Quarters one apart differ by 1; the group starts at the start, the others never."""
    made = make_table(sources(frame), study(start_period="2021Q2", data_columns=COLUMNS))
    assert made["unit"].tolist() == ["a", "a", "a", "b", "b", "b"]
    assert made["time"].diff().tolist()[1:3] == [1, 1]
    assert made["treated"].tolist() == [False, False, False, False, True, True]
    assert made["first_treated"].isna().tolist() == [True] * 3 + [False] * 3
    assert made["cluster"].equals(made["unit"])
    assert made["weight"].eq(1).all()


def test_the_source_is_left_as_it_is(frame: pd.DataFrame) -> None:
    """Making the table changes nothing of what was read."""
    before = frame.copy(deep=True)
    make_table(sources(frame), study(start_period="2021Q2", data_columns=COLUMNS))
    pd.testing.assert_frame_equal(frame, before)


def test_a_start_outside_the_data_is_refused(frame: pd.DataFrame) -> None:
    """The message names the parameter and what is allowed."""
    with pytest.raises(DataError, match=r"start_period \(2031Q2\): not among the 3 periods"):
        make_table(sources(frame), study(start_period="2031Q2", data_columns=COLUMNS))


def test_what_only_alternatives_name_is_read(frame: pd.DataFrame) -> None:
    """A cause is a number and a group yes or no; a stretch with a period not there is refused."""
    named = {"alternatives": {"adjust_for": [["staff"]], "leave_out": ["pilot"]}}
    columns = COLUMNS | {"staff": "staff", "pilot": "pilot"}
    given = frame.assign(staff=3, pilot=pd.array([True, False] * 3, dtype="boolean"))
    made = make_table(sources(given), study(start_period="2021Q2", data_columns=columns, **named))
    assert made["staff"].dtype == float
    assert made["pilot"].dtype == bool
    window = {"alternatives": {"periods": [["2021Q1", "2029Q1"]]}}
    parameters = study(start_period="2021Q2", data_columns=COLUMNS, **window)
    with pytest.raises(DataError, match=r"alternatives, periods: 1 are not in the data \(2029Q1\)"):
        make_table(sources(frame), parameters)


def test_periods_that_are_absent_are_refused(frame: pd.DataFrame) -> None:
    """A period asked for and not there is named."""
    parameters = study(start_period="2021Q2", data_columns=COLUMNS, periods=["2021Q1", "2029Q1"])
    with pytest.raises(DataError, match=r"1 are not in the data \(2029Q1\)"):
        make_table(sources(frame), parameters)


STAGGERED = {"unit": "unit", "period": "period", "outcome": "outcome", "first_treated": "start"}


def test_only_rows_that_are_asked_for_are_read(frame: pd.DataFrame) -> None:
    """Rows are chosen by a role's value; a value that no row has is refused."""
    sites = frame.assign(trust=["north"] * 2 + ["south"] * 4)
    chosen = {"data_columns": {**COLUMNS, "site": "trust"}, "start_period": "2021Q3"}
    made = make_table(sources(sites), study(**chosen, only={"site": "south"}))
    assert (len(made), set(made["site"])) == (4, {"south"})
    with pytest.raises(DataError, match="only: no row has east as its site"):
        make_table(sources(sites), study(**chosen, only={"site": "east"}))


def test_each_unit_has_its_own_start(frame: pd.DataFrame) -> None:
    """A start is a period; where there is none, the unit never starts."""
    begun = frame.assign(start=["2021Q3"] * 3 + [None] * 3)
    made = make_table(sources(begun), study("staggered_adoption", data_columns=STAGGERED))
    assert made["treated"].tolist() == [False] * 5 + [True]


def test_a_start_that_moves_is_refused(frame: pd.DataFrame) -> None:
    """A unit with two starts is counted, and not named."""
    begun = frame.assign(start=["2021Q3", "2021Q2", "2021Q3", None, None, None])
    with pytest.raises(DataError, match="1 units have more than one start"):
        make_table(sources(begun), study("staggered_adoption", data_columns=STAGGERED))


def test_a_start_of_another_kind_is_refused(frame: pd.DataFrame) -> None:
    """Years among quarters have no place on one calendar."""
    begun = frame.assign(start=["2021"] * 3 + [None] * 3)
    with pytest.raises(DataError, match=r"2 kinds \(quarter, year\)"):
        make_table(sources(begun), study("staggered_adoption", data_columns=STAGGERED))


def test_yes_counts_one_hundred() -> None:
    """Answers of yes and no become percentages."""
    frame = pd.DataFrame(
        {
            "unit": ["a", "a", "b", "b"],
            "period": ["2021", "2022"] * 2,
            "outcome": pd.array([True, False, None, True], dtype="boolean"),
            "treated": [True, True, False, False],
        }
    )
    parameters = study(start_period="2022", data_columns=COLUMNS, outcome_kind="yes_no")
    made = make_table(sources(frame), parameters)
    assert made["outcome"].tolist()[:2] == [100.0, 0.0]
    assert np.isnan(made["outcome"].iloc[2])


def test_coverage_is_counted_by_hand(frame: pd.DataFrame) -> None:
    """All, with and without: units, periods, rows, and one outcome missing."""
    made = make_table(sources(frame), study(start_period="2021Q2", data_columns=COLUMNS))
    counted = tabulate_coverage(made).set_index("group")
    assert counted.loc["all", ["units", "rows", "missing"]].tolist() == [2, 6, 1]
    assert counted.loc["without", ["units", "missing"]].tolist() == [1, 1]


def test_averages_are_weighted_by_hand(frame: pd.DataFrame) -> None:
    """Where answers are unknown, rows stand for them; a missing outcome gives no average."""
    made = make_table(sources(frame), study(start_period="2021Q2", data_columns=COLUMNS))
    shown = tabulate_averages(made)
    mean = shown.set_index(["group", "period"])["mean"]
    assert mean["with the intervention", "2021Q3"] == 8.0
    assert ("without", "2021Q3") not in mean.index


def test_answers_without_a_weight_have_no_part_in_averages(frame: pd.DataFrame) -> None:
    """A weight of nought or none leaves a row out, and a period where nobody has one."""
    made = make_table(sources(frame), study(start_period="2021Q2", data_columns=COLUMNS))
    known = made[made["outcome"].notna()]
    last = known["period"] == "2021Q3"
    weight = np.where(last, 0.0, np.where(known["unit"] == known["unit"].iloc[0], 3.0, np.nan))
    shown = tabulate_averages(known.assign(weight=weight))
    assert "2021Q3" not in set(shown["period"])
    assert shown["mean"].notna().all()
    assert set(shown["group"]) == {"without"}
