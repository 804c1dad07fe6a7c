"""Priority programmes: whether each action says who does what by when, measured how, aimed where.

An action is specific where it names an owner, a day by which it is due, a measure with its better
direction, and a target; it is followed where values of the measure are there. What is written in a
plan is taken as written: that an action is specific does not say that it is the right one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.study.schemas.priority_programmes import PriorityProgrammes

BETTER = ("higher", "lower")
PARTS = {
    "owner": "an owner",
    "due": "a day by which it is due",
    "measure": "a measure",
    "target": "a target",
}
"""What an action must name to be specific; a target needs a better direction beside it."""

YES, IN_PART, NO = "yes", "in part", "no"


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The actions, with what each of them names, and the values of the measures.

    `actions` has the roles and yes/no columns `has_owner, has_due, has_measure, has_target,
    specific, followed, done, overdue`.
    """

    actions: pd.DataFrame
    measures: pd.DataFrame


def open_programmes(
    tables: Mapping[str, pd.DataFrame], parameters: PriorityProgrammes
) -> Portfolio:
    """Narrow the tables to the programme asked for, and say of each action what it names.

    Raises AnalysisError for a programme that is not there, a direction that is none, and a measure
    that two actions aim at differently.
    """
    actions, measures = tables["actions"], tables["measures"]
    if parameters.programme is not None:
        actions = actions[actions["programme"] == parameters.programme]
        measures = measures[measures["programme"] == parameters.programme]
    if actions.empty:
        raise AnalysisError(
            "programme: no action is of the programme asked for. Write its name as in the file, or "
            "give null for all programmes."
        )
    strange = int((actions["better"].notna() & ~actions["better"].isin(BETTER)).sum())
    if strange:
        raise AnalysisError(
            f"better: {strange} of {len(actions)} actions have a direction that is neither "
            f"{' nor '.join(BETTER)}. Write which direction of the measure is the better one."
        )
    _refuse_two_aims(actions)
    return Portfolio(_describe(actions, measures, parameters), measures.reset_index(drop=True))


def tabulate_programmes(actions: pd.DataFrame) -> pd.DataFrame:
    """Count by programme what its actions name, what is done and what is overdue.

    `specific` is yes where all of a programme's actions are specific and followed, in part where
    some are, no where none is.
    """
    rows = []
    for name, of in actions.groupby("programme", sort=False):
        whole = of["specific"] & of["followed"]
        rows.append(
            {
                "programme": str(name),
                "specific": YES if whole.all() else IN_PART if whole.any() else NO,
                "actions": len(of),
                "specific_actions": int(whole.sum()),
                **{f"without_{part}": int((~of[f"has_{part}"]).sum()) for part in PARTS},
                "not_followed": int((of["has_measure"] & ~of["followed"]).sum()),
                "done": int(of["done"].sum()),
                "overdue": int(of["overdue"].sum()),
            }
        )
    return pd.DataFrame(rows)


def say_state(row: "pd.Series[bool]") -> str:
    """Say of one action, in plain words, what it lacks and whether it is late."""
    absent = [words for part, words in PARTS.items() if not row[f"has_{part}"]]
    said = [f"lacks {', '.join(absent)}"] if absent else []
    if row["has_measure"] and not row["followed"]:
        said.append("its measure has no values")
    if row["overdue"]:
        said.append("overdue")
    elif row["done"]:
        said.append("done")
    return "; ".join(said) or "specific, not yet due"


def _refuse_two_aims(actions: pd.DataFrame) -> None:
    aimed = actions.dropna(subset=["measure"]).drop_duplicates(
        ["programme", "measure", "better", "target"]
    )
    twice = int(aimed.duplicated(["programme", "measure"]).sum())
    if twice:
        raise AnalysisError(
            f"target: {twice} measures have two targets or directions in one programme. Give each "
            "measure one target and one direction."
        )


def _describe(
    actions: pd.DataFrame, measures: pd.DataFrame, parameters: PriorityProgrammes
) -> pd.DataFrame:
    known = set(zip(measures["programme"], measures["measure"], strict=True))
    as_of = pd.Timestamp(parameters.as_of)
    done = actions["status"].isin(parameters.done_when)
    named = {
        "has_owner": actions["owner"].notna(),
        "has_due": actions["due"].notna(),
        "has_measure": actions["measure"].notna(),
        "has_target": actions["target"].notna() & actions["better"].notna(),
    }
    pairs = zip(actions["programme"], actions["measure"], strict=True)
    return actions.assign(
        **named,
        specific=np.logical_and.reduce([flag.to_numpy(bool) for flag in named.values()]),
        followed=[pair in known for pair in pairs],
        done=done,
        overdue=~done & (actions["due"] < as_of),
    ).reset_index(drop=True)
