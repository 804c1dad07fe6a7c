"""Each group's experience beside that of everybody else, those whose group is not known included.

A group is described by its mean with an interval, and compared by the difference of its mean from
that of all whose group is known and other. Errors are clustered by unit (t with one degree of
freedom less than there are units). What is asked for at the least: deprivation, ethnicity, age and
sex, with those not known (NHS England, Statement on information on health inequalities).
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from evalkit.equity.places import fit_gap
from evalkit.errors import AnalysisError
from evalkit.fits.weighted_regression import fit_weighted
from evalkit.inference.arrays import Flags, Floats, Ints
from evalkit.inference.estimates import make_estimate

NOT_KNOWN = "Not known"
CORE20 = "Most deprived fifth"
DIMENSIONS = {
    "deprivation": "Deprivation",
    "ethnic_group": "Ethnic group",
    "age_band": "Age",
    "sex": "Sex",
    "carer": "Unpaid carer",
    "disability": "Disability",
    "plus_group": "PLUS group",
    "clinical_area": "Clinical area",
}
"""Characteristics in the order in which they are shown, with the words of each."""

LEAST = ("deprivation", "ethnic_group", "age_band", "sex")
"""What a statement on inequalities must show at the least."""

_FIFTHS = (CORE20, "Second fifth", "Third fifth", "Fourth fifth", "Least deprived fifth")
_UNKNOWN = frozenset({"not stated", "not known", "unknown", "prefer not to say"})
_OPTIONAL = ("plus_group", "clinical_area")
"""Of these a missing value says that somebody is in no such group."""


def add_groups(answers: pd.DataFrame) -> pd.DataFrame:
    """Return the answers with `deprivation` (fifths), `core20`, and unknown groups as one label.

    `deprivation_decile` counts from 1, the most deprived tenth of the country. Raises AnalysisError
    for values that are no tenths.
    """
    decile = answers["deprivation_decile"]
    wrong = decile.notna() & ~decile.isin(range(1, 11))
    if wrong.any():
        raise AnalysisError(
            f"deprivation_decile: {int(wrong.sum())} rows are no whole number from 1 to 10. "
            "Give national tenths, 1 the most deprived, empty where not known."
        )
    fifth = pd.Series(NOT_KNOWN, answers.index, dtype=object)
    known = decile.notna()
    at = ((decile[known] - 1) // 2).astype(int)
    fifth[known] = np.array(_FIFTHS, dtype=object)[at]
    named = answers.copy()
    for name in _named(answers):
        named[name] = _label(answers, name)
    return named.assign(deprivation=fifth, core20=(decile <= 2).where(known))


def _named(answers: pd.DataFrame) -> list[str]:
    return [name for name in DIMENSIONS if name in answers and name != "deprivation"]


def _label(answers: pd.DataFrame, name: str) -> "pd.Series[str]":
    values = answers[name].astype(object)
    unknown = values.isna() | values.astype(str).str.casefold().isin(_UNKNOWN)
    return values.mask(unknown, "None" if name in _OPTIONAL else NOT_KNOWN).astype(str)


def dimensions_of(answers: pd.DataFrame) -> list[str]:
    """Name the characteristics that the answers have, in the order in which they are shown."""
    return [name for name in DIMENSIONS if name in answers]


def tabulate_groups(answers: pd.DataFrame, level: float, fewest: int) -> pd.DataFrame:
    """Describe every group of `add_groups`: one row a group, in columns with an interval each.

    Columns: `dimension, group, answers, share` (per cent of all), `mean, mean_low, mean_high`,
    `difference, difference_low, difference_high` (from all others whose group is known). A group
    of fewer than `fewest` rows is counted and not estimated.
    """
    used = answers[answers["outcome"].notna()]
    cluster, weight = codes_of(used["unit"]), weights_of(used)
    rows = []
    for dimension in dimensions_of(used):
        known = np.asarray(used[dimension] != NOT_KNOWN)
        for group, inside in _groups(used, dimension):
            row: dict[str, object] = {
                "dimension": DIMENSIONS[dimension],
                "group": group,
                "answers": int(inside.sum()),
                "share": 100 * float(inside.mean()),
            }
            enough = min(inside.sum(), (known & ~inside).sum()) >= fewest
            if enough and len(np.unique(cluster[inside])) > 1:
                row |= _describe(used, inside, known, weight, cluster, level)
            rows.append(row)
    columns = ["dimension", "group", "answers", "share", *_ESTIMATED]
    return pd.DataFrame(rows).reindex(columns=columns)


_ESTIMATED = (
    "mean",
    "mean_low",
    "mean_high",
    "difference",
    "difference_low",
    "difference_high",
)


def _groups(used: pd.DataFrame, dimension: str) -> Iterator[tuple[str, Flags]]:
    """Yield each group with its members: fifths in their order, others by name, unknown last."""
    found = set(used[dimension])
    order = _FIFTHS if dimension == "deprivation" else sorted(found - {NOT_KNOWN, "None"})
    for group in (*order, "None", NOT_KNOWN):
        if group in found:
            yield str(group), np.asarray(used[dimension] == group)


def _describe(
    used: pd.DataFrame,
    inside: Flags,
    known: Flags,
    weight: Floats,
    cluster: Ints,
    level: float,
) -> dict[str, float]:
    values = outcomes_of(used)
    constant = np.ones((int(inside.sum()), 1))
    fit = fit_weighted(values[inside], constant, weight[inside], cluster=cluster[inside])
    mean = make_estimate(float(fit.coef[0]), fit.error_of(np.ones(1)), df=fit.df, level=level)
    compared = known | inside
    gap = fit_gap(
        values[compared],
        inside[compared],
        weight[compared],
        cluster=cluster[compared],
        level=level,
    )
    found = (mean.estimate, mean.conf_low, mean.conf_high)
    return dict(zip(_ESTIMATED, (*found, gap.estimate, gap.conf_low, gap.conf_high), strict=True))


def weights_of(used: pd.DataFrame) -> Floats:
    """Return each row's weight; 1 where none is mapped or known."""
    if "weight" not in used:
        return np.ones(len(used))
    return np.asarray(used["weight"].fillna(1.0), dtype=np.float64)


def codes_of(values: "pd.Series[str]") -> Ints:
    """Number the different values of a column."""
    return np.asarray(pd.factorize(values)[0], dtype=np.int64)


def outcomes_of(used: pd.DataFrame) -> Floats:
    """Return the outcomes as numbers."""
    return np.asarray(used["outcome"], dtype=np.float64)


def tabulate_known(answers: pd.DataFrame) -> pd.DataFrame:
    """Count for each characteristic how many rows say it: `dimension, answers, known, share`."""
    rows = [
        {
            "dimension": DIMENSIONS[name],
            "answers": len(answers),
            "known": int((answers[name] != NOT_KNOWN).sum()),
            "share": 100 * float((answers[name] != NOT_KNOWN).mean()),
        }
        for name in dimensions_of(answers)
        if name not in _OPTIONAL
    ]
    return pd.DataFrame(rows)
