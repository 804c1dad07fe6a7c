"""The emotional map of experience-based co-design: how each moment of care felt, and to whom.

Patients, carers and staff mark moments with a valence from -2 (very bad) to 2 (very good). Shown
are medians and quartiles by touchpoint and role, how many people each rests on, and how far
patients and staff lie apart. A person counts once in a cell, by the median of their marks. The
map starts a conversation; it is no sample, so that below twenty people nothing is tested, and
here nothing is.
"""

import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.measures.item_means import need_columns
from evalkit.measures.placement import ANYWHERE, Measure
from evalkit.study.fields import TOUCHPOINTS

ROLES = ("patient", "carer", "staff")
FEWEST_FOR_A_TEST = 20
COLUMNS = ("participant", "role", "touchpoint", "valence")


def map_emotions(emotions: pd.DataFrame) -> pd.DataFrame:
    """One row a touchpoint and role with marks: `median, lower, upper` (quartiles) and `n` people.

    `emotions` has columns `COLUMNS`, one row a mark; other columns are left aside. Raises
    AnalysisError for unknown roles or touchpoints, or valences outside -2 to 2.
    """
    marks = _one_a_person(emotions)
    cells = marks.groupby(["touchpoint", "role"], sort=True)["valence"]
    table = pd.DataFrame(
        {
            "median": cells.median(),
            "lower": cells.quantile(0.25),
            "upper": cells.quantile(0.75),
            "n": cells.size(),
        }
    )
    return table.reset_index()


def map_discordance(
    emotions: pd.DataFrame, *, first: str = "patient", second: str = "staff"
) -> pd.DataFrame:
    """One row a touchpoint that both roles marked: medians, `discordance` (second less first), n.

    Above zero, staff think better of a moment than patients felt it. Sorted by its size.
    """
    if not {first, second} <= set(ROLES) or first == second:
        raise AnalysisError(
            f"emotional map: two different roles of {', '.join(ROLES)} are compared. Name them."
        )
    table = map_emotions(emotions)
    one, other = (table[table["role"] == role].drop(columns="role") for role in (first, second))
    both = one.merge(other, on="touchpoint", suffixes=(f"_{first}", f"_{second}"))
    apart = both[f"median_{second}"] - both[f"median_{first}"]
    names = ["touchpoint"] + [f"{c}_{r}" for r in (first, second) for c in ("median", "n")]
    found = both[names].assign(discordance=apart)
    order = apart.abs().sort_values(ascending=False, kind="stable").index
    return found.loc[order].reset_index(drop=True)


def refuse_emotion_test(emotions: pd.DataFrame) -> None:
    """Raise AnalysisError where the map has fewer than 20 people: too few for any test of it."""
    people = int(emotions["participant"].nunique())
    if people < FEWEST_FOR_A_TEST:
        raise AnalysisError(
            f"emotional map: {people} participants, and no test is made with fewer than "
            f"{FEWEST_FOR_A_TEST}. Show medians, and talk about them with those who took part."
        )


def _one_a_person(emotions: pd.DataFrame) -> pd.DataFrame:
    need_columns(emotions, COLUMNS, "emotional map")
    known = emotions.dropna(subset=list(COLUMNS))
    roles = int((~known["role"].isin(ROLES)).sum())
    moments = int((~known["touchpoint"].isin(list(TOUCHPOINTS))).sum())
    valences = int((~known["valence"].between(-2, 2)).sum())
    if roles or moments or valences:
        raise AnalysisError(
            f"emotional map: {roles} rows have an unknown role, {moments} an unknown touchpoint "
            f"and {valences} a valence outside -2 to 2. Roles are {', '.join(ROLES)}; touchpoints "
            "T01 to T12."
        )
    whose = ["touchpoint", "role", "participant"]
    return known.groupby(whose, sort=True)["valence"].median().reset_index()


EMOTIONAL_MAP = Measure(
    "emotional_map",
    "Emotional map (experience-based co-design)",
    "patients",
    ("felt",),
    ANYWHERE,
    "valence, -2 to 2",
    "higher",
    "medians and quartiles by touchpoint and role, one value a person; difference of medians",
    "recalled",
    "the stages of experience-based co-design",
)
