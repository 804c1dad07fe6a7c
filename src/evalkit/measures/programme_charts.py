"""The measures of programmes as process charts, with their icons in words and letters.

Rules, limits and icons are those of Making Data Count (`process_limits`, `process_control`): the
variation icon is that of the latest point, the assurance icon says what the limits make of the
target. Where the start is known, limits are those of the points before it, held; targets may be
judged by limits from the start on, where a reason is given. A point outside is a signal to ask
what happened, and no effect of the programme. Among several measures some signals come by chance:
how many is found by drawing independent noise through the same chart.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Flags, Floats
from evalkit.measures.process_control import (
    FEWEST,
    Assurance,
    Conventions,
    Improvement,
    judge_target,
    name_points,
)
from evalkit.measures.process_limits import (
    LIMIT,
    NEAR,
    SCREEN,
    Rebase,
    chart_percentages,
    chart_xmr,
)
from evalkit.measures.process_of_series import POINTS
from evalkit.measures.programmes import Portfolio
from evalkit.study.schemas.priority_programmes import PriorityProgrammes

SHORTEST = 4
"""Fewest points from which limits are taken; with fewer there is no chart."""

DRAWS = 9999
"""Series of noise that are drawn: the share of signals is then known to a fraction of a per cent.
"""

CONVENTIONS = Conventions()

USUAL = "~ usual"
_DIRECTIONS: dict[str, Improvement] = {"higher": "higher", "lower": "lower"}
ASSURED: dict[Assurance | None, str] = {
    "consistent_pass": "P expected to meet it",
    "consistent_fail": "F expected to miss it",
    "inconsistent": "? hit and miss",
    None: "no target",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """Points of every chart, one row of icons a measure, and signals that chance would make.

    `chance` has `signals, expected, p_value`: how many measures have a signal, how many would by
    chance alone, and how often chance alone would make as many.
    """

    points: pd.DataFrame
    icons: pd.DataFrame
    chance: dict[str, float]


def chart_programmes(portfolio: Portfolio, parameters: PriorityProgrammes) -> Progress:
    """Chart each measure that an action names; those with too few points have no icon."""
    aims = portfolio.actions.dropna(subset=["measure"]).drop_duplicates(["programme", "measure"])
    points, icons = [], []
    for _, aim in aims.iterrows():
        series = _series(portfolio.measures, aim)
        found, icon = _chart(series, aim, parameters)
        points.append(found)
        icons.append(icon)
    frame = pd.DataFrame(icons)
    drawn = [found for found in points if not found.empty]
    rng = np.random.default_rng(parameters.seed)
    chance = _count_chance(frame, rng)
    return Progress(pd.concat(drawn, ignore_index=True) if drawn else pd.DataFrame(), frame, chance)


def draw_false_signals(
    points: int, before: int | None, draws: int, rng: np.random.Generator
) -> float:
    """Share of series of independent noise whose latest point has a signal on an XmR chart."""
    return float(has_signal(rng.normal(size=(draws, points)), before).mean())


def has_signal(values: Floats, before: int | None) -> Flags:
    """Say of each series (n, points) whether a rule names its latest point, as `name_points` does.

    The same rules for many series at once; limits from the first `before` points, or from all.
    """
    first = values[:, :before]
    ranges = np.abs(np.diff(first, axis=1))
    kept = ranges < SCREEN * ranges.mean(axis=1, keepdims=True)
    half = LIMIT * (ranges * kept).sum(axis=1) / kept.sum(axis=1)
    away = (values - first.mean(axis=1, keepdims=True)) / half[:, None]
    side, steps = np.sign(away), np.sign(np.diff(values, axis=1))
    near = (np.abs(away) > NEAR) & (np.abs(away) <= 1)
    run, trend = CONVENTIONS.shift_points, CONVENTIONS.trend_points - 1
    beside = (side[:, -3:] == side[:, -1:]).all(axis=1)
    found = np.abs(away[:, -1]) > 1
    found |= near[:, -1] & near[:, -3:-1].any(axis=1) & beside
    if values.shape[1] >= run:
        found |= (side[:, -run:] == side[:, -1:]).all(axis=1)
        found |= (steps[:, -trend:] == steps[:, -1:]).all(axis=1)
    return np.asarray(found)


def _series(measures: pd.DataFrame, aim: "pd.Series[str]") -> pd.DataFrame:
    of = (measures["programme"] == aim["programme"]) & (measures["measure"] == aim["measure"])
    return measures[of & measures["value"].notna()].sort_values("time")


def _chart(
    series: pd.DataFrame, aim: "pd.Series[str]", parameters: PriorityProgrammes
) -> tuple[pd.DataFrame, dict[str, object]]:
    before = _count_before(series, parameters)
    rests_on = len(series) if before is None else before
    row: dict[str, object] = {
        "programme": aim["programme"],
        "measure": aim["measure"],
        "variation": "no chart: too few points",
        "assurance": ASSURED[None],
        "direction": "none",
        "earlier": "none",
        "target": aim["target"],
        "points": len(series),
        "limits_rest_on": rests_on,
        "before": np.nan if before is None else before,
    }
    if rests_on < SHORTEST or before in (0, len(series)):
        return pd.DataFrame(), row
    better = _DIRECTIONS.get(str(aim["better"]), "neither")
    chart = name_points(_limits(series, before, None, parameters), better)
    last = chart.iloc[-1]
    letter, direction = _name_icon(str(last["kind"]), float(last["value"] - last["mean"]))
    target = None if pd.isna(aim["target"]) else float(aim["target"])
    assured = judge_target(_judged_by(series, chart, before, parameters), target, better)
    row |= {"variation": letter, "direction": direction, "assurance": ASSURED[assured]}
    row |= _averages(series, before) | {"earlier": _find_earlier(chart, before)}
    return _make_points(series, chart, row), row


def _count_before(series: pd.DataFrame, parameters: PriorityProgrammes) -> int | None:
    if parameters.start_period is None:
        return None
    if parameters.start_period not in set(series["period"]) and len(series):
        raise AnalysisError(
            "start_period: a measure has no value in the period in which the programmes began. "
            "Correct it, give the value, or give null for limits of all points."
        )
    return int((series["period"].astype(str) < parameters.start_period).sum())


def _limits(
    series: pd.DataFrame, fix_after: int | None, rebase: Rebase | None, study: PriorityProgrammes
) -> pd.DataFrame:
    rebases = () if rebase is None else (rebase,)
    if study.chart == "xmr":
        values = series["value"].to_numpy(float)
        return chart_xmr(values, rebases=rebases, fix_after=fix_after)
    if "base" not in series or study.value_kind != "percentage":
        raise AnalysisError(
            "chart: percentages need value_kind percentage and a column for base. Map it, or take "
            "xmr."
        )
    base = series["base"].to_numpy(float)
    events: Floats = series["value"].to_numpy(float) * base / 100
    return chart_percentages(events, base, rebases=rebases, fix_after=fix_after)


def _judged_by(
    series: pd.DataFrame, chart: pd.DataFrame, before: int | None, parameters: PriorityProgrammes
) -> pd.DataFrame:
    """Limits that a target is judged by: from the start on, where a reason for them is given."""
    if before is None or parameters.new_limits_reason is None or len(series) - before < SHORTEST:
        return chart
    return _limits(series, None, Rebase(before, parameters.new_limits_reason), parameters)


def _name_icon(kind: str, side: float) -> tuple[str, str]:
    """Return the icon in letter and word, and the direction: better, worse, neither or none."""
    if kind == "common_cause":
        return USUAL, "none"
    letter = "H" if side > 0 else "L"
    words = {"special_cause_improvement": "better", "special_cause_concern": "worse"}
    direction = words.get(kind, "neither")
    return f"{letter} {direction if direction != 'neither' else 'unusual'}", direction


def _find_earlier(chart: pd.DataFrame, before: int | None) -> str:
    """Direction of the last unusual point since the start where the latest point is usual."""
    kinds = chart["kind"].iloc[before or 0 :]
    unusual = kinds[kinds != "common_cause"]
    if unusual.empty or kinds.iloc[-1] != "common_cause":
        return "none"
    return _name_icon(str(unusual.iloc[-1]), 1.0)[1]


def _averages(series: pd.DataFrame, before: int | None) -> dict[str, object]:
    values = series["value"].to_numpy(float)
    held = {"latest": values[-1], "period": series["period"].iloc[-1]}
    if "base" in series:
        held["base"] = series["base"].iloc[-1]
    since = values[before:] if before is not None else values
    earlier = values[:before] if before is not None else np.array([np.nan])
    return held | {"mean_before": float(earlier.mean()), "mean_since": float(since.mean())}


def _make_points(series: pd.DataFrame, chart: pd.DataFrame, row: dict[str, object]) -> pd.DataFrame:
    shown = {name: chart[name].to_numpy(float) for name in ("value", "mean", "lower", "upper")}
    frame = pd.DataFrame({"period": series["period"].to_numpy(), **shown})
    if "base" in series:
        frame["base"] = series["base"].to_numpy(float)
    icons = f"{row['variation']}; {row['assurance']}"
    kind = chart["kind"].map(POINTS).to_numpy()
    keys = {"programme": str(row["programme"]), "measure": str(row["measure"]), "icons": icons}
    return frame.assign(kind=kind, **keys)


def _count_chance(icons: pd.DataFrame, rng: np.random.Generator) -> dict[str, float]:
    """Compare the number of signals with what independent noise gives through the same charts."""
    if icons.empty or "latest" not in icons:
        return {"signals": 0.0, "expected": 0.0, "p_value": 1.0}
    charted = icons[icons["latest"].notna()]
    held: dict[tuple[int, float], float] = {}
    for points, before in zip(charted["points"], charted["before"], strict=True):
        first = None if np.isnan(before) else int(before)
        if (points, before) not in held:
            held[points, before] = draw_false_signals(points, first, DRAWS, rng)
    pairs = zip(charted["points"], charted["before"], strict=True)
    shares = np.array([held[pair] for pair in pairs])
    signals = int((charted["direction"] != "none").sum())
    tail = _tail(shares, signals)
    return {"signals": float(signals), "expected": float(shares.sum()), "p_value": tail}


def _tail(shares: Floats, least: int) -> float:
    """Chance of `least` events or more among independent ones of these chances."""
    counts = np.array([1.0])
    for share in shares:
        counts = np.convolve(counts, [1 - share, share])
    return float(counts[least:].sum())


def is_short(icons: pd.DataFrame) -> pd.Series:
    """Say which charts' limits rest on fewer points than Making Data Count asks for."""
    return icons["limits_rest_on"] < FEWEST
