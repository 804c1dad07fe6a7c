"""Difference-in-differences: one start, some units with the intervention and some without.

Compares: how the outcome of units with the intervention changed from before its start to after,
with how it changed in units without it.
Estimates: the average difference, from the start on, from what the units with the intervention
would have had without it; and the same period by period (event study).
Must hold: without the intervention both groups would have changed alike; nobody changed ahead of
the start; units without it were not touched by it; who answers did not change with it.
Uncertainty: two-way fixed effects, with errors by cluster that hold for as many clusters as
there are: CR2 and Satterthwaite's t, or, where few clusters are on one side, permutation or
Student's t of the clusters' changes (`inference.few_clusters` has the rule). The event study has
bands that hold for all periods at once (sup-t).
Sources: Angrist and Pischke 2009, chapter 5; Bertrand, Duflo and Mullainathan 2004 (Quarterly
Journal of Economics 119:249-275); Freyaldenhoven, Hansen, Perez and Shapiro 2021 (event studies).
"""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from evalkit.designs.compared_outcome import say_outside_range
from evalkit.designs.event_study import EventStudy, fit_event_study
from evalkit.designs.headline_only import as_one_row
from evalkit.designs.imputed import estimate_by_rows
from evalkit.designs.survey_sample import say_nested
from evalkit.designs.two_groups import TwoGroups, arrange
from evalkit.errors import AnalysisError
from evalkit.inference.few_clusters import Contrast, Inference, Method, infer
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.results.words import counted, counted_in_words
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

WITH, WITHOUT = "with the intervention", "without"
EXPECTED = ("counterfactual", "counterfactual_low", "counterfactual_high")
NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "df", "method")
LABELS = {
    "cr2": "errors corrected for few clusters",
    "clustered": "errors clustered",
    "permutation": "interval by permutation",
    "wild_bootstrap": "interval by wild bootstrap",
    "pooled_changes": "interval from all clusters' changes",
}


def estimate(
    table: pd.DataFrame,
    parameters: DifferenceInDifferences,
    *,
    side_by_side: bool = False,
    headline_only: bool = False,
) -> Result:
    """Estimate the average difference from the start on, and period by period.

    With `side_by_side` it is also inferred in each other way that the data allow, which takes
    longer and moves no other number; with `headline_only` there is no row but the headline's.
    """
    if headline_only:
        return estimate_by_rows(table, parameters, _estimate_headline, None)
    once = partial(_estimate_once, side_by_side=side_by_side)
    return estimate_by_rows(table, parameters, once, _finish)


def _estimate_headline(table: pd.DataFrame, parameters: DifferenceInDifferences) -> Result:
    rng = np.random.default_rng(parameters.seed)
    groups, chosen = _infer_chosen(table, parameters, rng)
    row = {name: getattr(chosen, name) for name in NUMBERS} | _shared(groups, parameters)
    row |= {"term": "effect", "label": _label(chosen)}
    primary = {"term": "effect", "method": chosen.method}
    return Result("difference_in_differences", as_one_row(row), primary, True)


def _infer_chosen(
    table: pd.DataFrame, parameters: DifferenceInDifferences, rng: np.random.Generator
) -> tuple[TwoGroups, Inference]:
    """Take the table apart, and infer the average difference in the way that answers."""
    groups = arrange(
        table,
        adjust_for=parameters.adjust_for,
        kind=parameters.outcome_kind,
        rate_per=parameters.rate_per,
        weight_by=parameters.weight_by,
    )
    level = parameters.confidence_level
    asked = None if parameters.inference == "chosen_by_data" else parameters.inference
    chosen = infer(groups.contrast, rng, method=asked, level=level, draws=parameters.draws)
    _refuse_endless(chosen, level)
    return groups, chosen


def _estimate_once(
    table: pd.DataFrame, parameters: DifferenceInDifferences, *, side_by_side: bool
) -> Result:
    drawn = say_nested(table)
    rng = np.random.default_rng(parameters.seed)
    level = parameters.confidence_level
    groups, chosen = _infer_chosen(table, parameters, rng)
    events = fit_event_study(groups, chosen, rng, level=level, draws=parameters.draws)
    others = _other_ways(groups.contrast, chosen.method) if side_by_side else []
    beside = [
        infer(groups.contrast, rng, method=one, level=level, draws=parameters.draws)
        for one in others
    ]
    found = [chosen, *(one for one in beside if _has_ends(one))]
    estimates = _as_table(found, events, groups, parameters)
    primary = {"term": "effect", "method": chosen.method}
    tables = {"series": _series(groups, events), "event_covariance": events.wide_covariance()}
    remarks = (*_remarks(groups, chosen, tables["series"], parameters), *drawn)
    return Result("difference_in_differences", estimates, primary, True, tables, remarks)


def _finish(result: Result, table: pd.DataFrame, parameters: DifferenceInDifferences) -> Result:
    """Bring what rests on the event study into line with it, once it is pooled.

    Correlations between periods are those within filled tables (Li, Raghunathan and Rubin 1991,
    Journal of the American Statistical Association 86:1065-1073, take them as alike).
    """
    if "fraction_missing" not in result.estimates:
        return result
    events = result.estimates[result.estimates["term"] == "event"].set_index("period")
    wide = result.tables["event_covariance"].set_index("period")
    error = np.sqrt(np.diag(wide.to_numpy(float)))
    pooled = events.loc[wide.index, "std_error"].to_numpy(float)
    scale = np.divide(pooled, error, out=np.zeros(len(error)), where=error > 0)
    covariance = (wide * np.outer(scale, scale)).reset_index()
    series = result.tables["series"].copy()
    at = series["counterfactual"].notna()
    since = events[events.index.astype(int) >= 0]
    for name, end in zip(EXPECTED, ("estimate", "conf_high", "conf_low"), strict=True):
        series.loc[at, name] = series.loc[at, "observed"].to_numpy() - since[end].to_numpy(float)
    tables = {**result.tables, "event_covariance": covariance, "series": series}
    return replace(result, tables=tables)


def _other_ways(contrast: Contrast, chosen: Method) -> list[Method]:
    """Other inferences that mean something here: by t, by bootstrap, by exchanging clusters."""
    ways: list[Method] = [] if contrast.lone else ["cr2", "wild_bootstrap"]
    if contrast.codes is not None:
        ways.append("pooled_changes" if contrast.lone else "permutation")
    return [one for one in ways if one != chosen]


def _has_ends(one: Inference) -> bool:
    return bool(np.isfinite([one.conf_low, one.conf_high]).all())


def _refuse_endless(chosen: Inference, level: float) -> None:
    """Refuse an inference that was asked for and says nothing at this level."""
    if not _has_ends(chosen):
        raise AnalysisError(
            f"inference ({chosen.method}): so few clusters give no interval at {100 * level:g}% in "
            "this way. Use chosen_by_data, or give more clusters."
        )


def _as_table(
    found: list[Inference],
    events: EventStudy,
    groups: TwoGroups,
    parameters: DifferenceInDifferences,
) -> pd.DataFrame:
    """Make the tidy table: the average difference by each inference, then each period's."""
    effects: dict[str, list[object]] = {
        name: [getattr(one, name) for one in found] for name in NUMBERS
    }
    effects |= {"term": ["effect"] * len(found), "label": [_label(one) for one in found]}
    missing: list[object] = [None] * len(found)
    columns = {name: effects.get(name, missing) + rest for name, rest in events.columns().items()}
    rows = len(found) + len(events.events)
    columns |= {name: [value] * rows for name, value in _shared(groups, parameters).items()}
    order = [*ESTIMATE_COLUMNS, *(name for name in columns if name not in ESTIMATE_COLUMNS)]
    return pd.DataFrame({name: columns[name] for name in order})


def _shared(groups: TwoGroups, parameters: DifferenceInDifferences) -> dict[str, object]:
    """What all rows of a table of estimates share."""
    return {
        "level": parameters.confidence_level,
        "n": groups.panel.n,
        "clusters": groups.clusters,
        "outcome": "outcome",
        "facet": parameters.outcome_facet,
        "group": "all",
    }


def _label(one: Inference) -> str:
    return f"Average difference from the start on ({LABELS[one.method]})"


def _series(groups: TwoGroups, events: EventStudy) -> pd.DataFrame:
    """Average of each group by period; for those with the intervention also without it."""
    expected = np.full((3, 2 * len(groups.names)), np.nan)
    since = groups.panel.times - groups.start
    for at in np.flatnonzero(since >= 0):
        place = int(np.flatnonzero(events.events == since[at])[0])
        away = (events.coef[place], events.high[place], events.low[place])
        expected[:, at] = groups.mean[1, at] - np.array(away)
    return pd.DataFrame(
        {
            "period": [*groups.names] * 2,
            "group": [WITH] * len(groups.names) + [WITHOUT] * len(groups.names),
            "observed": groups.mean[::-1].ravel(),
            "counterfactual": expected[0],
            "counterfactual_low": expected[1],
            "counterfactual_high": expected[2],
            "rows": groups.size[::-1].ravel().astype(int),
        }
    )


def _remarks(
    groups: TwoGroups,
    chosen: Inference,
    series: pd.DataFrame,
    parameters: DifferenceInDifferences,
) -> tuple[str, ...]:
    remarks = [*groups.remarks, chosen.remark]
    before = int(np.sum(groups.panel.times < groups.start))
    if before < 2:
        remarks.append(
            f"With {counted_in_words(before, 'period')} before the start nobody can see whether "
            "the groups moved alike before it."
        )
    counterfactual = series["counterfactual"].dropna().to_numpy(float)
    remarks += say_outside_range(
        counterfactual,
        parameters.outcome_kind,
        f"in at least one of {counted(len(counterfactual), 'period')}",
        "the groups' levels are too far from each other, or too near its end, for equal changes",
    )
    return tuple(remarks)
