"""Effects of a staggered change with simultaneous bands, beside diff-diff.

Both begin from the same table of units and periods and end with effects by periods since the
change, their errors, and the critical value of a band for all of them, by as many draws of
multipliers on the influence functions: normal ones here, which need only the covariance, signs
there.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from comparisons.comparison import (
    Bound,
    Comparison,
    Disagreement,
    differ_by,
    refuse_difference,
)
from evalkit.designs import staggered_adoption
from evalkit.fits.callaway_santanna import fit_group_time
from evalkit.fits.staggered_averages import list_averages
from evalkit.inference.simultaneous import influence_covariance, sup_t
from evalkit.study import load_parameters
from evalkit.study.schemas.staggered_adoption import StaggeredAdoption

STUDY = Path(__file__).resolve().parents[3] / "parameters" / "staggered_adoption.yml"
DRAWS, SEED = 999, 1
SAME = 1e-9
"""Both add up the same numbers in another order."""
BY_CHANCE = 0.25
"""Critical values of 999 draws each differ by chance, with an error of about 0.06."""
BOUND = Bound(1.2, 0.05)
STARTS = (0.05, 0.25, 0.475, 0.7, 0.925)
"""When cohorts begin, as shares of the periods."""


@dataclass(frozen=True, slots=True)
class Events:
    """Effects by periods since the change, (k,), their errors, and the band's critical value."""

    estimate: np.ndarray
    error: np.ndarray
    critical: float


def compare(units: int = 2000, periods: int = 40) -> list[Comparison]:
    """Compare the fit, and the whole design, on so many units and periods."""
    rows = make_rows(units, periods)
    table, parameters = as_design_table(rows), ask_for_all()
    size = f"{units:,} units x {periods} periods, {DRAWS} draws"
    return [
        Comparison(
            f"Callaway-Sant'Anna, {size}",
            "diff-diff, CallawaySantAnna",
            BOUND,
            lambda: fit_ours(rows),
            lambda: fit_theirs(rows),
            lambda: agree_on_events(rows),
        ),
        Comparison(
            f"The same with all that `staggered_adoption` shows, {size}",
            "diff-diff, CallawaySantAnna",
            BOUND,
            lambda: estimate_design(table, parameters),
            lambda: fit_theirs(rows, base="universal"),
            lambda: agree_on_design(estimate_design(table, parameters), rows),
        ),
    ]


def make_rows(units: int, periods: int) -> pd.DataFrame:
    """Make rows `unit, time, start, outcome`; five cohorts start, one never does (start 0)."""
    rng = np.random.default_rng(7)
    starts = rng.choice([0, *(1 + round(periods * share) for share in STARTS)], units)
    unit, time = np.repeat(np.arange(units), periods), np.tile(np.arange(1, periods + 1), units)
    start = starts[unit]
    effect = (start > 0) & (time >= start)
    outcome = rng.normal(size=units)[unit] + rng.normal(size=len(unit)) + effect
    return pd.DataFrame({"unit": unit, "time": time, "start": start, "outcome": outcome})


def as_design_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Lay rows out as the design reads them."""
    names = "W" + rows["unit"].astype(str).str.zfill(4)
    start = rows["start"].where(rows["start"] > 0)
    return rows.assign(
        unit=names,
        unit_name=names,
        cluster=names,
        period=rows["time"].astype(str),
        outcome_base=np.nan,
        weight=1.0,
        first_treated=start,
        treated=rows["time"] >= start,
    )


def fit_ours(rows: pd.DataFrame) -> Events:
    """Fit by our functions, from the rows on."""
    row, units = pd.factorize(rows["unit"])
    column, times = pd.factorize(rows["time"], sort=True)
    outcome = np.full((len(units), len(times)), np.nan)
    outcome[row, column] = rows["outcome"].to_numpy()
    start = np.full(len(units), np.nan)
    start[row] = rows["start"].where(rows["start"] > 0).to_numpy(float)
    effects = fit_group_time(outcome, np.asarray(times, dtype=float), start)
    averages = list_averages(effects)
    at = averages.positions("event")
    covariance = influence_covariance(averages.influence[:, at])
    rng = np.random.default_rng(SEED)
    band = sup_t(averages.estimate[at], covariance, rng, draws=DRAWS)
    return Events(averages.estimate[at], np.sqrt(np.diag(covariance)), band.critical)


def fit_theirs(rows: pd.DataFrame, draws: int = DRAWS, base: str = "varying") -> Events:
    """Fit by diff-diff; without draws its errors come from the influence functions, as ours do."""
    import diff_diff

    estimator = diff_diff.CallawaySantAnna(n_bootstrap=draws, seed=SEED, base_period=base)
    roles = {"outcome": "outcome", "unit": "unit", "time": "time", "first_treat": "start"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of an argument of its own
        found = estimator.fit(rows, **roles, aggregate="event_study")
    events = [found.event_study_effects[key] for key in sorted(found.event_study_effects)]
    estimate, error = (np.array([event[name] for event in events]) for name in ("effect", "se"))
    return Events(estimate, error, found.cband_crit_value or np.nan)


def ask_for_all() -> StaggeredAdoption:
    """Return the embedded study's parameters, with as many draws."""
    changes = {"subgroups": [], "outcome_kind": "number", "draws": DRAWS, "seed": SEED}
    loaded = load_parameters(STUDY).model_copy(update=changes)
    return StaggeredAdoption.model_validate(loaded.model_dump())


def estimate_design(table: pd.DataFrame, parameters: StaggeredAdoption) -> pd.DataFrame:
    """Ask the whole design, and return its event study with bands."""
    return staggered_adoption.estimate(table, parameters).tables["event_study"]


def agree_on_events(rows: pd.DataFrame) -> str:
    """Check effects and errors to rounding, and the critical value but for chance."""
    ours, theirs, exact = fit_ours(rows), fit_theirs(rows), fit_theirs(rows, draws=0)
    found = {
        "effects": differ_by(ours.estimate, theirs.estimate),
        "errors": differ_by(ours.error, exact.error),
    }
    refuse_difference(found, SAME)
    if not abs(ours.critical - theirs.critical) < BY_CHANCE:
        raise Disagreement(f"critical values {ours.critical:.2f} and {theirs.critical:.2f}")
    return (
        f"{len(ours.estimate)} effects and errors equal to 1e-9; "
        f"critical values {ours.critical:.2f} and {theirs.critical:.2f}"
    )


def agree_on_design(events: pd.DataFrame, rows: pd.DataFrame) -> str:
    """Check the event study's effects against those with the same base period."""
    theirs = fit_theirs(rows, draws=0, base="universal")
    known = theirs.estimate != 0  # the base period itself, which it gives as nought
    refuse_difference({"effects": differ_by(events["estimate"], theirs.estimate[known])}, SAME)
    return f"{len(events)} effects equal to 1e-9"
