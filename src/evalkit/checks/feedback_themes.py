"""Checks of a study of themes: do people agree, were comments drawn fairly, does the machine hear.

Marks for alpha are the customary ones (Krippendorff 2004): .800 to conclude, .667 tentatively.
"""

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.inference.arrays import Flags, Floats
from evalkit.inference.multiplicity import adjust_holm
from evalkit.insight.coding import Coding
from evalkit.insight.corrected_share import LabelCounts, fit_recall
from evalkit.insight.theme_tables import ALL, ThemeShares
from evalkit.insight.themes import CARERS_LABEL
from evalkit.results import Check, Result, Verdict, pick_row
from evalkit.results.words import number, values_table
from evalkit.study.schemas.feedback_themes import FeedbackThemes

RELIABLE, TENTATIVE = 0.8, 0.667
HEARD = 70.0
"""Per cent of comments with a label that a machine should find, if it is to sort them out."""
CHANCE = 0.05
MIX_MOVED = 5.0
"""Percentage points by which a group's share of all comments may move."""
_FEWEST_TO_TELL = 5


def check_themes(
    coding: Coding,
    found: ThemeShares,
    agreement: pd.DataFrame,
    result: Result,
    parameters: FeedbackThemes,
) -> list[Check]:
    """Ask of a study of themes what its answer rests on."""
    checks = [
        check_agreement(agreement, parameters.theme),
        check_enough(found, result, parameters),
        *([check_mix(found)] if result.primary["term"] == "change" else []),
    ]
    if not coding.by_machine:
        return checks
    return [
        *checks,
        check_draw(coding),
        check_recall_alike(found, parameters.theme),
        check_carers_heard(found),
        check_machine_alone(found, parameters.theme),
    ]


def check_agreement(agreement: pd.DataFrame, theme: str) -> Check:
    """Ask whether people agree on the theme; below .667 blocks."""
    row = pick_row(agreement, label=theme)
    alpha = float(row["alpha"])
    words = ("People agree on what a comment is about", "Do people agree on this theme?")
    consequence = "What people do not agree on, no share of it can be right"
    if np.isnan(alpha):
        said = "Too few comments with it were coded by two people"
        return Check(*words, "cannot tell", said, "", consequence, name="agreement")
    held = {"alpha": alpha, "low": float(row["alpha_low"]), "high": float(row["alpha_high"])}
    return Check(
        *words,
        "passes" if alpha >= RELIABLE else "concern",
        f"Krippendorff's alpha is {number(alpha, 2)} (interval {number(held['low'], 2)} "
        f"to {number(held['high'], 2)})",
        f"{RELIABLE:.3f} is the mark to conclude by, {TENTATIVE:.3f} to conclude tentatively",
        consequence,
        values_table(held | {"reliable": RELIABLE, "tentative": TENTATIVE}, 3),
        name="agreement",
        blocks=alpha < TENTATIVE,
    )


def check_enough(found: ThemeShares, result: Result, parameters: FeedbackThemes) -> Check:
    """Ask whether people coded enough comments with the theme, in each span; too few blocks."""
    group, at = parameters.group or ALL, found.at(parameters.theme)
    spans = ("whole",) if result.primary["term"] == "share" else ("before", "after")
    few = any(found.cells[group, span].shares.too_few[at] for span in spans)
    fewest = parameters.fewest_coded
    return Check(
        "People coded enough comments with the theme",
        "Were enough comments with this theme coded by people?",
        "concern" if few else "passes",
        f"Fewer than {fewest} were, at some time"
        if few
        else f"At least {fewest} were, whenever it is asked",
        f"{fewest} is the least from which a share is corrected",
        "If it fails, nothing can be said of the theme, and least that it is rare",
        values_table({"fewest": fewest}, 0),
        name="enough",
        blocks=bool(few),
    )


def check_mix(found: ThemeShares) -> Check:
    """Ask whether the same groups wrote in the same numbers then as now."""
    names = [group for group, span in found.cells if span == "whole" and group != ALL]
    words = (
        "The same groups wrote in the same numbers then as now",
        "Did who wrote change?",
    )
    consequence = (
        "If it fails, a theme may rise or fall though no group writes more or less about it"
    )
    if not names:
        said = "Groups of those who wrote are not in the data"
        return Check(*words, "cannot tell", said, "", consequence, name="mix")
    moved = float(np.max(np.abs(_mix(found, names, "after") - _mix(found, names, "before"))))
    return Check(
        *words,
        "concern" if moved > MIX_MOVED else "passes",
        f"The share of comments by a group moved by {number(moved, 1)} percentage points at most",
        f"Beyond {number(MIX_MOVED, 0)} it is a concern",
        consequence,
        values_table({"moved": moved, "limit": MIX_MOVED}, {"moved": 1, "limit": 0}),
        name="mix",
    )


def check_draw(coding: Coding) -> Check:
    """Ask whether the comments that people coded look like a random draw of all."""
    words = (
        "The comments that people coded are a random draw of all",
        "Are the comments that people coded like the others?",
    )
    consequence = "If people chose what to code, the errors seen are not those of the machine"
    coded = coding.coded
    if coded.all() or not coded.any():
        said = "People coded all comments" if coded.all() else "People coded none"
        return Check(*words, "passes" if coded.all() else "cannot tell", said, "", consequence)
    p_values = np.array([p for p in _differences(coding, coded) if np.isfinite(p)])
    least = float(adjust_holm(p_values).min()) if len(p_values) else 1.0
    shown = {"p_least": least, "chance": CHANCE, "compared": float(len(p_values))}
    return Check(
        *words,
        "concern" if least < CHANCE else "passes",
        f"Over {len(p_values)} comparisons of the machine's labels and the groups, the smallest "
        f"p-value, adjusted, is {number(least, 3)}",
        f"Below {CHANCE} a difference would have been called one",
        consequence,
        values_table(shown, {"p_least": 3, "chance": 2, "compared": 0}),
        name="draw",
    )


def check_recall_alike(found: ThemeShares, theme: str) -> Check:
    """Ask whether the machine hears each group, and each span, alike."""
    at = found.at(theme)
    cells = [cell for (group, span), cell in found.cells.items() if group != ALL]
    spans = {span for _, span in found.cells} - {"whole"} or {"whole"}
    held = [_rounded(cell.counts, at) for cell in cells if cell.span in spans]
    table = np.array([pair for pair in held if sum(pair) >= _FEWEST_TO_TELL])
    words = (
        "The machine hears every group alike, then as now",
        "Does the machine find the theme as often in each group and at each time?",
    )
    consequence = "If it fails, the machine's own shares cannot be compared; the corrected ones can"
    if len(table) < 2 or (table.sum(axis=0) == 0).any():
        said = "Too few comments with it were coded in more than one group"
        return Check(*words, "cannot tell", said, "", consequence, name="recall_alike")
    p_value = float(stats.chi2_contingency(table, correction=False).pvalue)
    return Check(
        *words,
        "concern" if p_value < CHANCE else "passes",
        f"{'A' if p_value < CHANCE else 'No'} difference was found between the {len(table)} groups "
        f"and times that can be compared (p-value {number(p_value, 3)})",
        f"Below {CHANCE} it would have been called one",
        consequence,
        values_table({"p": p_value, "cells": len(table), "chance": CHANCE}, 3),
        name="recall_alike",
    )


def check_carers_heard(found: ThemeShares) -> Check:
    """Ask how much of what is written about families and carers the machine finds."""
    at, counts = found.at(CARERS_LABEL), found.cells[ALL, "whole"].counts
    recall = fit_recall(counts, level=found.level)
    low, high = 100 * recall.conf_low[at], 100 * recall.conf_high[at]
    words = (
        "The machine finds what is written about families and carers",
        "How much of what is written about families and carers does the machine find?",
    )
    consequence = (
        "If it fails, carers go unheard where a machine sorts: a person must read these comments"
    )
    few = found.cells[ALL, "whole"].shares.too_few[at]
    if few or counts.positives[at] < _FEWEST_TO_TELL:
        said = "Too few comments about them were coded by people to tell"
        return Check(*words, "cannot tell", said, "", consequence, name="carers_heard")
    verdict: Verdict = "passes" if low >= HEARD else "concern" if high < HEARD else "cannot tell"
    held = {"recall": 100 * recall.estimate[at], "low": low, "high": high, "wanted": HEARD}
    held["coded_base"] = np.floor(counts.positives[at] + 0.5)
    return Check(
        *words,
        verdict,
        f"It found {number(held['recall'], 0)}% of them (interval {number(low, 0)} to "
        f"{number(high, 0)})",
        f"{number(HEARD, 0)}% would be enough to sort by",
        consequence,
        values_table(held, 0),
        name="carers_heard",
    )


def check_machine_alone(found: ThemeShares, theme: str) -> Check:
    """Ask whether the machine's own shares would have done."""
    shares, at = found.cells[ALL, "whole"].shares, found.at(theme)
    outside = (shares.naive < shares.conf_low) | (shares.naive > shares.conf_high)
    known, wrong = int((~shares.too_few).sum()), int(outside[~shares.too_few].sum())
    verdict: Verdict = "concern" if outside[at] else "passes"
    return Check(
        "The machine's own share of the theme is near the corrected one",
        "Would the machine's own shares have misled?",
        "cannot tell" if shares.too_few[at] else verdict,
        f"For {wrong} of {known} labels that can be corrected, the machine's own share lies "
        "outside the interval of the corrected one",
        "a description, not a test",
        "If it fails, the machine's own share misleads by its errors; it is never the answer here",
        values_table({"outside": wrong, "labels": known}, 0),
        name="machine_alone",
    )


def _differences(coding: Coding, coded: Flags) -> list[float]:
    """P-values of differences between coded and other comments: each machine label, the groups."""
    marks = coding.machine
    given, total = marks[coded].sum(axis=0), marks.sum(axis=0)
    share, inside = total / len(marks), coded.mean()
    error = np.sqrt(share * (1 - share) * len(marks) * inside * (1 - inside))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (given - total * inside) / error
    labels = np.where(total >= _FEWEST_TO_TELL, 2 * stats.norm.sf(np.abs(z)), np.nan)
    group = coding.comments.get("group")
    if group is None or group.nunique() < 2:
        return list(labels)
    counts = pd.crosstab(group.to_numpy(), coded)
    return [*labels, float(stats.chi2_contingency(counts.to_numpy(), correction=False).pvalue)]


def _mix(found: ThemeShares, names: list[str], span: str) -> Floats:
    """Per cent of the comments of a span that each group wrote."""
    cells = [found.cells.get((name, span)) for name in names]
    wrote = np.array([cell.counts.comments[0] if cell else 0.0 for cell in cells])
    return np.asarray(100 * wrote / wrote.sum())


def _rounded(counts: LabelCounts, at: int) -> tuple[float, float]:
    return float(np.floor(counts.found[at] + 0.5)), float(np.floor(counts.missed[at] + 0.5))
