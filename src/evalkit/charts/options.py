"""The words and units that a study's figures share, from its parameters."""

from typing import Any

from evalkit.results.words import period_word
from evalkit.study.schema import StaffWellbeing


def outcome_options(parameters: StaffWellbeing) -> dict[str, Any]:
    """Options of figures that show differences in the outcome."""
    return {
        "outcome_name": parameters.outcome_name,
        "outcome_unit": parameters.outcome_unit,
        "step": f"when {parameters.exposure_name} is {parameters.exposure_step:g} "
        f"{parameters.exposure_better}",
        "minimum_important_difference": parameters.minimum_important_difference,
    }


def facet_options(parameters: StaffWellbeing) -> dict[str, Any]:
    """Options of the figure by facet, which names its own outcomes."""
    return {k: v for k, v in outcome_options(parameters).items() if k != "outcome_name"}


def timing_options(parameters: StaffWellbeing, period: str) -> dict[str, Any]:
    """Options of the figure of lags and leads; `period` is one as written, such as 2021Q1."""
    return outcome_options(parameters) | {"period_name": period_word(period)}


def trend_options(parameters: StaffWellbeing) -> dict[str, Any]:
    """Options of the figure over time."""
    return {
        "exposure_name": parameters.exposure_name,
        "exposure_unit": parameters.exposure_unit,
        "outcome_name": parameters.outcome_name,
        "outcome_unit": parameters.outcome_unit,
    }
