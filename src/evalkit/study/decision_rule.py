"""The rule by which a study's results are acted on: set before anybody has seen them.

It stands in a file of its own, `parameters/decisions/<study>.yml`, with a closed list of names. A
condition names one number of the study by its table, row and column, and a threshold.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from evalkit.errors import ParameterError
from evalkit.study.fields import Day, Line, Name
from evalkit.study.matching import suggest
from evalkit.study.people_in_words import holds_number
from evalkit.study.yaml_file import read_yaml_file

_MUST_GUARD = ("equity", "staff")
_THRESHOLDS = ("at_least", "at_most")


def _without_numbers(words: str) -> str:
    if holds_number(words):
        raise ValueError(
            "no number may stand in it, nor in words how many people: a threshold has its place"
        )
    return words


Words = Annotated[Line, AfterValidator(_without_numbers)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Condition(_Closed):
    """One number of the study, by the table, row and column that hold it, and a threshold.

    A row is named by its `name`, `label`, `group`, `facet` or `term`.
    """

    words: Words
    table: Name | None = None
    row: Line | None = None
    column: Name | None = None
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _names_a_number(self) -> Self:
        self._refuse_incomplete()
        return self

    def _refuse_incomplete(self) -> None:
        absent = [name for name in ("table", "row", "column") if getattr(self, name) is None]
        if absent:
            raise ValueError(f"{', '.join(absent)} missing: name the number by all three")
        if sum(getattr(self, name) is not None for name in _THRESHOLDS) != 1:
            raise ValueError("give one threshold, at_least or at_most")


class GuardRail(Condition):
    """What must not get worse, whatever else is gained; or why the study cannot tell."""

    guards: Literal["equity", "staff", "safety", "cost"]
    not_measured: Words | None = None

    def _refuse_incomplete(self) -> None:
        given = [
            n for n in ("table", "row", "column", *_THRESHOLDS) if getattr(self, n) is not None
        ]
        if self.not_measured is None:
            super()._refuse_incomplete()
        elif given:
            raise ValueError(f"not_measured and {given[0]}: give a number, or why there is none")


class DecisionRule(_Closed):
    """When a study's results are looked at, and what they will be taken to say."""

    study: Name = Field(description="name of the study that the rule is for")
    planned_look: Day = Field(description="first day on which results may be seen")
    set_by: Words = Field(description="who set the rule")
    stop_if: list[Condition] = Field(min_length=1, description="stop where any of these holds")
    guard_rails: list[GuardRail] = Field(
        min_length=2, description="adapt where any is broken; spread only where all are kept"
    )
    spread_if: list[Condition] = Field(min_length=1, description="spread where all of these hold")
    continue_if: list[Condition] = Field(
        min_length=1, description="continue where all of these hold; adapt otherwise"
    )

    @model_validator(mode="after")
    def _guards_both(self) -> Self:
        guarded = {rail.guards for rail in self.guard_rails}
        absent = [kind for kind in _MUST_GUARD if kind not in guarded]
        if absent:
            raise ValueError(f"guard_rails: none guards {' and '.join(absent)}")
        return self


def rule_path(root: Path, study: str) -> Path:
    """Return the place of a study's rule."""
    return root / "parameters" / "decisions" / f"{study}.yml"


def read_rule(root: Path, study: str) -> DecisionRule | None:
    """Read a study's rule, or None where it has none; list all that is wrong with it."""
    path = rule_path(root, study)
    if not path.exists():
        return None
    try:
        rule = DecisionRule.model_validate(read_yaml_file(path))
    except ValidationError as fault:
        lines = "\n".join(f"  {_describe(error)}" for error in fault.errors(include_url=False))
        raise ParameterError(
            f"{path}: {fault.error_count()} faults in the decision rule. Mend each.\n{lines}"
        ) from None
    if rule.study != study:
        raise ParameterError(
            f"{path}: study: is for another study than the file is named after. Make them agree."
        )
    return rule


def _describe(error: Any) -> str:
    steps = [f"entry {s + 1}" if isinstance(s, int) else str(s) for s in error["loc"]]
    place = ", ".join(steps) or "the rule"
    if error["type"] == "extra_forbidden":
        return (
            f"{place}: no part of a rule has this name.{suggest(steps[-1], _names(error['loc']))}"
        )
    if error["type"] == "missing":
        return f"{place}: missing."
    return f"{place}: {error['msg'].removeprefix('Value error, ')}."


def _names(place: tuple[int | str, ...]) -> list[str]:
    if len(place) == 1:
        return list(DecisionRule.model_fields)
    return list((GuardRail if place[0] == "guard_rails" else Condition).model_fields)
