"""What each design compares, in the words of its sentences, and how far a claim may go."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from evalkit.study.schemas.design_study import DesignStudy


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a design's headline is put into words.

    `against` completes "... higher {against}", and `alone` does where there was nothing to compare
    with, so that the result permits no cause; `by_term` does for headlines of other terms.
    `hidden` is the threat that no check can rule out. Estimates of the terms `per_period` are told
    per month, quarter or year. A result that permits no cause never gets a causal verb;
    `described` alone tells a change. `associated` completes "it is unclear whether ..." where no
    cause may be told.
    """

    against: str
    hidden: str
    described: bool = False
    associated: str = "{outcome} goes with {intervention}"
    alone: str | None = None
    per_period: tuple[str, ...] = ()
    by_term: Mapping[str, str] = field(default_factory=dict)


COMPARISONS: dict[str, Comparison] = {
    "before_after": Comparison(
        "than before",
        "Nobody was there to compare with: whatever else happened at that time would look the same",
        described=True,
        by_term={"change_beyond": "than chance alone would have brought in units so chosen"},
    ),
    "difference_in_differences": Comparison(
        "than if it had changed as it did in the other units",
        "Something else that began at the same time, and only where {intervention} began, would "
        "look the same",
    ),
    "staggered_adoption": Comparison(
        "than if it had changed as it did in units that had not started",
        "Something else that began in each unit when {intervention} did would look the same",
    ),
    "interrupted_time_series": Comparison(
        "than if its gap to the control had stayed as it was",
        "Something else that began at the same time in the same place would look the same",
        alone="than its earlier level and trend would have led one to expect",
        per_period=("slope",),
    ),
    "stepped_wedge": Comparison(
        "than at the same time where {intervention} had not begun",
        "Everybody knew who had started, and what people answer may follow from knowing",
    ),
    "synthetic_control": Comparison(
        "than in a like mixture of other units",
        "Something else that began at the same time in the same place would look the same",
    ),
    "dose_response": Comparison(
        "for each {step} more of {dose}, each unit compared with itself",
        "A cause that nobody measured, and that moves with the dose, would look the same",
    ),
    "mediation": Comparison(
        "through {mediator} for each {step} more of {exposure}",
        "A cause of both {mediator} and {outcome} that nobody measured would look the same",
    ),
    "regression_discontinuity": Comparison(
        "among those only just offered it than among those only just not offered it",
        "It speaks of people near the threshold alone, and anything else that changes there would "
        "look the same",
    ),
    "weighted_comparison": Comparison(
        "for those with {intervention} than for others like them in all that was measured",
        "People who had it may differ from the others in what nobody measured",
    ),
}


def put(words: str, parameters: DesignStudy) -> str:
    """Fill in the study's own names."""
    step = getattr(parameters, "dose_step", getattr(parameters, "exposure_step", None))
    unit = getattr(parameters, "dose_unit", getattr(parameters, "exposure_unit", ""))
    return words.format(
        intervention=parameters.intervention_name,
        outcome=parameters.outcome_name,
        dose=getattr(parameters, "dose_name", "the dose"),
        exposure=getattr(parameters, "exposure_name", "the exposure"),
        mediator=getattr(parameters, "mediator_name", "the mediator"),
        step=f"{step:g} {unit}" if step is not None else "",
    )
