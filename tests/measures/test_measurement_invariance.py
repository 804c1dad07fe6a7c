"""Factors and invariance: known truth, the rule of the steps, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.fits.confirmatory_factors import fit_confirmatory_factors
from evalkit.fits.factor_model import Moments, discrepancy, make_layout
from evalkit.fits.one_factor import fit_one_factor
from evalkit.measures.carers import SACE_DOMAINS
from evalkit.measures.measurement_invariance import (
    fit_factors,
    tabulate_factor_fit,
    tabulate_factor_means,
    tabulate_factor_structure,
    tabulate_invariance,
)
from evalkit.synthetic.linked.causes import WORLDS
from evalkit.synthetic.linked.make import make_table
from evalkit.synthetic.linked.places import Size, make_places
from evalkit.synthetic.linked.staff import ENGAGEMENT_ITEMS, SUB_SCORES_ALIKE

FACTORS = {f"x{i}": ("relational" if i < 3 else "functional") for i in range(6)}
LOADINGS = np.array([0.8, 0.7, 0.6, 0.8, 0.7, 0.6])
THREE_ERRORS = 3.3
"""Standard errors that the mean of a simulation may be off by."""
SLOPE = 1e-5
"""Slopes by formula and by differences agree to the rounding of the differences."""


def draw(
    seed: int, *, shift: float = 0.0, biased_item: float = 0.0, weak_item: float = 0.0, n: int = 600
) -> pd.DataFrame:
    """Return two groups; in the second the factors lie `shift` higher, one item is asked askew."""
    rng = np.random.default_rng(seed)
    frames = []
    for group in ("a", "b"):
        second = group == "b"
        factors = rng.normal(size=(n, 2)) @ np.linalg.cholesky([[1, 0.5], [0.5, 1]]).T
        loadings = LOADINGS - np.array([weak_item * second, 0, 0, 0, 0, 0])
        items = (factors + shift * second)[:, [0, 0, 0, 1, 1, 1]] * loadings
        items = items + rng.normal(size=(n, 6)) * np.sqrt(1 - LOADINGS**2)
        items[:, 5] += biased_item * second
        frames.append(pd.DataFrame(items, columns=list(FACTORS)).assign(group=group))
    return pd.concat(frames, ignore_index=True)


def test_one_factor_is_the_case_of_one() -> None:
    """With one factor and group, the fit is that of the one-factor module."""
    items = draw(1)[["x0", "x1", "x2", "x3"]].to_numpy()
    ours, theirs = fit_confirmatory_factors(items, np.zeros(4, dtype=int)), fit_one_factor(items)
    assert (ours.chisq, ours.cfi) == pytest.approx((theirs.chisq, theirs.cfi), abs=1e-5)
    assert ours.standardised[0] == pytest.approx(theirs.loadings, abs=1e-4)


@pytest.mark.parametrize("step", ["configural", "metric", "scalar"])
def test_slopes_are_those_of_differences(step: str) -> None:
    """The slope of the distance in every parameter equals its central difference."""
    table = draw(2, shift=0.4)
    factor = np.array([0, 0, 0, 1, 1, 1])
    layout = make_layout(factor, 2, step)
    parts = [part[list(FACTORS)].to_numpy() for _, part in table.groupby("group")]
    moments = Moments(
        np.array([len(part) for part in parts], dtype=float),
        np.stack([part.mean(axis=0) for part in parts]),
        np.stack([np.cov(part, rowvar=False, bias=True) for part in parts]),
    )
    point = layout.start(moments) + np.random.default_rng(3).normal(size=layout.size) * 0.05
    _, slope = discrepancy(point, layout, moments)
    steps = np.eye(layout.size) * 1e-6
    differences = [
        (discrepancy(point + s, layout, moments)[0] - discrepancy(point - s, layout, moments)[0])
        / 2e-6
        for s in steps
    ]
    np.testing.assert_allclose(slope, differences, atol=SLOPE)


def test_loadings_and_means_are_recovered() -> None:
    """The mean over samples of the loadings and of the shift is the truth; errors are right."""
    found, errors = [], []
    for seed in range(50):
        table = draw(seed, shift=0.3)
        fit = fit_factors(table, FACTORS, group="group", step="scalar")
        found.append([*fit.loadings[0], *fit.factor_means[1]])
        errors.append(fit.mean_errors[1])
    spread = np.std(found, axis=0, ddof=1)
    off = np.abs(np.mean(found, axis=0) - [*LOADINGS, 0.3, 0.3])
    # estimates of loadings are off by about 1/n
    assert np.all(off < THREE_ERRORS * spread / np.sqrt(50) + 1 / 600)
    assert np.mean(errors, axis=0) == pytest.approx(spread[-2:], rel=0.35)


def test_invariance_holds_where_it_does() -> None:
    """Factors that differ in mean, measured alike, pass all three steps."""
    table = tabulate_invariance(draw(5, shift=0.5), FACTORS, group="group")
    assert table["step"].tolist() == ["configural", "metric", "scalar"]
    assert table["holds"].tolist() == ["yes", "yes", "yes"]
    assert table["df"].tolist() == [16, 20, 24]
    means = tabulate_factor_means(draw(5, shift=0.5), FACTORS, group="group").set_index("group")
    assert (means.loc["a", "mean"] == 0).all()
    assert means.loc["b", "conf_low"].max() < 0.5 < means.loc["b", "conf_high"].min()


def test_item_asked_askew_is_found() -> None:
    """An item that one group answers higher fails the scalar step, and only that."""
    table = tabulate_invariance(draw(6, biased_item=0.6), FACTORS, group="group")
    assert table["holds"].tolist() == ["yes", "yes", "no"]
    assert table["p_value"].iloc[2] < 0.001


def test_item_of_another_meaning_is_found() -> None:
    """An item that means little to one group fails the metric step, and so the scalar."""
    table = tabulate_invariance(draw(7, weak_item=0.6), FACTORS, group="group")
    assert table["holds"].tolist() == ["yes", "no", "no"]


def test_wrong_structure_fits_badly() -> None:
    """Items given to the wrong factor fit badly, and the right structure well."""
    swapped = {**FACTORS, "x2": "functional", "x3": "relational"}
    assert tabulate_factor_fit(draw(8), FACTORS)["good"].tolist() == [True]
    assert tabulate_factor_fit(draw(8), swapped)["good"].tolist() == [False]
    loadings = tabulate_factor_structure(draw(8), FACTORS)
    assert loadings["n"].tolist() == [1200] * 6


@pytest.mark.parametrize(
    ("factors", "message"),
    [
        ({"x0": "relational", "x1": "relational"}, "a factor has 2 of 2 items. Give each factor 3"),
        ({**FACTORS, "x5": "felt"}, "a factor has 1 of 6 items"),
        ({**FACTORS, "x9": "felt"}, r"1 of 7 columns are not there \(x9\)"),
    ],
)
def test_structure_is_refused(factors: dict[str, str], message: str) -> None:
    """Too few items of a factor, and items without a column, are refused."""
    with pytest.raises(AnalysisError, match=message):
        fit_factors(draw(9), factors)


def test_groups_are_refused() -> None:
    """One group is nothing to compare; six people of a group and a repeated item are too little."""
    table = draw(10)
    with pytest.raises(AnalysisError, match="invariance: 1 groups"):
        tabulate_invariance(table[table["group"] == "a"], FACTORS, group="group")
    with pytest.raises(AnalysisError, match="a group has 6 complete rows for 6 items"):
        tabulate_invariance(table[:606], FACTORS, group="group")
    with pytest.raises(AnalysisError, match="6 items carry the information of 5"):
        fit_factors(table.assign(x1=table["x0"]), FACTORS)


def staff(world: str = "effect_relational") -> pd.DataFrame:
    """Return the staff answers of a linked world, from 40 trusts."""
    return make_table(make_places(WORLDS[world], 3, Size(2400, 40, 1)), "staff")


SUB_SCORES = {
    item: ("motivation", "involvement", "advocacy")[place // 3]
    for place, item in enumerate(ENGAGEMENT_ITEMS)
}


def test_staff_items_measure_three_sub_scores_alike_by_occupation() -> None:
    """The nine items tell three sub-scores that correlate as made, alike in five occupations."""
    answers = staff()
    table = tabulate_invariance(answers, SUB_SCORES, group="occupation")
    assert table["holds"].tolist() == ["yes", "yes", "yes"]
    assert table["groups"].tolist() == [5, 5, 5]
    fit = fit_factors(answers, SUB_SCORES)
    apart = fit.factor_correlations[0][np.tril_indices(3, -1)]
    assert apart == pytest.approx(SUB_SCORES_ALIKE, abs=0.05)
    structure = tabulate_factor_structure(answers, SUB_SCORES)
    assert structure["loading"].between(0.55, 0.75).all()
    one = dict.fromkeys(SUB_SCORES, "engagement")
    assert tabulate_factor_fit(answers, one)["cfi"].iloc[0] < fit.cfi


def test_sub_scores_that_are_one_are_not_called_three() -> None:
    """Items of one thing given to three factors: no proper solution, and no step holds by it."""
    rng = np.random.default_rng(12)
    items = 0.75 * rng.normal(size=(1200, 1)) + 0.66 * rng.normal(size=(1200, 9))
    answers = pd.DataFrame(items, columns=list(SUB_SCORES)).assign(group=["a", "b"] * 600)
    found = tabulate_factor_fit(answers, SUB_SCORES).iloc[0]
    assert found["alike"] > 0.999
    assert not found["proper"]
    table = tabulate_invariance(answers, SUB_SCORES, group="group")
    assert table["holds"].tolist() == ["no", "no", "no"]
    one = tabulate_invariance(answers, dict.fromkeys(SUB_SCORES, "all"), group="group")
    assert one["holds"].tolist() == ["yes", "yes", "yes"]


def carers() -> pd.DataFrame:
    """Return the first answers of a linked world's carers, from 40 trusts, higher better."""
    table = make_table(make_places(WORLDS["effect_relational"], 3, Size(2400, 40, 1)), "carers")
    first = table[table["wave"] == "before"].dropna(subset=list(SACE_DOMAINS))
    return first.assign(**{name: 3 - first[name].astype(float) for name in SACE_DOMAINS})


@pytest.mark.parametrize("group", ["offered", "sex"])
def test_quality_of_life_of_carers_measures_one_thing_in_every_group(group: str) -> None:
    """SACE of a linked world has one factor, alike by programme and by sex."""
    table = tabulate_invariance(carers(), dict.fromkeys(SACE_DOMAINS, "sace"), group=group)
    assert table["holds"].tolist() == ["yes", "yes", "yes"]


def test_a_domain_that_one_sex_understands_otherwise_is_found() -> None:
    """SACE with one domain answered a whole option higher by men fails the scalar step."""
    answers = carers()
    askew = answers["sace_safety"] + 1.0 * (answers["sex"] == "male")
    table = tabulate_invariance(
        answers.assign(sace_safety=askew), dict.fromkeys(SACE_DOMAINS, "sace"), group="sex"
    )
    assert table["holds"].tolist()[2] == "no"
