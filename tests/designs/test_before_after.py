"""Before and after: by hand, what chance explains, recovery, words, and refusals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.designs.before_after import estimate
from evalkit.errors import AnalysisError
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.study.schemas.before_after import BeforeAfter

RUNS = 150


@pytest.fixture(scope="module")
def study() -> BeforeAfter:
    """Return parameters of a study whose start is 2004."""
    return BeforeAfter.model_validate(
        {
            "study": "made",
            "notebook": "before_after",
            "title": "Made",
            "question": "Did it change?",
            "population": "made-up wards",
            "estimand": "average change",
            "co_production": [],
            "intervention_name": "the pathway",
            "outcome_name": "experience",
            "outcome_unit": "points",
            "outcome_facet": "overall",
            "minimum_important_difference": 0.2,
            "data_profile": "cqc_survey",
            "data_columns": {"unit": "u", "period": "p", "outcome": "y"},
            "seed": 1,
            "start_period": "2004",
        }
    )


def as_table(values: np.ndarray, names: list[str] | None = None, start: int = 2004) -> pd.DataFrame:
    """Lay out `values` (units, periods) from 2000 on as the data part would."""
    units, periods = values.shape
    unit = np.repeat(names or [f"W{i:03d}" for i in range(units)], periods)
    time = np.tile(np.arange(2000, 2000 + periods), units)
    return pd.DataFrame(
        {
            "unit": unit,
            "unit_name": unit,
            "period": time.astype(str),
            "time": time,
            "outcome": values.ravel(),
            "outcome_base": np.nan,
            "cluster": unit,
            "weight": 1.0,
            "first_treated": float(start),
            "treated": time >= start,
        }
    )


def by_hand() -> pd.DataFrame:
    """Three wards at 4, 5 and 6 rise by 1, 2 and 6; four periods before and two after."""
    before = np.array([4.0, 5.0, 6.0])
    rise = np.array([1.0, 2.0, 6.0])
    return as_table(np.column_stack([before] * 4 + [before + rise] * 2))


def make_chosen(seed: int, *, lowest: bool, effect: float = 0.3) -> pd.DataFrame:
    """The lowest (highest) fifth of 300 wards by their results in 2002 and 2003."""
    rng = np.random.default_rng(seed)
    values = 7 + 0.4 * rng.normal(size=(300, 1)) + 0.5 * rng.normal(size=(300, 6))
    order = np.argsort(values[:, 2:4].mean(axis=1))
    chosen = values[order[:60] if lowest else order[-60:]]
    chosen[:, 4:] += effect
    table = as_table(chosen)
    return table.assign(chosen_by=table["outcome"])


def chosen_study(study: BeforeAfter, *, lowest: bool = True) -> BeforeAfter:
    """Say in the parameters how those wards were chosen."""
    changes = {
        "selected": "lowest" if lowest else "highest",
        "selected_share": 0.2,
        "selection_periods": ["2002", "2003"],
    }
    return study.model_copy(update=changes)


def rows(result: Result) -> pd.DataFrame:
    """Return the estimates by term."""
    return result.estimates.set_index("term")


def test_mean_change_by_hand(study: BeforeAfter) -> None:
    """Rises of 1, 2 and 6 average 3, with the t-test's interval of three numbers."""
    head = estimate(by_hand(), study).headline
    test = stats.ttest_1samp([1, 2, 6], 0).confidence_interval()
    assert head["term"] == "change"
    assert head["estimate"] == pytest.approx(3)
    assert head["std_error"] ** 2 == pytest.approx(7 / 3)
    assert (head["conf_low"], head["conf_high"]) == pytest.approx((test.low, test.high))
    assert (head["n"], head["clusters"], head["df"]) == (18, 3, pytest.approx(2))


def test_it_never_permits_cause(study: BeforeAfter) -> None:
    """However clear the change, the design may not be read as cause."""
    result = estimate(by_hand(), study)
    assert not result.permits_cause
    assert list(result.estimates.columns[: len(ESTIMATE_COLUMNS)]) == list(ESTIMATE_COLUMNS)


def test_events_become_rates(study: BeforeAfter) -> None:
    """A ward with twice the stays and twice the complaints has not changed."""
    table = as_table(np.array([[10.0] * 4 + [20.0] * 2, [8.0] * 4 + [16.2] * 2]))
    table["outcome_base"] = np.where(table["time"] >= 2004, 2000.0, 1000.0)
    head = estimate(table, study.model_copy(update={"outcome_kind": "count"})).headline
    assert head["estimate"] == pytest.approx(0.05)


def test_measured_causes_are_held_fixed(study: BeforeAfter) -> None:
    """A change that a measured cause explains is taken out."""
    levels = np.array([[4.0], [5.0], [6.0]])
    table = as_table(levels + np.array([0.0] * 4 + [3.0] * 2))
    rng = np.random.default_rng(1)
    table["staffing"] = rng.normal(size=len(table)) + table["treated"]
    table["outcome"] += 2 * table["staffing"]
    head = estimate(table, study.model_copy(update={"adjust_for": ["staffing"]})).headline
    assert head["estimate"] == pytest.approx(3, abs=1e-9)


def test_chance_by_hand(study: BeforeAfter) -> None:
    """With a known correlation: z of a fifth is 0.8416, C 1.3998; all else is arithmetic."""
    table = make_chosen(1, lowest=True)
    given = chosen_study(study).model_copy(update={"period_correlation": 0.4})
    found = rows(estimate(table, given))
    decisive = table[table["time"].between(2002, 2003)].groupby("unit")["outcome"].mean()
    whole = decisive.var() / (1 + 0.8416 * 1.3998 - 1.3998**2)
    inner = (0.6 / 2) / (0.4 + 0.6 / 2) * whole
    expected = inner / np.sqrt(whole) * 1.3998 * 2 / 4
    assert found.loc["regression_to_the_mean", "estimate"] == pytest.approx(expected, rel=1e-3)


def test_what_is_beyond_chance_is_the_headline(study: BeforeAfter) -> None:
    """For chosen units the answer is the change less what was expected; the parts stand beside."""
    result = estimate(make_chosen(2, lowest=True), chosen_study(study))
    found = rows(result)["estimate"]
    assert result.headline["term"] == "change_beyond"
    assert found["change_beyond"] == pytest.approx(
        found["change"] - found["regression_to_the_mean"]
    )
    assert len(result.tables["regression_to_the_mean"]) == 3
    assert any(
        "lowest 20% of all by their results in 2 periods" in remark for remark in result.remarks
    )


@pytest.mark.parametrize("lowest", [True, False])
def test_recovers_what_is_beyond_chance(study: BeforeAfter, lowest: bool) -> None:
    """Over made-up wards the plain change is off by chance; what is beyond it is the truth."""
    found, held = [], 0
    for seed in range(RUNS):
        result = rows(
            estimate(make_chosen(seed, lowest=lowest), chosen_study(study, lowest=lowest))
        )
        found.append(result.loc[["change", "change_beyond"], "estimate"].to_numpy(float))
        low, high = result.loc["change_beyond", ["conf_low", "conf_high"]]
        held += low <= 0.3 <= high
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(RUNS)
    assert abs(mean[0] - 0.3) > 0.1
    assert abs(mean[1] - 0.3) < 3.3 * error[1]
    assert held / RUNS > 0.95 - 3.3 * np.sqrt(0.95 * 0.05 / RUNS)


def test_a_result_that_did_not_decide_comes_back_less(study: BeforeAfter) -> None:
    """Of a result that has nothing to do with what decided, no change is expected by chance."""
    table = make_chosen(5, lowest=True, effect=0.0)
    table["outcome"] = np.random.default_rng(5).normal(7, 0.5, len(table))
    found = rows(estimate(table, chosen_study(study))).loc["regression_to_the_mean"]
    assert found["conf_low"] < 0 < found["conf_high"]
    assert abs(found["estimate"]) < 0.05


def test_chance_that_cannot_be_told(study: BeforeAfter) -> None:
    """With one period a side the change stays the headline, and the words warn of it."""
    table = make_chosen(3, lowest=True)
    table = table[table["time"].between(2003, 2004)]
    given = chosen_study(study).model_copy(update={"selection_periods": None})
    result = estimate(table, given)
    assert result.headline["term"] == "change"
    assert any("How much cannot be told" in remark for remark in result.remarks)


def test_too_few_units_tell_no_chance(study: BeforeAfter) -> None:
    """Two chosen wards do not show how far all wards vary: the words say so, by that reason."""
    table = make_chosen(3, lowest=True)
    result = estimate(table[table["unit"].isin(["W000", "W001"])], chosen_study(study))
    assert result.headline["term"] == "change"
    assert any("fewer than 5 clusters" in remark for remark in result.remarks)


def test_many_clusters_take_plain_errors(study: BeforeAfter) -> None:
    """Above 200 clusters plain clustered errors are used, and are the t-test's."""
    rng = np.random.default_rng(4)
    values = rng.normal(size=(250, 6))
    head = estimate(as_table(values), study).headline
    changes = values[:, 4:].mean(axis=1) - values[:, :4].mean(axis=1)
    assert head["method"] == "clustered"
    assert head["std_error"] == pytest.approx(stats.sem(changes), rel=1e-3)


def test_remarks_count_what_is_left_out(study: BeforeAfter) -> None:
    """A ward seen on one side of the start only is left out, and counted."""
    table = by_hand()
    lone = (table["unit"] == "W002") & table["treated"]
    result = estimate(table[~lone], study)
    assert "1 unit seen on one side of the start only left out." in result.remarks
    assert result.headline["estimate"] == pytest.approx(1.5)


REFUSALS: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], dict[str, Any], str]] = {
    "one unit": (
        lambda t: t[t["unit"] == "W000"],
        {},
        r"cluster: 1 with outcomes.*interrupted_time_series",
    ),
    "nobody": (lambda t: t.assign(first_treated=np.nan), {}, r"no unit ever starts"),
    "no before": (lambda t: t[t["treated"]], {}, r"no outcome lies before the start"),
    "no after": (lambda t: t[~t["treated"]], {}, r"no outcome lies from the start"),
    "several starts": (
        lambda t: t.assign(first_treated=2004.0 + (t["unit"] == "W000")),
        {},
        r"2 different periods. Use staggered_adoption",
    ),
    "constant": (lambda t: t.assign(outcome=5.0), {}, r"outcome: does not change"),
    "no outcome": (lambda t: t.assign(outcome=np.nan), {}, r"outcome: no row has an outcome"),
    "collinear": (
        lambda t: t.assign(copy=t["treated"].astype(float) * 2),
        {"adjust_for": ["copy"]},
        r"copy: within units.*adjust_for",
    ),
    "no share": (lambda t: t, {"selected": "lowest"}, r"selected_share: missing"),
    "not by what": (
        lambda t: t,
        {"selected": "lowest", "selected_share": 0.2},
        r"chosen_by: mapped to no column",
    ),
    "no such period": (
        lambda t: t.assign(chosen_by=t["outcome"]),
        {"selected": "lowest", "selected_share": 0.2, "selection_periods": ["2003", "2005"]},
        r"selection_periods: 1 of 2 are not among the periods before",
    ),
}


@pytest.mark.parametrize("case", list(REFUSALS))
def test_refusals(study: BeforeAfter, case: str) -> None:
    """What cannot be compared is refused, with what is wrong and what to do next."""
    turn, changes, words = REFUSALS[case]
    with pytest.raises(AnalysisError, match=words):
        estimate(turn(by_hand()), study.model_copy(update=changes))
