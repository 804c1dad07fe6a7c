"""Dose-response within units: by hand, recovery, bends and bands, refusal."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.designs import dose_response
from evalkit.errors import AnalysisError
from evalkit.results import ESTIMATE_COLUMNS, Result, pick_row
from evalkit.study.schemas.dose_response import DoseResponse

SLOPE = 0.3
STUDY: dict[str, Any] = {
    "study": "wards",
    "notebook": "dose_response",
    "title": "Hours of protected time and experience",
    "question": "Does more protected time come with better experience?",
    "population": "made-up wards",
    "estimand": "difference per hour within wards",
    "co_production": [],
    "intervention_name": "protected time",
    "dose_name": "protected time",
    "dose_unit": "hours",
    "dose_step": 1.0,
    "outcome_name": "experience",
    "outcome_unit": "points",
    "outcome_facet": "felt",
    "minimum_important_difference": 0.2,
    "data_profile": "gss_default",
    "data_columns": {"unit": "ward"},
    "seed": 7,
    "draws": 399,
}


def study(**changes: Any) -> DoseResponse:
    """Make the parameters, with changes."""
    return DoseResponse(**(STUDY | changes))


def as_table(columns: dict[str, np.ndarray], units: int, periods: int) -> pd.DataFrame:
    """Make a design's table from columns sorted by unit and time."""
    names = np.array([f"U{i:03d}" for i in range(units)])
    frame = pd.DataFrame({"unit": np.repeat(names, periods), **columns})
    frame["time"] = np.tile(np.arange(periods), units)
    made = {"unit_name": frame["unit"], "cluster": frame["unit"], "weight": 1.0}
    return frame.assign(period=(2001 + frame["time"]).astype(str), outcome_base=np.nan, **made)


def made_panel(
    seed: int, units: int = 40, periods: int = 8, *, bend: float = 0.0, answers: float = 0.0
) -> pd.DataFrame:
    """Make a panel: slope 0.3 within units, much lower levels where there is more.

    Dose and errors carry over by one half. `bend` curves the line about a dose of 5; `answers`
    moves the dose after a good outcome.
    """
    rng = np.random.default_rng(seed)
    level = rng.normal(size=units)
    dose, outcome = np.empty((units, periods)), np.empty((units, periods))
    moves, errors = rng.normal(size=(2, units)), rng.normal(size=units)
    for t in range(periods):
        moves = 0.5 * moves[:1] + np.sqrt(0.75) * rng.normal(size=(1, units))
        errors = 0.5 * errors + np.sqrt(0.75) * rng.normal(size=units)
        dose[:, t] = 5 + 2 * level + moves[0] + (answers * outcome[:, t - 1] if t else 0)
        outcome[:, t] = SLOPE * dose[:, t] + bend * (dose[:, t] - 5) ** 2
        outcome[:, t] += errors - 2 * level + 0.3 * t
    return as_table({"dose": dose.ravel(), "outcome": outcome.ravel()}, units, periods)


def effect(result: Result, term: str = "effect") -> pd.Series:
    """Return the first row of a term."""
    return pick_row(result.estimates, term=term)


def test_slope_by_hand() -> None:
    """The slope equals a regression with a column for each unit and period, dose lagged by hand."""
    table = made_panel(1, 6, 5)
    found = effect(dose_response.estimate(table, study(dose_lag=1, dose_step=0.5)))
    dose = table["dose"].to_numpy().reshape(6, 5)[:, :-1].ravel()
    outcome = table["outcome"].to_numpy().reshape(6, 5)[:, 1:].ravel()
    unit, period = np.divmod(np.arange(24), 4)
    dummies = np.column_stack([np.eye(6)[unit], np.eye(4)[period][:, 1:]])
    by_hand = np.linalg.lstsq(np.column_stack([dose, dummies]), outcome)[0][0]
    assert found["estimate"] == pytest.approx(by_hand / 2)
    assert (found["n"], found["clusters"]) == (24, 6)


def test_bands_by_hand() -> None:
    """Two units up by 4 and 2 with the same step of dose, one staying: 3 lies between the bands."""
    dose = np.array([[0, 0, 2, 2], [2, 2, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    outcome = np.array([[1, 1, 5, 5], [9, 9, 7, 7], [3, 3, 3, 3], [0, 0, 0, 0.0]])
    wiggle = np.array([[1, -1, 1, -1]] * 4) * np.array([[1], [1], [-1], [-1]]) * 0.5
    table = as_table({"dose": dose.ravel(), "outcome": (outcome + wiggle).ravel()}, 4, 4)
    result = dose_response.estimate(table, study())
    bands = result.tables["dose_bands"]
    assert bands["band"].tolist() == ["none", "above 0 hours"]
    assert bands["n"].tolist() == [12, 4]
    assert bands["units"].tolist() == [4, 2]
    assert bands["difference"].tolist() == pytest.approx([0, 3])
    middle = np.average(bands["mean_outcome"], weights=bands["n"])
    assert middle == pytest.approx(table["outcome"].mean())


def test_slope_is_recovered_and_covered() -> None:
    """Over seeds the slope lies on the truth, with 8 units its interval holds it as said."""
    seeds, found, held = 80, [], 0
    for seed in range(seeds):
        rows = dose_response.take_rows(made_panel(seed, 8), study())
        row = dose_response.list_effects(rows, study(draws=99))[0]
        found.append(row["estimate"])
        held += row["conf_low"] < SLOPE < row["conf_high"]
    error = np.std(found, ddof=1) / np.sqrt(seeds)
    assert abs(np.mean(found) - SLOPE) < 3.3 * error
    assert held / seeds > 0.95 - 3.3 * np.sqrt(0.95 * 0.05 / seeds)


def test_between_units_stands_apart_and_misleads() -> None:
    """Where units with more start lower, they compare worse; the headline does not follow."""
    result = dose_response.estimate(made_panel(2), study())
    assert result.headline["conf_low"] > 0
    assert effect(result, "between")["conf_high"] < 0
    assert result.primary == {"term": "effect", "method": "cr2"}
    assert not result.permits_cause
    assert any("are no effect" in remark for remark in result.remarks)


@pytest.mark.parametrize(("bend", "seen"), [(0.0, False), (-0.15, True)])
def test_bend(bend: float, seen: bool) -> None:
    """A line that bends is found by its square and by splines, with its size; a straight is not."""
    result = dose_response.estimate(made_panel(3, 80, bend=bend), study())
    tests = result.tables["bend_tests"].set_index("shape")["p_value"]
    assert set(tests.index) == {"quadratic", "spline"}
    assert ((tests < 0.05) == seen).all()
    row = effect(result, "bend")
    assert row["conf_low"] < 2 * bend < row["conf_high"]
    assert any("The line bends" in remark for remark in result.remarks) == seen


def test_bend_tests_hold_their_level() -> None:
    """Of straight lines with 12 or 45 units, about one in twenty seems to bend, not many more."""
    for units, seeds in ((12, 80), (45, 40)):
        found = [
            dose_response.tabulate_bend_tests(
                dose_response.fit_shapes(dose_response.take_rows(made_panel(seed, units), study()))
            )["p_value"].to_numpy()
            < 0.05
            for seed in range(seeds)
        ]
        assert np.all(np.mean(found, axis=0) < 0.05 + 3.3 * np.sqrt(0.05 * 0.95 / seeds))


def test_curve_follows_the_truth() -> None:
    """The bent curve's interval holds the true difference from the middle dose at most doses."""
    table = made_panel(4, 120, bend=-0.1)
    curve = dose_response.estimate(table, study()).tables["curve"]
    bent = curve[curve["shape"] == "spline"]
    middle = float(table["dose"].median())

    def line(dose: Any) -> Any:
        return SLOPE * dose - 0.1 * (dose - 5) ** 2

    truth = line(bent["dose"]) - line(middle)
    assert ((bent["conf_low"] < truth) & (truth < bent["conf_high"])).mean() > 0.8
    assert set(curve["shape"]) == {"linear", "spline"}


def test_a_turn_is_told_by_steps() -> None:
    """Where more helps first and harms later, a step goes clearly against and is told."""
    result = dose_response.estimate(made_panel(5, 150, bend=-0.2), study(dose_bands=[3, 5, 7]))
    steps = result.tables["dose_steps"]
    assert {"with", "against"} <= set(steps["direction"])
    assert any("goes against" in remark for remark in result.remarks)


@pytest.mark.parametrize(("answers", "seen"), [(0.0, False), (0.5, True)])
def test_lead(answers: float, seen: bool) -> None:
    """A dose that answers to the outcome is seen a period ahead, and told."""
    result = dose_response.estimate(made_panel(16, 80, answers=answers), study())
    row = effect(result, "lead")
    assert (row["conf_low"] > 0) == seen
    assert any("answer to the outcome" in remark for remark in result.remarks) == seen


def test_a_later_effect_is_no_lead() -> None:
    """With a lag, the dose up to the outcome's own period is held fixed before looking ahead."""
    table = made_panel(7, 80)
    row = effect(dose_response.estimate(table, study(dose_lag=1)), "lead")
    assert row["conf_low"] < 0 < row["conf_high"]


def test_variation_by_hand() -> None:
    """Of sums of squares 4 x 4 within and 4 x 4 x 4 between, a fifth lies within; 2 of 4 move."""
    dose = np.array([[0, 2, 0, 2], [2, 0, 2, 0], [5, 5, 5, 5], [5, 5, 5, 5.0]])
    outcome = dose + np.array([[0, 1, 1, 0], [1, 1, 0, 0], [0, 1, 0, 1], [1, 0, 0, 1]])
    table = as_table({"dose": dose.ravel(), "outcome": outcome.ravel()}, 4, 4)
    result = dose_response.estimate(table, study())
    value = result.tables["dose_variation"].set_index("measure")["value"]
    assert value["units whose dose changes"] == 2
    assert value["share of the dose's variation within units"] == pytest.approx(8 / 72)
    assert any("changes in 2 of 4 units" in remark for remark in result.remarks)


def test_error_in_the_dose_by_hand() -> None:
    """With a share s left within, reliability r leaves 1 - (1 - r) / s, which divides the slope."""
    result = dose_response.estimate(made_panel(8), study())
    value = result.tables["dose_variation"].set_index("measure")["value"]
    left = value["share left within units, periods and adjusters"]
    row = result.tables["dose_error"].set_index("assumed_true_share").loc[0.95]
    assert row["true_share_left"] == pytest.approx(1 - 0.05 / left)
    assert row["estimate"] == pytest.approx(result.headline["estimate"] / row["true_share_left"])


def test_unmeasured_causes() -> None:
    """The first row leaves nothing; a measured cause of both is a yardstick, and held fixed."""
    table = made_panel(9)
    rng = np.random.default_rng(9)
    cause = rng.normal(size=len(table))
    table = table.assign(
        cause=cause, dose=table["dose"] + cause / 2, outcome=table["outcome"] + cause
    )
    held = dose_response.estimate(table, study(adjust_for=["cause"]))
    loose = dose_response.estimate(table, study())
    assert held.headline["conf_low"] < SLOPE < held.headline["conf_high"]
    assert loose.headline["conf_low"] > SLOPE
    unmeasured = held.tables["unmeasured"].set_index("cause")
    assert unmeasured.loc["strong enough to leave nothing", "estimate"] == 0
    assert unmeasured.loc["as strong as cause", "share_of_dose"] > 0.1


def test_bands_that_no_unit_links() -> None:
    """Units that stay in their own bands cannot be compared, and get no average."""
    dose = np.array([[0, 1], [1, 0], [0, 1], [1, 0], [9, 10], [10, 9]] * 2, dtype=float)
    rng = np.random.default_rng(1)
    table = as_table({"dose": dose.ravel(), "outcome": rng.normal(size=24)}, 12, 2)
    result = dose_response.estimate(table, study(dose_bands=[0.5, 5.0]))
    bands = result.tables["dose_bands"]
    assert bands["mean_outcome"].isna().tolist() == [False, False, True]
    assert any("than two clusters were in both" in remark for remark in result.remarks)


def test_counts_are_divided_by_their_base() -> None:
    """Twice the events among twice the people is no difference; without a base, counts stay."""
    table = made_panel(10)
    base = np.random.default_rng(1).integers(50, 150, len(table)).astype(float)
    counted = table.assign(outcome=table["outcome"] * base, outcome_base=base)
    plain = dose_response.estimate(table, study()).headline["estimate"]
    rates = dose_response.estimate(counted, study(outcome_kind="count", rate_per=10.0))
    assert rates.headline["estimate"] == pytest.approx(10 * plain)
    assert "Events are compared as a rate per 10 of outcome_base." in rates.remarks


def test_rows_and_inference_by_number_of_clusters() -> None:
    """Rows are tidy; below 40 clusters a wild bootstrap stands beside, above 200 errors are CR1."""
    few = dose_response.estimate(made_panel(11, 10), study(confidence_level=0.9))
    assert {*ESTIMATE_COLUMNS, "label", "p_value"} == set(few.estimates.columns)
    assert set(few.estimates["level"]) == {0.9}
    assert "wild_bootstrap" in set(few.estimates["method"])
    many = dose_response.estimate(made_panel(11, 210), study())
    assert many.primary["method"] == "clustered"
    assert "210 clusters" in many.remarks[-1]


def test_same_numbers_and_inputs_left_alone() -> None:
    """Twice gives the same, and the table is not altered."""
    table = made_panel(12, 10)
    before = table.copy()
    first, again = (dose_response.estimate(table, study()).estimates for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    pd.testing.assert_frame_equal(table, before)


def test_what_cannot_be_compared_is_refused() -> None:
    """Each refusal names the columns or counts at fault and what to do."""
    table = made_panel(13, 12)
    still = table.groupby("unit")["dose"].transform("mean")
    split = np.where(table["time"] == 1, "other", table["cluster"])
    wave = np.sin(table["time"] + table["dose"])
    cases: list[tuple[pd.DataFrame, dict[str, Any], str]] = [
        (table[table["unit"] == "U000"], {}, "no two units have the same two periods"),
        (table[table["unit"] < "U003"], {}, "clusters: 3"),
        (table[table["time"] < 1], {}, "Give more periods"),
        (table.assign(outcome=4.0), {}, "outcome: does not change within any unit"),
        (table.assign(dose=still), {}, "dose: does not change within any unit"),
        (table.assign(dose=table["time"] * 2.0), {}, "dose: moves in every unit alike"),
        (table.assign(dose=np.nan), {}, "all known"),
        (table.assign(dose=table["dose"].where(table["unit"] == "U000", still)), {}, "one cluster"),
        (table.assign(age=wave, old=2 * wave), {"adjust_for": ["age", "old"]}, "age, old: within"),
        (table.assign(age=table["dose"]), {"adjust_for": ["age"]}, "sum of the adjusters"),
        (table.assign(age=1.0), {"adjust_for": ["age"]}, "take it out of adjust_for"),
        (table.assign(cluster=split), {}, "12 units lie in more than one cluster"),
        (pd.concat([table, table.head(2)]), {}, "2 rows repeat a unit and period"),
        (table, {"dose_bands": [5, 4]}, "dose_bands: do not rise"),
        (table, {"dose_bands": [5, 500]}, "1 bands hold no row"),
    ]
    for wrong, change, message in cases:
        with pytest.raises(AnalysisError, match=message):
            dose_response.estimate(wrong, study(**change))


def test_a_line_outside_the_scale_is_told() -> None:
    """Per hour 0.3 on scores near ten: at the most hours the line expects more than ten."""
    table = made_panel(12)
    near = table.assign(outcome=table["outcome"] - table["outcome"].mean() + 9.8)
    said = "What the straight line expects lies outside what the outcome can be"
    scores = dose_response.estimate(near, study(outcome_kind="score"))
    assert any(said in remark for remark in scores.remarks)
    numbers = dose_response.estimate(near, study(outcome_kind="number"))
    assert not any(said in remark for remark in numbers.remarks)
    middle = dose_response.estimate(near.assign(outcome=near["outcome"] - 4.8), study())
    assert not any(said in remark for remark in middle.remarks)
