"""What each design needs of data and roll-out: or it refuses, or its answer is weak.

What a design refuses is counted here as the design counts it, against the design's own constants
and the defaults of its parameters, or the study's own values where the study has that design.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from evalkit.designs.before_after import FEWEST_TO_DRIFT
from evalkit.designs.before_after_sample import FEWEST_CLUSTERS as FEWEST_IN_BEFORE_AFTER
from evalkit.designs.cluster_sample import FEWEST_A_SIDE, FEWEST_IN_STEPS
from evalkit.designs.dose_rows import FEWEST_CLUSTERS as FEWEST_WITH_DOSES
from evalkit.designs.interrupted_remarks import COMFORTABLE
from evalkit.designs.mediation_rows import FEWEST_CLUSTERS as FEWEST_IN_MEDIATION
from evalkit.designs.staggered_panel import FEWEST_CLUSTERS as FEWEST_STAGGERED
from evalkit.designs.threshold_sample import LEAST_VALUES
from evalkit.designs.two_groups import FEWEST_CLUSTERS as FEWEST_IN_TWO_GROUPS
from evalkit.planning.layout_facts import Facts
from evalkit.study.schema import SCHEMAS

ENOUGH_CLUSTERS = 10
"""Clusters below which every interval here is wide, however it is made."""

TWO_A_SIDE = 2
"""Clusters of each group without which the group cannot be told from what is peculiar to one."""

DESCRIBED_IN_STEPS = 3
"""Clusters in steps that can be described where the study sets few_clusters to describe."""

ENOUGH_A_SIDE = 4
ENOUGH_BEFORE = 2
"""Periods before a start that show whether groups moved alike until then."""

Answer = bool | None


@dataclass(frozen=True, slots=True)
class Need:
    """What a design needs, in words, and whether facts meet it; None where they do not tell.

    Without what is `required` the design refuses; without the rest its answer is weak.
    """

    words: str
    met: Callable[[Facts], Answer]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Design:
    """A design's name, the question that it asks, its needs, and what it cannot show."""

    name: str
    question: str
    needs: tuple[Need, ...]
    cannot_show: str


def list_designs(parameters: Any = None) -> tuple[Design, ...]:
    """List the designs with their needs, the one that can show most first."""
    return (
        _stepped_wedge(parameters),
        _regression_discontinuity(parameters),
        _staggered_adoption(parameters),
        _difference_in_differences(),
        _synthetic_control(parameters),
        _interrupted_time_series(parameters),
        _weighted_comparison(parameters),
        _dose_response(parameters),
        _mediation(parameters),
        _before_after(),
    )


def _choice(parameters: Any, design: str, name: str) -> Any:
    """The study's own value where it has this design, otherwise the design's default."""
    if getattr(parameters, "notebook", None) == design:
        return getattr(parameters, name)
    return SCHEMAS[design].model_fields[name].default


def _at_least(name: str, least: int, words: str, required: bool = True, note: str = "") -> Need:
    """Need a count of at least so many `words`, which is written `least words or more note`."""

    def met(facts: Facts) -> Answer:
        value = getattr(facts, name)
        return None if value is None else bool(value >= least)

    return Need(f"{least} {words} or more{note}", met, required)


def _is(name: str, wanted: int | bool, words: str, required: bool = True) -> Need:
    """Need a fact to be as wanted."""

    def met(facts: Facts) -> Answer:
        value = getattr(facts, name)
        return None if value is None else bool(value == wanted)

    return Need(words, met, required)


def _one_start() -> Need:
    return _is("starts", 1, "one start for all that have the intervention")


def _enough_clusters() -> Need:
    return _at_least("clusters", ENOUGH_CLUSTERS, "clusters", required=False)


def _both_groups() -> Need:
    def met(facts: Facts) -> Answer:
        if facts.with_it is None or facts.without is None:
            return None
        return facts.with_it >= 1 and facts.without >= 1

    return Need("units that have the intervention and units that never do", met)


def _sides(least: int, required: bool) -> Need:
    """Need clusters in each group, where clusters do not start in steps."""

    def met(facts: Facts) -> Answer:
        if facts.starts_inside is not None and facts.starts_inside >= 2:
            return True
        counts = (facts.clusters_with, facts.clusters_without)
        return None if None in counts else min(c or 0 for c in counts) >= least

    words = f"clusters that start at different times, or {least} or more with it and without"
    return Need(words, met, required)


def _in_steps(least: int) -> Need:
    def met(facts: Facts) -> Answer:
        if facts.starts_inside is None or facts.clusters is None:
            return None
        return facts.starts_inside < 2 or facts.clusters >= least

    return Need(f"where they start at different times, {least} clusters or more", met)


def _stepped_wedge(parameters: Any) -> Design:
    described = _choice(parameters, "stepped_wedge", "few_clusters") == "describe"
    return Design(
        "stepped_wedge",
        "Did clusters change when they got it by lot, in turn or beside others that never did?",
        (
            _at_least("starts_inside", 1, "start", note=" inside the data"),
            _sides(TWO_A_SIDE, required=True),
            _in_steps(DESCRIBED_IN_STEPS if described else FEWEST_IN_STEPS),
            _sides(FEWEST_A_SIDE, required=False),
            _is("random", True, "starts drawn by lot, for a claim of cause", required=False),
        ),
        "What would have happened without it after the last cluster has started",
    )


def _regression_discontinuity(parameters: Any) -> Design:
    least = _choice(parameters, "regression_discontinuity", "least_near")

    def near(facts: Facts) -> Answer:
        if facts.answers_near is not None:
            return bool(facts.answers_near >= least)
        few = facts.answers_a_side is not None and facts.answers_a_side < least
        return False if few else None

    words = (
        f"{least} rows or more on each side of it within the bandwidth; where no bandwidth is "
        "asked, that is not known before the fit"
    )
    return Design(
        "regression_discontinuity",
        "Do those just past the threshold fare differently from those just before it?",
        (
            _is("threshold", True, "a threshold that decides who is offered it"),
            _at_least("values_a_side", LEAST_VALUES, "values", note=" on each side of it"),
            Need(words, near),
        ),
        "Anything about people far from the threshold",
    )


def _staggered_adoption(parameters: Any) -> Design:
    own = getattr(parameters, "notebook", None) == "staggered_adoption"
    never = own and parameters.comparison == "never_treated"

    def waiting(facts: Facts) -> Answer:
        if facts.without is not None and facts.without >= 1:
            return True
        if facts.without is None or facts.starts is None:
            return None
        return not never and facts.starts >= 2

    words = "units that wait while others start"
    words = "units that never start, or comparison not_yet_treated" if never else words
    return Design(
        "staggered_adoption",
        "Did units change when they started, compared with those that had not yet?",
        (
            _at_least("before", 1, "period", note=" before a start"),
            _at_least("after", 1, "period", note=" from a start on"),
            Need(words, waiting),
            _at_least("clusters", FEWEST_STAGGERED, "clusters"),
            _at_least("starts", 2, "different starts", required=False),
            _at_least("before_each", ENOUGH_BEFORE, "periods", False, " before each start"),
            _enough_clusters(),
        ),
        "That both would have moved alike without it: it can be doubted, never proved",
    )


def _difference_in_differences() -> Design:
    return Design(
        "difference_in_differences",
        "Did those with it change more than those without?",
        (
            _one_start(),
            _both_groups(),
            _at_least("before", 1, "period", note=" before the start"),
            _at_least("after", 1, "period", note=" from the start on"),
            _at_least("clusters", FEWEST_IN_TWO_GROUPS, "clusters"),
            _at_least("before", ENOUGH_BEFORE, "periods", False, " before the start"),
            _enough_clusters(),
            _at_least("clusters_with", ENOUGH_A_SIDE, "clusters", False, " with the intervention"),
            _at_least("clusters_without", ENOUGH_A_SIDE, "clusters", False, " without it"),
        ),
        "That both would have moved alike without it: it can be doubted, never proved",
    )


def _synthetic_control(parameters: Any) -> Design:
    donors = _choice(parameters, "synthetic_control", "least_donors")
    before = _choice(parameters, "synthetic_control", "least_pre_periods")
    return Design(
        "synthetic_control",
        "Did the few with it fare differently from a mixture of others that resembled them?",
        (
            _one_start(),
            _at_least("with_it", 1, "unit", note=" with the intervention"),
            _is("gaps", 0, "a value in every period for each unit with the intervention"),
            _at_least("donors", donors, "units", note=" without it, with a value in every period"),
            _at_least("before", before, "periods", note=" before the start"),
            _at_least("after", 1, "period", note=" from the start on"),
        ),
        "An effect that is smaller than what units do by themselves",
    )


def _interrupted_time_series(parameters: Any) -> Design:
    least = _choice(parameters, "interrupted_time_series", "minimum_points")
    phase_in = _choice(parameters, "interrupted_time_series", "phase_in_periods")
    ramp = _choice(parameters, "interrupted_time_series", "phase_in") == "ramp"
    after = least if ramp else least + phase_in
    return Design(
        "interrupted_time_series",
        "Did the series break from its own course at the start?",
        (
            _one_start(),
            _at_least("before", least, "periods", note=" before the start"),
            _at_least("after", after, "periods", note=" from the start on"),
            _at_least("before", COMFORTABLE, "periods", False, " before the start"),
            _at_least("after", COMFORTABLE, "periods", False, " from the start on"),
        ),
        "What else happened at the start, unless a control series stands beside it",
    )


def _weighted_comparison(parameters: Any) -> Design:
    least = int(_choice(parameters, "weighted_comparison", "least_effective"))
    note = ", before the groups are made alike"
    return Design(
        "weighted_comparison",
        "Do those with it fare differently from others who were like them?",
        (
            _both_groups(),
            _at_least("measured_causes", 1, "measured cause", note=" to hold fixed"),
            _at_least("clusters_with", TWO_A_SIDE, "clusters", note=" with it"),
            _at_least("clusters_without", TWO_A_SIDE, "clusters", note=" without it"),
            _at_least("rows_with", least, "rows", note=f" with it{note}"),
            _at_least("rows_without", least, "rows", note=f" without it{note}"),
            _enough_clusters(),
        ),
        "That nothing unmeasured differs between the groups",
    )


def _dose_response(parameters: Any) -> Design:
    lag = _choice(parameters, "dose_response", "dose_lag")
    return Design(
        "dose_response",
        "Where there was more of it, was the outcome better?",
        (
            _is("dose_moves", True, "a dose that moves within units, and not in all alike"),
            _at_least("clusters", FEWEST_WITH_DOSES, "clusters"),
            _at_least("periods", 2 + lag, "periods"),
            _at_least("periods", 3 + lag, "periods", required=False),
            _enough_clusters(),
        ),
        "That the dose was not itself decided by how things went",
    )


def _mediation(parameters: Any) -> Design:
    lags = [_choice(parameters, "mediation", name) for name in ("mediator_lag", "outcome_lag")]
    people = getattr(parameters, "data_rows", "panel") == "people"
    periods = 1 + lags[0] if people else 2 + sum(lags)
    moves = _is("dose_moves", True, "an exposure that moves within units, and not in all alike")
    return Design(
        "mediation",
        "How much of it goes by way of something in between?",
        (
            _is("mediator", True, "a mediator that is measured"),
            *(() if people else (moves,)),
            _at_least("clusters", FEWEST_IN_MEDIATION, "clusters"),
            _at_least("periods", periods, "periods" if periods > 1 else "period"),
            _enough_clusters(),
        ),
        "That nothing unmeasured moves both mediator and outcome",
    )


def _before_after() -> Design:
    return Design(
        "before_after",
        "Did it change from before to after?",
        (
            _one_start(),
            _at_least("before", 1, "period", note=" before it"),
            _at_least("after", 1, "period", note=" from it on"),
            _at_least("clusters", FEWEST_IN_BEFORE_AFTER, "clusters"),
            _at_least("before", FEWEST_TO_DRIFT, "periods", False, " before it"),
            _enough_clusters(),
        ),
        "Any effect: whatever else happened, and a turn after an unusual time, are in the change",
    )
