"""Tables as a plan assumes them, made up one after the other, with no effect in them yet.

Outcomes are those of `layouts`. Where a design reads more than a start, the rest is drawn anew for
each table: a dose or exposure that moves within units, a mediator that follows it a period later,
a measured cause in which the groups differ, or a place beside a threshold. On past data the units,
their sizes, gaps and, where known, outcomes are drawn from those (`past_layouts`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evalkit.data.periods import calendar_index
from evalkit.inference.arrays import Flags, Floats, Ints
from evalkit.planning.layouts import Assumed, as_table, draw_outcomes, roll_out
from evalkit.planning.past import RATE_PER, Past
from evalkit.planning.past_layouts import draw_units
from evalkit.planning.planned_parameters import (
    CAUSE,
    ENDLESS,
    answers_of,
    is_rate,
    label_periods,
    make_design_parameters,
    spread_of,
)
from evalkit.planning.planted_effects import plant_effect
from evalkit.study.schemas.design_study import DesignStudy
from evalkit.study.schemas.plan_a_study import PlanAStudy

LAG = 1
"""Periods by which exposure, mediator and outcome follow each other: the design's default."""

Roles = dict[str, Floats | Flags]
Draw = Callable[["Layout", np.random.Generator], tuple[Roles, Floats]]


@dataclass(frozen=True, slots=True)
class Layout:
    """A plan with so many units: the table without outcomes, and how it would be analysed.

    `starts` (units,) counts the periods before a unit's start, NaN where it never starts. `past`
    is what units are drawn from, None where all is assumed.
    """

    plan: PlanAStudy
    units: int
    starts: Floats
    table: pd.DataFrame
    parameters: DesignStudy
    past: Past | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Units and periods."""
        return self.units, self.plan.periods


@dataclass(frozen=True, slots=True)
class MadeUp:
    """One table without an effect, and what an effect of one adds to each of its outcomes.

    `kind` is that of past outcomes, which an effect leaves within what they can be, with `chance`
    (rows,) for those that are drawn; assumed outcomes are numbers. `as_rates` says that the design
    is given rates of counts.
    """

    table: pd.DataFrame
    gain: Floats
    kind: str = "number"
    chance: Floats | None = None
    as_rates: bool = False

    def with_effect(self, size: float) -> pd.DataFrame:
        """Return the table with an effect of this size."""
        outcome, base = (self.table[name].to_numpy(float) for name in ("outcome", "outcome_base"))
        chance = np.full(len(outcome), 0.5) if self.chance is None else self.chance
        moved = plant_effect(outcome, self.gain, size, self.kind, base=base, chance=chance)
        return self.table.assign(outcome=RATE_PER * moved / base if self.as_rates else moved)


def lay_out(plan: PlanAStudy, units: int | None = None, past: Past | None = None) -> Layout:
    """Lay out the plan with its own number of units, or with another and the same shares."""
    number = plan.units if units is None else units
    starts = _starts_on(past, plan, number)
    table = _label(_blank(plan, number), plan)
    parameters = make_design_parameters(plan)
    if plan.periods_before is not None:
        table, moved = roll_out(table, as_measured(parameters), list(starts), 0.0)
        own = moved.model_copy(update={"outcome_kind": parameters.outcome_kind})
        return Layout(plan, number, starts, _with_control(table, plan), own, past)
    bare = table.drop(columns=["first_treated", "treated"])
    return Layout(plan, number, starts, bare, parameters, past)


def as_measured(parameters: DesignStudy) -> DesignStudy:
    """Return the parameters with an outcome to which an effect of nothing may be added."""
    return parameters.model_copy(update={"outcome_kind": "number"})


def _starts_on(past: Past | None, plan: PlanAStudy, units: int) -> Floats:
    """Return the plan's starts, or those of the past in the same order and shares."""
    starts, before = list_starts(plan, units), plan.periods_before
    if past is None or past.start is None or before is None:
        return starts
    known = np.sort(past.start[np.isfinite(past.start)])
    treated = int(np.isfinite(starts).sum())
    starts[:treated] = before + known[np.arange(treated) * len(known) // treated]
    return starts


def list_starts(plan: PlanAStudy, units: int) -> Floats:
    """Count the periods before each unit's start, in steps of even size; NaN for never."""
    treated, starts = count_treated(plan, units), np.full(units, np.nan)
    if plan.periods_before is not None:
        step = np.arange(treated) * plan.steps // treated
        starts[:treated] = plan.periods_before + step * plan.periods_per_step
    return starts


def count_treated(plan: PlanAStudy, units: int) -> int:
    """Count the units that have it, of `units` in all, by the plan's share of them."""
    if plan.treated_units is None:
        return units
    most = units if plan.treated_units == plan.units else units - 1
    return int(np.clip(round(units * plan.treated_units / plan.units), plan.steps, most))


def assume(plan: PlanAStudy, units: int) -> Assumed:
    """Turn the plan's spreads into shares of the variance between answers."""
    icc, cac = plan.icc, plan.cac
    if plan.unit_sd is not None and plan.drift_sd is not None:
        between = plan.unit_sd**2 + plan.drift_sd**2
        icc = between / spread_of(plan) ** 2
        cac = plan.unit_sd**2 / between if between > 0 else 1.0
    return Assumed(
        units=units,
        periods=plan.periods,
        people=answers_of(plan),
        person_sd=spread_of(plan),
        icc=float(icc or 0.0),
        cluster_autocorrelation=float(1.0 if cac is None else cac),
        autocorrelation=plan.drift_correlation or 0.0,
        period_sd=plan.period_sd or 0.0,
    )


def make_up(layout: Layout, rng: np.random.Generator) -> MadeUp:
    """Draw one table without an effect."""
    if layout.past is not None:
        return _draw_from(layout, layout.past, rng)
    outcome = _draw(layout, rng).ravel()
    drawn, gain = _ROLES.get(layout.plan.design, _no_roles)(layout, rng)
    return MadeUp(layout.table.assign(outcome=outcome, **drawn), gain)


def _draw_from(layout: Layout, past: Past, rng: np.random.Generator) -> MadeUp:
    """Draw units from a past; what it does not know is drawn as assumed, in the cells it has."""
    having = np.arange(layout.units) < count_treated(layout.plan, layout.units)
    rows = draw_units(past, having, rng)
    cell = (rows["code"] * layout.plan.periods + rows["place"]).to_numpy(int)
    roles, gain = _ROLES.get(layout.plan.design, _no_roles)(layout, rng)
    table = layout.table.assign(**roles).iloc[cell].reset_index(drop=True)
    if rows["outcome_base"].notna().any():
        table["outcome_base"] = rows["outcome_base"].to_numpy(float)
    table["outcome"] = (
        rows["outcome"].to_numpy(float)
        if past.has_outcome
        else _draw_cells(layout, table, cell, rng)
    )
    if past.clustered:
        names = table["cluster"] + "-" + rows["unit"].to_numpy()
        table = table.assign(unit=names, unit_name=names)
    kind = past.kind if past.has_outcome else "number"
    chance = rng.uniform(size=len(table))
    return MadeUp(table, gain[cell], kind, chance, past.as_rates and is_rate(layout.plan))


def _draw_cells(
    layout: Layout, table: pd.DataFrame, cell: Ints, rng: np.random.Generator
) -> Floats:
    """Draw assumed outcomes for the rows of a past: each with the noise of its own answers."""
    assumed = assume(layout.plan, max(layout.units, 2))
    endless = replace(assumed, people=ENDLESS, periods=max(layout.plan.periods, 2))
    level = draw_outcomes(endless, rng)[: layout.units, : layout.plan.periods].ravel()
    base = table["outcome_base"].to_numpy(float)
    base = np.ones(len(table)) if layout.plan.data_rows == "people" else base
    noise = np.sqrt(1 - assumed.icc) * assumed.person_sd / np.sqrt(base)
    return np.asarray(level[cell] + rng.normal(size=len(table)) * noise)


def _draw(layout: Layout, rng: np.random.Generator) -> Floats:
    """Draw outcomes; of one unit or period alone, two are drawn and the first is kept."""
    units, periods = layout.shape
    assumed = assume(layout.plan, max(units, 2))
    return draw_outcomes(replace(assumed, periods=max(periods, 2)), rng)[:units, :periods]


def _blank(plan: PlanAStudy, units: int) -> pd.DataFrame:
    names = np.array([f"U{at:04d}" for at in range(units)])
    size = units * plan.periods
    time = np.tile(np.arange(plan.periods), units)
    return as_table(np.repeat(names, plan.periods), time, np.zeros(size), float(answers_of(plan)))


def _label(table: pd.DataFrame, plan: PlanAStudy) -> pd.DataFrame:
    labels = pd.Series(label_periods(plan), dtype="str")
    place = (table["time"] - table["time"].min()).to_numpy()
    period, time = labels.to_numpy()[place], calendar_index(labels).to_numpy()[place]
    return table.assign(period=pd.Series(period, dtype="str"), time=time)


def _with_control(table: pd.DataFrame, plan: PlanAStudy) -> pd.DataFrame:
    never = table["first_treated"].isna()
    if plan.design == "interrupted_time_series" and never.any():
        return table.assign(control=never)
    return table


def _no_roles(layout: Layout, _rng: np.random.Generator) -> tuple[Roles, Floats]:
    return {}, layout.table["treated"].to_numpy(float)


def _draw_dose(layout: Layout, rng: np.random.Generator) -> tuple[Roles, Floats]:
    spread, step = float(layout.plan.dose_sd or 1.0), float(layout.plan.dose_step or 1.0)
    level = rng.normal(0, spread, (layout.units, 1))
    dose = (level + rng.normal(0, spread, layout.shape)).ravel()
    return {"dose": dose}, dose / step


def _draw_mediation(layout: Layout, rng: np.random.Generator) -> tuple[Roles, Floats]:
    """Draw exposure and mediator, whose own spread within units is one; periods before are lost."""
    plan, (units, periods) = layout.plan, layout.shape
    spread, step = float(plan.dose_sd or 1.0), float(plan.dose_step or 1.0)
    share = float(plan.mediator_correlation or 0.5)
    exposure = rng.normal(0, spread, (units, periods + 2 * LAG))
    alone = np.sqrt(1 - share**2) * rng.normal(size=(units, periods + LAG))
    mediator = share / spread * exposure[:, : periods + LAG] + alone
    gain = mediator[:, :periods] / (share / spread * step)
    kept = {"exposure": exposure[:, 2 * LAG :].ravel(), "mediator": mediator[:, LAG:].ravel()}
    return kept, gain.ravel()


def _draw_groups(layout: Layout, rng: np.random.Generator) -> tuple[Roles, Floats]:
    """Draw who has it, and a measured cause in which the groups differ."""
    decided = layout.past is not None and layout.past.start is not None
    order = np.arange(layout.units) if decided else rng.permutation(layout.units)
    treated = _mark(layout, order)
    cause = rng.normal(size=layout.units) + float(layout.plan.group_difference or 0.0) * treated
    having = np.repeat(treated, layout.plan.periods)
    return {"treated": having > 0, CAUSE: np.repeat(cause, layout.plan.periods)}, having


def _draw_places(layout: Layout, rng: np.random.Generator) -> tuple[Roles, Floats]:
    """Place units evenly along what decides the offer, as many past the threshold as planned."""
    treated = count_treated(layout.plan, layout.units)
    place = (rng.permutation(layout.units) + 0.5) / layout.units - (1 - treated / layout.units)
    running = np.repeat(place, layout.plan.periods)
    return {"running": running}, (running >= 0).astype(float)


def _mark(layout: Layout, order: np.ndarray) -> Floats:
    return np.asarray(order < count_treated(layout.plan, layout.units), dtype=float)


_ROLES: dict[str, Draw] = {
    "dose_response": _draw_dose,
    "mediation": _draw_mediation,
    "weighted_comparison": _draw_groups,
    "regression_discontinuity": _draw_places,
}
