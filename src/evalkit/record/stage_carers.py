"""Stage what a study of carers found: who they are, what changed, who was lost, and trade-offs."""

import pandas as pd

from evalkit.measures.carers_described import ALL_CARERS
from evalkit.measures.carers_study import Compared, Described
from evalkit.record.stage_topic import PERCENT, Kinds, organisations, words
from evalkit.record.staging import Staging
from evalkit.record.tables import Column, TableSpec
from evalkit.study.schemas.unpaid_carers import UnpaidCarers

CARERS = ("carers",)
POINTS = "points"


def stage_carers(staging: Staging, described: Described, compared: Compared) -> None:
    """Stage every table that has rows, groups and estimands with their figures."""
    parameters = staging.parameters_of(UnpaidCarers)
    kinds = Kinds(CARERS, POINTS)
    _stage_groups(staging, described.groups, kinds, parameters)
    _stage_estimands(staging, compared.estimands, kinds, parameters)
    for spec, frame in (
        (_effects_spec(), compared.effects),
        (_moderation_spec(kinds), compared.moderation),
        (_for_carers_spec(), compared.for_carers),
        (_lost_spec(kinds), compared.lost),
        (_identified_spec(), described.identified),
        (_expected_spec(), described.expected),
        (_domains_spec(), described.domains),
        (_answered_spec(), described.answered),
        (_same_spec(kinds), described.same),
    ):
        _put(staging, spec, frame)
    _stage_trade(staging, compared.effects)


def _put(staging: Staging, spec: TableSpec, frame: pd.DataFrame) -> None:
    if not frame.empty:
        staging.table(spec, frame[[column.name for column in spec.columns]])


def _answered_spec() -> TableSpec:
    shares = Kinds(CARERS, PERCENT)
    columns = (
        words("domain", "Domain"),
        shares.people("asked", "Asked"),
        shares.share("item_non_response", "Not answered", "asked"),
        shares.people("answered", "Answered"),
        shares.share("floor", "Most unmet need", "answered"),
        shares.share("ceiling", "No unmet need", "answered"),
    )
    text = (
        "Quality of life at the first wave: where nearly everybody is at an end, little can move."
    )
    return TableSpec("answered", "How each question was answered", text, columns)


def _same_spec(kinds: Kinds) -> TableSpec:
    columns = (
        words("label", "Step"),
        *(
            Column(name, said, "estimate", CARERS, "n", 3)
            for name, said in (
                ("cfi", "Comparative fit (CFI)"),
                ("rmsea", "Misfit (RMSEA)"),
                ("cfi_change", "Change in CFI"),
                ("rmsea_change", "Change in RMSEA"),
                ("p_value", "p"),
            )
        ),
        kinds.people("n", "Carers who answered all six"),
        words("holds", "Holds"),
    )
    text = (
        "Confirmatory factor analysis of first answers in units with the programme and without. A "
        "step and all before it hold where CFI falls and RMSEA rises by no more than is customary "
        "(Cheung and Rensvold; Chen), which is a custom for answers with normal errors."
    )
    return TableSpec("same_measure", "Does the score measure the same in both?", text, columns)


def _stage_groups(
    staging: Staging, groups: pd.DataFrame, kinds: Kinds, parameters: UnpaidCarers
) -> None:
    title = "Quality of life of each group of carers, as first asked"
    text = (
        "Mean carer-reported quality of life (SACE, of twelve), and the difference from all other "
        "carers whose group is known. Groups that are too small are counted and not estimated."
    )
    columns = (
        words("dimension", "Characteristic"),
        words("group", "Group"),
        kinds.people("carers", "Carers"),
        kinds.mean("mean", "Mean", "carers"),
        kinds.end("mean_low", "Mean, low", "mean", "carers"),
        kinds.end("mean_high", "Mean, high", "mean", "carers"),
        kinds.figure("difference", "Difference from other carers", "carers"),
        kinds.figure("difference_low", "Difference, low", "carers"),
        kinds.figure("difference_high", "Difference, high", "carers"),
    )
    spec = TableSpec("groups", title, text, columns, totals_elsewhere=("dimension",))
    groups = groups[groups["dimension"] != ALL_CARERS]
    _put(staging, spec, groups)
    options = {
        "outcome_name": "quality of life",
        "outcome_unit": POINTS,
        "minimum_important_difference": parameters.minimum_important_difference,
    }
    if groups["difference"].notna().any():
        staging.figure(
            "groups", chart="group_differences", table="groups", title=title, options=options
        )


def _stage_estimands(
    staging: Staging, estimands: pd.DataFrame, kinds: Kinds, parameters: UnpaidCarers
) -> None:
    """Stage the two answers with their figure, the stated one first; then the shifts."""
    if estimands.empty:
        return
    plain = estimands[estimands["shift"] == 0]
    stated = plain["estimand"] == parameters.estimand_for
    ordered = pd.concat([plain[stated], plain[~stated]])
    title = "Effect on carers' quality of life, by whose is counted"
    columns = (
        words("label", "Whose quality of life"),
        *_ends(kinds),
        Column("level", "Level", "estimate", decimals=2),
        kinds.people("carers", "Carers"),
        kinds.people("filled", "Of them with an answer filled in"),
        organisations("units", "Units"),
        words("outcome", "Outcome"),
        words("group", "Estimand"),
        words("method", "Method"),
    )
    ordered = ordered.assign(outcome="sace", group=ordered["estimand"])
    _put(staging, TableSpec("estimates", title, _ESTIMANDS, columns), ordered)
    options = {
        "outcome_name": "carers' quality of life",
        "outcome_unit": POINTS,
        "minimum_important_difference": parameters.minimum_important_difference,
    }
    staging.figure("estimates", chart="effects", table="estimates", title=title, options=options)
    shifted = estimands[estimands["estimand"] == "treatment_policy"]
    columns = (
        kinds.figure("shift", "Points by which those lost with the programme differ", unit=""),
        *_ends(kinds),
    )
    title = "If carers who were lost with the programme fared worse or better"
    _put(staging, TableSpec("shifts", title, _SHIFTS, columns), shifted)


_ESTIMANDS = (
    "Change from first to second wave in units that offer the programme, less that in others. "
    "Those who still care answered in both waves. For all who were asked, answers that nobody gave "
    "are filled in from the first wave, hours and unit, many times over."
)
_SHIFTS = (
    "The effect on all who were asked, with the answers that were filled in moved, for carers of "
    "units that offer the programme alone. Nobody knows what those lost would have said."
)


def _ends(kinds: Kinds) -> tuple[Column, ...]:
    return (
        kinds.figure("estimate", "Estimate"),
        kinds.figure("conf_low", "Lower end of interval"),
        kinds.figure("conf_high", "Upper end of interval"),
    )


def _effects_spec() -> TableSpec:
    columns = (
        words("label", "Outcome"),
        words("unit", "In"),
        *_ends(Kinds(CARERS, "")),
        Kinds(CARERS, "").people("carers", "Carers"),
        organisations("units", "Units"),
    )
    text = (
        "What changed with the programme for those who still care, and for the patients of the "
        "same dyads. Each outcome is in its own unit."
    )
    return TableSpec("effects", "Carers' other outcomes, and their patients'", text, columns)


def _stage_trade(staging: Staging, effects: pd.DataFrame) -> None:
    """Stage what patient and carer gained within dyads, in one unit."""
    if effects.empty or not (effects["outcome"] == "trade_off").any():
        return
    level = staging.parameters_of(UnpaidCarers).confidence_level
    apart = effects[effects["outcome"] == "trade_off"].assign(level=level)
    unit = "standard deviations"
    columns = (
        words("label", "Compared"),
        *_ends(Kinds(CARERS, unit)),
        Column("level", "Level", "estimate", decimals=2),
    )
    title = "Did carers gain as their patients did?"
    _put(staging, TableSpec("trade_off", title, _TRADE, columns), apart)


_TRADE = (
    "The effect on the carer less that on the patient within dyads, each in standard deviations of "
    "the first wave. Below zero, the carer fell behind."
)


def _moderation_spec(kinds: Kinds) -> TableSpec:
    text = "The effect on those who still care, in groups, and how the groups differ."
    return TableSpec("subgroups", "For which carers", text, _group_columns(kinds))


def _for_carers_spec() -> TableSpec:
    kinds = Kinds(("answers",), POINTS)
    text = (
        "The programme's effect on patients who are carers themselves, on the others, and how the "
        "two differ."
    )
    title = "Patients who are carers themselves"
    return TableSpec("for_carers", title, text, _group_columns(kinds))


def _group_columns(kinds: Kinds) -> tuple[Column, ...]:
    return (
        words("label", "Group"),
        words("group", "Key"),
        words("term", "Term"),
        *_ends(kinds),
        Column("level", "Level", "estimate", decimals=2),
        organisations("clusters", "Units"),
    )


def _lost_spec(kinds: Kinds) -> TableSpec:
    columns = (
        words("arm", "Units"),
        words("label", "By the second wave"),
        kinds.people("carers", "Carers"),
        kinds.people("asked", "Asked at first"),
        kinds.share("share", "Of those asked", "asked"),
        kinds.people("answered", "With a first score"),
        kinds.mean("sace_before", "Quality of life when first asked", "answered"),
    )
    text = "What became of the carers who were asked at the first wave, and how they had fared."
    return TableSpec("lost", "Who was lost", text, columns, totals_elsewhere=("arm",))


def _identified_spec() -> TableSpec:
    kinds = Kinds(CARERS, PERCENT)
    columns = (
        words("arm", "Units"),
        words("wave", "Wave"),
        kinds.people("carers", "Carers"),
        kinds.share("share", "Identified", "carers"),
        kinds.end("share_low", "Identified, low", "share", "carers", PERCENT),
        kinds.end("share_high", "Identified, high", "share", "carers", PERCENT),
    )
    text = "Of the carers asked, how many the service has on record as carers."
    return TableSpec("identified", "Are carers identified?", text, columns)


def _expected_spec() -> TableSpec:
    kinds = Kinds(("population",), "per 100 expected", 1)
    columns = (
        words("group", "Group"),
        kinds.people("recorded", "Carers recorded"),
        kinds.figure("expected", "Carers expected", unit="carers"),
        kinds.figure("identified", "Recorded per 100 expected", "recorded"),
        kinds.figure("conf_low", "Lower end of interval", "recorded"),
        kinds.figure("conf_high", "Upper end of interval", "recorded"),
    )
    text = "Expected from people and the census share of carers. What it says rests on that share."
    return TableSpec("expected", "Carers recorded and expected", text, columns)


def _domains_spec() -> TableSpec:
    kinds = Kinds(CARERS, PERCENT)
    columns = (
        words("instrument", "Instrument"),
        words("domain", "Domain"),
        kinds.people("carers", "Carers"),
        kinds.share("best", "Best answer", "carers"),
        kinds.share("middle", "Middle answer", "carers"),
        kinds.share("worst", "Worst answer", "carers"),
    )
    text = (
        "As first asked. Best is no unmet need (SACE), a lot of fulfilment or support, or no "
        "problem (CarerQol)."
    )
    return TableSpec("domains", "Each domain of carers' quality of life", text, columns)
