"""People's answers made a panel, for designs that follow units over time: a row a unit and period.

The outcome, each facet and each number of a person become means of the answers that are known, by
`weight` where one is mapped; yes/no answers are percentages by then. `outcome_base` counts the
answers behind the outcome, `answers` all and `unanswered` those without an outcome. Counts are
added up, and their base with them (a person counts one where no base is mapped), so that events
per person are as weighted.

`weight` of a row is then the mean weight of its answers, all weights being scaled to a mean of 1:
times the base it says how many people the row stands for. `effective_base` says as how many equal
answers an average of uneven ones is sure (Kish 1965, Survey Sampling, section 11.7).
Whether a person is in a subgroup differs within a unit and period, so the averages of those in it
and of those not in it are carried along as columns of their own, and `take_group` puts them in
their place.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.data.roles import kinds_of
from evalkit.errors import DataError
from evalkit.results.words import counted, listed
from evalkit.study.fields import FACETS
from evalkit.study.schemas.design_study import DesignStudy, RoleKind

_KEY = ("unit", "period", "time")
_SIZES = ("outcome_base", "weight")
_FIXED_KINDS = ("code", "text", "label", "start")


def average_answers(frame: pd.DataFrame, parameters: DesignStudy) -> pd.DataFrame:
    """Return one row a unit and period of a frame with a row an answer; other frames as they are.

    `frame` has its roles typed, with `time`, `cluster`, `unit_name`, `outcome_base` and `weight`.
    Raises DataError where what belongs to a unit differs between its answers, or a weight is below
    zero.
    """
    if not parameters.AVERAGED or parameters.data_rows != "people":
        return frame
    kinds = kinds_of(parameters, "data")
    fixed = [str(role) for role in frame if _is_of_unit(str(role), kinds, parameters)]
    _refuse_differing(frame, fixed)
    answers = frame.assign(weight=_scaled_weights(frame))
    keys = answers.groupby(["unit", "time"], sort=True)
    cell = keys.ngroup().to_numpy()
    first = answers.iloc[np.unique(cell, return_index=True)[1]]
    panel = first[[*_KEY, *fixed]].reset_index(drop=True)
    flags = [str(role) for role in frame if role in kinds and frame[role].dtype == bool]
    flags = [role for role in flags if role not in fixed]
    means = [
        str(role) for role in frame if role not in (*_KEY, *fixed, *flags, "outcome_base", "weight")
    ]
    whole = np.ones(len(answers), dtype=bool)
    panel = panel.assign(**_average(answers, cell, whole, means, parameters))
    for role in flags:
        panel = panel.assign(**_split(answers, cell, role, means, parameters))
    return panel


def take_group(table: pd.DataFrame, role: str, *, inside: bool) -> pd.DataFrame:
    """Return the table of those in a yes/no group, or of those not in it.

    A role that belongs to rows chooses among them; one that belongs to people puts the averages of
    its answers in their place, missing where there were none.
    """
    carried = {name: group_column(name, role, inside=inside) for name in map(str, table)}
    carried = {name: column for name, column in carried.items() if column in table}
    if not carried:
        return table[table[role].astype(bool) == inside]
    found = table.assign(**{name: table[column] for name, column in carried.items()})
    found[role] = inside
    return found.drop(columns=[name for name in found if _is_carried(str(name))])


def group_column(name: str, role: str, *, inside: bool) -> str:
    """Name the column that carries a column's values among those in a group, or not in it."""
    return f"{name} where {role} is {'yes' if inside else 'no'}"


def _is_carried(name: str) -> bool:
    return " where " in name


def _is_of_unit(role: str, kinds: dict[str, RoleKind], parameters: DesignStudy) -> bool:
    """Say whether a role belongs to a unit, and not to who answered there."""
    if role in ("unit_name", "cluster"):
        return True
    if role in (*_KEY, *_SIZES, "outcome", *FACETS) or role not in kinds:
        return False
    of_design = role in parameters.ROLES or role == "neighbour"
    return kinds[role] in _FIXED_KINDS or (of_design and kinds[role] == "yes_no")


def _refuse_differing(frame: pd.DataFrame, fixed: Sequence[str]) -> None:
    told = {role: frame[["unit", role]].drop_duplicates()["unit"] for role in fixed}
    counts = {role: int(units[units.duplicated()].nunique()) for role, units in told.items()}
    differing = [f"{role} ({counted(counts[role], 'unit')})" for role in fixed if counts[role]]
    if differing:
        raise DataError(
            f"data_columns: {listed(differing)}: differs between the answers of a unit, to which "
            "it belongs. Give each unit one, the same in all of its rows."
        )


def _scaled_weights(frame: pd.DataFrame) -> np.ndarray:
    """Weights (n,) with a mean of 1 over answers that have one; nought where there is none."""
    weight = frame["weight"].to_numpy(float)
    negative = int((weight < 0).sum())
    if negative:
        raise DataError(
            f"weight: {counted(negative, 'row')} below zero, where a weight says how many people "
            "an answer speaks for. Correct them, or leave them empty to leave those rows out."
        )
    used = np.isfinite(weight) & (weight > 0)
    if not used.any():
        raise DataError("weight: no row has one above zero. Map another column, or none.")
    return np.asarray(np.where(used, weight, 0.0) / weight[used].mean())


def _average(
    answers: pd.DataFrame,
    cell: np.ndarray,
    chosen: np.ndarray,
    means: Sequence[str],
    parameters: DesignStudy,
) -> dict[str, np.ndarray]:
    """Average the chosen answers by cell: each mean, the base, the weight, the effective base."""
    cells, counts = int(cell.max()) + 1, parameters.outcome_kind == "count"
    own = answers["outcome_base"].to_numpy(float)
    size = own if counts and np.isfinite(own).any() else np.ones(len(answers))
    weight = np.where(chosen & np.isfinite(size), answers["weight"].to_numpy(float), 0.0)

    def add(values: np.ndarray, known: np.ndarray) -> np.ndarray:
        return np.bincount(cell[known], values[known], cells)

    outcome = answers["outcome"].to_numpy(float)
    known = np.isfinite(outcome) & (weight > 0)
    base, stands_for = add(size, known), add(weight * size, known)
    found = {
        "outcome_base": base,
        "weight": _divide(stands_for, base),
        "answers": add(chosen * 1.0, chosen),
        "unanswered": add(chosen * 1.0, chosen & ~known),
    }
    if "weight" in parameters.data_columns:
        found["effective_base"] = _divide(add(weight, known) ** 2, add(weight**2, known))
    for name in means:
        values = answers[name].to_numpy(float)
        told = np.isfinite(values) & (weight > 0)
        if counts and name in ("outcome", *FACETS):
            found[name] = _divide(add(weight * values, told), add(weight * size, told)) * base
        else:
            found[name] = _divide(add(weight * values, told), add(weight, told))
    return found


def _split(
    answers: pd.DataFrame,
    cell: np.ndarray,
    role: str,
    means: Sequence[str],
    parameters: DesignStudy,
) -> dict[str, np.ndarray]:
    """A yes/no role as it is where all of a cell agree; otherwise its share, and both averages."""
    member = answers[role].to_numpy(bool)
    size = np.bincount(cell)
    inside = np.bincount(cell, member)
    if ((inside == 0) | (inside == size)).all():
        return {role: inside > 0}
    found = {role: inside / size}
    for among in (True, False):
        averages = _average(answers, cell, member == among, means, parameters)
        found |= {
            group_column(name, role, inside=among): values for name, values in averages.items()
        }
    return found


def _divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Divide; missing where nothing is known."""
    return np.asarray(np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0))
