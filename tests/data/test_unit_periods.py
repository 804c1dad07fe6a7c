"""People's answers made a panel: means, weights, bases, groups of people, and what is refused."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from evalkit.data.design_table import make_table, tabulate_averages
from evalkit.data.sources import Source, read_sources
from evalkit.data.unit_periods import take_group
from evalkit.designs.by_group import estimate_groups
from evalkit.designs.interrupted_series import arrange
from evalkit.errors import DataError, ParameterError
from evalkit.planning.specifications import Specification
from evalkit.study import load_parameters
from evalkit.study.parameters import validate
from evalkit.study.schemas.design_study import DesignStudy

ROOT = Path(__file__).resolve().parents[2]
DESIGNS = ("staggered_adoption", "interrupted_time_series", "synthetic_control", "dose_response")
KEY = {"unit": "ward", "period": "month", "outcome": "answer"}


def study(design: str, columns: dict[str, str], **changes: Any) -> DesignStudy:
    """Return the embedded study of a design with these columns of people's answers."""
    values = load_parameters(ROOT / "parameters" / f"{design}.yml").model_dump()
    plain = {"data_rows": "people", "subgroups": [], "adjust_for": [], "placebo_outcomes": []}
    values |= plain | {"data_columns": columns, "draws": 99, "alternatives": {}}
    made = validate(values | changes, "made")
    assert isinstance(made, DesignStudy)
    return made


def table_of(frame: pd.DataFrame, parameters: DesignStudy) -> pd.DataFrame:
    """Return the design's table of a frame that was read."""
    read = Source("data", "cqc_survey", "table", frame, "0" * 64, len(frame), True)
    return make_table({"data": read}, parameters)


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """Return 6,000 answers in 12 wards of 6 trusts over 20 months, some missing, with weights."""
    rng = np.random.default_rng(5)
    ward = rng.integers(0, 12, 6000)
    frame = pd.DataFrame(
        {
            "ward": [f"W{one:02d}" for one in ward],
            "trust": [f"T{one // 2}" for one in ward],
            "month": [f"{2021 + m // 12}-{m % 12 + 1:02d}" for m in rng.integers(0, 20, 6000)],
            "control": pd.array(ward >= 6, dtype="boolean"),
            "start": np.where(ward < 4, "2021-09", None),
            "weight": rng.uniform(0.5, 4, 6000),
            "carer": pd.array(rng.random(6000) < 0.5, dtype="boolean"),
            "pilot": pd.array(ward % 2 == 0, dtype="boolean"),
            "age": rng.integers(18, 90, 6000).astype(float),
        }
    )
    frame["answer"] = np.clip(rng.normal(6, 2, 6000) + 0.5 * frame["carer"].astype(float), 0, 10)
    frame["felt"] = np.clip(frame["answer"] + rng.normal(0, 1, 6000), 0, 10)
    frame.loc[rng.random(6000) < 0.1, "answer"] = np.nan
    return frame


STAGGERED = KEY | {"first_treated": "start", "weight": "weight"}


def test_means_are_those_of_a_weighted_average_by_hand(people: pd.DataFrame) -> None:
    """Outcome, facet and cause: known answers by their weights; base and Kish's number of them."""
    columns = STAGGERED | {"felt": "felt", "age": "age", "cluster": "trust"}
    made = table_of(people, study("staggered_adoption", columns, adjust_for=["age"]))
    assert len(made) == len(made[["unit", "time"]].drop_duplicates()) == 240
    known = people.dropna(subset=["answer"]).groupby(["ward", "month"])
    every = people.groupby(["ward", "month"])

    def average(name: str, rows: Any) -> list[float]:
        return [float(np.average(cell[name], weights=cell["weight"])) for _, cell in rows]

    assert made["outcome"].to_numpy() == pytest.approx(average("answer", known))
    assert made["felt"].to_numpy() == pytest.approx(average("felt", every))
    assert made["age"].to_numpy() == pytest.approx(average("age", every))
    assert made["outcome_base"].tolist() == known.size().tolist()
    kish = known["weight"].sum() ** 2 / known["weight"].agg(lambda w: float((w**2).sum()))
    assert made["effective_base"].to_numpy() == pytest.approx(kish.to_numpy())
    scaled = known["weight"].mean() / people["weight"].mean()
    assert made["weight"].to_numpy() == pytest.approx(scaled.to_numpy())
    assert made.groupby("unit")["cluster"].first().tolist()[:3] == ["T0", "T0", "T1"]
    assert made.groupby("unit")["first_treated"].first().notna().sum() == 4


@pytest.mark.parametrize("design", DESIGNS)
def test_answers_give_what_their_panel_gives(design: str) -> None:
    """Four answers about each mean of the embedded panel: every number is the same."""
    panel = load_parameters(ROOT / "parameters" / f"{design}.yml")
    assert isinstance(panel, DesignStudy)
    panel = panel.model_copy(update={"draws": 99, "alternatives": {}})
    source = read_sources(panel)["data"]
    columns = dict(panel.data_columns)
    base, outcome = columns.pop("outcome_base"), columns["outcome"]
    about = np.tile([-0.5, 0.5, -0.25, 0.25], len(source.frame))
    rows = source.frame.assign(**{base: 4})
    answers = rows.loc[rows.index.repeat(4)].drop(columns=base).reset_index(drop=True)
    answers[outcome] += about
    asked = panel.model_copy(update={"data_rows": "people", "data_columns": columns})
    estimate = import_module(f"evalkit.designs.{design}").estimate
    by_panel = estimate(table_of(rows, panel), panel)
    by_people = estimate(table_of(answers, asked), asked)
    numbers = ["estimate", "conf_low", "conf_high"]
    pd.testing.assert_frame_equal(
        by_people.estimates[["term", "method", *numbers]],
        by_panel.estimates[["term", "method", *numbers]],
        rtol=1e-5,
    )
    assert by_people.remarks == by_panel.remarks


def test_answers_without_an_outcome_are_told(people: pd.DataFrame) -> None:
    """How many, of how many, and when it does no harm; and that answers count by their weights."""
    made = table_of(people, study("staggered_adoption", STAGGERED))
    remarks = (
        import_module("evalkit.designs.staggered_adoption")
        .estimate(made, study("staggered_adoption", STAGGERED))
        .remarks
    )
    lacking = int(people["answer"].isna().sum())
    said = f"{lacking} answers of 6,000 lack an outcome or a weight and are left out."
    assert any(remark.startswith(said) for remark in remarks)
    assert any("answers count by their weights" in remark for remark in remarks)


ITS = KEY | {"control": "control", "weight": "weight"}


def test_a_series_of_weighted_answers_is_one_weighted_regression(people: pd.DataFrame) -> None:
    """Wards become one series as if all answers were one ward's; periods count by Kish's number."""
    parameters = study(
        "interrupted_time_series",
        KEY | {"weight": "weight"},
        start_period="2021-11",
        outcome_kind="score",
        season="none",
    )
    made = table_of(people, parameters)
    known = people.dropna(subset=["answer"]).groupby("month")
    mean = np.array([np.average(cell["answer"], weights=cell["weight"]) for _, cell in known])
    sure = np.array([cell["weight"].sum() ** 2 / (cell["weight"] ** 2).sum() for _, cell in known])
    series = arrange(made, parameters).treated
    assert series.outcome == pytest.approx(mean)
    assert series.sure == pytest.approx(sure)
    assert series.base.sum() == people["answer"].notna().sum()
    after = np.arange(20) >= 10
    design = np.column_stack([np.ones(20), np.arange(20), after, after * (np.arange(20) - 10)])
    level = sm.WLS(mean, design, weights=sure).fit().params[2]
    estimate = import_module("evalkit.designs.interrupted_time_series").estimate
    found = estimate(made, parameters).estimates.query("term == 'level'").set_index("method")
    assert found.loc["least_squares", "estimate"] == pytest.approx(level)


def test_yes_is_a_percentage_and_events_are_added_up(people: pd.DataFrame) -> None:
    """Half of yes is 50; three events of two people count two people, or the days they stayed."""
    frame = pd.DataFrame(
        {
            "ward": ["a", "a", "b", "b"],
            "month": ["2021", "2021", "2021", "2021"],
            "yes": pd.array([True, False, None, True], dtype="boolean"),
            "events": [1, 2, 0, None],
            "days": [4, 6, 5, 5],
            "start": [None] * 4,
        }
    )
    columns = {"unit": "ward", "period": "month", "first_treated": "start"}
    asked = study("staggered_adoption", columns | {"outcome": "yes"}, outcome_kind="yes_no")
    made = table_of(frame, asked)
    assert made["outcome"].tolist() == [50, 100]
    assert made["outcome_base"].tolist() == [2, 1]
    asked = study("staggered_adoption", columns | {"outcome": "events"}, outcome_kind="count")
    made = table_of(frame, asked)
    assert made[["outcome", "outcome_base"]].to_numpy().tolist() == [[3, 2], [0, 1]]
    days = columns | {"outcome": "events", "outcome_base": "days"}
    made = table_of(frame, study("staggered_adoption", days, outcome_kind="count"))
    assert made[["outcome", "outcome_base"]].to_numpy().tolist() == [[3, 10], [0, 5]]


def test_a_group_of_people_is_averaged_by_itself(people: pd.DataFrame) -> None:
    """Carers' panel is that of their answers alone; a group of wards is a choice of rows."""
    columns = STAGGERED | {"carer": "carer", "pilot": "pilot", "felt": "felt"}
    parameters = study("staggered_adoption", columns, subgroups=["carer", "pilot"])
    made = table_of(people, parameters)
    alone = study("staggered_adoption", STAGGERED | {"felt": "felt"})
    for inside in (True, False):
        expected = table_of(people[people["carer"] == inside], alone)
        found = take_group(made, "carer", inside=inside)
        for name in ("outcome", "felt", "outcome_base", "effective_base"):
            assert found[name].to_numpy() == pytest.approx(expected[name].to_numpy())
    assert made["pilot"].dtype == bool
    assert take_group(made, "pilot", inside=True)["unit"].nunique() == 6
    estimate = import_module("evalkit.designs.staggered_adoption").estimate
    groups = estimate_groups(made, parameters, estimate).set_index("group")
    carers = table_of(people[people["carer"].astype(bool)], alone)
    assert groups.loc["carer:yes", "estimate"] == pytest.approx(
        estimate(carers, alone).headline["estimate"]
    )


def test_alternatives_leave_people_out(people: pd.DataFrame) -> None:
    """Without carers, and with a facet in the outcome's place: the same as from their answers."""
    columns = STAGGERED | {"carer": "carer", "felt": "felt"}
    allowed = {"leave_out": ["carer"], "outcome": ["felt"]}
    parameters = study("staggered_adoption", columns, alternatives=allowed)
    made = table_of(people, parameters)
    chosen = Specification({"leave_out": "carer", "outcome": "felt"}, main=False)
    rows, _ = chosen.apply(made, parameters)
    others = people[~people["carer"].astype(bool)].assign(answer=lambda frame: frame["felt"])
    expected = table_of(others, study("staggered_adoption", STAGGERED))
    assert rows["outcome"].to_numpy() == pytest.approx(expected["outcome"].to_numpy())


def test_averages_count_people(people: pd.DataFrame) -> None:
    """The table of averages counts the answers behind each, not the rows of the panel."""
    averages = tabulate_averages(table_of(people, study("staggered_adoption", STAGGERED)))
    assert averages["base"].sum() == people["answer"].notna().sum()


def test_what_belongs_to_a_unit_must_not_differ_within_it(people: pd.DataFrame) -> None:
    """Start, control and cluster: named and counted, without any value."""
    columns = STAGGERED | {"cluster": "trust"}
    moved = people.assign(
        trust=np.where(people["month"] > "2022-01", "T9", people["trust"]),
        start=np.where(people["ward"] == "W01", people["month"], people["start"]),
    )
    with pytest.raises(
        DataError, match=r"cluster \(12 units\).*first_treated \(1 unit\)|first_tre"
    ):
        table_of(moved, study("staggered_adoption", columns))
    split = people.assign(control=people["carer"])
    with pytest.raises(DataError, match=r"control \(12 units\): differs between the answers"):
        table_of(split, study("interrupted_time_series", ITS, outcome_kind="score"))


def test_weights_below_zero_are_refused_and_none_leaves_out(people: pd.DataFrame) -> None:
    """A weight may be missing or nought, and the answer then counts for nothing; not negative."""
    parameters = study("staggered_adoption", STAGGERED)
    gaps = people.assign(weight=people["weight"].where(people["carer"].astype(bool)))
    made = table_of(gaps, parameters)
    kept = people["answer"].notna() & people["carer"].astype(bool)
    assert made["outcome_base"].sum() == kept.sum()
    with pytest.raises(DataError, match="weight: 6,000 rows below zero"):
        table_of(people.assign(weight=-1.0), parameters)


def test_bases_and_weights_out_of_place_are_refused() -> None:
    """Bases of averages beside answers, and weights of a panel that counts units the same."""
    with pytest.raises(ParameterError, match="Take outcome_base out"):
        study("staggered_adoption", STAGGERED | {"outcome_base": "n"})
    for design, role in (
        ("staggered_adoption", "first_treated"),
        ("synthetic_control", "treated"),
        ("dose_response", "dose"),
    ):
        columns = KEY | {role: role, "weight": "weight"}
        with pytest.raises(ParameterError, match="weight is read of people's answers only"):
            study(design, columns, data_rows="panel")
