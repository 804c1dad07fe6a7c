"""The result of a study of themes: one theme's share and its change, corrected, and beside it.

What the machine alone would say, and what it would be if the machine erred alike everywhere, stand
beside the corrected change by method; neither is ever the one that answers.
"""

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Flags
from evalkit.insight.coding import Coding, merge_labels
from evalkit.insight.corrected_share import CorrectedShares, compare_shares, fit_carried_share
from evalkit.insight.theme_tables import ALL, ThemeShares, estimate_themes
from evalkit.insight.themes import read_themes
from evalkit.results import Result
from evalkit.study.schemas.feedback_themes import FeedbackThemes

FACETS = ("relational", "functional", "felt")
CORRECTED, MACHINE, CARRIED = "corrected", "machine_alone", "carried_errors"
SAME_MIX = "same_mix"


def find_later(coding: Coding, parameters: FeedbackThemes) -> Flags | None:
    """Mark the comments from `later_from` on; None where no change is asked for."""
    if parameters.later_from is None:
        return None
    periods = coding.comments["period"].astype(str)
    if parameters.later_from not in set(periods):
        raise AnalysisError(
            "later_from: is none of the periods of the comments. Write one as the data have it."
        )
    start = coding.comments.loc[periods == parameters.later_from, "time"].iloc[0]
    return np.asarray(coding.comments["time"] >= start, dtype=bool)


def estimate_study(coding: Coding, parameters: FeedbackThemes) -> tuple[Result, ThemeShares]:
    """Estimate the shares of all labels, and make the result of the one that is asked about."""
    rng, later = np.random.default_rng(parameters.seed), find_later(coding, parameters)
    group = parameters.group or ALL
    _refuse_unknown(coding, parameters)
    found = estimate_themes(
        coding,
        rng,
        after=later,
        fewest=parameters.fewest_coded,
        draws=parameters.draws,
        level=parameters.confidence_level,
    )
    term = "share" if later is None else "change"
    names = dict.fromkeys([group, *(name for name, _ in found.cells)])
    rows = [row for name in names for row in _rows(found, parameters.theme, name, term)]
    if not rows or rows[0]["group"] != group:
        raise AnalysisError(
            "group: has no comments before, or none after. Ask about all comments, or set "
            "later_from to null."
        )
    if term == "change" and group == ALL:
        rows += _same_mix_rows(found, parameters.theme)
    estimates = pd.DataFrame(rows)
    if not coding.by_machine:
        estimates = estimates[~estimates["method"].isin([MACHINE, CARRIED])].reset_index(drop=True)
    primary = {"term": term, "group": group, "method": CORRECTED}
    tables = {"facets": _by_facet(coding, parameters, later, term)}
    return Result("feedback_themes", estimates, primary, tables=tables), found


def tabulate_subgroups(result: Result) -> pd.DataFrame:
    """Take the corrected rows of each group, of the term that answers; empty without groups."""
    rows = result.estimates
    chosen = (rows["term"] == result.primary["term"]) & (rows["method"] == CORRECTED)
    chosen &= rows["group"] != ALL
    return rows[chosen].reset_index(drop=True)


def _rows(found: ThemeShares, theme: str, group: str, term: str) -> list[dict[str, object]]:
    """Rows of a group's change or share, corrected first; none where a span has no comments."""
    at = found.at(theme)
    if term == "share":
        return _share_rows(found, group, at)
    spans = [span for name, span in found.cells if name == group]
    return _change_rows(found, group, at) if {"before", "after"} <= set(spans) else []


def _share_rows(found: ThemeShares, group: str, at: int) -> list[dict[str, object]]:
    cell = found.cells[group, "whole"]
    shares, coded = cell.shares, float(cell.counts.coded[at])
    carried = fit_carried_share(cell.counts, found.cells[ALL, "whole"].counts, level=found.level)
    who = f"Share{_in_group(group)}"
    alone = (shares.naive, shares.naive_low, shares.naive_high)
    alike = (carried.estimate, carried.conf_low, carried.conf_high)
    held = {
        CORRECTED: ("", (shares.estimate, shares.conf_low, shares.conf_high, shares.std_error)),
        MACHINE: (", by the machine alone", alone),
        CARRIED: (", if the machine errs alike in all", alike),
    }
    return [
        _row("share", who + words, method, [100 * v[at] for v in values], found, group, coded)
        for method, (words, values) in held.items()
    ]


def _change_rows(found: ThemeShares, group: str, at: int) -> list[dict[str, object]]:
    before, after = found.cells[group, "before"], found.cells[group, "after"]
    change = compare_shares(before.shares, after.shares)
    coded = float(min(before.counts.coded[at], after.counts.coded[at]))
    who = f"Change{_in_group(group)}"
    values = [change.estimate, change.conf_low, change.conf_high, change.std_error]
    corrected = [100 * value[at] for value in values]
    machine = [100 * value for value in _change_by_machine(before.shares, after.shares, at)]
    words = f"{who}, by the machine alone"
    return [
        _row("change", who, CORRECTED, corrected, found, group, coded),
        _row("change", words, MACHINE, machine, found, group, coded),
    ]


def _same_mix_rows(found: ThemeShares, theme: str) -> list[dict[str, object]]:
    """The change had the groups written in the same numbers then as now; none if one is not known.

    Each group's change counts by its share of all comments.
    """
    at, names = found.at(theme), [g for g, span in found.cells if span == "whole" and g != ALL]
    spans = [(name, span) for name in names for span in ("before", "after")]
    if len(names) < 2 or not all(cell in found.cells for cell in spans):
        return []
    changes = [
        compare_shares(found.cells[name, "before"].shares, found.cells[name, "after"].shares)
        for name in names
    ]
    if any(np.isnan(change.estimate[at]) for change in changes):
        return []
    weights = np.array([found.cells[name, "whole"].counts.comments[at] for name in names])
    weights = weights / weights.sum()
    estimate = 100 * float(sum(w * c.estimate[at] for w, c in zip(weights, changes, strict=True)))
    squares = [(w * c.std_error[at]) ** 2 for w, c in zip(weights, changes, strict=True)]
    error = 100 * float(np.sqrt(sum(squares)))
    half = float(stats.norm.ppf(0.5 + found.level / 2)) * error
    coded = min(float(found.cells[cell].counts.coded[at]) for cell in spans)
    values = [estimate, estimate - half, estimate + half, error]
    label = "Change, had the groups written in the same numbers"
    return [_row("change", label, SAME_MIX, values, found, ALL, coded)]


def _change_by_machine(
    before: CorrectedShares, after: CorrectedShares, at: int
) -> tuple[float, float, float]:
    """The machine's own change, with Newcombe's interval (1998, method 10)."""
    change = after.naive[at] - before.naive[at]
    below = (after.naive[at] - after.naive_low[at]) ** 2
    below += (before.naive_high[at] - before.naive[at]) ** 2
    above = (after.naive_high[at] - after.naive[at]) ** 2
    above += (before.naive[at] - before.naive_low[at]) ** 2
    return float(change), float(change - np.sqrt(below)), float(change + np.sqrt(above))


def _row(
    term: str,
    label: str,
    method: str,
    values: list[float],
    found: ThemeShares,
    group: str,
    coded: float,
) -> dict[str, object]:
    estimate, low, high, error = (*values, *[np.nan] * (4 - len(values)))
    return {
        "term": term,
        "estimate": float(estimate),
        "std_error": float(error),
        "conf_low": float(low),
        "conf_high": float(high),
        "level": found.level,
        "n": coded,
        "clusters": np.nan,
        "outcome": "outcome",
        "facet": "overall",
        "group": group,
        "method": method,
        "df": np.nan,
        "label": label,
    }


def _by_facet(
    coding: Coding, parameters: FeedbackThemes, later: Flags | None, term: str
) -> pd.DataFrame:
    """Estimate the same for comments about each facet: those with any label of it."""
    themes = read_themes()
    merged = {facet: list(themes.loc[themes["facet"] == facet, "label"]) for facet in FACETS}
    found = estimate_themes(
        merge_labels(coding, merged),
        np.random.default_rng(parameters.seed),
        after=later,
        fewest=parameters.fewest_coded,
        draws=parameters.draws,
        level=parameters.confidence_level,
    )
    rows = []
    for facet in FACETS:
        corrected = _rows(found, facet, ALL, term)[0]
        label = f"Comments about the {facet} side of care"
        rows.append({**corrected, "facet": facet, "label": label})
    return pd.DataFrame(rows)


def _refuse_unknown(coding: Coding, parameters: FeedbackThemes) -> None:
    if parameters.theme not in coding.labels:
        raise AnalysisError(
            "theme: is none of the framework's labels. Write one of insight/themes.csv, letter for "
            "letter."
        )
    groups = coding.comments.get("group", pd.Series(dtype=str))
    if parameters.group is not None and parameters.group not in set(groups):
        raise AnalysisError(
            "group: is none of the groups of the comments. Write one as the data have it, or null."
        )


def _in_group(group: str) -> str:
    return " among all comments" if group == ALL else f" among comments of group {group}"
