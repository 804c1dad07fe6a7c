"""Stage what a study of co-production found: decisions, ratings by both sides, priorities."""

import pandas as pd

from evalkit.insight.both_sides import ALL, LIVED, PROFESSIONAL, SIDES
from evalkit.insight.co_production import CoProduced, Decided
from evalkit.record.stage_priorities import stage_priorities
from evalkit.record.stage_topic import PERCENT, Kinds, organisations, words
from evalkit.record.staging import Staging
from evalkit.record.tables import Column, TableSpec
from evalkit.study.schemas.co_production import CoProduction

POINTS = "points"
_RATED = ("ratings",)


def stage_co_production(staging: Staging, found: CoProduced, make_up: pd.DataFrame) -> None:
    """Stage every table that has rows, stages and the ratings' gap with their figures."""
    _stage_decisions(staging, found.decided)
    _stage_ratings(staging, found.ratings)
    stage_priorities(staging, found.priorities)
    if not make_up.empty:
        _put(staging, _make_up_spec(), make_up)
    _put(staging, _reporting_spec(), found.reporting)


def _put(staging: Staging, spec: TableSpec, frame: pd.DataFrame) -> None:
    if not frame.empty:
        staging.table(spec, frame[[column.name for column in spec.columns]])


def _figure(name: str, label: str, unit: str = "", decimals: int = 0) -> Column:
    """Specify a figure about decisions, which are not people."""
    return Column(name, label, "estimate", decimals=decimals, unit=unit)


_SHARE = (
    _figure("estimate", "Share", PERCENT),
    _figure("conf_low", "Share, low", PERCENT),
    _figure("conf_high", "Share, high", PERCENT),
)


def _stage_decisions(staging: Staging, decided: Decided) -> None:
    parameters = staging.parameters_of(CoProduction)
    stages = decided.stages.assign(
        label=decided.stages["stage"].str.capitalize(), level=parameters.confidence_level
    )
    title = "Were people with lived experience among the deciders?"
    spec = TableSpec("stages", title, _STAGES, _stage_columns())
    _put(staging, spec, stages)
    options = {"name": "Decisions with lived experience among the deciders", "decimals": 0}
    staging.figure("stages", chart="shares", table="stages", title=title, options=options)
    for spec, frame in (
        (_adoption_spec(), decided.adoption),
        (_not_taken_spec(), decided.not_taken),
        (_voices_spec(), decided.voices),
        (_pay_spec(), decided.pay),
        (_doses_spec(), decided.doses),
        (_association_spec(), decided.association),
    ):
        _put(staging, spec, frame)


_STAGES = (
    "Of the decisions of each stage, from the question to telling what was found, how many each "
    "voice was among the deciders of. The interval is what such a way of deciding would bring "
    "again."
)


def _stage_columns() -> tuple[Column, ...]:
    return (
        words("label", "Stage"),
        organisations("decisions", "Decisions"),
        organisations("lived_experience", "With lived experience"),
        organisations("staff", "With staff"),
        organisations("leaders", "With leaders"),
        *_SHARE,
        Column("level", "Level of interval", "estimate", decimals=3),
    )


def _adoption_spec() -> TableSpec:
    columns = (
        words("label", "Who proposed"),
        organisations("proposals", "Proposals"),
        *(organisations(name, name.capitalize()) for name in _CAME),
        *_SHARE,
    )
    text = "The share is of proposals that were adopted or adapted."
    return TableSpec("adoption", "What became of proposals", text, columns)


_CAME = ("adopted", "adapted", "declined", "deferred")


def _not_taken_spec() -> TableSpec:
    columns = (
        *(words(name, name.capitalize()) for name in ("decision", "stage", "subject", "outcome")),
        Column("reason", "Reason given", "text"),
    )
    title = "Proposals of people with lived experience that were not taken up"
    return TableSpec("not_taken", title, "Each with the reason that the log gives.", columns)


def _voices_spec() -> TableSpec:
    columns = (
        words("label", "Whose voice"),
        organisations("decided", "Among the deciders"),
        organisations("heard", "Position on record"),
        organisations("met", "Outcome as they asked"),
        *_SHARE,
    )
    text = (
        "Of the decisions in which a voice's position is on record, how often the outcome was what "
        "it asked for: adopted or adapted where it was for, adapted where it was for with changes, "
        "declined or put off where it was against."
    )
    return TableSpec("voices", "What became of each voice", text, columns)


def _pay_spec() -> TableSpec:
    columns = (words("measure", "Measure"), _figure("value", "Value"))
    text = "What people with lived experience were paid for deciding."
    return TableSpec("pay", "Payment", text, columns)


def _doses_spec() -> TableSpec:
    columns = (
        words("unit", "Unit"),
        Column("period", "Quarter", "period"),
        organisations("decisions", "Decisions"),
        organisations("lived_experience", "With lived experience"),
        _figure("dose", "Share", PERCENT),
        _figure("so_far", "Share of all so far", PERCENT),
    )
    text = (
        "The share of decisions with lived experience among the deciders, as a dose that a "
        "study of dose and response can read. It is a table and shows no effect."
    )
    return TableSpec("doses", "Co-production over time", text, columns)


def _association_spec() -> TableSpec:
    columns = (
        organisations("units", "Units"),
        Column("correlation", "Rank correlation", "estimate", ("outcomes",), "units", 2),
        Column("p_value", "p", "estimate", ("outcomes",), "units", 3),
    )
    text = "An association over units, which differ in much else. It is no effect."
    return TableSpec("association", "Do units that share more do better?", text, columns)


def _stage_ratings(staging: Staging, ratings: pd.DataFrame) -> None:
    """Stage both sides beside each other, then the gap with its figure."""
    if ratings.empty:
        return
    level = staging.parameters_of(CoProduction).confidence_level
    shown = ratings.assign(
        label=[
            _rated(str(p), str(n)) for p, n in zip(ratings["part"], ratings["name"], strict=True)
        ],
        estimate=ratings["gap"],
        conf_low=ratings["gap_low"],
        conf_high=ratings["gap_high"],
        level=level,
        least=ratings[[f"{LIVED}_raters", f"{PROFESSIONAL}_raters"]].min(axis=1),
    )
    kinds = Kinds(_RATED, POINTS)
    sides = []
    for side, name in SIDES.items():
        base = f"{side}_raters"
        sides += [
            kinds.mean(side, name, base),
            kinds.end(f"{side}_low", f"{name}, low", side, base, None),
            kinds.end(f"{side}_high", f"{name}, high", side, base, None),
            kinds.people(base, f"{name}: raters"),
        ]
    title = "Values and steps of co-production, rated by both sides"
    _put(staging, TableSpec("ratings", title, _RATINGS, (words("label", "Part"), *sides)), shown)
    ends = {"estimate": "Gap", "conf_low": "Gap, low", "conf_high": "Gap, high"}
    columns = (
        words("label", "Part"),
        *(kinds.figure(column, said, "least") for column, said in ends.items()),
        Column("level", "Level of interval", "estimate", decimals=3),
        kinds.people("least", "Raters on the smaller side"),
    )
    gap = "The gap: lived experience less professionals"
    whole_first = shown["part"].ne(ALL).sort_values(kind="stable").index
    _put(staging, TableSpec("rating_gap", gap, _GAP, columns), shown.loc[whole_first])
    options = {
        "outcome_name": "rating, lived experience less professionals",
        "outcome_unit": POINTS,
        "minimum_important_difference": staging.parameters_of(
            CoProduction
        ).minimum_important_difference,
    }
    staging.figure("rating_gap", chart="effects", table="rating_gap", title=gap, options=options)


_RATINGS = (
    "From zero, absent, to five, led by lived experience. The two sides are shown beside each "
    "other and never averaged into one."
)
_GAP = "Below zero, people with lived experience rate it lower than professionals."


def _rated(part: str, name: str) -> str:
    if name != ALL:
        return f"{part.capitalize()}: {name}"
    return "All values and steps" if part == ALL else f"All {part}s"


def _make_up_spec() -> TableSpec:
    own, others = Kinds(("partners",), PERCENT), Kinds(("served",), PERCENT)
    columns = (
        words("dimension", "Characteristic"),
        words("group", "Group"),
        own.share("share", "Of partners", "of"),
        own.end("share_low", "Of partners, low", "share", "of", PERCENT),
        own.end("share_high", "Of partners, high", "share", "of", PERCENT),
        own.people("of", "Partners whose group is known"),
        others.share("served_share", "Of the people served", "served_of"),
        others.people("served_of", "People served whose group is known"),
        words("seat", "Seat"),
    )
    text = "Partners beside the people served. With few partners some groups can have no seat."
    return TableSpec("make_up", "Whom partners resemble", text, columns)


def _reporting_spec() -> TableSpec:
    columns = (
        words("item", "Item"),
        words("asks", "What it asks"),
        Column("said", "What is said", "text"),
        words("state", "State"),
    )
    text = "The five items of the short form of GRIPP2; what nobody wrote down is called missing."
    return TableSpec("reporting", "What is reported of involvement", text, columns)
