"""What the parts of a mediation study are called, in the study's own names."""

from evalkit.study.schemas.mediation import Mediation

COMPARISONS = {
    "within": "Each unit compared with itself",
    "between_clusters": "Units with different exposures compared",
    "between_units": "Units compared with each other",
    "reverse": "In reverse, later in time",
    "lead": "One period ahead",
}
RESAMPLED = "Whole clusters resampled"
LABELS = {
    "path_a": "{mediator} for each {step} more of {exposure} (path a)",
    "path_b": "{outcome} for each one more of {mediator} (path b)",
    "indirect": "By way of {mediator}",
    "context": "By way of the unit's average of {mediator}, beyond people's own",
    "direct": "Not by way of {mediator}",
    "total": "Together",
    "share": "Share that goes by way of {mediator}",
}
REVERSED = {
    "path_a": "{mediator} for each one more of {outcome} before (path a, reversed)",
    "path_b": "{exposure} for each one more of {mediator} before (path b, reversed)",
    "indirect": "From {outcome} by way of {mediator} to {exposure}",
    "direct": "From {outcome} to {exposure}, not by way of {mediator}",
    "total": "From {outcome} to {exposure} later, together",
}
LEAD = "{outcome} with {exposure} one period after it, the earlier held fixed"


def name_part(term: str, comparison: str, parameters: Mediation) -> str:
    """Name a part of a comparison, for a reader."""
    if comparison == "lead":
        return _fill(LEAD, parameters)
    return _fill((REVERSED if comparison == "reverse" else LABELS)[term], parameters)


def name_comparison(comparison: str) -> str:
    """Name a comparison, for a reader."""
    return COMPARISONS[comparison]


def _fill(words: str, parameters: Mediation) -> str:
    filled = words.format(
        exposure=parameters.exposure_name,
        mediator=parameters.mediator_name,
        outcome=parameters.outcome_name,
        step=f"{parameters.exposure_step:g} {parameters.exposure_unit}",
    )
    return filled[:1].upper() + filled[1:]
