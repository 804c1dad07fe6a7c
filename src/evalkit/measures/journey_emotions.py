"""The emotional map of a study of the journey: whose marks count, and what is shown of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.measures.emotional_map import map_discordance, map_emotions
from evalkit.study.fields import TOUCHPOINTS
from evalkit.study.schemas.journey import Journey

SCOPES = ("internal", "board", "public")
"""To whom people agreed, from the fewest to the most: who agreed to more agreed to fewer."""


@dataclass(frozen=True, slots=True)
class EmotionalMap:
    """The map (`table`), where patients and staff lie apart, and how many agreed to be shown."""

    table: pd.DataFrame
    apart: pd.DataFrame
    marks: pd.DataFrame


def draw_map(tables: dict[str, pd.DataFrame], parameters: Journey) -> EmotionalMap:
    """Make the map of those who agreed to the readers; empty tables where there is none."""
    none = pd.DataFrame()
    if "emotions" not in tables:
        return EmotionalMap(none, none, none)
    emotions = tables["emotions"]
    agreed = keep_agreed(emotions, parameters.audience)
    marks = count_marks(emotions, agreed)
    if agreed.empty:
        return EmotionalMap(none, none, marks)
    return EmotionalMap(map_journey(agreed), compare_roles(agreed), marks)


def keep_agreed(emotions: pd.DataFrame, audience: str) -> pd.DataFrame:
    """Return the marks whose makers agreed to the audience; no consent written is none given.

    Raises AnalysisError for consents that are not known.
    """
    known = emotions["consent"].dropna()
    strange = int((~known.isin(SCOPES)).sum())
    if strange or audience not in SCOPES:
        raise AnalysisError(
            f"emotional map: {strange} of {len(known)} consents are not one of "
            f"{', '.join(SCOPES)}. Write each as one of these."
        )
    wide_enough = SCOPES[SCOPES.index(audience) :]
    return emotions[emotions["consent"].isin(wide_enough)].reset_index(drop=True)


def map_journey(emotions: pd.DataFrame) -> pd.DataFrame:
    """Medians and quartiles by touchpoint and role, with the touchpoint's name as `moment`."""
    table = map_emotions(emotions)
    return table.assign(moment=table["touchpoint"].map(TOUCHPOINTS))


def compare_roles(emotions: pd.DataFrame) -> pd.DataFrame:
    """Where patients and staff lie apart: medians, numbers, difference (staff less patients).

    `n` is the fewer of the two, on whom the difference rests. Described and not tested, however
    many took part: they are no sample. In the order of size.
    """
    table = map_discordance(emotions)
    fewer = table[["n_patient", "n_staff"]].min(axis=1)
    return table.assign(moment=table["touchpoint"].map(TOUCHPOINTS), n=fewer)


def count_marks(emotions: pd.DataFrame, agreed: pd.DataFrame) -> pd.DataFrame:
    """People by role: how many made marks, and how many of them agreed to the audience."""
    every = emotions.groupby("role")["participant"].nunique()
    shown = agreed.groupby("role")["participant"].nunique().reindex(every.index).fillna(0)
    return pd.DataFrame(
        {
            "role": list(every.index),
            "people": every.to_numpy(float),
            "agreed": np.asarray(shown, dtype=float),
        }
    )
