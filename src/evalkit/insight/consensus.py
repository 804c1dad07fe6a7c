"""Delphi rounds: what each group agrees on, whether answers have settled, and who dropped out.

A topic is in where in every group at least 70% score it 7 to 9 and fewer than 15% score it 1 to 3;
out where that holds with the ends exchanged (convention of core outcome sets: Williamson and others
2017, Trials 18 supplement 3:280; thresholds not verified against the handbook). Answers are stable
where the distribution of scores changed by less than 15% between rounds (Scheibe, Skutsch and
Schofer 1975, in Linstone and Turoff, The Delphi Method), among those who answered both.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError

IN, OUT, APART, NONE = "in", "out", "groups differ", "no consensus"
_SCORES = range(1, 10)


@dataclass(frozen=True, slots=True)
class Rule:
    """Per cent that must score at the one end, may score at the other, and may move."""

    agree: float = 70.0
    against: float = 15.0
    stable: float = 15.0


def tabulate_attrition(scores: pd.DataFrame) -> pd.DataFrame:
    """Tabulate by group and round how many answered, and what per cent of the first round."""
    rows = []
    for side, own in scores.groupby("side", sort=True):
        first = own.loc[own["round"] == own["round"].min(), "participant"].nunique()
        for number, turn in own.groupby("round", sort=True):
            people = turn["participant"].nunique()
            rows.append((side, int(float(str(number))), people, 100 * people / first))
    return pd.DataFrame(rows, columns=["side", "round", "people", "kept"])


def tabulate_consensus(scores: pd.DataFrame, rule: Rule | None = None) -> pd.DataFrame:
    """Tabulate the last round by topic and group: shares at both ends, verdicts of group and all.

    `scores`: one row a participant, topic and round, with `side` and `score` from 1 to 9. Columns:
    `topic, side, people, high, low, of_group, verdict`; the shares are per cent. The verdict over
    groups is "in" or "out" where all groups say so, and says where one is in and another is not.
    """
    rule = rule or Rule()
    _refuse(scores)
    last = scores[scores["round"] == scores["round"].max()].dropna(subset=["score"])
    rows = []
    for (topic, side), own in last.groupby(["topic", "side"], sort=True):
        high = 100 * float((own["score"] >= 7).mean())
        low = 100 * float((own["score"] <= 3).mean())
        rows.append((topic, side, len(own), high, low, _judge(high, low, rule)))
    columns = ["topic", "side", "people", "high", "low", "of_group"]
    table = pd.DataFrame(rows, columns=columns)
    over = table.groupby("topic")["of_group"].agg(lambda verdicts: _join(set(verdicts)))
    return table.assign(verdict=table["topic"].map(over))


def tabulate_stability(scores: pd.DataFrame, rule: Rule | None = None) -> pd.DataFrame:
    """Tabulate by topic and group the change of scores between the last two rounds, in per cent.

    Empty where there was one round. Only those who answered both count.
    """
    rule = rule or Rule()
    _refuse(scores)
    turns = sorted(scores["round"].unique())
    columns = ["topic", "side", "people", "change", "stable"]
    if len(turns) < 2:
        return pd.DataFrame(columns=columns)
    wide = scores[scores["round"].isin(turns[-2:])].pivot_table(
        index=["topic", "side", "participant"], columns="round", values="score"
    )
    rows = []
    for (topic, side), own in wide.dropna().groupby(level=["topic", "side"], sort=True):
        change = _change(own[turns[-2]].to_numpy(float), own[turns[-1]].to_numpy(float))
        rows.append((topic, side, len(own), change, bool(change < rule.stable)))
    return pd.DataFrame(rows, columns=columns)


def _change(before: np.ndarray, after: np.ndarray) -> float:
    """Half the sum of what each score gained or lost, in per cent of people."""
    counts = [np.array([np.sum(turn == score) for score in _SCORES]) for turn in (before, after)]
    return 100 * float(np.abs(counts[1] - counts[0]).sum()) / (2 * len(before))


def _judge(high: float, low: float, rule: Rule) -> str:
    if high >= rule.agree and low < rule.against:
        return IN
    return OUT if low >= rule.agree and high < rule.against else NONE


def _join(verdicts: set[str]) -> str:
    if len(verdicts) == 1:
        return verdicts.pop()
    return APART if verdicts & {IN, OUT} else NONE


def _refuse(scores: pd.DataFrame) -> None:
    wrong = scores["score"].notna() & ~scores["score"].isin(_SCORES)
    if wrong.any():
        raise AnalysisError(
            f"priorities: {int(wrong.sum())} scores are no whole number from 1 to 9. "
            "Score from 1, not important, to 9, critical."
        )
    if scores["side"].isna().any():
        raise AnalysisError(
            f"priorities: {int(scores['side'].isna().sum())} rows are of no stakeholder group. "
            "Say of which group each participant is: consensus is judged group by group."
        )
