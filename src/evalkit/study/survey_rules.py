"""What must hold together where a study has a survey's strata, or fills in what is missing."""

from collections.abc import Iterator, Mapping
from typing import Any

from evalkit.study.fields import FACETS
from evalkit.study.matching import repeated, suggest
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.surveyed_study import SurveyedStudy

Values = Mapping[str, Any]

NO_STANDARD_ERROR = ("permutation", "wild_bootstrap")
"""Inferences whose interval comes from no standard error; filled tables are pooled by that."""


def check_survey(values: Values) -> Iterator[str]:
    """Refuse a rule for strata where none are mapped, and people filled in who are a panel."""
    schema = SCHEMAS[str(values["notebook"])]
    if not issubclass(schema, SurveyedStudy):
        return
    mapped = values.get("data_columns", {})
    if values.get("single_unit_strata", "refuse") != "refuse" and "stratum" not in mapped:
        yield (
            f"single_unit_strata: given {values['single_unit_strata']}, and data_columns maps no "
            "stratum. Map one, or give refuse."
        )
    if values.get("missing_data") == "multiple_imputation":
        yield from _check_filling(values)
        yield from _check_filled_from(schema, values)


def _check_filling(values: Values) -> Iterator[str]:
    if values.get("data_rows") == "panel":
        yield (
            "missing_data: multiple_imputation fills in people's answers, and data_rows is panel. "
            "A panel's gap is a unit that did not report: too few units to fill it in from, and "
            "nobody's answer. Give complete_rows, or the people's rows."
        )
    if values.get("selected", "no") != "no":
        yield (
            "missing_data: multiple_imputation is not made where units were chosen by their "
            "results (selected), which must be as they were seen. Give complete_rows."
        )
    way = values.get("inference")
    if way in NO_STANDARD_ERROR:
        yield (
            f"missing_data: filled tables are pooled by their standard errors, and inference {way} "
            "makes its interval without one. Give inference as cr2, or complete_rows."
        )


def _check_filled_from(schema: type[SurveyedStudy], values: Values) -> Iterator[str]:
    roles = values.get("imputed_from", [])
    for role in repeated(roles):
        yield f"imputed_from: {role} stands in it more than once. Keep one."
    known = {"unit", "period", "outcome", "unit_name", "mode_share", "neighbour", *schema.ROLES}
    for role in dict.fromkeys(roles):
        if role in known or role in values.get("adjust_for", []):
            yield (
                f"imputed_from: {role} has a part of its own, or is in adjust_for and read anyway. "
                "Take it out."
            )
        elif "data_columns" in values and role not in values["data_columns"]:
            offer = suggest(role, sorted({*values["data_columns"], *FACETS}))
            yield (
                f"imputed_from: no column is given for {role}. Add `{role}: column` to "
                f"data_columns.{offer}"
            )
