"""Stage value for money: costs, consequences, facets, the curve, the plane, the five questions."""

import pandas as pd

from evalkit.measures.value_for_money import FACETS, Value, name_payer
from evalkit.measures.value_sample import COST, EVERYBODY
from evalkit.record.contributions import CONTRIBUTIONS, SHARES, staged_shares, with_shares
from evalkit.record.stage_topic import PERCENT, words
from evalkit.record.staging import Staging
from evalkit.record.tables import Column, TableSpec
from evalkit.study.schemas.value_for_money import ValueForMoney

_COSTS, _SERVED = ("costs", "activity"), ("activity",)
_ALL = ("costs", "activity", "answers")
_ENDS = {"conf_low": "Lower end of interval", "conf_high": "Upper end of interval"}


def stage_value(staging: Staging, value: Value) -> None:
    """Stage every table that has rows, consequences first, the curve and plane with figures."""
    parameters = staging.parameters_of(ValueForMoney)
    shares = value.contributions
    _stage_consequences(staging, value.consequences, shares)
    _stage_costs(staging, value.costs.merge(shares, how="left", on=["payer", "item"]), parameters)
    _stage_facets(staging, value.consequences, parameters)
    everybody = shares[shares["payer"] == EVERYBODY]
    curve, plane = (
        with_shares(frame, everybody, pd.Series(True, frame.index))
        for frame in (value.curve, value.plane)
    )
    _stage_curve(staging, curve, parameters)
    _stage_plane(staging, plane, parameters)


def stage_rubric(staging: Staging, rubric: pd.DataFrame) -> None:
    """Stage the five questions on value, each with what was looked at and found."""
    ends = {"estimate": "Estimate", **_ENDS}
    columns = (
        words("head", "Question"),
        words("looked_at", "What was looked at"),
        words("found", "What was found"),
        words("unit", "Unit"),
        *(_figure(name, label, _ALL, "n") for name, label in ends.items()),
        Column("n", "People behind it", "count", _ALL, decimals=0),
        *CONTRIBUTIONS,
    )
    shares = staged_shares(staging)
    currency = staging.parameters_of(ValueForMoney).currency
    rubric = with_shares(
        rubric,
        pd.DataFrame(columns=SHARES) if shares is None else shares,
        rubric["unit"] == currency,
    )
    text = (
        "Found by rule from the numbers of this study. No marks are given: levels from poor to "
        "excellent are for people to agree before any result is seen."
    )
    spec = TableSpec("five_es", "Five questions on value for money", text, columns)
    staging.table(spec, rubric[[column.name for column in columns]])


def _stage_consequences(staging: Staging, frame: pd.DataFrame, shares: pd.DataFrame) -> None:
    values = {
        "with": "With the intervention",
        "without": "Expected without it",
        "difference": "Difference",
    }
    columns = (
        words("label", "What"),
        words("unit", "Unit"),
        *(_figure(name, label, _ALL, "n") for name, label in (values | _ENDS).items()),
        Column("n", "People behind it", "count", _ALL, decimals=0),
        *CONTRIBUTIONS,
    )
    of = shares[shares["item"] == ""].assign(key=lambda rows: COST + rows["payer"].astype(str))
    frame = frame.merge(of[["key", *SHARES]], how="left", on="key")
    text = (
        "Costs, experience, gap, carers and staff side by side, each in its own unit and none "
        "weighed against another. Expected without: from units that did not have it."
    )
    spec = TableSpec("consequences", "Costs and consequences", text, columns)
    staging.table(spec, frame[[column.name for column in columns]])


def _stage_costs(staging: Staging, costs: pd.DataFrame, parameters: ValueForMoney) -> None:
    unit = parameters.currency
    columns = (
        words("payer", "Borne by"),
        words("item", "Item"),
        _figure("amount", "Amount", _COSTS, "people", unit, 0),
        _figure("per_unit_period", "Per unit and period", _COSTS, "people", unit),
        _figure("per_person", "Per person cared for", _COSTS, "people", unit),
        Column("people", "People cared for", "count", _SERVED, decimals=0),
        *CONTRIBUTIONS,
    )
    text = (
        f"Where the intervention was, in prices of {parameters.price_year}. Payments to people "
        "with lived experience and carers' time stand as lines of their own."
    )
    shown = costs.assign(
        payer=costs["payer"].map(name_payer), item=costs["item"].str.replace("_", " ")
    )
    spec = TableSpec("costs", "What it cost, and who bore it", text, columns)
    staging.table(spec, shown[[column.name for column in columns]])


def _stage_facets(staging: Staging, frame: pd.DataFrame, parameters: ValueForMoney) -> None:
    rows = frame[frame["key"].isin(["outcome", *FACETS])]
    if len(rows) < 2:
        return
    facet = rows["key"].replace("outcome", parameters.outcome_facet)
    shown = rows.assign(estimate=rows["difference"], facet=facet, label=facet.map(FACETS))
    ends = {"estimate": "Estimate", **_ENDS}
    columns = (
        words("label", "Part of experience"),
        words("facet", "Facet"),
        *(
            _figure(n, label, ("answers",), "n", parameters.outcome_unit)
            for n, label in ends.items()
        ),
        Column("n", "Answers", "count", ("answers",), decimals=0),
    )
    text = "What changed in each part of experience, beside units that did not have it."
    spec = TableSpec("facets", "By facet of experience", text, columns)
    staging.table(spec, shown[[column.name for column in columns]])


def _stage_curve(staging: Staging, curve: pd.DataFrame, parameters: ValueForMoney) -> None:
    unit, payer = parameters.currency, name_payer(parameters.perspective)
    shown = curve.assign(n=_people(staging, "consequences"))
    columns = (
        _figure("price", "Price of the gain", _ALL, "n", unit),
        _figure("net_benefit", "Net benefit per person", _ALL, "n", unit),
        *(_figure(name, label, _ALL, "n", unit) for name, label in _ENDS.items()),
        _figure("probability", f"Worth it, costs to {payer}", _ALL, "n", PERCENT, 0),
        _figure("probability_everybody", "Worth it, all costs", _ALL, "n", PERCENT, 0),
        Column("n", "Answers", "count", _ALL, decimals=0),
        *CONTRIBUTIONS,
    )
    gain = f"{parameters.gain_unit:g} {parameters.outcome_unit}"
    title = "How likely it is worth its cost, by what one might pay"
    text = (
        f"For each price of a gain of {gain} for one person: net benefit, and the share of "
        "resamples in which it is above zero. No price is agreed."
    )
    spec = TableSpec("acceptability", title, text, columns)
    staging.table(spec, shown[[column.name for column in columns]])
    lines = [["probability", f"Costs to {payer}"], ["probability_everybody", "All costs"]]
    named = f"price of a gain of {gain} for one person, in {unit}"
    options = {"lines": lines, "price_name": named}
    staging.figure(
        "acceptability", chart="acceptability", table="acceptability", title=title, options=options
    )


def _stage_plane(staging: Staging, plane: pd.DataFrame, parameters: ValueForMoney) -> None:
    gain, cost = parameters.outcome_unit, parameters.currency
    units = {"gain": gain, "cost": cost}
    shown = plane.assign(n=_people(staging, "consequences"))
    columns = (
        words("quadrant", "Quarter of the plane"),
        _figure("probability", "Share of resamples", _ALL, "n", PERCENT, 0),
        *(
            _figure(f"{name}{end}", f"{name.capitalize()}{said}", _ALL, "n", unit)
            for name, unit in units.items()
            for end, said in (("", ""), ("_low", ", low"), ("_high", ", high"))
        ),
        Column("level", "Level of interval", "estimate", decimals=2),
        Column("n", "Answers", "count", _ALL, decimals=0),
        *CONTRIBUTIONS,
    )
    title = "Extra cost and gain together"
    text = "Which quarter of the plane resamples fall in, and the estimate with its intervals."
    spec = TableSpec("cost_effect_plane", title, text, columns)
    staging.table(spec, shown[[column.name for column in columns]])
    options = {
        "gain_name": f"gain in {parameters.outcome_name}",
        "gain_unit": gain,
        "cost_name": f"extra cost to {name_payer(parameters.perspective)} per person",
        "cost_unit": cost,
    }
    name = "cost_effect_plane"
    staging.figure(name, chart=name, table=name, title=title, options=options)


def _people(staging: Staging, table: str) -> float:
    """Fewest people that the consequences rest on."""
    return float(staging.frames[table]["n"].min())


def _figure(
    name: str,
    label: str,
    sources: tuple[str, ...],
    base: str,
    unit: str = "",
    decimals: int = 2,
) -> Column:
    return Column(name, label, "estimate", sources, base, decimals, unit)
