"""What an intervention cost, line by line: by payer and item, in prices of one year.

Payments to people with lived experience and carers' time stand as lines of their own, whoever
bears them. Lines are those of units with the intervention: what was spent, by unit and period, and
by person cared for from the start on.
"""

import numpy as np
import pandas as pd

from evalkit.measures.value_sample import EVERYBODY, ValueSample
from evalkit.study.schemas.value_for_money import ValueForMoney

OWN_LINES = ("lived_experience_payment", "carer_time")


def tabulate_costs(sample: ValueSample, parameters: ValueForMoney) -> pd.DataFrame:
    """One row a payer and item: `amount, per_unit_period, per_person`; `people` is the same in all.

    With costs that are `extra`, all that units with the intervention recorded, whenever it fell;
    otherwise what they recorded from the start on.
    """
    costs = _counted(sample, parameters)
    running = sample.activity[sample.activity["treated"] & sample.activity["after"]]
    people, cells = float(running["people"].sum()), len(running)
    sums = costs.groupby(["payer", "item"], sort=True)["amount"].sum().reset_index()
    return sums.assign(
        payer=sums["payer"],
        per_unit_period=sums["amount"] / cells,
        per_person=sums["amount"] / people,
        people=people,
    )


def tabulate_contributions(sample: ValueSample, parameters: ValueForMoney) -> pd.DataFrame:
    """Say how much of each line the unit that spent most makes up, and the next, in per cent.

    One row a payer and item (`payer, item, first_share, second_share`), and one a payer with no
    item, of all its items. That of everybody is the worst of the payers: whoever knows the
    others can take them from it.
    """
    costs = _counted(sample, parameters)
    lines = [(*names, *_shares(of)) for names, of in costs.groupby(["payer", "item"], sort=True)]
    whole = [(payer, "", *_shares(of)) for payer, of in costs.groupby("payer", sort=True)]
    if whole:
        worst = min(whole, key=lambda row: (100 - row[2] - row[3]) / row[2] if row[2] else np.inf)
        whole.append((EVERYBODY, *worst[1:]))
    return pd.DataFrame([*lines, *whole], columns=["payer", "item", "first_share", "second_share"])


def _counted(sample: ValueSample, parameters: ValueForMoney) -> pd.DataFrame:
    costs = sample.costs[sample.costs["treated"]]
    return costs[costs["after"]] if parameters.costs_are == "all" else costs


def _shares(costs: pd.DataFrame) -> tuple[float, float]:
    """Return the two largest units' shares of what was spent, in per cent."""
    of = costs.groupby("unit")["amount"].sum().abs().nlargest(2)
    whole = float(costs.groupby("unit")["amount"].sum().abs().sum())
    first, second = (
        100 * float(of.iloc[n]) / whole if len(of) > n and whole else 0.0 for n in (0, 1)
    )
    return first, second


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
