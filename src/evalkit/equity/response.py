"""Who answered, of those who could have: by group, and whether that changed with the programme."""

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.equity.groups import DIMENSIONS, LEAST
from evalkit.fits.proportions import fit_wilson_interval

CELLS = ("poorest_after", "poorest_before", "rest_after", "rest_before")
SIGNS = (1.0, -1.0, -1.0, 1.0)


def tabulate_response(answers: pd.DataFrame, eligible: pd.DataFrame, level: float) -> pd.DataFrame:
    """Compare who answered with who could have: `dimension, group, people, answers, rate, ...`.

    `eligible` has a row a group with `people`, in the columns of `add_groups`. Rates are shares of
    eligible people, in per cent with Wilson's interval. Weighting by these rates does not mend
    experience that decides who answers.
    """
    rows = []
    for name in [n for n in LEAST if n in answers and n in eligible]:
        people = eligible.groupby(name)["people"].sum()
        answered = answers[name].value_counts().reindex(people.index, fill_value=0)
        capped = np.minimum(answered.to_numpy(float), people.to_numpy(float))
        found = fit_wilson_interval(capped, people.to_numpy(float), level=level)
        rows += [
            {
                "dimension": DIMENSIONS[name],
                "group": group,
                "people": int(people[group]),
                "answers": int(answered[group]),
                "rate": 100 * found.estimate[at],
                "rate_low": 100 * found.conf_low[at],
                "rate_high": 100 * found.conf_high[at],
            }
            for at, group in enumerate(people.index)
        ]
    return pd.DataFrame(rows)


def tabulate_response_change(
    answers: pd.DataFrame, eligible: pd.DataFrame, units: pd.DataFrame, level: float
) -> pd.DataFrame:
    """Say how the response of the poorest moved against the rest's where the programme came.

    Rates of the most deprived fifth and of the rest, before the first start and since, in
    providers with a unit that began; one row, in percentage points: `change, low, high, error`,
    and the four rates. Empty where providers or periods are not mapped, or a cell has nobody.
    """
    if not {"provider", "period"} <= set(eligible) or "provider" not in answers:
        return pd.DataFrame()
    first = units["start"].dropna().min()
    began = set(units.loc[units["start"].notna(), "unit"])
    providers = set(answers.loc[answers["unit"].isin(began), "provider"])
    people = _count(eligible, providers, first, eligible["people"])
    answered = _count(answers, providers, first, pd.Series(1.0, answers.index))
    if not people.min() > 0:
        return pd.DataFrame()
    rate = np.minimum(answered / people, 1.0)
    change = float(np.dot(SIGNS, rate))
    error = float(np.sqrt(np.sum(rate * (1 - rate) / people)))
    half = float(stats.norm.ppf(0.5 + level / 2)) * error
    values = {"change": change, "low": change - half, "high": change + half, "error": error}
    values |= dict(zip(CELLS, rate, strict=True))
    return pd.DataFrame([{name: 100 * value for name, value in values.items()}])


def _count(
    table: pd.DataFrame, providers: set[str], first: str, counted: "pd.Series[float]"
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Add up the four cells in the order of `CELLS`."""
    there = table["provider"].isin(providers) & table["core20"].notna()
    poorest, after = table["core20"].fillna(False).astype(bool), table["period"] >= first
    cells = [poorest & after, poorest & ~after, ~poorest & after, ~poorest & ~after]
    return np.array([float(counted[there & cell].sum()) for cell in cells])
