"""Checks of a portfolio of programmes: are plans whole, and do the charts say what they seem to."""

import numpy as np
import pandas as pd

from evalkit.checks.judging import judge
from evalkit.measures.process_control import FEWEST
from evalkit.measures.programme_charts import Progress, is_short
from evalkit.measures.programmes import PARTS, Portfolio
from evalkit.results import Check
from evalkit.results.words import counted, interval, number, values_table
from evalkit.study.schemas.priority_programmes import PriorityProgrammes

CARRIED = 0.3
"""How alike neighbouring months may be before limits are too narrow to be read."""

ON_TRACK = "on track"


def check_programmes(
    portfolio: Portfolio, progress: Progress, parameters: PriorityProgrammes
) -> list[Check]:
    """Ask what a statement on plans and progress rests on."""
    return [
        check_plans(portfolio.actions),
        check_statuses(portfolio.actions),
        check_points(progress.icons),
        check_independence(progress.points, parameters),
        check_chance(progress, parameters),
    ]


def check_plans(actions: pd.DataFrame) -> Check:
    """Ask whether every action says who does what by when, measured how, aimed where."""
    absent = {part: int((~actions[f"has_{part}"]).sum()) for part in PARTS}
    silent = int((actions["has_measure"] & ~actions["followed"]).sum())
    said = ", ".join(f"{count} {PARTS[part]}" for part, count in absent.items() if count)
    lacking = int((~(actions["specific"] & actions["followed"])).sum())
    return Check(
        "Every action is specific, and its measure is followed",
        "Which actions lack an owner, a day, a measure with values, or a target?",
        "passes" if lacking == 0 else "concern",
        f"Of {counted(len(actions), 'action')}, {lacking} lack something"
        + (f": {said} (some lack several)" if said else "")
        + (f"; {silent} name a measure without values" if silent else ""),
        "A list, not a test",
        "What nobody owns, measures or aims at cannot be followed",
        values_table(
            {"actions": len(actions), "lacking": lacking, "silent": silent, **absent}, decimals=0
        ),
        name="plans",
    )


def check_statuses(actions: pd.DataFrame) -> Check:
    """Ask whether an action that is called on track is past its day."""
    called = actions["status"].astype("string").str.casefold().fillna("") == ON_TRACK
    past, late = int((called & actions["overdue"]).sum()), int(actions["overdue"].sum())
    return Check(
        "Statuses agree with the days by which actions are due",
        "Is any action called on track though its day has passed?",
        "passes" if past == 0 else "concern",
        f"{past} of {late} overdue actions are called on track",
        "A list, not a test",
        "If it fails, the plan's own statuses cannot be relied on",
        values_table({"called_on_track": past, "overdue": late}, 0),
        name="statuses",
    )


def check_points(icons: pd.DataFrame) -> Check:
    """Ask whether limits rest on as many points as Making Data Count asks for."""
    short = int(is_short(icons).sum()) if len(icons) else 0
    fewest = int(icons["limits_rest_on"].min()) if len(icons) else 0
    return Check(
        "Limits rest on enough points",
        "On how many points do the limits of usual variation rest?",
        "passes" if len(icons) and not short else "concern",
        f"{short} of {counted(len(icons), 'measure')} have limits from fewer than {FEWEST} points; "
        f"the fewest: {fewest}",
        f"Fewer than {FEWEST} is a concern",
        "With fewer points the limits are uncertain, and signals come by chance more often",
        values_table(
            {"measures": len(icons), "short": short, "fewest": fewest, "limit": FEWEST}, 0
        ),
        name="points",
    )


def check_independence(points: pd.DataFrame, parameters: PriorityProgrammes) -> Check:
    """Ask whether neighbouring points before the start are alike, which makes limits too narrow."""
    words = (
        "Months vary independently of each other",
        "Are neighbouring points, before the start, alike?",
    )
    consequence = "If it fails, limits are too narrow, and signals come by chance more often"
    found = _lag_one(points, parameters.start_period)
    if found is None:
        reason = "There are too few points to tell"
        return Check(*words, "cannot tell", reason, "", consequence, name="independence")
    share, error = found
    low, high, reach = share - 1.96 * error, share + 1.96 * error, 2.8 * error
    return Check(
        *words,
        judge(low, high, reach, CARRIED, CARRIED),
        f"Correlation of neighbours: {number(share)} ({interval(low, high, 0.95)})",
        f"A correlation of {number(reach)} would have been found four times in five",
        consequence,
        values_table({"correlation": share, "low": low, "high": high, "reach": reach}),
        name="independence",
    )


def check_chance(progress: Progress, parameters: PriorityProgrammes) -> Check:
    """Ask whether there are more signals than chance alone makes among so many measures."""
    chance, limit = progress.chance, 1 - parameters.confidence_level
    more = chance["p_value"] < limit
    return Check(
        "Signals are more than chance alone would make",
        "How many measures would have a signal if nothing had changed?",
        "passes" if more else "concern",
        f"{number(chance['signals'], 0)} have one; chance alone would make "
        f"{number(chance['expected'], 1)} on average",
        f"As many come by chance alone in {number(100 * chance['p_value'], 1)}% of such sets",
        "If it fails, no change is claimed of any measure: signals are for asking only",
        values_table(
            {
                "signals": chance["signals"],
                "expected": chance["expected"],
                "by_chance_percent": 100 * chance["p_value"],
            },
            {"signals": 0, "expected": 1, "by_chance_percent": 1},
        ),
        name="chance",
    )


def _lag_one(points: pd.DataFrame, start: str | None) -> tuple[float, float] | None:
    """Correlation of neighbours pooled over charts, freed of its bias, and its error."""
    if points.empty:
        return None
    used = points if start is None else points[points["period"].astype(str) < start]
    products, squares, count, charts = 0.0, 0.0, 0, 0
    for _, of in used.groupby(["programme", "measure"], sort=False):
        if len(of) < 4 or of["value"].std() == 0:
            continue
        z = ((of["value"] - of["value"].mean()) / of["value"].std(ddof=0)).to_numpy(float)
        products += float(z[1:] @ z[:-1])
        squares += float(z @ z)
        count, charts = count + len(z), charts + 1
    if not charts:
        return None
    share = products / squares + charts / count
    return share, 1 / float(np.sqrt(count))
