"""Who decided what, whose proposals were taken up, and what became of each voice.

A decision has three voices: people with lived experience, staff at the point of care, clinical
leaders. A log is complete or it is none: shares are of all decisions in it, with Wilson's interval
for what such a way of deciding would bring again.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.fits.proportions import fit_wilson_interval
from evalkit.inference.arrays import Flags
from evalkit.insight.free_text import show_text
from evalkit.study.fields import STAGES

VOICES = {
    "lived_experience": "People with lived experience",
    "staff": "Staff at the point of care",
    "leaders": "Clinical leaders",
}
PROPOSERS = {
    "lived_experience": VOICES["lived_experience"],
    "staff": VOICES["staff"],
    "clinical_leaders": VOICES["leaders"],
}
OUTCOMES = ("adopted", "adapted", "declined", "deferred")
MEETS = {
    "for": ("adopted", "adapted"),
    "for with changes": ("adapted",),
    "against": ("declined", "deferred"),
}
"""What each position asks of the outcome."""

ALL = "all"


@dataclass(frozen=True, slots=True)
class Earliest:
    """The first stage with any decision that partners took part in, and with the share wanted.

    None where there is no such stage.
    """

    any_part: str | None
    shared: str | None


def refuse_unknown_words(decisions: pd.DataFrame) -> None:
    """Raise AnalysisError where stages, proposers, outcomes or positions are none of the known."""
    known: dict[str, tuple[str, ...]] = {
        "stage": STAGES,
        "proposed_by": tuple(PROPOSERS),
        "outcome": OUTCOMES,
        **{f"{voice}_position": tuple(MEETS) for voice in VOICES},
    }
    faults = []
    for column, allowed in known.items():
        wrong = decisions[column].notna() & ~decisions[column].isin(allowed)
        if wrong.any():
            faults.append(f"{column}: {int(wrong.sum())} rows are none of {', '.join(allowed)}")
    if faults:
        raise AnalysisError(f"decisions: {'; '.join(faults)}. Use these words.")
    if decisions.empty:
        raise AnalysisError("decisions: the log is empty. Write down what was decided.")


def tabulate_stages(decisions: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Tabulate by stage, earliest first and all last, of how many decisions each voice was part.

    Columns: `stage, decisions`, the number by voice, and `estimate, conf_low, conf_high`: per cent
    with people with lived experience among the deciders. NaN where a stage has no decision.
    """
    inside = {stage: (decisions["stage"] == stage).to_numpy(bool) for stage in STAGES}
    inside[ALL] = np.ones(len(decisions), dtype=bool)
    rows = {
        "stage": list(inside),
        "decisions": [int(chosen.sum()) for chosen in inside.values()],
    }
    for voice in VOICES:
        part = decisions[f"decided_by_{voice}"].to_numpy(bool)
        rows[voice] = [int((part & chosen).sum()) for chosen in inside.values()]
    table = pd.DataFrame(rows)
    return _with_share(table, "lived_experience", "decisions", level)


def find_earliest(stages: pd.DataFrame, wanted: float) -> Earliest:
    """Find the first stage that partners took part in, and the first with `wanted` per cent."""
    own = stages[stages["stage"] != ALL]
    any_part = own.loc[own["lived_experience"] > 0, "stage"]
    shared = own.loc[own["estimate"] >= wanted, "stage"]
    return Earliest(*(str(found.iloc[0]) if len(found) else None for found in (any_part, shared)))


def tabulate_adoption(decisions: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Tabulate what became of proposals by who made them; adapted counts as taken up."""
    rows = []
    for key, label in PROPOSERS.items():
        own = decisions.loc[decisions["proposed_by"] == key, "outcome"]
        became = {outcome: int((own == outcome).sum()) for outcome in OUTCOMES}
        taken = became["adopted"] + became["adapted"]
        rows.append({"key": key, "label": label, "proposals": len(own), **became, "taken": taken})
    return _with_share(pd.DataFrame(rows), "taken", "proposals", level)


def tabulate_not_taken(decisions: pd.DataFrame) -> pd.DataFrame:
    """List proposals of people with lived experience that were declined or put off, and why."""
    own = decisions[
        (decisions["proposed_by"] == "lived_experience")
        & decisions["outcome"].isin(("declined", "deferred"))
    ]
    why = [show_text(r) if isinstance(r, str) else "no reason given" for r in own["reason"]]
    return own[["decision", "stage", "subject", "outcome"]].assign(reason=why).fillna("not stated")


def tabulate_voices(decisions: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Tabulate by voice how often it decided, was heard, and how often the outcome met it.

    A voice is heard where its position is on record. The last row is of decisions where people
    with lived experience stood otherwise than a professional voice: whether it went their way.
    """
    rows = []
    for voice, label in VOICES.items():
        heard, met = _heard(decisions, voice), _is_met(decisions, voice)
        decided = decisions[f"decided_by_{voice}"].to_numpy(bool)
        rows.append((voice, label, len(decisions), decided.sum(), heard.sum(), met.sum()))
    apart = _stood_apart(decisions)
    decided = apart & decisions["decided_by_lived_experience"].to_numpy(bool)
    met = apart & _is_met(decisions, "lived_experience")
    label = "People with lived experience, where another voice stood otherwise"
    rows.append(("stood_apart", label, apart.sum(), decided.sum(), apart.sum(), met.sum()))
    columns = ["key", "label", "decisions", "decided", "heard", "met"]
    table = pd.DataFrame(rows, columns=columns)
    return _with_share(table, "met", "heard", level)


def tabulate_pay(decisions: pd.DataFrame) -> pd.DataFrame:
    """Tabulate payment of people with lived experience: hours, median rate, unpaid decisions."""
    joined = decisions["decided_by_lived_experience"].to_numpy(bool)
    hours = decisions["paid_hours"].where(decisions["paid_hours"].notna(), 0.0)
    paid = hours > 0
    measured = {
        "Decisions that they took part in": float(joined.sum()),
        "Of these, without any paid hour": float((joined & ~paid.to_numpy(bool)).sum()),
        "Hours paid": float(hours.sum()),
        "Median rate of an hour, pounds": float(decisions.loc[paid, "rate"].median()),
    }
    return pd.DataFrame({"measure": list(measured), "value": list(measured.values())})


def _heard(decisions: pd.DataFrame, voice: str) -> Flags:
    return decisions[f"{voice}_position"].notna().to_numpy(bool)


def _is_met(decisions: pd.DataFrame, voice: str) -> Flags:
    """Tell where the outcome was what the voice's position asks."""
    position, outcome = decisions[f"{voice}_position"], decisions["outcome"]
    met = np.zeros(len(decisions), dtype=bool)
    for said, asked in MEETS.items():
        met |= (position == said).to_numpy(bool) & outcome.isin(asked).to_numpy(bool)
    return met


def _stood_apart(decisions: pd.DataFrame) -> Flags:
    lived = decisions["lived_experience_position"]
    apart = np.zeros(len(decisions), dtype=bool)
    for voice in ("staff", "leaders"):
        other = decisions[f"{voice}_position"]
        apart |= (lived.notna() & other.notna() & (lived != other)).to_numpy(bool)
    return apart


def _with_share(table: pd.DataFrame, part: str, whole: str, level: float) -> pd.DataFrame:
    events, people = table[part].to_numpy(float), table[whole].to_numpy(float)
    found = fit_wilson_interval(events, people, level=level)
    return table.assign(
        estimate=100 * found.estimate,
        conf_low=100 * found.conf_low,
        conf_high=100 * found.conf_high,
    )
