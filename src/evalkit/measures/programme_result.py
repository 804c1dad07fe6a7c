"""What a study of programmes shows, tidy: shares of specific actions, and measures with a signal.

Shares are of all actions there are, so they have no interval. `n` is the number of values charted
for what the charts say, and the number of actions for what the plans say.
"""

import numpy as np
import pandas as pd

from evalkit.measures.programme_charts import Progress
from evalkit.measures.programmes import Portfolio
from evalkit.results import Result
from evalkit.study.schemas.priority_programmes import PriorityProgrammes

_REMARK = (
    "Shares are of all actions there are, and so have no interval; a signal says that a process "
    "changed, not what changed it"
)


def make_result(portfolio: Portfolio, progress: Progress, parameters: PriorityProgrammes) -> Result:
    """Put shares in per cent into the columns that every study has, signals first."""
    icons, actions = progress.icons, portfolio.actions
    directions = icons["direction"] if len(icons) else pd.Series(dtype=str)
    points = float(len(progress.points))
    rows = [
        _row("signals", "Measures with a signal", directions != "none", points),
        _row(
            "signals_better",
            "Measures with a signal for the better",
            directions == "better",
            points,
        ),
        _row(
            "signals_worse", "Measures with a signal for the worse", directions == "worse", points
        ),
        _row("specific", "Actions that are specific and followed", _whole(actions), len(actions)),
        _row("overdue", "Actions that are overdue", actions["overdue"], len(actions)),
    ]
    estimates = pd.DataFrame(rows).assign(level=parameters.confidence_level)
    return Result(
        "priority_programmes", estimates, {"term": "signals"}, remarks=(_REMARK,), tables={}
    )


def _whole(actions: pd.DataFrame) -> pd.Series:
    return actions["specific"] & actions["followed"]


def _row(term: str, label: str, members: pd.Series, n: float) -> dict[str, object]:
    return {
        "term": term,
        "estimate": 100 * float(members.mean()) if len(members) else np.nan,
        "std_error": np.nan,
        "conf_low": np.nan,
        "conf_high": np.nan,
        "n": float(n),
        "clusters": np.nan,
        "outcome": "outcome",
        "facet": "overall",
        "group": "all",
        "method": "process_chart" if term.startswith("signals") else "count",
        "df": np.nan,
        "label": label,
    }
