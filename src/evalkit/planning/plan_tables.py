"""What a plan shows: power by size and number of units, how far to trust it, and what else may do.

Shares are in per cent. Columns `..._by_formula` are there where the design has a formula.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.planning.advise import Advice, weigh_designs
from evalkit.planning.layout_facts import find_facts
from evalkit.planning.planned_parameters import ENDLESS
from evalkit.planning.planned_power import Share, Trials, Tried
from evalkit.planning.planned_precision import FORMULAS, find_number, find_precision
from evalkit.planning.planned_tables import count_treated, lay_out, make_up
from evalkit.results import Result
from evalkit.study.schemas.plan_a_study import PlanAStudy

NONE = 0.0


@dataclass(frozen=True, slots=True)
class _Change:
    """An assumption that may be otherwise, in words, with the parameters to go with it."""

    words: str
    plan: PlanAStudy


def tabulate_power(trials: Trials) -> pd.DataFrame:
    """Tabulate `units, size, power, power_error` and the power by formula, size zero first.

    `power_low` and `power_high` are the ends of the 95% interval of chance in the trial (Wilson).
    """
    sizes = sorted({NONE, trials.plan.minimum_important_difference, *trials.plan.effects})
    sizes = sizes if trials.main.moves else [s for s in sizes if s in trials.main.sizes]
    rows = [_power_row(trials.plan, one, size) for one in trials.listed for size in sizes]
    return _drop_unknown(pd.DataFrame(rows))


def tabulate_numbers(trials: Trials) -> pd.DataFrame:
    """Tabulate, by number of units, the effect that is found and how often what matters is."""
    return _drop_unknown(pd.DataFrame([_number_row(trials.plan, one) for one in trials.tried]))


def tabulate_intervals(trials: Trials) -> pd.DataFrame:
    """Tabulate, by number of units, what the design's own intervals do in made-up studies."""
    return pd.DataFrame([_interval_row(trials.plan, one) for one in trials.tried])


def tabulate_assumptions(plan: PlanAStudy) -> pd.DataFrame:
    """Tabulate, by formula, what would be found if an assumption were otherwise; may be empty.

    Columns: `assumption, detectable, units_needed`.
    """
    rows = []
    for change in _list_changes(plan):
        found = find_precision(change.plan, change.plan.units)
        if found is None:
            return pd.DataFrame()
        size = found.detectable_effect(power=plan.power_wanted, level=plan.confidence_level)
        number = find_number(change.plan)
        rows.append(
            {
                "assumption": change.words,
                "detectable": size,
                "units_needed": np.nan if number is None else number,
            }
        )
    return pd.DataFrame(rows)


def advise_on_plan(plan: PlanAStudy) -> list[Advice]:
    """Weigh each design by what the plan holds."""
    layout = lay_out(plan)
    made = make_up(layout, np.random.default_rng(plan.seed)).table
    facts = find_facts(made, layout.parameters)
    facts = replace(facts, random=plan.allocation == "random")
    return weigh_designs(facts, layout.parameters)


def tabulate_designs(plan: PlanAStudy) -> pd.DataFrame:
    """Tabulate which designs the plan allows, and by formula what each would find with its units.

    Columns: `design, allowed, question, cannot_show, detectable, units_needed`.
    """
    return pd.DataFrame([_design_row(plan, one) for one in advise_on_plan(plan)])


def tabulate_needs(plan: PlanAStudy) -> pd.DataFrame:
    """Tabulate each need of each design, and whether the plan meets it: `design, need, state`."""
    return pd.DataFrame(
        [
            {"design": _in_words(one.design), "need": need, "state": state}
            for one in advise_on_plan(plan)
            for state, needs in (
                ("not met", one.unmet),
                ("weak without", one.reservations),
                ("to be found out", one.unknown),
                ("met", one.met),
            )
            for need in needs
        ]
    )


def make_result(trials: Trials) -> Result:
    """Make the result: the effect that the plan's own number of units finds, tried and by formula.

    `n` is the number of made-up studies and the interval the one of the Monte Carlo error.
    """
    plan, found = trials.plan, trials.main.detectable()
    rows = [_detectable_row(plan, "simulation", found)]
    by_formula = find_precision(plan, plan.units)
    if by_formula is not None:
        size = by_formula.detectable_effect(power=plan.power_wanted, level=plan.confidence_level)
        rows.append(_detectable_row(plan, "formula", Share(size, np.nan)))
    primary = {"term": "detectable", "method": "simulation"}
    remarks = (FORMULAS[plan.design],) if by_formula is not None else ()
    return Result("plan_a_study", pd.DataFrame(rows), primary, remarks=remarks)


def _power_row(plan: PlanAStudy, one: Tried, size: float) -> dict[str, float]:
    found = one.power(size) if size > NONE else one.false_alarms()
    low, high = _wilson(found, plan.simulations)
    formula = find_precision(plan, one.units)
    power = np.nan
    if formula is not None:
        power = 1 - plan.confidence_level
        power = formula.power(size, level=plan.confidence_level) if size > NONE else power
    return {
        "units": one.units,
        "size": size,
        "power": 100 * found.value,
        "power_error": 100 * found.error,
        "power_low": 100 * low,
        "power_high": 100 * high,
        "power_by_formula": 100 * power,
    }


def _wilson(found: Share, trials: int) -> tuple[float, float]:
    """Ends of the interval of a share of so many trials (Wilson 1927, JASA 22, 209-212)."""
    z = float(stats.norm.ppf(0.975))
    middle = (found.value + z**2 / (2 * trials)) / (1 + z**2 / trials)
    spread = np.sqrt(found.value * (1 - found.value) / trials + z**2 / (4 * trials**2))
    half = z * float(spread) / (1 + z**2 / trials)
    return middle - half, middle + half


def _number_row(plan: PlanAStudy, one: Tried) -> dict[str, float]:
    found, important = one.detectable(), one.power(plan.minimum_important_difference)
    formula = find_precision(plan, one.units)
    size = power = np.nan
    if formula is not None:
        level, matters = plan.confidence_level, plan.minimum_important_difference
        size = formula.detectable_effect(power=plan.power_wanted, level=level)
        power = formula.power(matters, level=level)
    return {
        "units": one.units,
        "treated_units": count_treated(plan, one.units),
        "detectable": found.value,
        "detectable_error": found.error,
        "detectable_by_formula": size,
        "power": 100 * important.value,
        "power_error": 100 * important.error,
        "power_by_formula": 100 * power,
    }


def _interval_row(plan: PlanAStudy, one: Tried) -> dict[str, float]:
    held, alarms = one.coverage(plan.minimum_important_difference), one.false_alarms()
    return {
        "units": one.units,
        "coverage": 100 * held.value,
        "coverage_error": 100 * held.error,
        "false_alarms": 100 * alarms.value,
        "false_alarms_error": 100 * alarms.error,
        "width": one.width(),
        "refused": 100 * one.refused,
        "simulations": plan.simulations,
    }


def _list_changes(plan: PlanAStudy) -> list[_Change]:
    """The plan as assumed, and with its least sure assumptions otherwise."""
    changes = [_Change("As assumed", plan)]
    if plan.people is not None:
        changes += [
            _Change("Half as many answers", _with(plan, people=max(plan.people // 2, 1))),
            _Change("Twice as many answers", _with(plan, people=2 * plan.people)),
            _Change("As many answers as one likes", _with(plan, people=ENDLESS)),
        ]
    if plan.drift_sd:
        more = "Units' own ups and downs half as large again"
        changes.append(_Change(more, _with(plan, drift_sd=1.5 * plan.drift_sd)))
    if plan.icc and plan.cac is not None and plan.cac < 1:
        less = "Half as much of what tells units apart lasts"
        changes.append(_Change(less, _with(plan, cac=plan.cac / 2)))
    none, lasting = "Units' ups and downs forgotten each period", "Ups and downs that last longer"
    if plan.drift_correlation:
        changes.append(_Change(none, _with(plan, drift_correlation=0.0)))
    half = (1 + (plan.drift_correlation or 0.0)) / 2
    return [*changes, _Change(lasting, _with(plan, drift_correlation=half))]


def _with(plan: PlanAStudy, **changes: float) -> PlanAStudy:
    return plan.model_copy(update=changes)


def _design_row(plan: PlanAStudy, one: Advice) -> dict[str, object]:
    formula, number = find_precision(plan, plan.units, one.design), None
    size = np.nan
    if formula is not None:
        size = formula.detectable_effect(power=plan.power_wanted, level=plan.confidence_level)
        number = find_number(plan, one.design)
    return {
        "design": _in_words(one.design),
        "allowed": one.allowed,
        "question": one.question,
        "cannot_show": one.cannot_show,
        "detectable": size,
        "units_needed": np.nan if number is None else number,
    }


def _detectable_row(plan: PlanAStudy, method: str, found: Share) -> dict[str, object]:
    return {
        "term": "detectable",
        "estimate": found.value,
        "std_error": found.error,
        "conf_low": found.value - 1.96 * found.error,
        "conf_high": found.value + 1.96 * found.error,
        "level": 0.95,
        "n": plan.simulations,
        "clusters": plan.units,
        "outcome": "outcome",
        "facet": plan.outcome_facet,
        "group": "all",
        "method": method,
        "df": np.nan,
        "label": f"Difference that is found, by {method}",
    }


def _drop_unknown(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out columns by formula where the design has none."""
    formulas = [str(name) for name in frame if str(name).endswith("_by_formula")]
    empty = [name for name in formulas if frame[name].isna().all()]
    return frame.drop(columns=empty)


def _in_words(design: str) -> str:
    words = "before and after" if design == "before_after" else design.replace("_", " ")
    return words[:1].upper() + words[1:]
