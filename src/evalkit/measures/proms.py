"""Patient-reported outcomes: gain, share improved, and gains adjusted for who was treated.

A gain is the score after less the score before. A provider's adjusted gain is its mean of (score
after less the score predicted for such a patient), centred on the mean of all, plus the mean gain
of all; its error is the spread of that difference over everyone, over the root of its patients.
With NHS Digital's predicted scores this reproduces its published gains and flags of providers
(`docs/methods/proms.md`). Predictions of `fit_case_mix` are this project's and never official.
Must hold: what the prediction knows is all in which providers' patients differ; those who sent
both questionnaires stand for the rest. What happened after the operation is never adjusted for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.fits.proportions import fit_wilson_interval
from evalkit.inference.arrays import Floats
from evalkit.measures.item_means import need_columns
from evalkit.measures.placement import Measure

FEWEST_RECORDS = 30
"""Providers with fewer modelled records get no adjusted gain, as published."""
LIMITS = {"alert": 1.959964, "alarm": 3.090232}
"""Errors from the mean of all at which a provider is flagged: 95% and 99.8%."""


def tabulate_gains(
    records: pd.DataFrame, *, by: Sequence[str], least_gain: float = 0.0, level: float = 0.95
) -> pd.DataFrame:
    """One row a group: mean gain with t interval, and the share whose gain is above `least_gain`.

    `records` has a row a patient with `before` and `after`; those without both are left out and
    counted in `incomplete`. Shares `improved`, `unchanged` and `worse` (per cent) stand with
    Wilson's interval of `improved`. With `least_gain` a change that matters, "improved" means more
    than it, "worse" a loss of more than it.
    """
    need_columns(records, [*by, "before", "after"], "PROMs")
    rows = [
        {**dict(zip(by, key, strict=True)), **_gain(part, least_gain, level)}
        for key, part in records.groupby(list(by), sort=True)
    ]
    return pd.DataFrame(rows)


def adjust_gains(
    records: pd.DataFrame, *, unit: str = "unit", fewest: int = FEWEST_RECORDS, level: float = 0.95
) -> pd.DataFrame:
    """One row a unit: `n, gain, adjusted_gain, std_error, conf_low, conf_high, z, flag`.

    `records` has a row a patient with `before`, `after` and `predicted` (after); rows without all
    three are left out. `flag` is "better" or "worse" with ", alert" (95%) or ", alarm" (99.8%),
    "as expected", or "too few records", whose numbers are missing.
    """
    need_columns(records, [unit, "before", "after", "predicted"], "adjusted gain")
    known = records.dropna(subset=["before", "after", "predicted"])
    if known[unit].nunique() < 2:
        raise AnalysisError(
            f"adjusted gain: {known[unit].nunique()} units with records. "
            "Give two or more to compare with all."
        )
    beyond = known["after"] - known["predicted"]
    centred = known.assign(gain=known["after"] - known["before"], beyond=beyond - beyond.mean())
    overall, spread = float(centred["gain"].mean()), float(beyond.std())
    table = centred.groupby(unit, sort=True).agg(
        n=("gain", "size"), gain=("gain", "mean"), beyond=("beyond", "mean")
    )
    error = spread / np.sqrt(table["n"].to_numpy(float))
    half = float(stats.norm.ppf(0.5 + level / 2)) * error
    adjusted = overall + table["beyond"].to_numpy(float)
    z = (adjusted - overall) / error
    found = table.drop(columns="beyond").assign(
        adjusted_gain=adjusted,
        std_error=error,
        conf_low=adjusted - half,
        conf_high=adjusted + half,
        z=z,
        flag=flag_outliers(z),
    )
    return _hide_few(found, fewest).reset_index()


def flag_outliers(z: Floats) -> list[str]:
    """Words for distances `z` (errors) from the mean of all: beyond 95% alert, 99.8% alarm."""
    size = np.abs(z)
    side = np.where(z > 0, "better", "worse")
    words = np.where(size > LIMITS["alarm"], "alarm", "alert")
    return [
        f"{s}, {w}" if far else "as expected"
        for s, w, far in zip(side, words, size > LIMITS["alert"], strict=True)
    ]


@dataclass(frozen=True, slots=True)
class CaseMix:
    """A prediction of the score after from what was known before, made by this project.

    `table` is the records with `predicted`; `explained` the share of variance (R squared); `n`
    the patients it was fitted to. It is no official model, and differs from the publisher's.
    """

    table: pd.DataFrame
    explained: float
    n: int
    covariates: tuple[str, ...]
    official: bool = False


def fit_case_mix(records: pd.DataFrame, covariates: Sequence[str]) -> CaseMix:
    """Predict `after` from `before`, its square and `covariates` by least squares.

    Text covariates enter as categories, with missing ones a category of their own. Name only what
    was known before treatment. Raises AnalysisError for `after` among them, missing numbers, or
    fewer patients than coefficients.
    """
    need_columns(records, ["before", "after", *covariates], "case mix")
    if set(covariates) & {"after", "predicted", "gain"}:
        raise AnalysisError(
            "case mix: the score after treatment, or what is made from it, is among the "
            "covariates. Name only what was known before treatment."
        )
    known = records.dropna(subset=["before", "after"])
    design = _case_mix_columns(known, covariates)
    outcome = known["after"].to_numpy(float)
    if len(outcome) <= design.shape[1]:
        raise AnalysisError(
            f"case mix: {len(outcome)} patients and {design.shape[1]} coefficients. "
            "Name fewer covariates, or give more records."
        )
    coef, *_ = np.linalg.lstsq(design, outcome, rcond=None)
    predicted = design @ coef
    left = float(np.sum((outcome - predicted) ** 2) / np.sum((outcome - outcome.mean()) ** 2))
    return CaseMix(known.assign(predicted=predicted), 1 - left, len(known), tuple(covariates))


def _case_mix_columns(known: pd.DataFrame, covariates: Sequence[str]) -> Floats:
    before = known["before"].to_numpy(float)
    before = (before - before.mean()) / (before.std() or 1.0)
    columns = [np.ones(len(known)), before, before**2]
    for name in covariates:
        values = known[name]
        if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            if values.isna().any():
                raise AnalysisError(
                    f"case mix: {int(values.isna().sum())} values of {name} are missing. Give it "
                    "as a category, so that unknown is one, or leave the rows out."
                )
            columns.append(values.to_numpy(float))
        else:
            wide = pd.get_dummies(values.astype("object").fillna("unknown"), drop_first=True)
            columns.extend(wide.to_numpy(float).T)
    return np.column_stack(columns)


def _gain(part: pd.DataFrame, least: float, level: float) -> dict[str, float]:
    gains = (part["after"] - part["before"]).dropna().to_numpy(float)
    n, incomplete = len(gains), len(part) - len(gains)
    error = float(gains.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    half = float(stats.t.ppf(0.5 + level / 2, n - 1)) * error if n > 1 else float("nan")
    mean = float(gains.mean()) if n else float("nan")
    improved, worse = float(np.sum(gains > least)), float(np.sum(gains < -least))
    wilson = fit_wilson_interval(np.array([improved]), np.array([float(n)]), level=level)
    of = 100 / n if n else float("nan")
    return {
        "n": n,
        "incomplete": incomplete,
        "gain": mean,
        "std_error": error,
        "conf_low": mean - half,
        "conf_high": mean + half,
        "improved": of * improved,
        "improved_low": 100 * float(wilson.conf_low[0]),
        "improved_high": 100 * float(wilson.conf_high[0]),
        "unchanged": of * (n - improved - worse),
        "worse": of * worse,
    }


def _hide_few(table: pd.DataFrame, fewest: int) -> pd.DataFrame:
    few = table["n"] < fewest
    numbers = ["gain", "adjusted_gain", "std_error", "conf_low", "conf_high", "z"]
    shown = table.assign(flag=table["flag"].mask(few, "too few records"))
    shown[numbers] = shown[numbers].mask(few)
    return shown


PROMS = Measure(
    "proms",
    "Patient-reported outcome measures: health gain",
    "patients",
    ("overall",),
    ("T07", "T11"),
    "points of the instrument",
    "higher",
    "gain = after - before; adjusted = mean(after - predicted), centred, plus mean gain of all",
    "published",
    "the publisher's own case-mix model (its predicted scores are used); totals over both kinds of "
    "operation",
)
