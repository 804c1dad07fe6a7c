"""Stage what a plan found: power, what it rests on, and what each design would need.

Where units were drawn from past data, figures of power are protected by the rules of those.
"""

import pandas as pd

from evalkit.record.staging import Staging
from evalkit.record.tables import Column, TableSpec
from evalkit.study.schemas.plan_a_study import PlanAStudy

PERCENT = "%"
_LABELS = {
    "size": "True difference",
    "power": "Found",
    "power_error": "Monte Carlo error of it",
    "power_by_formula": "Found, by formula",
    "treated_units": "Of them with it",
    "detectable": "Difference found as often as wanted",
    "detectable_error": "Monte Carlo error of that",
    "detectable_by_formula": "Difference found, by formula",
    "units_needed": " needed to find what matters",
    "coverage": "Intervals that held the true difference",
    "coverage_error": "Monte Carlo error of these",
    "false_alarms": "Differences seen where there is none",
    "false_alarms_error": "Monte Carlo error of those",
    "width": "Width of the interval",
    "refused": "Studies that the design refused",
    "simulations": "Made-up studies",
    "power_low": "From",
    "power_high": "To",
    "cannot_show": "What it cannot show",
}
_SHARES = ("power", "coverage", "false_alarms", "refused")
_SIZES = ("size", "detectable", "width")
_OF_THE_PAST = {
    "units": "Units",
    "clusters": "Clusters of them",
    "periods": "Periods taken from it",
    "gaps": "Units and periods without a value, per cent",
    "answers": "Answers in a unit and period, on average",
    "sizes_apart": "Spread of the numbers of answers, per cent of their average",
    "unit_sd": "Spread of units' lasting levels",
    "drift_sd": "Spread of units' own ups and downs",
    "drift_correlation": "Correlation of ups and downs with those of the period before",
    "period_sd": "Spread of what a period brings to all, around the trend",
    "trend": "Change from period to period that all share",
}
_TITLES = {
    "power": (
        "How often a true difference would be found",
        "The share of made-up studies whose interval leaves out zero, by the true difference and "
        "the number of {units}; at a difference of none, those that see one where there is none.",
    ),
    "numbers": (
        "What each number of {units} would find",
        "The difference that is found as often as wanted, and how often the smallest difference "
        "that matters is found.",
    ),
    "intervals": (
        "How far the design's own intervals can be relied on",
        "Measured on the made-up studies, for each number of {units}.",
    ),
    "assumptions": (
        "If the assumptions are wrong",
        "What would be found with the same number of {units}, and how many would be needed, by "
        "formula.",
    ),
    "designs": (
        "What each design would find, and cannot show",
        "Which designs this plan allows, and by formula, where there is one, what each finds as "
        "often as wanted with the same units and roll-out, and how many {units} it would need.",
    ),
    "needs": ("What each design needs", "Whether the plan has it."),
    "past": (
        "What the past data say",
        "The layout that {units} are drawn from, and the spreads read off past outcomes, with "
        "which the formula is worked out.",
    ),
}


def stage_plan_table(staging: Staging, name: str, frame: pd.DataFrame) -> None:
    """Stage one of the plan's tables, and the figure of power; nothing where it is empty."""
    if frame.empty:
        return
    plan = staging.parameters_of(PlanAStudy)
    title, description = (words.format(units=f"{plan.unit_name}s") for words in _TITLES[name])
    if name == "past":
        frame = frame.assign(name=frame["name"].map(_OF_THE_PAST))
    sources = tuple(source.name for source in staging.sources)
    columns = tuple(_column(str(column), frame, plan, sources) for column in frame)
    staging.table(TableSpec(name, title, description, columns), frame)
    if name == "power":
        staging.figure("power", chart="power", table="power", title=title, options=_options(plan))


def _column(name: str, frame: pd.DataFrame, plan: PlanAStudy, sources: tuple[str, ...]) -> Column:
    label = _LABELS.get(name, name.replace("_", " ").capitalize())
    if name in ("units", "units_needed"):
        label = f"{plan.unit_name.capitalize()}s{_LABELS.get(name, '')}"
    if not pd.api.types.is_numeric_dtype(frame[name]):
        return Column(name, label, "label")
    if name in ("units", "treated_units", "units_needed", "simulations"):
        return Column(name, label, "count", decimals=0, counts="organisations")
    if name.startswith(_SHARES):
        return Column(name, label, "estimate", sources, decimals=1, unit=PERCENT)
    decimals = _decimals(frame[name]) if name == "size" else 3
    unit = plan.outcome_unit if name.startswith(_SIZES) else ""
    return Column(name, label, "estimate", sources, decimals=decimals, unit=unit)


def _decimals(sizes: "pd.Series[float]") -> int:
    """Return the decimals in which sizes were given, four at most."""
    return next((d for d in range(4) if sizes.round(d).eq(sizes).all()), 4)


def _options(plan: PlanAStudy) -> dict[str, object]:
    return {
        "unit_name": plan.unit_name,
        "outcome_name": plan.outcome_name,
        "outcome_unit": plan.outcome_unit,
        "minimum_important_difference": plan.minimum_important_difference,
        "power_wanted": 100 * plan.power_wanted,
    }
