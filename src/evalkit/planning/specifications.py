"""The analyses that a protocol allows: each combination of its alternatives, as changes to make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import pandas as pd
from pydantic import ValidationError

from evalkit.data.unit_periods import take_group
from evalkit.errors import AnalysisError
from evalkit.study.alternative_rules import MOST_ANALYSES, OUTCOME, choices_of
from evalkit.study.design_rules import LEAVE_OUT
from evalkit.study.fields import FACETS
from evalkit.study.matching import suggest

Allowed = Mapping[str, Sequence[Any]]

CHOICES_IN_WORDS: dict[tuple[str, str], str] = {
    ("serial_correlation", "reml_averaged"): "averaged over",
    ("serial_correlation", "reml"): "taken as likeliest",
    ("serial_correlation", "prais_winsten"): "by Prais and Winsten's method",
    ("season", "harmonics"): "waves over the year",
    ("season", "dummies"): "each part of the year by itself",
    ("comparison", "never_treated"): "units that never have it",
    ("comparison", "not_yet_treated"): "units that do not have it yet",
    ("average", "group"): "every unit the same",
    ("average", "simple"): "every unit and period the same",
    ("weight_by", "base"): "number of answers",
    ("inference", "chosen_by_data"): "what holds with as many clusters",
    ("inference", "cr2"): "CR2 errors",
    ("inference", "clustered"): "clustered errors",
    ("small_sample", "kenward_roger"): "Kenward-Roger",
    ("small_sample", "satterthwaite"): "Satterthwaite",
}
"""What a choice is called where its own name would not be understood; the report has the same."""


@dataclass(frozen=True, slots=True)
class Specification:
    """One combination: `choices` by dimension, the main analysis where it chooses nothing else."""

    choices: Mapping[str, Any]
    main: bool

    def apply(self, table: pd.DataFrame, parameters: Any) -> tuple[pd.DataFrame, Any]:
        """Return the rows, the outcome and the parameters of this specification."""
        return self.choose_rows(table), self.change(parameters)

    def choose_rows(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of this specification, with its outcome."""
        periods, group = self.choices.get("periods"), self.choices.get(LEAVE_OUT)
        facet = self.choices.get(OUTCOME, OUTCOME)
        rows = table
        if periods is not None:
            rows = rows[rows["period"].isin(periods)]
        if group is not None:
            rows = take_group(rows, group, inside=False)
        if facet != OUTCOME:
            rows = rows.assign(outcome=rows[facet])
        return rows.drop(columns=[name for name in FACETS if name in rows])

    def change(self, parameters: Any) -> Any:
        """Return the parameters of this specification."""
        changes = {k: v for k, v in self.choices.items() if k not in (OUTCOME, LEAVE_OUT)}
        facet = self.choices.get(OUTCOME, OUTCOME)
        if facet != OUTCOME:
            changes["outcome_facet"] = facet
        return parameters.model_copy(update={"subgroups": [], **changes})

    def words(self, periods: Sequence[str] = ()) -> dict[str, str]:
        """Say what is chosen, by dimension; `periods` are those of the table, in order."""
        return {name: _say(name, choice, periods) for name, choice in self.choices.items()}


def list_specifications(
    table: pd.DataFrame, parameters: Any, allowed: Allowed
) -> list[Specification]:
    """List every combination of the alternatives, the main analysis first.

    `allowed` gives, by name of a parameter, the values that it may have beside its own. Two names
    change the table instead: `outcome` lists facets, `leave_out` yes-or-no roles whose rows are
    left out. The order of the names tells nothing: a record keeps them by the alphabet, and made
    again from it they must give the same. Raises AnalysisError where a name or value is not
    allowed, or there are too many.
    """
    _refuse_unknown(table, parameters, allowed)
    named = sorted(allowed.items())
    dimensions = {name: _choices(name, parameters, values) for name, values in named}
    count = prod(len(choices) for choices in dimensions.values())
    if count > MOST_ANALYSES:
        raise AnalysisError(
            f"alternatives: {count:,} combinations, and at most {MOST_ANALYSES:,} are run. "
            "Allow fewer."
        )
    combined = [
        dict(zip(dimensions, chosen, strict=True)) for chosen in product(*dimensions.values())
    ]
    return [Specification(choices, main=at == 0) for at, choices in enumerate(combined)]


def _choices(name: str, parameters: Any, values: Sequence[Any]) -> list[Any]:
    """The main analysis' own choice, and each other one once."""
    own = {OUTCOME: OUTCOME, LEAVE_OUT: None}.get(name, getattr(parameters, name, None))
    others = [value for at, value in enumerate(values) if value not in [own, *values[:at]]]
    return [own, *others]


def _refuse_unknown(table: pd.DataFrame, parameters: Any, allowed: Allowed) -> None:
    known = set(choices_of(type(parameters)))
    faults = [
        f"{name} has no alternatives.{suggest(name, sorted(known))}"
        for name in allowed
        if name not in known
    ]
    for name in (OUTCOME, LEAVE_OUT):
        absent = [v for v in allowed.get(name, []) if v not in (None, OUTCOME) and v not in table]
        faults += [f"{name}: {', '.join(map(str, absent))} is not in the table."] if absent else []
    windows = [value for value in allowed.get("periods", []) if isinstance(value, list)]
    absent = sorted({period for value in windows for period in value} - set(table["period"]))
    faults += [f"periods: {', '.join(absent)} is not in the data."] if absent else []
    faults += [
        f"{name}: {len(wrong)} of its values are not allowed by the parameters."
        for name, values in allowed.items()
        if name in known - {OUTCOME, LEAVE_OUT}
        and (wrong := [v for v in values if not _is_allowed(parameters, name, v)])
    ]
    if faults:
        raise AnalysisError(
            f"alternatives: {' '.join(faults)} Give names of choices, and values that the "
            "parameters allow."
        )


def _is_allowed(parameters: Any, name: str, value: Any) -> bool:
    try:
        type(parameters).model_validate(parameters.model_dump() | {name: value})
    except ValidationError:
        return False
    return True


def _say(name: str, choice: Any, periods: Sequence[str]) -> str:
    if choice is None:
        return "nobody" if name == LEAVE_OUT else "all" if name == "periods" else "none"
    if name == "periods":
        return _say_window([str(period) for period in choice], periods)
    if isinstance(choice, list | tuple):
        return ", ".join(str(part).replace("_", " ") for part in choice) or "nothing"
    return CHOICES_IN_WORDS.get((name, str(choice)), str(choice).replace("_", " "))


def _say_window(window: Sequence[str], periods: Sequence[str]) -> str:
    """Say a stretch of time by its ends, and what of the table's periods between it leaves out."""
    first, last = window[0], window[-1]
    ends = first if first == last else f"{first} to {last}"
    if not {first, last} <= set(periods):
        return ends
    between = periods[periods.index(first) : periods.index(last) + 1]
    absent = [period for period in between if period not in window]
    return f"{ends} without {', '.join(absent)}" if absent else ends
