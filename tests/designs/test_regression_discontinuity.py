"""The regression discontinuity design: its rows and tables, what it refuses, and known truth."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from evalkit.designs import regression_discontinuity
from evalkit.errors import AnalysisError
from evalkit.fits.local_linear import DiscontinuityFit, fit_discontinuity
from evalkit.results import ESTIMATE_COLUMNS
from evalkit.results.types import pick_row
from evalkit.study.schemas.regression_discontinuity import RegressionDiscontinuity

SYMMETRY = 1e-9
"""Turning the running variable round reorders sums, no more."""


def parameters(**change: Any) -> RegressionDiscontinuity:
    """Return parameters of a small study, changed as asked."""
    plain = {
        "study": "tried",
        "notebook": "regression_discontinuity",
        "title": "A trial",
        "question": "Did it help?",
        "population": "people near the threshold",
        "estimand": "the jump at the threshold",
        "co_production": [],
        "intervention_name": "an offer",
        "outcome_name": "experience",
        "outcome_unit": "points",
        "outcome_facet": "overall",
        "minimum_important_difference": 0.2,
        "threshold": 20.0,
        "offered_side": "above",
        "running_name": "score of need",
        "data_rows": "people",
        "data_profile": "tre10",
        "data_columns": {},
        "seed": 1,
    }
    return RegressionDiscontinuity(**{**plain, **change})


def make_people(seed: int, n: int = 1200, jump: float = 0.5) -> pd.DataFrame:
    """Make people whose outcome bends with their need, and jumps at 20."""
    rng = np.random.default_rng(seed)
    need = rng.normal(20, 5, n)
    far = (need - 20) / 5
    outcome = 6 + 0.5 * np.sin(far) + jump * (need >= 20) + 0.6 * rng.normal(size=n)
    unit = rng.integers(0, 50, n).astype(str)
    return pd.DataFrame(
        {
            "unit": unit,
            "unit_name": unit,
            "period": "2024",
            "time": 0,
            "outcome": outcome,
            "cluster": unit,
            "running": need,
            "age": rng.normal(size=n),
        }
    )


def own_clusters(table: pd.DataFrame) -> pd.DataFrame:
    """Make each row its own cluster."""
    return table.assign(cluster=np.arange(len(table)).astype(str))


def test_table_is_tidy_and_inputs_are_left_alone() -> None:
    """The agreed columns, the robust row as headline, and the table not altered."""
    table = make_people(1)
    before = table.copy()
    result = regression_discontinuity.estimate(table, parameters())
    assert list(result.estimates.columns[: len(ESTIMATE_COLUMNS)]) == list(ESTIMATE_COLUMNS)
    assert result.headline["method"] == "local_linear_robust"
    assert result.permits_cause
    pd.testing.assert_frame_equal(table, before)


def test_the_headline_stands_in_the_middle_of_its_interval() -> None:
    """The headline is less its estimated bias; straight lines alone stand in a row of their own."""
    rows = regression_discontinuity.estimate(make_people(1), parameters()).estimates
    middle = (rows["conf_low"] + rows["conf_high"]) / 2
    assert rows["estimate"].to_numpy() == pytest.approx(middle.to_numpy())
    assert rows["method"].tolist() == ["local_linear_robust", "local_linear"]
    assert rows["std_error"].is_monotonic_decreasing


def test_recovers_the_jump() -> None:
    """Over 40 samples the headline is on the truth, and its intervals nearly always hold it."""
    found, covered = [], 0
    for seed in range(40):
        row = regression_discontinuity.estimate(make_people(seed), parameters()).headline
        found.append(row["estimate"])
        covered += row["conf_low"] <= 0.5 <= row["conf_high"]
    assert abs(np.mean(found) - 0.5) < 3.3 * np.std(found, ddof=1) / np.sqrt(40)
    assert covered >= 34


def test_offered_below_is_the_mirror() -> None:
    """Offered below, with everything turned round, the jump is the same."""
    table = own_clusters(make_people(2))
    above = regression_discontinuity.estimate(table, parameters()).headline
    turned = table.assign(running=40 - table["running"])
    below = regression_discontinuity.estimate(turned, parameters(offered_side="below")).headline
    for name in ("estimate", "conf_low", "conf_high"):
        assert below[name] == pytest.approx(above[name], rel=SYMMETRY)


def test_take_up_divides_the_jump() -> None:
    """Where half take it up, straight lines give the offer's effect over the jump of take-up."""
    table = make_people(3, 4000)
    rng = np.random.default_rng(3)
    takeup = (table["running"] >= 20) & (rng.uniform(size=len(table)) < 0.5)
    result = regression_discontinuity.estimate(table.assign(offered=takeup), parameters())
    first = result.tables["take_up"].iloc[0]
    plain = regression_discontinuity.estimate(table, parameters())
    effect, offer = (pick_row(r.estimates, method="local_linear") for r in (result, plain))
    share = offer["estimate"] / effect["estimate"]
    assert 100 * share == pytest.approx(50, abs=15)
    assert first["lower_end"] < 100 * share < first["upper_end"]
    assert pick_row(result.estimates, term="offer")["estimate"] == pytest.approx(
        plain.headline["estimate"]
    )
    assert plain.tables["take_up"].empty


def test_full_take_up_is_the_sharp_design() -> None:
    """Where all from the threshold on take it up and nobody else, naming that changes nothing."""
    table = make_people(4)
    table["running"] = table["running"].round()
    plain = regression_discontinuity.estimate(table, parameters())
    named = regression_discontinuity.estimate(
        table.assign(offered=table["running"] >= 20), parameters()
    )
    pd.testing.assert_frame_equal(plain.estimates, named.estimates)


def test_few_clusters_use_the_jackknife() -> None:
    """Below forty clusters the degrees of freedom and the remark say so."""
    table = make_people(5)
    few = table.assign(cluster=(table["unit"].astype(int) % 12).astype(str))
    result = regression_discontinuity.estimate(few, parameters())
    assert result.headline["df"] == 11
    assert any("of 12 clusters near" in r and "each in turn" in r for r in result.remarks)
    by_row = regression_discontinuity.estimate(own_clusters(table), parameters())
    assert any("each row by itself" in remark for remark in by_row.remarks)


def test_one_unit_of_people_is_said() -> None:
    """People of one unit can be compared with each other, and the remark says how far it goes."""
    table = make_people(6).assign(unit="A", cluster="A")
    result = regression_discontinuity.estimate(table, parameters())
    assert any("say nothing of others" in remark for remark in result.remarks)


def test_bins_hold_no_one_person() -> None:
    """Bins have edges of their own, twenty of them, and the numbers of people in each."""
    result = regression_discontinuity.estimate(make_people(7), parameters(bandwidth=5.0))
    bins = result.tables["binned"]
    assert bins["middle"].to_numpy() == pytest.approx(20 + np.arange(-9.5, 10))
    assert (bins["side"] == "offered").to_numpy().tolist() == [False] * 10 + [True] * 10
    within = (make_people(7)["running"] - 20).between(-10, 10, inclusive="left").sum()
    assert bins["base"].sum() == within


def test_bins_of_an_offer_below_run_upwards_too() -> None:
    """Where it is offered below, those offered come first, at values of the running variable."""
    table = make_people(7)
    given = parameters(bandwidth=5.0, offered_side="below", threshold=19.9)
    bins = regression_discontinuity.estimate(table, given).tables["binned"]
    assert bins["middle"].is_monotonic_increasing
    assert (bins["side"] == "offered").to_numpy().tolist() == [True] * 10 + [False] * 10
    first = bins.iloc[0]
    near = table["running"].between(first["middle"] - 0.5, first["middle"] + 0.5)
    assert first["mean"] == pytest.approx(table.loc[near, "outcome"].mean())


def test_other_looks() -> None:
    """The chosen bandwidth stands among the others; looks where nothing should jump are there."""
    table = make_people(8)
    result = regression_discontinuity.estimate(table, parameters(adjust_for=["age"]))
    widths = result.tables["bandwidths"].set_index("multiple")
    assert widths.loc[1.0, "estimate"] == pytest.approx(result.headline["estimate"])
    jumps = result.tables["jumps_of_causes"]
    assert jumps["cause"].tolist() == ["age"]
    assert abs(jumps["difference"][0]) < 1
    assert (widths["n"] % 10 == 0).all()
    assert len(result.tables["placebo_thresholds"]) == 2
    assert result.tables["donuts"]["n"].is_monotonic_decreasing


def test_piling_up_is_remarked() -> None:
    """People moved over the threshold are seen in the density, and told."""
    table = make_people(9, 3000)
    rng = np.random.default_rng(9)
    moved = table["running"].between(18.5, 20) & (rng.uniform(size=len(table)) < 0.7)
    piled = table.assign(running=table["running"].where(~moved, 40 - table["running"]))
    result = regression_discontinuity.estimate(piled, parameters())
    assert result.tables["density"]["p_value"][0] < 0.05
    assert any("placed there" in remark for remark in result.remarks)
    plain = regression_discontinuity.estimate(table, parameters())
    assert not any("placed there" in remark for remark in plain.remarks)


def test_a_panel_counts_each_unit_once_for_its_density() -> None:
    """A unit seen in four periods did not place itself four times."""
    table = make_people(10, 400)
    table["unit"] = table["cluster"] = np.arange(400).astype(str)
    panel = pd.concat([table.assign(time=t) for t in range(4)], ignore_index=True)
    one = regression_discontinuity.estimate(table, parameters(bandwidth=5.0))
    four = regression_discontinuity.estimate(panel, parameters(bandwidth=5.0, data_rows="panel"))
    pd.testing.assert_frame_equal(one.tables["density"], four.tables["density"])


@pytest.mark.parametrize(
    ("change", "given", "words"),
    [
        (lambda t: t.assign(outcome=3.0), {}, "is the same in every row"),
        (lambda t: t[t["running"] > 20], {}, "no row lies short of it"),
        (lambda t: t, {"threshold": 90.0}, "no row lies beyond it"),
        (lambda t: t.assign(running=t["running"].round(-1)), {}, "fewer than 5 distinct values"),
        (lambda t: t[:120], {"bandwidth": 1.0}, "least_near asks for 30"),
        (lambda t: t.assign(again=2 * t["age"]), {"adjust_for": ["age", "again"]}, "sum of the"),
        (lambda t: t.assign(age=1.0), {"adjust_for": ["age"]}, "does not vary"),
        (
            lambda t: t.assign(offered=np.arange(len(t)) % 2 == 0),
            {},
            "take-up hardly jumps at the threshold",
        ),
        (lambda t: t.assign(unit="A"), {"data_rows": "panel"}, "one unit only"),
    ],
)
def test_what_cannot_show_a_jump_is_refused(
    change: Callable[[pd.DataFrame], pd.DataFrame], given: dict[str, Any], words: str
) -> None:
    """Each fault is named with counts only, and with what to do."""
    with pytest.raises(AnalysisError, match=words):
        regression_discontinuity.estimate(change(make_people(11)), parameters(**given))


def oversampled(seed: int) -> pd.DataFrame:
    """Make people of whom half gain 1 at the threshold and half nothing, the former asked thrice.

    With weights of 1/3 and 1 the jump of all is 0.5; of those asked it is 0.75.
    """
    rng = np.random.default_rng(seed)
    table = own_clusters(make_people(seed, 8000, jump=0.0))
    gains = rng.random(len(table)) < 0.75
    jumped = table["outcome"] + 1.0 * (gains & (table["running"] >= 20))
    return table.assign(outcome=jumped, weight=np.where(gains, 1 / 3, 1.0))


def test_weights_answer_for_those_they_stand_for() -> None:
    """Weighted, the jump is that of all; the scale of weights means nothing; it is said."""
    table = oversampled(3)
    weighted, scaled, plain = (
        regression_discontinuity.estimate(each, parameters(bandwidth=5.0))
        for each in (
            table,
            table.assign(weight=40 * table["weight"]),
            table.assign(weight=7.0),
        )
    )
    assert weighted.headline["estimate"] == pytest.approx(0.5, abs=0.12)
    assert plain.headline["estimate"] == pytest.approx(0.75, abs=0.12)
    assert scaled.headline["std_error"] == pytest.approx(weighted.headline["std_error"])
    assert weighted.tables["binned"]["base"].equals(plain.tables["binned"]["base"])
    assert any("counts by its weight" in said for said in weighted.remarks)
    assert not any("counts by its weight" in said for said in plain.remarks)
    near = table[(table["running"] >= 20) & (table["running"] < 21)]
    bin_mean = weighted.tables["binned"]["mean"].iloc[10]
    assert bin_mean == pytest.approx(np.average(near["outcome"], weights=near["weight"]))


def test_weighted_lines_are_weighted_least_squares() -> None:
    """The straight-line gap is that of statsmodels' WLS with weight times kernel."""
    table = oversampled(4)
    found = regression_discontinuity.estimate(table, parameters(bandwidth=4.0)).estimates
    distance = table["running"].to_numpy() - 20
    beyond = (distance >= 0).astype(float)
    lines = np.column_stack([beyond, distance, beyond * distance, np.ones(len(table))])
    kernel = np.clip(1 - np.abs(distance) / 4, 0, None) * table["weight"].to_numpy()
    other = sm.WLS(table["outcome"].to_numpy(), lines, weights=kernel).fit().params[0]
    assert pick_row(found, method="local_linear")["estimate"] == pytest.approx(other)


def test_weighted_clusters_left_out_one_by_one() -> None:
    """The jackknife of few clusters keeps the weights: by fits that leave each cluster out."""
    rng = np.random.default_rng(5)
    x, cluster = rng.uniform(-1, 1, 600), rng.integers(0, 12, 600)
    y = x + 0.5 * (x >= 0) + rng.normal(size=12)[cluster] * (0.3 + x) + rng.normal(size=600)
    weight = rng.exponential(size=600)

    def fit(kept: np.ndarray) -> DiscontinuityFit:
        return fit_discontinuity(
            x[kept], y[kept], cluster=cluster[kept], weight=weight[kept], bandwidths=(0.7, 0.9)
        )

    whole = fit(np.ones(600, dtype=bool))
    parts = np.array([fit(cluster != at).corrected for at in range(12)])
    by_hand = np.sqrt(11 / 12 * np.sum((parts - parts.mean()) ** 2))
    assert whole.robust_error == pytest.approx(by_hand)


def test_rows_without_a_value_or_weight_are_told_with_when_that_does_no_harm() -> None:
    """How many of how many, and given what the answer holds for all."""
    table = own_clusters(make_people(6)).assign(weight=1.0)
    table.loc[:9, "outcome"], table.loc[10:11, "weight"] = np.nan, [0.0, np.nan]
    result = regression_discontinuity.estimate(table, parameters(adjust_for=["age"]))
    assert (
        "12 people of 1,200 lack a value and are left out. The answer is about the rest, and holds "
        "for all if, given score of need and age, values are missing whatever the outcome would "
        "have been." in result.remarks
    )


def test_a_line_that_ends_beyond_the_scale_is_told() -> None:
    """Scores that reach 10 before the threshold lead a straight line past it; others do not."""
    table = own_clusters(make_people(7))
    steep = np.clip(10 + 0.6 * (table["running"] - 20) + 0.01 * table["outcome"], 0, 10)
    said = "A straight line meets the threshold outside"
    for outcome, told in ((steep, True), (table["outcome"], False)):
        result = regression_discontinuity.estimate(table.assign(outcome=outcome), parameters())
        assert any(said in remark for remark in result.remarks) == told
