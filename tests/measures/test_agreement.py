"""Agreement of coders and raters: published examples, by hand, other software, refusals."""

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.measures.agreement import (
    bootstrap_agreement,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
)
from evalkit.measures.intraclass_correlation import fit_intraclass_correlations

N = np.nan
CLASSIC = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
    ]
).T
"""Krippendorff's example of four observers and twelve units, units in rows."""
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
).astype(float)
PRINTED = 0.0005
"""Published values have three decimals."""
PRINTED_SHORT = 0.005
"""Shrout and Fleiss print two decimals."""


def pairs(*cells: tuple[int, int, int]) -> np.ndarray:
    """Return ratings of two coders: code of one, code of the other, how often."""
    return np.repeat([c[:2] for c in cells], [c[2] for c in cells], axis=0).astype(float)


@pytest.mark.parametrize(
    ("scale", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_krippendorff_example(scale: str, published: float) -> None:
    """The classic matrix has the published alpha on each scale."""
    assert krippendorff_alpha(CLASSIC, scale) == pytest.approx(published, abs=PRINTED)


def test_kappa_of_a_two_by_two_table() -> None:
    """(20, 5, 10, 15): agreed .7, by chance .5, kappa .4."""
    assert cohen_kappa(pairs((1, 1, 20), (1, 0, 5), (0, 1, 10), (0, 0, 15))) == pytest.approx(0.4)


def test_steps_weigh_in_weighted_kappa() -> None:
    """Neighbouring codes cost 1/4 of the ends under squared weights: by hand 1 - .5 / 1.25."""
    ratings = pairs((1, 1, 1), (1, 2, 1), (3, 3, 1), (3, 2, 1))
    # costs 0, 1, 0, 1 of 4; chance: first 1 or 3 (half each), second 1, 2, 3 (1/4, 1/2, 1/4)
    chance = 0.5 * (0.5 * 1 + 0.25 * 4) + 0.5 * (0.25 * 4 + 0.5 * 1)
    assert cohen_kappa(ratings, "quadratic") == pytest.approx(1 - 0.5 / chance)


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_kappas_agree_with_statsmodels(weights: str) -> None:
    """Cohen's and Fleiss' kappas of made-up codes are statsmodels'."""
    from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa
    from statsmodels.stats.inter_rater import fleiss_kappa as other_fleiss

    rng = np.random.default_rng(6)
    truth = rng.integers(0, 4, 90)
    noisy = np.where(rng.random((90, 2)) < 0.6, truth[:, None], rng.integers(0, 4, (90, 2)))
    table = np.zeros((4, 4))
    np.add.at(table, (noisy[:, 0], noisy[:, 1]), 1)
    named = None if weights == "none" else weights
    other = cohens_kappa(table, wt=named, return_results=False)
    assert cohen_kappa(noisy.astype(float), weights) == pytest.approx(other)
    assert fleiss_kappa(noisy.astype(float)) == pytest.approx(
        other_fleiss(aggregate_raters(noisy)[0])
    )


def test_ac1_stays_steady_where_one_code_is_rare() -> None:
    """Agreed .90 with 95% one code: kappa below 0; AC1 (.9 - .095) / .905, by hand."""
    ratings = pairs((1, 1, 90), (1, 0, 5), (0, 1, 5))
    assert cohen_kappa(ratings) < 0
    assert gwet_ac1(ratings) == pytest.approx((0.9 - 0.095) / 0.905)


def test_one_code_alone_has_no_kappa() -> None:
    """Where nobody used a second code chance is all, so kappa and alpha have no value."""
    ratings = np.ones((5, 2))
    assert np.isnan([cohen_kappa(ratings), fleiss_kappa(ratings)]).all()
    assert np.isnan(krippendorff_alpha(ratings, "nominal"))
    assert gwet_ac1(ratings) == 1.0


def test_interval_of_agreement_covers() -> None:
    """Resampled comments give an interval that holds the true kappa about 95% of the time."""
    rng, held, runs, truth = np.random.default_rng(7), 0, 100, 0.36
    for seed in range(runs):
        code = rng.integers(0, 2, 150)
        kept = rng.random((150, 2)) < 0.6
        ratings = np.where(kept, code[:, None], rng.integers(0, 2, (150, 2))).astype(float)
        found = bootstrap_agreement(cohen_kappa, ratings, np.random.default_rng(seed), draws=299)
        held += found.conf_low <= truth <= found.conf_high
    assert held / runs > 0.95 - 3.3 * np.sqrt(0.95 * 0.05 / runs)


def test_shrout_and_fleiss_example() -> None:
    """The four forms printed in 1979 for six targets and four judges."""
    table = fit_intraclass_correlations(SHROUT_FLEISS).set_index("form")["estimate"]
    printed = {
        "ICC1": 0.17,
        "ICC2": 0.29,
        "ICC3": 0.71,
        "ICC1k": 0.44,
        "ICC2k": 0.62,
        "ICC3k": 0.91,
    }
    assert table.to_dict() == pytest.approx(printed, abs=PRINTED_SHORT)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cohen_kappa(np.ones((4, 3))), "3 coders, and it is for two"),
        (lambda: krippendorff_alpha(np.array([[1, N], [N, 2]]), "nominal"), "none of 2 comments"),
        (lambda: fleiss_kappa(np.array([[1, N], [N, 2]])), "0 comments were coded by all of 2"),
        (lambda: fit_intraclass_correlations(np.ones((1, 3))), "1 complete targets and 3 raters"),
        (lambda: fit_intraclass_correlations(np.ones((4, 3))), "never disagree"),
    ],
)
def test_too_little_is_refused(call, message: str) -> None:
    """What cannot be measured is said in counts."""
    with pytest.raises(AnalysisError, match=message):
        call()
