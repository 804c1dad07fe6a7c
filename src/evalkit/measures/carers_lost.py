"""Carers who were lost between the waves: how many, who, and what the answer owes to them.

Bereavement and the end of caring are events after the start, not missing data alone. Two estimands
(ICH E9(R1), 2019) are estimated side by side: *while caring*, of those who still care at the
second wave; *treatment policy*, of all asked at the first, whatever became of their caring. Under
the second, answers that nobody gave are filled in from the first wave, hours and unit by chained
equations and pooled by Rubin's rules (`fits.multiple_imputation`).
Must hold under the first: the programme did not change who goes on caring. Under the second: given
first answers, hours and unit, those lost fare as the others; how much worse they may have fared
with the programme before the answer changes is shown (a tipping point: Carpenter and Kenward 2013).
"""

import numpy as np
import pandas as pd

from evalkit.designs.two_groups import arrange
from evalkit.errors import AnalysisError
from evalkit.fits.multiple_imputation import impute_chained, pool_by_rubin
from evalkit.fits.weighted_regression import fit_weighted
from evalkit.inference.arrays import Flags, Floats
from evalkit.inference.estimates import Estimate, make_estimate
from evalkit.inference.few_clusters import infer
from evalkit.measures.carers_effect import estimate_change, stack_waves, while_caring
from evalkit.measures.carers_waves import STATUSES, code_units
from evalkit.study.schemas.unpaid_carers import UnpaidCarers

ESTIMANDS = {
    "while_caring": "Those who still care",
    "treatment_policy": "All who were asked, whatever became of their caring",
}
ARMS = {True: "With the programme", False: "Without it"}
SHIFTS = (-2.0, -1.0, 0.0, 1.0, 2.0)
"""Multiples of `lost_shift` by which those lost with the programme are moved."""
_MIDDLE = {"none": 0.0, "1-9": 5.0, "10-19": 15.0, "20-34": 27.0, "35-49": 42.0, "50+": 60.0}


def tabulate_lost(pairs: pd.DataFrame) -> pd.DataFrame:
    """Count what became of carers: `arm, status, label, carers, share, sace_before, asked`.

    `sace_before` is their mean quality of life at the first wave; `asked` all carers of the arm.
    """
    rows = []
    for offered, arm in ARMS.items():
        inside = pairs[pairs["offered"].astype(bool) == offered]
        for status, label in STATUSES.items():
            some = inside[inside["status"] == status]
            rows.append(
                {
                    "arm": arm,
                    "status": status,
                    "label": label,
                    "carers": float(len(some)),
                    "share": 100 * len(some) / max(len(inside), 1),
                    "sace_before": float(some["sace_before"].mean()) if len(some) else np.nan,
                    "answered": float(some["sace_before"].notna().sum()),
                    "asked": float(len(inside)),
                }
            )
    return pd.DataFrame(rows)


def compare_lost(pairs: pd.DataFrame, level: float) -> Estimate:
    """Difference in the share of carers lost, with the programme less without, in points."""
    lost: Floats = np.where(pairs["status"] != "caring", 100.0, 0.0)
    return compare_arms(lost, pairs, level)


def compare_first(pairs: pd.DataFrame, level: float) -> Estimate:
    """Difference in SACE at the first wave, with the programme less without."""
    return compare_arms(pairs["sace_before"].to_numpy(float), pairs, level)


def compare_arms(values: Floats, pairs: pd.DataFrame, level: float) -> Estimate:
    """Difference of means between arms, errors clustered by unit."""
    offered = pairs["offered"].to_numpy(float)
    if offered.min() == offered.max():
        raise AnalysisError(
            "offered: every unit offers the programme, or none does, so there is nobody to compare "
            "them with. Give units of both kinds, or leave `offered` out to describe."
        )
    x = np.column_stack([np.ones(len(values)), offered])
    fit = fit_weighted(values, x, np.ones(len(values)), cluster=code_units(pairs["unit"]))
    slope = np.array([0.0, 1.0])
    return make_estimate(float(fit.coef[1]), fit.error_of(slope), df=fit.df, level=level)


def estimate_estimands(pairs: pd.DataFrame, parameters: UnpaidCarers) -> pd.DataFrame:
    """Estimate the effect on SACE under both estimands, and under the second shift by shift.

    Rows `estimand, shift, label, estimate, std_error, conf_low, conf_high, df, carers, units,
    method, filled` with shift 0 for the two answers themselves; `filled` counts carers whose
    second answer was filled in.
    """
    caring = while_caring(pairs)
    row = estimate_change(caring, "sace", parameters)
    numbers = ("estimate", "std_error", "conf_low", "conf_high", "df", "method", "level")
    first = {name: row[name] for name in numbers} | {
        "estimand": "while_caring",
        "shift": 0.0,
        "carers": row["n"] / 2,
        "units": row["clusters"],
        "filled": 0.0,
    }
    table = pd.DataFrame([first, *_fill(pairs, parameters)])
    return table.assign(label=table["estimand"].map(ESTIMANDS))


def _fill(pairs: pd.DataFrame, parameters: UnpaidCarers) -> list[dict[str, object]]:
    """Fill in the second answers of all asked at first, and estimate with each shift."""
    asked = pairs[pairs["sace_before"].notna()].reset_index(drop=True)
    lost = asked["sace_after"].isna().to_numpy()
    filled = _impute(asked, parameters)
    moved = lost & asked["offered"].to_numpy(bool)
    table = stack_waves(asked.assign(sace_after=filled[0]), "sace")
    shifts = [parameters.lost_shift * times for times in SHIFTS]
    counts = {"carers": float(len(asked)), "filled": float(lost.sum())}
    return [
        _pool(table, filled, moved, shift, parameters) | counts | {"shift": shift}
        for shift in (shifts if moved.any() else [0.0])
    ]


def _impute(asked: pd.DataFrame, parameters: UnpaidCarers) -> Floats:
    """Second answers (imputations, carers); those given stay as they are."""
    columns = [asked["sace_after"], asked["sace_before"]]
    if "happiness_before" in asked:
        columns.append(asked["happiness_before"])
    if "hours_band" in asked:
        columns.append(asked["hours_band"].map(_MIDDLE))
    values = np.column_stack([column.to_numpy(float) for column in columns])
    if not np.isnan(values).any():
        return np.repeat(values[None, :, 0], 2, axis=0)
    rng = np.random.default_rng(parameters.seed)
    made = impute_chained(
        values, rng, imputations=parameters.imputations, cluster=code_units(asked["unit"])
    )
    return made[:, :, 0]


def _pool(
    table: pd.DataFrame, filled: Floats, moved: Flags, shift: float, parameters: UnpaidCarers
) -> dict[str, object]:
    """Estimate with each filled table, and pool: `table` stands as `stack_waves` made it."""
    later = table["time"].to_numpy() == 1
    first, person = table["outcome"].to_numpy(float), table["person"].to_numpy()
    rng = np.random.default_rng(parameters.seed)
    found = []
    for after in filled:
        outcome = np.where(later, (after + shift * moved)[person], first)
        groups = arrange(
            table.assign(outcome=outcome),
            adjust_for=[],
            kind="number",
            rate_per=1.0,
            weight_by="rows",
        )
        found.append(infer(groups.contrast, rng, level=parameters.confidence_level, draws=99))
    pooled = pool_by_rubin(
        np.array([one.estimate for one in found]),
        np.array([one.std_error**2 for one in found]),
        complete_df=float(np.mean([one.df for one in found])),
        level=parameters.confidence_level,
    ).estimate
    return {
        "estimand": "treatment_policy",
        "estimate": pooled.estimate,
        "std_error": pooled.std_error,
        "conf_low": pooled.conf_low,
        "conf_high": pooled.conf_high,
        "df": pooled.df,
        "method": "multiple_imputation",
        "level": pooled.level,
        "units": groups.clusters,
    }


def find_tipping_point(estimands: pd.DataFrame, side: int) -> float:
    """Smallest shift of those lost with the programme that takes the answer's side away.

    `side` is 1 for a gain, -1 for a loss. The end of the interval nearest to zero is followed on
    straight lines between the shifts tried; infinite where none of them takes it to zero, zero
    where it has no side to begin with.
    """
    tried = estimands[estimands["estimand"] == "treatment_policy"].sort_values("shift")
    shift = side * tried["shift"].to_numpy(float)[::side]
    end = (tried["conf_low"] if side > 0 else -tried["conf_high"]).to_numpy(float)[::side]
    worse = shift <= 0
    shift, end = shift[worse][::-1], end[worse][::-1]
    if end[0] <= 0:
        return 0.0
    gone = np.flatnonzero(end <= 0)
    if not len(gone):
        return float("inf")
    at = int(gone[0])
    step = end[at - 1] / (end[at - 1] - end[at])
    return float(side * (shift[at - 1] + step * (shift[at] - shift[at - 1])))
