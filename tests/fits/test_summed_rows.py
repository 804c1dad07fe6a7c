"""Regressions from sums by unit and period are those of the rows."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

from evalkit.fits.summed_rows import make_panel_of_sums
from evalkit.fits.two_way_effects import (
    PanelMoments,
    after_start,
    by_event_time,
    expose,
    make_panel_moments,
)
from evalkit.inference.cluster_moments import solve_moments
from evalkit.inference.clustered import fit_cr3, moment_covariance, reduce_bias

SAME = 1e-8
"""What the study promises; sums of 6,000 rows are closer."""
TIMES, UNITS = np.arange(2012, 2018), 24
START = np.where(np.arange(UNITS) % 3 == 0, np.nan, 2014.0 + np.arange(UNITS) % 2)
CLUSTER = np.arange(UNITS) // 2


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Answers by people: uneven numbers by unit and period, two measured causes of their own."""
    rng = np.random.default_rng(41)
    number = 6000
    unit, time = rng.integers(0, UNITS, number) ** 2 % UNITS, rng.choice(TIMES, number)
    age, ill = rng.normal(60, 15, number), rng.random(number) < 0.3
    treated = time >= START[unit]
    outcome = 8 + 0.3 * treated - 0.02 * age - 0.5 * ill + 0.1 * unit + rng.normal(size=number)
    frame = {"unit": pd.factorize(unit)[0], "time": time, "age": age, "ill": ill * 1.0}
    own = pd.unique(unit)
    return pd.DataFrame({**frame, "outcome": outcome, "treated": treated * 1.0}).assign(
        start=START[own][frame["unit"]], cluster=CLUSTER[own][frame["unit"]]
    )


def sum_up(rows: pd.DataFrame) -> PanelMoments:
    """Sum up by unit and period with pandas alone."""
    measured = rows[["age", "ill", "outcome"]].to_numpy() - [60.0, 0.3, 7.0]
    keys = [rows["unit"], rows["time"]]
    sums = pd.DataFrame(measured).groupby(keys).sum()
    crossed = (measured[:, :, None] * measured[:, None, :]).reshape(-1, 9)
    products = pd.DataFrame(crossed).groupby(keys).sum().to_numpy().reshape(-1, 3, 3)
    number = rows.groupby(["unit", "time"]).size().to_numpy(float)
    unit, time = (sums.index.get_level_values(at).to_numpy() for at in range(2))
    units = rows.drop_duplicates("unit").sort_values("unit")
    cluster = pd.factorize(units["cluster"])[0]
    return make_panel_of_sums(
        number, sums.to_numpy(), products, unit, time, units["start"].to_numpy(), cluster
    )


def hold(rows: pd.DataFrame) -> PanelMoments:
    """Make the same from the rows."""
    units = rows.drop_duplicates("unit").sort_values("unit")
    return make_panel_moments(
        rows["outcome"].to_numpy(),
        rows[["age", "ill"]].to_numpy(),
        rows["unit"].to_numpy(),
        rows["time"].to_numpy(),
        units["start"].to_numpy(),
        pd.factorize(units["cluster"])[0],
    )


def test_equals_statsmodels_on_the_rows(rows: pd.DataFrame) -> None:
    """Coefficients and errors by cluster are those of least squares on every row with dummies."""
    panel = sum_up(rows)
    found = solve_moments(expose(panel, after_start(panel.times, panel.start)))
    error = np.sqrt(np.diag(moment_covariance(found, counting="all")))
    dummies = [pd.get_dummies(rows[name], dtype=float) for name in ("unit", "time")]
    regressors = [rows[["treated", "age", "ill"]], dummies[0], dummies[1].iloc[:, 1:]]
    other = OLS(rows["outcome"].to_numpy(), np.column_stack(regressors)).fit(
        cov_type="cluster", cov_kwds={"groups": rows["cluster"].to_numpy()}
    )
    at = [0, -2, -1]
    assert found.coef[at] == pytest.approx(other.params[:3], rel=SAME)
    assert error[at] == pytest.approx(other.bse[:3], rel=SAME)
    assert panel.n == len(rows)


def test_equals_the_rows_in_every_error(rows: pd.DataFrame) -> None:
    """CR1, CR2, CR3, degrees of freedom and an event study are those of the panel of rows."""
    ours, theirs = sum_up(rows), hold(rows)
    one, two = (expose(p, after_start(p.times, p.start)) for p in (ours, theirs))
    assert fit_cr3(one).std_error[0] == pytest.approx(fit_cr3(two).std_error[0], rel=SAME)
    small, large = (reduce_bias(solve_moments(moments)) for moments in (one, two))
    assert small.std_error[0] == pytest.approx(large.std_error[0], rel=SAME)
    assert small.df[0] == pytest.approx(large.df[0], rel=SAME)
    events = np.array([-2, 0, 1])
    fits = [
        solve_moments(expose(p, by_event_time(p.times, p.start, events, -1)))
        for p in (ours, theirs)
    ]
    assert fits[0].coef == pytest.approx(fits[1].coef, rel=SAME)


def test_what_lies_within_counts(rows: pd.DataFrame) -> None:
    """A measured cause that is the same for all in a unit and period is another regression."""
    flat = rows.assign(age=rows.groupby(["unit", "time"])["age"].transform("mean"))
    fits = [
        solve_moments(expose(p, after_start(p.times, p.start)))
        for p in (sum_up(rows), sum_up(flat))
    ]
    assert abs(fits[0].coef[-2] - fits[1].coef[-2]) > 1e-4
