"""Whether items measure what they are said to, and the same in every group that is compared.

Groups' means may be compared only if equal loadings and intercepts hold (scalar invariance):
otherwise a difference may lie in how the questions are understood. Judged by how much worse the
fit gets from step to step: CFI falling by no more than .010 (Cheung and Rensvold 2002, Structural
Equation Modeling 9:233-255), RMSEA rising by no more than .015 (Chen 2007, ibid. 14:464-504); the
chi-squared test stands beside, and finds trifles in large samples. Customary marks of a good fit,
reported and never a gate: CFI .95, RMSEA .06 (Hu and Bentler 1999, ibid. 6:1-55). Two factors
whose correlation comes out at 1 or beyond are one: no proper solution, and nothing holds by it.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.fits.confirmatory_factors import FactorFit, Step, fit_confirmatory_factors
from evalkit.inference.arrays import Ints
from evalkit.measures.item_means import need_columns

STEPS: tuple[Step, ...] = ("configural", "metric", "scalar")
LARGEST_CFI_FALL = 0.010
LARGEST_RMSEA_RISE = 0.015
GOOD_CFI, GOOD_RMSEA = 0.95, 0.06
SAME_FACTOR = 0.999
"""Correlation of two factors from which on they are not told apart."""


def fit_factors(
    answers: pd.DataFrame,
    factors: Mapping[str, str],
    *,
    group: str | None = None,
    step: Step = "configural",
) -> FactorFit:
    """Fit the factor that each item of `factors` is said to measure, perhaps by `group`.

    `answers` has a row a person and a column an item, higher better. Factors are numbered in the
    order in which `factors` names them, groups in the order of their names.
    """
    need_columns(answers, [*factors, *([group] if group else [])], "factors")
    names = list(dict.fromkeys(factors.values()))
    factor: Ints = np.array([names.index(name) for name in factors.values()], dtype=np.int64)
    items = answers[list(factors)].to_numpy(dtype=float, na_value=np.nan)
    if group is None:
        return fit_confirmatory_factors(items, factor, step=step)
    known = answers[group].notna().to_numpy()
    codes, _ = pd.factorize(answers.loc[known, group], sort=True)
    return fit_confirmatory_factors(
        items[known], factor, np.asarray(codes, dtype=np.int64), step=step
    )


def tabulate_factor_structure(answers: pd.DataFrame, factors: Mapping[str, str]) -> pd.DataFrame:
    """One row an item: `item, factor, loading` (standardised), `n`; everyone together."""
    fit = fit_factors(answers, factors)
    table = pd.DataFrame({"item": list(factors), "factor": list(factors.values())})
    return table.assign(loading=fit.standardised[0], n=fit.n)


def tabulate_factor_fit(answers: pd.DataFrame, factors: Mapping[str, str]) -> pd.DataFrame:
    """One row: how well the factors tell the items' correlations, and whether it is customary good.

    `alike` is the largest correlation of two factors (NaN of one). `proper` is false where two are
    not told apart or an item keeps no variance of its own: then the rest is not to be relied on.
    """
    fit = fit_factors(answers, factors)
    row = {**_numbers(fit), "alike": _alike(fit), "good": _good(fit), "proper": _proper(fit)}
    return pd.DataFrame([row])


def tabulate_invariance(
    answers: pd.DataFrame, factors: Mapping[str, str], *, group: str
) -> pd.DataFrame:
    """One row a step: fit, `cfi_change`, `rmsea_change`, test against the step before, `holds`.

    `holds` is "yes" where the step and all before it do, by the changes in CFI and RMSEA; for the
    first step where the fit is customarily good; never where the solution is not `proper` (as of
    `tabulate_factor_fit`, `alike` over all groups). Raises AnalysisError for one group only.
    """
    groups = answers[group].dropna().nunique() if group in answers else 0
    if groups < 2:
        raise AnalysisError(
            f"invariance: {groups} groups. Give two or more groups that are to be compared."
        )
    rows: list[dict[str, object]] = []
    before: FactorFit | None = None
    still = True
    for step in STEPS:
        fit = fit_factors(answers, factors, group=group, step=step)
        changes = _changes(fit, before)
        still = still and _proper(fit) and _step_holds(fit, changes)
        told = {"alike": _alike(fit), "proper": _proper(fit), "holds": "yes" if still else "no"}
        rows.append({"step": step, **_numbers(fit), **changes, **told})
        before = fit
    return pd.DataFrame(rows).assign(groups=groups)


def tabulate_factor_means(
    answers: pd.DataFrame, factors: Mapping[str, str], *, group: str, level: float = 0.95
) -> pd.DataFrame:
    """One row a group and factor: its mean in spreads of the first group, error and interval.

    Valid only where scalar invariance holds (`tabulate_invariance`).
    """
    fit = fit_factors(answers, factors, group=group, step="scalar")
    names = list(dict.fromkeys(factors.values()))
    labels = sorted(answers[group].dropna().unique())
    z = float(stats.norm.ppf(0.5 + level / 2))
    rows = [
        {
            "group": str(label),
            "factor": name,
            "mean": float(fit.factor_means[g, k]),
            "std_error": float(fit.mean_errors[g, k]),
        }
        for g, label in enumerate(labels)
        for k, name in enumerate(names)
    ]
    table = pd.DataFrame(rows)
    half = z * table["std_error"]
    return table.assign(conf_low=table["mean"] - half, conf_high=table["mean"] + half)


def _numbers(fit: FactorFit) -> dict[str, float]:
    return {
        "chisq": fit.chisq,
        "df": fit.df,
        "cfi": fit.cfi,
        "tli": fit.tli,
        "rmsea": fit.rmsea,
        "srmr": fit.srmr,
        "n": fit.n,
    }


def _changes(fit: FactorFit, before: FactorFit | None) -> dict[str, float]:
    if before is None:
        return dict.fromkeys(("cfi_change", "rmsea_change", "p_value"), float("nan"))
    apart, freed = max(fit.chisq - before.chisq, 0.0), fit.df - before.df
    return {
        "cfi_change": fit.cfi - before.cfi,
        "rmsea_change": fit.rmsea - before.rmsea,
        "p_value": float(stats.chi2.sf(apart, freed)),
    }


def _step_holds(fit: FactorFit, changes: dict[str, float]) -> bool:
    if np.isnan(changes["cfi_change"]):
        return _good(fit)
    return bool(
        changes["cfi_change"] >= -LARGEST_CFI_FALL and changes["rmsea_change"] <= LARGEST_RMSEA_RISE
    )


def _alike(fit: FactorFit) -> float:
    """Largest correlation of two factors in any group, by size; NaN of a single factor."""
    factors = fit.factor_correlations.shape[1]
    if factors < 2:
        return float("nan")
    rows, columns = np.tril_indices(factors, -1)
    return float(np.abs(fit.factor_correlations[:, rows, columns]).max())


def _proper(fit: FactorFit) -> bool:
    return fit.proper and not _alike(fit) > SAME_FACTOR


def _good(fit: FactorFit) -> bool:
    return bool(fit.cfi >= GOOD_CFI and fit.rmsea <= GOOD_RMSEA)
