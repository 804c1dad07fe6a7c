"""Value for money: consequences first, then cost per gain, net benefit, and how sure.

Each outcome's change in units with the intervention is set against that in units without it, all
from the same resamples of whole clusters (`fits.joint_differences`), weighted by the people cared
for. The cost-consequence table comes first: costs by payer, experience by facet, the gap by
deprivation, carers, staff sickness. No value of a point of experience is agreed, so the cost of a
gain is shown as a break-even and a curve, and never judged (CHEERS 2022; not verified against the
official checklist).
Must hold: without the intervention both kinds of unit would have changed alike; costs are all
there.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.fits.cost_effectiveness import (
    CostPerGain,
    fit_cost_per_gain,
    tabulate_acceptability,
    tabulate_quadrants,
)
from evalkit.fits.joint_differences import JointDifferences, fit_joint_differences
from evalkit.inference.arrays import Floats
from evalkit.measures.cost_lines import tabulate_contributions, tabulate_costs
from evalkit.measures.value_cohorts import hold_cohorts
from evalkit.measures.value_sample import (
    CARERS,
    COST,
    EVERYBODY,
    GAP,
    SICKNESS,
    ValueSample,
    codes_of,
)
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.study.schemas.value_for_money import ValueForMoney

FACETS = {
    "overall": "Overall experience",
    "relational": "Relational: how people were treated",
    "functional": "Functional: how well care worked",
    "felt": "Felt: how care made people feel",
}


@dataclass(frozen=True, slots=True)
class Value:
    """What was found: lines of cost, consequences, cost per gain (None without one), curve, plane.

    `contributions` says of each line how much of it the two largest units make up. `result`
    holds the consequences tidy, the outcome first.
    """

    costs: pd.DataFrame
    consequences: pd.DataFrame
    per_gain: CostPerGain | None
    curve: pd.DataFrame
    plane: pd.DataFrame
    result: Result
    contributions: pd.DataFrame


def fit_changes(sample: ValueSample, parameters: ValueForMoney) -> JointDifferences:
    """Estimate all changes jointly, one row a unit, clusters resampled whole."""
    change = sample.after - sample.before
    for name in change:
        if str(name).startswith(COST) and parameters.costs_are == "extra":
            change[name] = sample.after[name]
    arrays: dict[str, Floats] = {str(name): change[name].to_numpy(float) for name in change}
    units = sample.units
    return fit_joint_differences(
        arrays,
        units["treated"].to_numpy(float),
        codes_of(units["cluster"]),
        np.random.default_rng(parameters.seed),
        draws=parameters.draws,
        covariates=hold_cohorts(sample),
        weight=units["weight"].to_numpy(float),
    )


def study_value(sample: ValueSample, parameters: ValueForMoney) -> Value:
    """Estimate what the intervention cost and changed, and what a gain cost."""
    found = fit_changes(sample, parameters)
    cost, higher = f"{COST}{parameters.perspective}", parameters.outcome_better == "higher"
    level, unit = parameters.confidence_level, parameters.gain_unit
    try:
        per = fit_cost_per_gain(
            found, cost, "outcome", unit=unit, higher_is_better=higher, level=level
        )
    except AnalysisError:
        per = None
    consequences = tabulate_changes(sample, found, parameters)
    return Value(
        tabulate_costs(sample, parameters),
        consequences,
        per,
        _make_curve(found, cost, parameters),
        _make_plane(found, cost, consequences, parameters),
        _make_result(consequences, sample, parameters),
        tabulate_contributions(sample, parameters),
    )


def tabulate_changes(
    sample: ValueSample, found: JointDifferences, parameters: ValueForMoney
) -> pd.DataFrame:
    """One row a consequence: mean with, mean expected without, difference, interval, people.

    Columns `key, label, unit, with, without, difference, conf_low, conf_high, std_error, n`.
    """
    level, treated = parameters.confidence_level, sample.units["treated"].to_numpy(bool)
    weight = sample.units["people"].to_numpy(float)
    rows: list[tuple[object, ...]] = []
    for name in found.names:
        difference, low, high = found.interval({name: 1.0}, level)
        after = sample.after[name].to_numpy(float)
        known = treated & np.isfinite(after)
        mean = float(np.average(after[known], weights=weight[known])) if known.any() else np.nan
        error = float(found.redrawn({name: 1.0}).std(ddof=1))
        label, unit = _name(name, parameters)
        ends = (mean, mean - difference, difference, low, high, error, sample.bases[name])
        rows.append((name, label, unit, *ends))
    if not sample.carers.empty:
        rows.append(_carers_row(sample, parameters))
    columns = ["key", "label", "unit", "with", "without", "difference"]
    frame = pd.DataFrame(rows, columns=[*columns, "conf_low", "conf_high", "std_error", "n"])
    return _in_order(frame, parameters)


def _carers_row(sample: ValueSample, parameters: ValueForMoney) -> tuple[object, ...]:
    carers = sample.carers
    treated = carers["treated"].to_numpy(float)
    change = (carers["after"] - carers["before"]).to_numpy(float)
    people = carers["people"].to_numpy(float)
    found = fit_joint_differences(
        {CARERS: change},
        treated,
        codes_of(carers["provider"]),
        np.random.default_rng(parameters.seed),
        draws=parameters.draws,
        weight=people,
    )
    difference, low, high = found.interval({CARERS: 1.0}, parameters.confidence_level)
    on = treated == 1
    mean = float(np.average(carers["after"].to_numpy(float)[on], weights=people[on]))
    error = float(found.redrawn({CARERS: 1.0}).std(ddof=1))
    label, unit = _name(CARERS, parameters)
    ends = (mean, mean - difference, difference, low, high, error, float(people.sum()))
    return (CARERS, label, unit, *ends)


def _name(key: str, parameters: ValueForMoney) -> tuple[str, str]:
    """Name a consequence and its unit in plain words."""
    if key.startswith(COST):
        payer = key.removeprefix(COST)
        whose = "Cost to all together" if payer == EVERYBODY else f"Cost to {name_payer(payer)}"
        return f"{whose}, per person cared for", parameters.currency
    named = {
        "outcome": f"{parameters.outcome_name[:1].upper()}{parameters.outcome_name[1:]}",
        GAP: "Gap: most deprived fifth less everybody else",
        SICKNESS: "Days of staff sickness per 100 people cared for",
        CARERS: "Carers' quality of life (SACE)",
    } | FACETS
    unit = {SICKNESS: "days", CARERS: "points of 12"}.get(key, parameters.outcome_unit)
    return named[key], unit


def name_payer(payer: str) -> str:
    """Write a payer as a reader would."""
    return "the NHS" if payer.casefold() == "nhs" else payer.replace("_", " ")


def _in_order(frame: pd.DataFrame, parameters: ValueForMoney) -> pd.DataFrame:
    """Costs first, the perspective's own before others; then experience, gap, carers and staff."""
    costs = [name for name in frame["key"] if name.startswith(COST)]
    first = [f"{COST}{parameters.perspective}"]
    rest = [name for name in costs if name not in first and name != f"{COST}{EVERYBODY}"]
    order = [*first, *rest, f"{COST}{EVERYBODY}", "outcome", *FACETS, GAP, CARERS, SICKNESS]
    keys = [name for name in order if name in set(frame["key"])]
    if parameters.outcome_facet in keys:
        keys.remove(parameters.outcome_facet)
    return frame.set_index("key").loc[keys].reset_index()


def _make_curve(found: JointDifferences, cost: str, parameters: ValueForMoney) -> pd.DataFrame:
    """Net benefit and chances by price: of the perspective's costs, and of all costs together."""
    options = {
        "unit": parameters.gain_unit,
        "higher_is_better": parameters.outcome_better == "higher",
        "level": parameters.confidence_level,
    }
    prices = sorted(parameters.prices)
    curve, whole = (
        tabulate_acceptability(found, of, "outcome", prices, **options)  # type: ignore[arg-type]
        for of in (cost, f"{COST}{EVERYBODY}")
    )
    return curve.assign(
        probability=100 * curve["probability"], probability_everybody=100 * whole["probability"]
    )


def _make_plane(
    found: JointDifferences, cost: str, consequences: pd.DataFrame, parameters: ValueForMoney
) -> pd.DataFrame:
    """The four quarters of the plane with their shares in per cent, and the estimate beside."""
    higher = parameters.outcome_better == "higher"
    quarters = tabulate_quadrants(found, cost, "outcome", higher_is_better=higher)
    rows = consequences.set_index("key")
    ends: dict[str, float] = {}
    for name, key in (("gain", "outcome"), ("cost", cost)):
        low, high = float(rows["conf_low"][key]), float(rows["conf_high"][key])
        middle = float(rows["difference"][key])
        if name == "gain" and not higher:
            low, middle, high = -high, -middle, -low
        ends |= {name: middle, f"{name}_low": low, f"{name}_high": high}
    shares = quarters.assign(probability=100 * quarters["probability"])
    return shares.assign(**ends, level=parameters.confidence_level)


def _make_result(
    consequences: pd.DataFrame, sample: ValueSample, parameters: ValueForMoney
) -> Result:
    terms = {"outcome": "effect"} | dict.fromkeys(FACETS, "effect")
    clusters = sample.units["cluster"].nunique()
    keys = consequences["key"]
    rows = consequences.assign(
        term=[terms.get(key, key.removeprefix(COST) if COST in key else key) for key in keys],
        estimate=consequences["difference"],
        level=parameters.confidence_level,
        clusters=np.where(keys == CARERS, len(sample.carers), clusters),
        outcome=keys,
        facet=[key if key in FACETS else parameters.outcome_facet for key in keys],
        group="all",
        method="cluster_bootstrap",
        df=np.nan,
    )
    estimates = rows[[*ESTIMATE_COLUMNS, "label", "unit"]]
    estimates = pd.concat([estimates[keys == "outcome"], estimates[keys != "outcome"]])
    remark = (
        "Intervals come from resampling whole clusters, costs and gains together, units that began "
        "and units that did not apart"
    )
    return Result(
        "value_for_money",
        estimates.reset_index(drop=True),
        {"term": "effect", "outcome": "outcome"},
        permits_cause=True,
        remarks=(remark,),
    )
