"""Co-production as a dose: the share of decisions with lived-experience deciders, unit by unit.

The table has the layout that the design dose_response reads (unit, period, dose). Where outcomes
of the units are given, their rank correlation with the dose is an association and no more: units
that share power differ in much else. Its p is from shuffling outcomes over units.
"""

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.errors import AnalysisError

FEWEST_UNITS = 8
EVERYWHERE = "all units together"


def tabulate_doses(decisions: pd.DataFrame) -> pd.DataFrame:
    """Tabulate by unit and quarter the decisions taken, and the share with partners among deciders.

    Columns: `unit, period, decisions, lived_experience, dose` (per cent) and `so_far`, the share of
    all decisions of the unit until then. A log that names no units has one row a quarter.
    """
    unit = decisions["unit"] if "unit" in decisions else pd.Series(EVERYWHERE, decisions.index)
    dated = pd.DataFrame(
        {
            "unit": unit.fillna("not stated"),
            "period": pd.PeriodIndex(decisions["date"], freq="Q").astype(str),
            "lived_experience": decisions["decided_by_lived_experience"].astype(int),
            "decisions": 1,
        }
    )
    counted = ["decisions", "lived_experience"]
    table = dated.groupby(["unit", "period"])[counted].sum().reset_index()
    running = table.groupby("unit")[counted].cumsum()
    return table.assign(
        dose=100 * table["lived_experience"] / table["decisions"],
        so_far=100 * running["lived_experience"] / running["decisions"],
    )


def associate_dose(
    decisions: pd.DataFrame,
    outcomes: pd.DataFrame,
    rng: np.random.Generator,
    *,
    draws: int = 999,
) -> pd.DataFrame:
    """Tabulate the rank correlation of units' dose with their `outcome`: one row.

    Raises AnalysisError where the log names no units, and for fewer than eight units in both.
    """
    if "unit" not in decisions:
        raise AnalysisError(
            "decisions: the log names no units, so that all have the same dose. "
            "Map the role `unit`, or leave the outcomes out."
        )
    share = decisions.groupby("unit")["decided_by_lived_experience"].mean()
    mean = outcomes.groupby("unit")["outcome"].mean()
    both = pd.concat([share, mean], axis=1, join="inner").dropna()
    if len(both) < FEWEST_UNITS or both.nunique().min() < 2:
        raise AnalysisError(
            f"co-production as a dose: {len(both)} units have decisions and an outcome that vary, "
            f"and {FEWEST_UNITS} are the fewest. Leave the outcomes out."
        )
    dose, outcome = both.iloc[:, 0].to_numpy(float), both.iloc[:, 1].to_numpy(float)
    found = float(stats.spearmanr(dose, outcome).statistic)
    drawn = [float(stats.spearmanr(dose, rng.permutation(outcome)).statistic) for _ in range(draws)]
    p_value = (1 + float(np.sum(np.abs(drawn) >= abs(found) - 1e-12))) / (draws + 1)
    return pd.DataFrame({"units": [len(both)], "correlation": [found], "p_value": [p_value]})
