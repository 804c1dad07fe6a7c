"""What the programme costs, who pays, and how many patients each ward discharges."""

import numpy as np
import pandas as pd

from evalkit.synthetic.linked.draws import random_for
from evalkit.synthetic.linked.places import ENGAGEMENT, MONTHS, START, Places

COSTS = {
    "programme_staff": ("nhs", 1500.0),
    "backfill": ("nhs", 700.0),
    "training": ("nhs", 400.0),
    "lived_experience_payment": ("nhs", 200.0),
    "carer_time": ("carers", 250.0),
    "travel": ("patients", 60.0),
}
"""Pounds a ward and month where the programme runs, and who bears them."""
PRICE_YEAR = 2024
DISCHARGES, SICKNESS = 110, 32.0


def make_costs(places: Places) -> pd.DataFrame:
    """Make one row a ward, month and item, from the start in the wards that have it."""
    rng = random_for(places.seed, "costs")
    wards = places.wards.loc[places.treated, ["ward", "trust"]]
    rows = []
    for ward, trust in wards.itertuples(index=False):
        for month in range(START, len(MONTHS)):
            for item, (payer, amount) in COSTS.items():
                paid = round(float(amount * np.exp(rng.normal(-0.02, 0.2))), 2)
                rows.append((ward, trust, MONTHS[month], item, payer, paid, PRICE_YEAR))
    names = ["ward", "trust", "month", "item", "payer", "amount", "price_year"]
    return pd.DataFrame(rows, columns=names)


def make_activity(places: Places) -> pd.DataFrame:
    """Make the discharges and the days of sickness of each ward and month."""
    rng = random_for(places.seed, "activity")
    months, wards = len(MONTHS), len(places.trust_of)
    engagement = places.engagement[:, places.trust_of]
    days = SICKNESS * (1 - 0.2 * (engagement - ENGAGEMENT))
    return pd.DataFrame(
        {
            "ward": np.repeat(places.wards["ward"].to_numpy(), months),
            "trust": np.repeat(places.wards["trust"].to_numpy(), months),
            "month": np.tile(MONTHS, wards),
            "discharges": rng.poisson(DISCHARGES, (months, wards)).T.ravel(),
            "sickness_days": rng.poisson(np.clip(days, 1, None)).T.ravel(),
        }
    )
