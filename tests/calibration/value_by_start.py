"""Measure over seeds whether value for money holds what was planted where wards began at two times.

In the linked world without an effect the six trusts by lot begin as three and three, each half with
a gain and costs of its own from its start on. Each row of the file it keeps in build/ is one
estimate of one seed; it can be stopped at any time and goes on where it stopped.
Writes docs/value_by_start.csv and its table in docs/topic_worlds.md; `--show` prints that table.
"""

import argparse
import csv
import hashlib
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from topic_worlds import Outcome, show, study, summarise, tables_of

from evalkit.data.periods import calendar_index
from evalkit.measures import value_cohorts, value_for_money, value_sample
from evalkit.measures.value_cohorts import make_sample
from evalkit.measures.value_for_money import study_value
from evalkit.results import pick_row
from evalkit.synthetic.linked.causes import WORLDS
from evalkit.synthetic.linked.places import MONTHS, Places, Size, make_places
from evalkit.synthetic.linked.value import COSTS, DISCHARGES, PRICE_YEAR

ROOT = Path(__file__).resolve().parents[2]
TABLE, PAGE = ROOT / "docs" / "value_by_start.csv", ROOT / "docs" / "topic_worlds.md"
BEGIN, CLOSE = "<!-- by start: begin -->", "<!-- by start: end -->"
TOPIC, SEEDS = "value_for_money", 80
SIZE = Size(16_000, 12, 4)
STARTS = (8, 15)
"""Months of the two starts: September 2023 and April 2024."""
GAINS = {"two starts, nothing gained": (0.0, 0.0), "two starts, gains apart": (0.6, 0.3)}
"""What each start is given, in points, from its month on."""
SOURCES = {"costs": "costs", "activity": "activity", "answers": "patients", "units": "wards"}


def find(seed: int) -> Iterator[Outcome]:
    """Find gain and cost of one seed, without a gain and with one that differs by start."""
    parameters = study(TOPIC)
    places = make_places(WORLDS["null"], seed, SIZE)
    tables = tables_of(places, parameters, SOURCES)
    tables |= {"units": begin_at_two_times(tables["units"]), "costs": pay_from_each_start(places)}
    for world, gains in GAINS.items():
        given = give(tables, gains)
        rows = study_value(make_sample(given, parameters), parameters).consequences
        held = {"gain": ("outcome", planted(given, gains)), "nhs_cost": ("cost: nhs", per_person())}
        for what, (key, truth) in held.items():
            row = pick_row(rows, key=key)
            ends = (float(row[end]) for end in ("difference", "conf_low", "conf_high"))
            yield Outcome(TOPIC, world, seed, what, truth, *ends)


def begin_at_two_times(units: pd.DataFrame) -> pd.DataFrame:
    """Let the first half of the trusts that have the programme begin early, the others late."""
    began = sorted(units.loc[units["start"].notna(), "provider"].unique())
    early = units["provider"].isin(began[: len(began) // 2])
    start = np.where(early, MONTHS[STARTS[0]], MONTHS[STARTS[1]])
    begun = pd.Series(start, units.index, dtype=object).where(units["start"].notna(), None)
    return units.assign(start=begun)


def pay_from_each_start(places: Places) -> pd.DataFrame:
    """Make costs as the linked worlds do, a row a ward, month and item, each from its own start."""
    rng = np.random.default_rng([places.seed, PRICE_YEAR])
    wards = places.wards.rename(columns={"ward": "unit", "trust": "provider"})
    wards = begin_at_two_times(wards.assign(start=wards["start"].replace("", None)))
    rows = [
        (unit, period, item, payer, float(amount * np.exp(rng.normal(-0.02, 0.2))), PRICE_YEAR)
        for unit, start in wards[["unit", "start"]].dropna().itertuples(index=False)
        for period in MONTHS[MONTHS.index(start) :]
        for item, (payer, amount) in COSTS.items()
    ]
    names = ["unit", "period", "item", "payer", "amount", "price_year"]
    costs = pd.DataFrame(rows, columns=names)
    return costs.assign(time=calendar_index(costs["period"]))


def give(tables: dict[str, pd.DataFrame], gains: tuple[float, float]) -> dict[str, pd.DataFrame]:
    """Add to each answer what its ward's start is given, from its month on."""
    answers = tables["answers"]
    start = answers["unit"].map(tables["units"].set_index("unit")["start"])
    gain = start.map(dict(zip((MONTHS[s] for s in STARTS), gains, strict=True))).astype(float)
    on = start.notna() & (answers["period"] >= start.fillna("9"))
    return tables | {"answers": answers.assign(outcome=answers["outcome"] + gain.where(on, 0.0))}


def planted(tables: dict[str, pd.DataFrame], gains: tuple[float, float]) -> float:
    """Average the gains by the people cared for since each start, as the study's estimand does."""
    activity = tables["activity"]
    start = activity["unit"].map(tables["units"].set_index("unit")["start"])
    since = activity[start.notna() & (activity["period"] >= start.fillna("9"))]
    people = since.groupby(start)["people"].sum()
    return float(np.average(gains, weights=[people[MONTHS[s]] for s in STARTS]))


def per_person() -> float:
    """What the NHS pays for a person cared for, in pounds."""
    return sum(amount for payer, amount in COSTS.values() if payer == "nhs") / DISCHARGES


def run_all(seeds: int) -> pd.DataFrame:
    """Run what is missing, writing each seed down as it ends."""
    kept = ROOT / "build" / f"value_by_start_{_code()}.csv"
    kept.parent.mkdir(exist_ok=True)
    names = list(Outcome.__dataclass_fields__)
    if not kept.exists():
        kept.write_text(",".join(names) + "\n", encoding="utf-8")
    for seed in range(1, seeds + 1):
        if seed not in set(pd.read_csv(kept)["seed"]):
            rows = [asdict(one) for one in find(seed)]
            with kept.open("a", encoding="utf-8", newline="") as file:
                csv.DictWriter(file, names, lineterminator="\n").writerows(rows)
    return pd.read_csv(kept)


def _code() -> str:
    """Name this file, the worlds and what estimates; what those call stands outside."""
    paths = [Path(__file__), *sorted((ROOT / "src/evalkit/synthetic/linked").glob("*.py"))]
    paths += [Path(str(m.__file__)) for m in (value_cohorts, value_for_money, value_sample)]
    paths += [ROOT / "src/evalkit/fits/joint_differences.py"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:12]


def main() -> int:
    """Run what is missing and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="fewer than the page has")
    parser.add_argument("--show", action="store_true", help="print the table that was written")
    options = parser.parse_args()
    table = pd.read_csv(TABLE) if options.show else summarise(run_all(options.seeds))
    if not options.show and options.seeds == SEEDS:
        table.to_csv(TABLE, index=False, float_format="%.4f", lineterminator="\n")
        before, rest = PAGE.read_text("utf-8").split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{show(table)}\n{CLOSE}{rest.split(CLOSE)[1]}", "utf-8")
    print(show(table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
