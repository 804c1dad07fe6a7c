"""Least squares within units: by hand, against R, and with noise of known size."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.designs.terms import Term, make_sample
from evalkit.designs.within_fit import (
    Measured,
    cross_products,
    demean_by,
    fit_within,
    jackknife_cov,
    period_dummies,
)
from evalkit.inference.clustered import fit_cr2

REFERENCE = Path(__file__).resolve().parents[1] / "reference"


@pytest.fixture(scope="module")
def golden() -> dict[str, dict[str, float]]:
    """Return the values that R computed, by name."""
    content = json.loads((REFERENCE / "panel_fe.json").read_text("utf-8"))
    return {value["name"]: value for value in content["values"]}


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    """Return the simulated panel on which R computed them."""
    return pd.read_csv(REFERENCE / "panel_fe.csv")


def exact(name: str, values: list[float] | np.ndarray) -> Measured:
    """Return a column without noise."""
    array = np.asarray(values, dtype=float)
    return Measured(name, array, np.zeros(len(array)), name, np.arange(len(array)))


def test_two_units_by_hand() -> None:
    """Within slopes: unit 0 rises by 2 for 1, unit 1 by 1 for 1; weights equal, so 1.5."""
    x, y = exact("x", [0, 1, 5, 6]), exact("y", [0, 2, 9, 10])
    columns = [x, y]
    products = cross_products(columns, np.empty((4, 0)), np.array([0, 0, 1, 1]))
    assert products.total.sum(axis=0)[0, 0] == pytest.approx(1.0)
    assert products.total.sum(axis=0)[0, 1] == pytest.approx(1.5)


def test_demean_by_unit() -> None:
    """Each unit's values are taken relative to its own mean."""
    assert demean_by(np.array([1.0, 3.0, 10.0]), np.array([0, 0, 1])).tolist() == [-1, 1, 0]


@pytest.mark.parametrize(("term", "at"), [("treated", 0), ("staffing", 1)])
def test_fixed_effects_agree_with_r(
    panel: pd.DataFrame, golden: dict[str, dict[str, float]], term: str, at: int
) -> None:
    """Two-way fixed effects with fixest's clustered errors equal R's to its tolerance."""
    unit, _ = pd.factorize(panel["site"])
    columns = [exact(name, panel[name].to_numpy()) for name in ("treated", "staffing", "score")]
    fit = fit_within(columns, panel["month"].to_numpy(), unit)
    value = golden[f"twfe_cl_site_fixest_nested:{term}"]
    assert fit.coef[at] == pytest.approx(value["estimate"], rel=value["tol_rel"])
    assert np.sqrt(fit.cov[at, at]) == pytest.approx(value["se"], rel=value["tol_rel"])
    assert fit.df == value["df"]
    assert fit.reliability[at] == pytest.approx(1.0)


@pytest.mark.parametrize(("term", "at"), [("treated", 0), ("staffing", 1)])
def test_cr2_agrees_with_r(
    panel: pd.DataFrame, golden: dict[str, dict[str, float]], term: str, at: int
) -> None:
    """CR2 errors and Satterthwaite degrees of freedom equal clubSandwich's."""
    unit, _ = pd.factorize(panel["site"])
    x = panel[["treated", "staffing"]].to_numpy(float)
    x = np.column_stack([x, period_dummies(panel["month"].to_numpy())])
    fit = fit_cr2(panel["score"].to_numpy(), x, unit)
    value = golden[f"clubSandwich_CR2:{term}"]
    assert fit.coef[at] == pytest.approx(value["estimate"], rel=value["tol_rel"])
    assert fit.std_error[at] == pytest.approx(value["se"], rel=value["tol_rel"])
    assert fit.df[at] == pytest.approx(value["df"], rel=value["tol_rel"])


def test_noise_correction_recovers_the_slope(make_noisy: Callable[..., pd.DataFrame]) -> None:
    """With noise as large as in trust scores, only the corrected estimate is on the truth."""
    truth, plain, corrected = 0.5, [], []
    for seed in range(60):
        panel = make_noisy(seed, truth)
        for noise, found in ((False, plain), (True, corrected)):
            sample = make_sample(panel, [Term("exposure", 1)], Term("outcome"), noise=noise)
            found.append(fit_within(sample.columns, sample.period, sample.unit).coef[0])
    error = np.std(corrected, ddof=1) / np.sqrt(len(corrected))
    assert abs(np.mean(corrected) - truth) < 3.3 * error
    assert np.mean(plain) < 0.8 * truth


def test_noise_shared_by_lags_is_taken_out(make_noisy: Callable[..., pd.DataFrame]) -> None:
    """One noisy series entering as itself and as its lag gives both slopes without bias."""
    found = []
    for seed in range(60):
        panel = make_noisy(seed, 0.5, periods=4)
        sample = make_sample(panel, [Term("exposure", 1), Term("exposure", 0)], Term("outcome"))
        found.append(fit_within(sample.columns, sample.period, sample.unit).coef[:2])
    error = np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    assert np.all(np.abs(np.mean(found, axis=0) - [0.5, 0.0]) < 3.3 * error)


def test_jackknife_is_leave_one_unit_out(make_noisy: Callable[..., pd.DataFrame]) -> None:
    """The jackknife equals refitting without each unit in turn."""
    panel = make_noisy(1, 0.5, trusts=8)
    terms, outcome = [Term("exposure", 1)], Term("outcome")
    sample = make_sample(panel, terms, outcome)
    products = cross_products(sample.columns, period_dummies(sample.period), sample.unit)
    coefs = []
    for unit in panel["unit"].unique():
        rest = make_sample(panel[panel["unit"] != unit], terms, outcome)
        coefs.append(fit_within(rest.columns, rest.period, rest.unit).coef[0])
    by_hand = 7 / 8 * np.sum((np.array(coefs) - np.mean(coefs)) ** 2)
    assert jackknife_cov(products, 1)[0, 0] == pytest.approx(by_hand, rel=1e-9)


def test_lags_follow_the_calendar() -> None:
    """A gap in the periods is a gap: the row after it has no lag and is left out."""
    panel = pd.DataFrame(
        {
            "unit": ["A"] * 4 + ["B"] * 4,
            "time": [0, 1, 3, 4] * 2,
            "exposure": [1.0, 2, 3, 5, 2, 1, 4, 4],
            "outcome": [0.0, 1, 2, 3, 1, 1, 2, 5],
        }
    )
    sample = make_sample(panel, [Term("exposure", 1)], Term("outcome"))
    assert sample.frame.index.get_level_values("time").tolist() == [1, 4, 1, 4]
    assert sample.columns[0].values.tolist() == [1, 3, 2, 4]
