"""Who cares, how much, and whether they are known: hours bands, identification, dyads.

Hours bands are those of the GP Patient Survey's question on caring (recalled; not verified against
its current questionnaire). The identification rate is carers recorded over carers expected, who
follow from a census share by group: what it says rests on that share. A dyad is a patient and
their carer, whose answers go together: they are compared within the dyad.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.fits.mixed_model import fit_mixed_model
from evalkit.fits.proportions import fit_rate_interval
from evalkit.inference.arrays import Floats
from evalkit.inference.estimates import Estimate, make_estimate
from evalkit.measures.item_means import need_columns
from evalkit.measures.placement import Measure

HOURS_BANDS = ("none", "1-9", "10-19", "20-34", "35-49", "50+")
_BAND_STARTS = (1.0, 10.0, 20.0, 35.0, 50.0)
_WEEK = 168.0


def band_hours(hours: pd.Series) -> pd.Series:
    """Band of weekly hours of caring, an ordered category of `HOURS_BANDS`; missing stays so.

    Less than an hour is "none". Raises AnalysisError outside 0 to 168.
    """
    values = hours.to_numpy(dtype=float, na_value=np.nan)
    wrong = ~np.isnan(values) & ~((values >= 0) & (values <= _WEEK))
    if wrong.any():
        raise AnalysisError(
            f"hours of caring: {int(wrong.sum())} of {len(values)} are not between 0 and 168 a "
            "week. Give hours in a week."
        )
    codes = np.searchsorted(_BAND_STARTS, values, side="right").astype(np.int64)
    codes[np.isnan(values)] = -1
    bands = pd.Categorical.from_codes(codes, categories=pd.Index(HOURS_BANDS), ordered=True)
    return pd.Series(bands, index=hours.index, name="hours_band")


def tabulate_identification(
    recorded: pd.DataFrame, population: pd.DataFrame, *, by: Sequence[str], level: float = 0.95
) -> pd.DataFrame:
    """One row a group: `recorded, expected`, carers recorded per 100 expected, with its interval.

    `recorded` has `by` and `carers`; `population` has `by`, `people` and `carer_share` (0-1, of a
    census). Byar's interval allows for chance in the recorded number alone. More than 100 is
    possible, and then the share is in doubt. Raises AnalysisError for groups without population.
    """
    need_columns(recorded, [*by, "carers"], "identification")
    need_columns(population, [*by, "people", "carer_share"], "identification")
    expected = population.assign(expected=population["people"] * population["carer_share"])
    below = expected.groupby(list(by), sort=True)["expected"].sum()
    above = recorded.groupby(list(by), sort=True)["carers"].sum()
    unknown = above.index.difference(below.index)
    if len(unknown) or not (below > 0).all():
        raise AnalysisError(
            f"identification: {len(unknown)} groups have no population and "
            f"{int((~(below > 0)).sum())} expect nobody. Give people and share of every group."
        )
    table = pd.DataFrame({"expected": below}).assign(recorded=above).fillna({"recorded": 0.0})
    events, base = table["recorded"].to_numpy(float), table["expected"].to_numpy(float)
    found = fit_rate_interval(events, base, per=100, level=level)
    return table.assign(
        identified=found.estimate, conf_low=found.conf_low, conf_high=found.conf_high
    ).reset_index()[[*by, "recorded", "expected", "identified", "conf_low", "conf_high"]]


def compare_dyads(
    table: pd.DataFrame,
    *,
    dyad: str = "dyad",
    role: str = "role",
    outcome: str = "outcome",
    first: str = "patient",
    second: str = "carer",
    level: float = 0.95,
) -> Estimate:
    """Mean difference `second` less `first` within complete dyads, with its t interval.

    Raises AnalysisError for fewer than two complete dyads, or two rows of one role in a dyad.
    """
    need_columns(table, [dyad, role, outcome], "dyads")
    known = table[table[role].isin([first, second])].dropna(subset=[outcome])
    repeated = int(known.duplicated([dyad, role]).sum())
    if repeated:
        raise AnalysisError(
            f"dyads: {repeated} rows repeat a role within a dyad. Give one row a dyad and role."
        )
    wide = known.pivot_table(index=dyad, columns=role, values=outcome)
    wide = wide.reindex(columns=[first, second]).dropna()
    if len(wide) < 2:
        raise AnalysisError(
            f"dyads: {len(wide)} have both {first} and {second}. Give two or more of them."
        )
    apart = (wide[second] - wide[first]).to_numpy(float)
    error = float(apart.std(ddof=1) / np.sqrt(len(apart)))
    return make_estimate(float(apart.mean()), error, df=len(apart) - 1, level=level)


def fit_dyads(
    table: pd.DataFrame,
    *,
    dyad: str = "dyad",
    role: str = "role",
    outcome: str = "outcome",
    first: str = "patient",
    second: str = "carer",
    level: float = 0.95,
) -> tuple[Estimate, float]:
    """Difference `second` less `first` by a random intercept of the dyad, and dyads' correlation.

    Incomplete dyads count too, unlike in `compare_dyads`; must then hold that answers are missing
    at random. Degrees of freedom are dyads less two. The correlation cannot fall below zero here.
    """
    need_columns(table, [dyad, role, outcome], "dyads")
    known = table[table[role].isin([first, second])].dropna(subset=[outcome])
    cluster, names = pd.factorize(known[dyad])
    second_role = (known[role] == second).to_numpy(float)
    if len(names) < 3 or second_role.min() == second_role.max():
        raise AnalysisError(
            f"dyads: {len(names)} with an answer, of {int(known[role].nunique())} roles. "
            "Give three or more dyads and both roles."
        )
    design: Floats = np.stack([np.ones(len(known)), second_role], axis=1)
    fit = fit_mixed_model(
        known[outcome].to_numpy(float),
        design,
        np.asarray(cluster, dtype=np.int64),
        second_role.astype(np.int64),
        structure="exchangeable",
    )
    between, residual = fit.component("cluster"), fit.component("residual")
    error = float(np.sqrt(fit.covariance[1, 1]))
    estimate = make_estimate(float(fit.coef[1]), error, df=len(names) - 2, level=level)
    return estimate, between / (between + residual)


CARER_IDENTIFICATION = Measure(
    "carer_identification",
    "Carers recorded, of those expected",
    "carers",
    ("functional",),
    ("T01", "T04", "T10"),
    "recorded per 100 expected",
    "higher",
    "carers recorded / (people x census share), with Byar's interval",
    "recalled",
    "the census share of carers; hours bands against the current questionnaire",
)
