"""What a staggered adoption shows beside its estimates: the roll-out, cohorts, and how it holds."""

import numpy as np
import pandas as pd

from evalkit.designs.staggered_inference import Judged
from evalkit.designs.staggered_panel import StaggeredPanel, code_periods
from evalkit.fits.callaway_santanna import CellRule, GroupTimeEffects
from evalkit.fits.goodman_bacon import Comparison
from evalkit.fits.imputation import ImputedEffects
from evalkit.inference.arrays import Ints
from evalkit.inference.simultaneous import sup_t
from evalkit.results.words import counted
from evalkit.study.schemas.staggered_adoption import StaggeredAdoption

MOST_ROWS = 30
"""Clusters that a page can show one by one."""
KINDS = {
    "never_changed": "Units that never changed",
    "not_yet_changed": "Units that had not changed yet",
    "already_changed": "Units that had changed already",
}


def tabulate_events(judged: Judged, parameters: StaggeredAdoption) -> pd.DataFrame:
    """Effects by periods since the change, each with its interval and a band for all at once.

    `period` counts from the first period with the change, which is 0. The band is the sup-t one:
    influence functions under normal multipliers have just the joint distribution that it draws.
    """
    at = judged.averages.positions("event")
    estimate, error = judged.averages.estimate[at], judged.std_error[at]
    frame = pd.DataFrame(
        {
            "period": [_key(judged, i) for i in at],
            "estimate": estimate,
            "std_error": error,
            "conf_low": judged.conf_low[at],
            "conf_high": judged.conf_high[at],
            "level": parameters.confidence_level,
            "df": judged.df[at],
        }
    )
    frame["band_low"] = frame["band_high"] = np.nan
    known = error > 0
    if known.any():
        rng = np.random.default_rng(parameters.seed)
        covariance = judged.covariance[np.ix_(at, at)][np.ix_(known, known)]
        df = float(np.median(judged.df[at][known]))
        level = parameters.confidence_level
        found = sup_t(estimate[known], covariance, rng, level=level, df=df, draws=parameters.draws)
        frame["band_low"] = estimate - found.critical * error
        frame["band_high"] = estimate + found.critical * error
    return frame


def tabulate_event_covariance(judged: Judged) -> pd.DataFrame:
    """Covariance of the event study's estimates: `period`, then a column for each period."""
    at = judged.averages.positions("event")
    keys = [_key(judged, i) for i in at]
    wide = pd.DataFrame(judged.covariance[np.ix_(at, at)], columns=[str(key) for key in keys])
    wide.insert(0, "period", keys)
    return wide


def _key(judged: Judged, at: int) -> int:
    key = judged.averages.rows[at].key
    return 0 if key is None else round(key)


def tabulate_cells(sample: StaggeredPanel, effects: GroupTimeEffects) -> pd.DataFrame:
    """The effect of each cohort in each period, its units, and those of both sides together."""
    return pd.DataFrame(
        {
            "cohort": [sample.name_period(c) for c in effects.cohort],
            "period": [sample.name_period(t) for t in effects.time],
            "estimate": effects.estimate,
            "treated_units": effects.treated,
            "units": effects.treated + effects.compared,
        }
    )


def tabulate_cohorts(sample: StaggeredPanel, rule: CellRule) -> pd.DataFrame:
    """Who started when: units, clusters, and periods before and since, by cohort."""
    panel = sample.panel
    rows = []
    for start in np.unique(panel.first_treated):
        never = bool(np.isnan(start))
        member = np.isnan(panel.first_treated) if never else panel.first_treated == start
        before = panel.times < start - rule.anticipation
        rows.append(
            {
                "cohort": "never" if never else sample.name_period(start),
                "units": int(member.sum()),
                "clusters": len(np.unique(panel.cluster[member])),
                "periods_before": len(panel.times) if never else int(before.sum()),
                "periods_since": 0 if never else int((panel.times >= start).sum()),
            }
        )
    return pd.DataFrame(rows)


def tabulate_rollout(table: pd.DataFrame) -> pd.DataFrame:
    """Each cluster in each period: whether any unit of it had the change, and its answers or rows.

    Where there are more clusters than a page holds, those that started together are one row. `n`
    sums the bases where all are known, and counts rows with an outcome elsewhere.
    """
    base = table["outcome_base"].to_numpy(float)
    seen = table["outcome"].notna().to_numpy()
    answers = np.where(seen, base if np.isfinite(base[seen]).all() else 1.0, 0.0)
    cluster, clusters = _name_rows(table)
    period, periods = code_periods(table)
    cell = cluster * len(periods) + period
    size = len(clusters) * len(periods)
    rows, changed = np.bincount(cell, minlength=size), table["treated"].to_numpy(float)
    frame = pd.DataFrame(
        {
            "cluster": np.repeat(clusters, len(periods)),
            "period": np.tile(periods, len(clusters)),
            "treated": np.bincount(cell, changed, size) > 0,
            "n": np.bincount(cell, answers, size).round().astype(int),
        }
    )
    return frame[rows > 0].reset_index(drop=True)


def _name_rows(table: pd.DataFrame) -> tuple[Ints, list[str]]:
    """The row of the roll-out that each row of the table belongs to, and what rows are called."""
    code, names = pd.factorize(table["cluster"], sort=True)
    if len(names) <= MOST_ROWS:
        return np.asarray(code, dtype=np.int64), [str(name) for name in names]
    starts = np.full(len(names), np.inf)
    np.minimum.at(starts, code, table["first_treated"].fillna(np.inf).to_numpy(float))
    times, periods = np.unique(table["time"].to_numpy(float)), code_periods(table)[1]
    place = np.where(starts < times[0], -1, np.searchsorted(times, starts))
    place = np.where(np.isinf(starts), len(times) + 1, place)
    told = {-1: "Started earlier", len(times): "Start later", len(times) + 1: "Never started"}
    told |= {at: f"Started {period}" for at, period in enumerate(periods)}
    levels, wave, sizes = np.unique(place, return_inverse=True, return_counts=True)
    named = [
        f"{told[int(at)]} ({counted(int(size), 'cluster')})"
        for at, size in zip(levels, sizes, strict=True)
    ]
    return np.asarray(wave[code], dtype=np.int64), named


def tabulate_weights(sample: StaggeredPanel, comparisons: list[Comparison]) -> pd.DataFrame:
    """What the two-way fixed-effects estimate is a mean of, heaviest first.

    `compared_with` says whom with: units that never changed, had not yet, or had already (which no
    answer should rest on).
    """
    frame = pd.DataFrame(
        [
            {
                "cohort": sample.name_period(one.cohort),
                "compared_with": KINDS[one.kind],
                "that_started": "never"
                if np.isnan(one.against)
                else sample.name_period(one.against),
                "weight": one.weight,
                "estimate": one.estimate,
            }
            for one in comparisons
        ]
    )
    return frame.sort_values("weight", ascending=False, kind="stable", ignore_index=True)


def tabulate_second_opinion(judged: Judged, imputed: ImputedEffects) -> pd.DataFrame:
    """Effects by periods since the change, beside those imputed from all periods before it."""
    rows = []
    for at in judged.averages.positions("event"):
        period = _key(judged, at)
        known = imputed.effect[imputed.known & (imputed.event == period)]
        if len(known):
            estimate = judged.averages.estimate[at]
            rows.append({"period": period, "estimate": estimate, "imputed": known.mean()})
    return pd.DataFrame(rows, columns=["period", "estimate", "imputed"])
