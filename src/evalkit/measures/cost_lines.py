"""What an intervention cost, line by line: by payer and item, in prices of one year.

Payments to people with lived experience and carers' time stand as lines of their own, whoever
bears them. Lines are those of units with the intervention: what was spent, by unit and period, and
by person cared for from the start on.
"""

import pandas as pd

from evalkit.measures.value_sample import ValueSample
from evalkit.study.schemas.value_for_money import ValueForMoney

OWN_LINES = ("lived_experience_payment", "carer_time")


def tabulate_costs(sample: ValueSample, parameters: ValueForMoney) -> pd.DataFrame:
    """One row a payer and item: `amount, per_unit_period, per_person`; `people` is the same in all.

    With costs that are `extra`, all that units with the intervention recorded, whenever it fell;
    otherwise what they recorded from the start on.
    """
    costs = sample.costs[sample.costs["treated"]]
    if parameters.costs_are == "all":
        costs = costs[costs["after"]]
    running = sample.activity[sample.activity["treated"] & sample.activity["after"]]
    people, cells = float(running["people"].sum()), len(running)
    sums = costs.groupby(["payer", "item"], sort=True)["amount"].sum().reset_index()
    return sums.assign(
        payer=sums["payer"],
        per_unit_period=sums["amount"] / cells,
        per_person=sums["amount"] / people,
        people=people,
    )


def find_absent(sample: ValueSample, parameters: ValueForMoney) -> list[str]:
    """List the items that were to be there and are not."""
    there = set(sample.costs["item"])
    return [item for item in parameters.items_expected if item not in there]


def count_gaps(sample: ValueSample) -> tuple[int, int]:
    """Count the unit-periods with the intervention that have no cost, and all there are."""
    running = sample.activity[sample.activity["treated"] & sample.activity["after"]]
    recorded = set(zip(sample.costs["unit"], sample.costs["period"], strict=True))
    silent = [p not in recorded for p in zip(running["unit"], running["period"], strict=True)]
    return sum(silent), len(silent)
