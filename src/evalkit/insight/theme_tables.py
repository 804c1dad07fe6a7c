"""What people write about, by group and period, and what changed: shares corrected, or none.

Each cell (a group in a span of time) is corrected by the comments that people coded in it, so that
a machine that serves one group worse, or became better, makes no difference between groups and no
change. Shares are per cent of comments. How often a theme is written about is not how much it
matters.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Flags, Floats
from evalkit.inference.multiplicity import adjust_holm
from evalkit.insight.coding import Coding, people_ratings
from evalkit.insight.corrected_share import (
    CorrectedShares,
    LabelCounts,
    compare_shares,
    fit_carried_share,
    fit_corrected_share,
    fit_recall,
)
from evalkit.insight.label_agreement import fit_label_agreement, fit_set_agreement
from evalkit.insight.themes import CARERS_LABEL, read_themes
from evalkit.study.schemas.feedback_themes import FeedbackThemes

ALL = "all"
SPANS = ("whole", "before", "after")
CORRECTED, TOO_FEW = "corrected", "too few to correct"
OF_THE_MACHINE = ("machine", "recall", "recall_low", "recall_high")
ALL_LABELS = "All labels of a comment together (MASI)"


@dataclass(frozen=True, slots=True)
class Cell:
    """The comments of one group in one span: how they were coded, and their corrected shares."""

    group: str
    span: str
    counts: LabelCounts
    shares: CorrectedShares


@dataclass(frozen=True, slots=True)
class ThemeShares:
    """The cells of a study, by group and span, and the labels that their arrays stand for."""

    labels: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]
    level: float
    by_machine: bool = True

    def at(self, label: str) -> int:
        """Return a label's place in the arrays."""
        return self.labels.index(label)


def estimate_themes(
    coding: Coding,
    rng: np.random.Generator,
    *,
    after: Flags | None = None,
    fewest: int = 10,
    draws: int = 999,
    level: float = 0.95,
) -> ThemeShares:
    """Estimate each label's share among all comments and by `group`, in each span.

    `after` marks the comments of the later span; without it there is the whole alone. Comments
    without a group count among all.
    """
    group = coding.comments.get("group", pd.Series(ALL, index=coding.comments.index))
    everyone = np.ones(len(coding.comments), dtype=bool)
    members = {ALL: everyone} | {
        str(name): (group == name).to_numpy(bool) for name in sorted(group.dropna().unique())
    }
    spans = {"whole": everyone}
    if after is not None:
        spans |= {"before": ~after, "after": after}
    _refuse_empty(spans)
    cells = {}
    for name, member in members.items():
        for span, within in spans.items():
            if (member & within).any():
                counts = coding.count(member & within)
                shares = fit_corrected_share(counts, rng, fewest=fewest, draws=draws, level=level)
                cells[name, span] = Cell(name, span, counts, shares)
    return ThemeShares(coding.labels, cells, level, coding.by_machine)


def tabulate_themes(found: ThemeShares, span: str = "whole") -> pd.DataFrame:
    """Tabulate each label among all comments, the most frequent first, what is too few last."""
    table = _with_framework(_tabulate_cell(found.cells[ALL, span], found))
    return table.sort_values("estimate", ascending=False, kind="stable").reset_index(drop=True)


def tabulate_groups(found: ThemeShares, labels: list[str]) -> pd.DataFrame:
    """Tabulate some labels by group and span, with the recall of the machine in each."""
    parts = [_tabulate_cell(cell, found) for cell in found.cells.values()]
    table = pd.concat(parts, ignore_index=True)
    table = table[table["label"].isin(labels)]
    order = table["label"].map(labels.index)
    return _with_framework(table.iloc[np.argsort(order, kind="stable")]).reset_index(drop=True)


def tabulate_carers(found: ThemeShares) -> pd.DataFrame:
    """Tabulate what was written about families and carers, always with its recall."""
    return tabulate_groups(found, [CARERS_LABEL]).drop(columns=["category", "facet"])


def tabulate_changes(found: ThemeShares, group: str = ALL) -> pd.DataFrame:
    """Tabulate how each label's share changed, in percentage points, p-values adjusted (Holm).

    Empty where there is no span before and after.
    """
    if (group, "before") not in found.cells or (group, "after") not in found.cells:
        return pd.DataFrame()
    before, after = found.cells[group, "before"], found.cells[group, "after"]
    change = compare_shares(before.shares, after.shares)
    known = ~np.isnan(change.p_value)
    adjusted = np.full(len(known), np.nan)
    adjusted[known] = adjust_holm(change.p_value[known])
    table = pd.DataFrame(
        {
            "label": found.labels,
            "group": group,
            "estimate": 100 * change.estimate,
            "conf_low": 100 * change.conf_low,
            "conf_high": 100 * change.conf_high,
            "std_error": 100 * change.std_error,
            "p_holm": adjusted,
            "before": 100 * before.shares.estimate,
            "after": 100 * after.shares.estimate,
            "machine_change": 100 * (after.shares.naive - before.shares.naive),
            "coded_before": before.counts.coded,
            "coded_after": after.counts.coded,
            "coded": np.minimum(before.counts.coded, after.counts.coded),
            "verdict": np.where(known, CORRECTED, TOO_FEW),
        }
    )
    if not found.by_machine:
        table = table.drop(columns="machine_change")
    order = table["estimate"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def tabulate_second_opinion(found: ThemeShares, label: str) -> pd.DataFrame:
    """Tabulate a label by group as it would be if the machine erred alike in every group."""
    at, elsewhere = found.at(label), found.cells[ALL, "whole"].counts
    rows = []
    for (group, span), cell in found.cells.items():
        carried = fit_carried_share(cell.counts, elsewhere, level=found.level)
        rows.append(
            {
                "group": group,
                "span": span,
                "label": label,
                "carried": 100 * carried.estimate[at],
                "carried_low": 100 * carried.conf_low[at],
                "carried_high": 100 * carried.conf_high[at],
                "estimate": 100 * cell.shares.estimate[at],
                "machine": 100 * cell.shares.naive[at],
                "coded": float(cell.counts.coded[at]),
            }
        )
    return pd.DataFrame(rows)


def tabulate_agreement(
    coding: Coding, rng: np.random.Generator, *, draws: int = 999, level: float = 0.95
) -> pd.DataFrame:
    """Tabulate how far people agreed on each label, and on whole sets of labels in the last row.

    Columns `alpha, ac1, kappa` with ends of their intervals; `coded` counts comments coded twice,
    and where that is none the measures are NaN.
    """
    ratings = people_ratings(coding)
    if not (np.sum(~np.isnan(ratings[:, :, 0]), axis=1) > 1).any():
        nothing = dict.fromkeys(["alpha", "alpha_low", "alpha_high", "ac1"], np.nan)
        return pd.DataFrame({"label": [*coding.labels, ALL_LABELS]}).assign(**nothing, coded=0.0)
    found = fit_label_agreement(ratings, rng, draws=draws, level=level)
    together = fit_set_agreement(ratings, rng, draws=draws, level=level)
    twice = np.sum(~np.isnan(ratings[:, :, 0]), axis=1) > 1
    table = pd.DataFrame({"label": coding.labels})
    for name, measure in found.items():
        table[name] = measure.estimate
        table[f"{name}_low"], table[f"{name}_high"] = measure.conf_low, measure.conf_high
    whole = {"label": ALL_LABELS, "alpha": together.estimate[0]}
    whole |= {"alpha_low": together.conf_low[0], "alpha_high": together.conf_high[0]}
    table["given"] = np.nansum(np.nanmean(ratings[twice], axis=1), axis=0).round()
    table = pd.concat([table, pd.DataFrame([whole])], ignore_index=True)
    return table.assign(coded=float(twice.sum()))


def tabulate_agreement_of(coding: Coding, parameters: FeedbackThemes) -> pd.DataFrame:
    """Tabulate agreement with the draws, seed and level of a study."""
    return tabulate_agreement(
        coding,
        np.random.default_rng(parameters.seed),
        draws=parameters.draws,
        level=parameters.confidence_level,
    )


def _tabulate_cell(cell: Cell, found: ThemeShares) -> pd.DataFrame:
    counts, shares, recall = cell.counts, cell.shares, fit_recall(cell.counts)
    table = pd.DataFrame(
        {
            "label": found.labels,
            "group": cell.group,
            "span": cell.span,
            "estimate": 100 * shares.estimate,
            "conf_low": 100 * shares.conf_low,
            "conf_high": 100 * shares.conf_high,
            "level": shares.level,
            "machine": 100 * shares.naive,
            "recall": 100 * recall.estimate,
            "recall_low": 100 * recall.conf_low,
            "recall_high": 100 * recall.conf_high,
            "comments": counts.comments,
            "coded": counts.coded,
            "coded_with_it": _whole(counts.positives),
            "verdict": np.where(shares.too_few, TOO_FEW, CORRECTED),
        }
    )
    return table if found.by_machine else table.drop(columns=list(OF_THE_MACHINE))


def _with_framework(table: pd.DataFrame) -> pd.DataFrame:
    framework = read_themes().set_index("label")
    return table.assign(
        category=table["label"].map(framework["category"]),
        facet=table["label"].map(framework["facet"]),
    )


def _whole(counts: Floats) -> Floats:
    """Round what people gave in part, half of two coders, to whole comments."""
    return np.asarray(np.floor(counts + 0.5))


def _refuse_empty(spans: Mapping[str, Flags]) -> None:
    empty = [name for name, within in spans.items() if not within.any()]
    if empty:
        raise AnalysisError(
            f"themes: no comment is {' or '.join(empty)} the start of the later span, so nothing "
            "can have changed. Set `later_from` to a period inside the data, or to null."
        )
