"""Stage what a study of inequalities found: groups, gaps, their parts, and what changed them."""

import pandas as pd

from evalkit.equity.gaps import INDICES, RATIOS
from evalkit.equity.study import Inequalities
from evalkit.record.stage_topic import PERCENT, Kinds, words
from evalkit.record.staging import Staging
from evalkit.record.tables import Column, TableSpec
from evalkit.study.schemas.health_inequalities import HealthInequalities

ANSWERS = ("answers",)


def stage_inequalities(
    staging: Staging, found: Inequalities, known: pd.DataFrame, response: pd.DataFrame
) -> None:
    """Stage every table that has rows, the groups with their figure."""
    parameters = staging.parameters_of(HealthInequalities)
    kinds = Kinds(ANSWERS, parameters.outcome_unit)
    _stage_groups(staging, found.groups, kinds, parameters)
    _stage_gaps(staging, found.gaps, kinds)
    for spec, frame in (
        (_parts_spec(kinds), found.parts),
        (_change_spec(kinds), found.change),
        (_facets_spec(kinds), found.facets),
        (_strata_spec(kinds), found.strata.table),
        (_known_spec(kinds), known),
        (_response_spec(), response),
    ):
        if not frame.empty:
            staging.table(spec, frame[[column.name for column in spec.columns]])


def _stage_groups(
    staging: Staging, groups: pd.DataFrame, kinds: Kinds, parameters: HealthInequalities
) -> None:
    title = "Each group beside everybody else"
    words_ = (
        f"Mean {parameters.outcome_name} of each group, and its difference from everybody else "
        "whose group is known. Groups that are too small are counted and not estimated."
    )
    columns = (
        words("dimension", "Characteristic"),
        words("group", "Group"),
        kinds.people("answers", f"{parameters.row_name.capitalize()}s"),
        kinds.mean("mean", "Mean", "answers"),
        kinds.end("mean_low", "Mean, low", "mean", "answers"),
        kinds.end("mean_high", "Mean, high", "mean", "answers"),
        kinds.figure("difference", "Difference from everybody else", "answers"),
        kinds.figure("difference_low", "Difference, low", "answers"),
        kinds.figure("difference_high", "Difference, high", "answers"),
    )
    spec = TableSpec("groups", title, words_, columns, totals_elsewhere=("dimension",))
    staging.table(spec, groups[[column.name for column in columns]])
    staging.figure(
        "groups",
        chart="group_differences",
        table="groups",
        title=title,
        options={
            "outcome_name": parameters.outcome_name,
            "outcome_unit": parameters.outcome_unit,
            "minimum_important_difference": parameters.minimum_important_difference,
        },
    )


def _stage_gaps(staging: Staging, gaps: pd.DataFrame, kinds: Kinds) -> None:
    """Stage differences in the outcome's unit, and ratios and indices, which have none, apart."""
    plain = ~gaps["measure"].isin([*RATIOS, *INDICES])
    for name, title, rows, unit in (
        ("gaps", "The gap and the slope by deprivation", gaps[plain], kinds.unit),
        ("indices", "Inequality by deprivation, without a unit", gaps[~plain], ""),
    ):
        columns = (
            words("label", "Measure"),
            *(_figure(column, label, unit) for column, label in _ENDS.items()),
            kinds.people("n", "Answers with a known place"),
        )
        spec = TableSpec(name, title, _GAPS, columns)
        staging.table(spec, rows[[column.name for column in columns]])


_ENDS = {
    "estimate": "Estimate",
    "conf_low": "Lower end of interval",
    "conf_high": "Upper end of interval",
}
_GAPS = (
    "Measured over all periods, with intervals that allow for people of one unit being alike. "
    "Places of people whose area is not known are left out."
)


def _figure(name: str, label: str, unit: str) -> Column:
    return Column(name, label, "estimate", ANSWERS, "n", 2 if unit else 3, unit)


def _parts_spec(kinds: Kinds) -> TableSpec:
    columns = (
        words("label", "Part"),
        *(kinds.figure(name, label) for name, label in _ENDS.items()),
        Column("providers", "Providers", "count", decimals=0, counts="organisations"),
    )
    description = (
        "Within: people of one provider compared with each other. Between: the rest of the gap, "
        "which comes from who is cared for where. Intervals allow for people of one provider "
        "being alike, and are other than where wards or smaller units are taken for that."
    )
    return TableSpec("gap_parts", "The gap within and between providers", description, columns)


def _change_spec(kinds: Kinds) -> TableSpec:
    columns = (
        words("label", "Group"),
        words("group", "Key"),
        words("term", "Term"),
        *(kinds.figure(name, label) for name, label in _ENDS.items()),
        Column("level", "Level", "estimate", decimals=2),
        Column("clusters", "Units", "count", decimals=0, counts="organisations"),
    )
    description = (
        "What the intervention did in each group, from units that began and units that did not, "
        "and to the gap between the groups."
    )
    return TableSpec("subgroups", "The effect on each group, and on the gap", description, columns)


def _facets_spec(kinds: Kinds) -> TableSpec:
    columns = (
        words("facet", "Part of experience"),
        *(kinds.figure(name, label) for name, label in _ENDS.items()),
    )
    description = "What answers the question, for each part of experience by itself."
    return TableSpec("facets", "By facet of experience", description, columns)


def _strata_spec(kinds: Kinds) -> TableSpec:
    columns = (
        words("stratum", "Combination"),
        kinds.people("answers", "Answers"),
        kinds.figure("mean", "Mean, drawn towards what its parts give", "answers"),
        kinds.figure("apart", "Apart from its parts", "answers"),
        kinds.figure("apart_low", "Apart, low", "answers"),
        kinds.figure("apart_high", "Apart, high", "answers"),
    )
    description = (
        "People by several characteristics together. What a combination has beyond each of its "
        "characteristics is drawn towards zero as far as its noise warrants: the fewer people, the "
        "nearer to zero."
    )
    return TableSpec(
        "strata", "Combinations of characteristics", description, columns, sums_of=None
    )


def _known_spec(kinds: Kinds) -> TableSpec:
    columns = (
        words("dimension", "Characteristic"),
        kinds.people("answers", "Answers"),
        kinds.share("share", "Known", "answers"),
    )
    return TableSpec(
        "known", "Of how many groups are known", "Per cent of answers with a known group.", columns
    )


def _response_spec() -> TableSpec:
    both = Kinds(("answers", "eligible"), PERCENT)
    columns = (
        words("dimension", "Characteristic"),
        words("group", "Group"),
        both.people("people", "Could have answered"),
        Kinds(ANSWERS, PERCENT).people("answers", "Answered"),
        both.share("rate", "Response", "people"),
        both.end("rate_low", "Response, low", "rate", "people", PERCENT),
        both.end("rate_high", "Response, high", "rate", "people", PERCENT),
    )
    description = (
        "Who answered, of those who could have. Weighting by group does not mend what made people "
        "answer or not."
    )
    return TableSpec(
        "response", "Who answered", description, columns, totals_elsewhere=("dimension",)
    )
