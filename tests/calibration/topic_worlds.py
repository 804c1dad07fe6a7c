"""Measure over seeds whether the topics' headline estimates hold what the linked worlds store.

Each row of the file it keeps in build/ is one estimate in one world of one seed, with its truth.
It can be stopped at any time and goes on where it stopped; figures of other code are not used.
Writes docs/topic_worlds.csv and the table of docs/topic_worlds.md; `--show` prints that table.
"""

import argparse
import csv
import hashlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from evalkit.data.periods import calendar_index
from evalkit.equity.gap_change import estimate_gap_change
from evalkit.equity.study import open_answers
from evalkit.insight.coding import code_study
from evalkit.insight.theme_result import estimate_study
from evalkit.insight.theme_tables import ALL
from evalkit.measures.carers_effect import estimate_change, while_caring
from evalkit.measures.carers_lost import estimate_estimands
from evalkit.measures.carers_study import pick_estimand
from evalkit.measures.carers_waves import read_carers
from evalkit.measures.feedback_result import estimate_feedback
from evalkit.measures.feedback_series import arrange_feedback
from evalkit.measures.value_cohorts import make_sample
from evalkit.measures.value_for_money import study_value
from evalkit.results import pick_row
from evalkit.study import load_parameters
from evalkit.synthetic.linked.causes import WORLDS
from evalkit.synthetic.linked.comments import CODER_ADDS, CODER_FINDS, make_codes, make_comments
from evalkit.synthetic.linked.feedback import (
    AFTER_SHIFT,
    MODE_LIFT,
    MODE_MIX,
    PER_POINT,
    RESPONSE,
    positive_at,
)
from evalkit.synthetic.linked.labels import NAMES, NO_LABEL, SHARES
from evalkit.synthetic.linked.make import make_table
from evalkit.synthetic.linked.places import MONTHS, START, Places, Size, make_places
from evalkit.synthetic.linked.truth import tell_truth

ROOT = Path(__file__).resolve().parents[2]
TABLE, PAGE = ROOT / "docs" / "topic_worlds.csv", ROOT / "docs" / "topic_worlds.md"
BEGIN, CLOSE = "<!-- measured: begin -->", "<!-- measured: end -->"
FIRST_SEED = 1
Tables = dict[str, pd.DataFrame]
Found = Iterator[tuple[str, float, Any]]
"""What is estimated, its truth, and the row that has `estimate, conf_low, conf_high`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One estimate in one made-up world."""

    topic: str
    world: str
    seed: int
    what: str
    truth: float
    estimate: float
    low: float
    high: float


def find_carers(places: Places, truth: dict[str, Any]) -> Found:
    """Find the effects on carers of forty trusts, under both estimands, and who is identified."""
    parameters = study("unpaid_carers", imputations=5)
    table = make_table(places, "carers").rename(columns={"trust": "unit", "month": "period"})
    carers = table.assign(offered=table["offered"] == "yes")
    pairs = read_carers({"carers": carers}, parameters).pairs
    found = estimate_estimands(pairs, parameters)
    meant = truth["carers"]
    for name in ("while_caring", "treatment_policy"):
        yield name, meant["effect_on_sace"], pick_estimand(found, name)
    known = estimate_change(while_caring(pairs), "identified", parameters)
    yield "identified", 100 * meant["effect_on_identified"], known


def find_feedback(places: Places, _: dict[str, Any]) -> Found:
    """Find the change that remains, and what the way of asking did, in six treated trusts."""
    parameters = study("friends_and_family", units=None, draws=199)
    table = make_table(places, "fft").rename(
        columns={"trust": "unit", "month": "period", "eligible": "asked"}
    )
    treated = places.trusts.loc[places.treated_trusts, "trust"]
    kept = table[table["unit"].isin(treated)].reset_index(drop=True)
    kept = kept.assign(time=calendar_index(kept["period"]))
    result = estimate_feedback(arrange_feedback(kept, parameters), parameters)
    yield "remaining", shown_in_feedback(places), pick_row(result.estimates, term="remaining")
    yield "mode_mix", asked_otherwise(places), pick_row(result.estimates, term="mode_mix")


def shown_in_feedback(places: Places) -> float:
    """What the programme adds to the percentage of positive answers, asked as before."""
    answers = MODE_MIX * RESPONSE / (MODE_MIX * RESPONSE).sum()
    gains, weights = [], []
    for trust in np.flatnonzero(places.treated_trusts):
        mine = slice(trust * places.size.wards, (trust + 1) * places.size.wards)
        for month in range(START, len(MONTHS)):
            with_it, without = (
                positive_at(MODE_LIFT + PER_POINT * (float(level[:, month, mine].mean()) - 8.1))
                for level in (places.experience, places.without)
            )
            gains.append(float(answers @ (with_it - without)))
            weights.append(float(places.beds[trust]))
    return 100 * float(np.average(gains, weights=weights))


def asked_otherwise(places: Places) -> float:
    """What the way of asking adds to the percentage in these trusts, each at its own level.

    Not in trusts at an average level, as the stored truth has it: ways of asking stand further
    apart where feedback is poorer.
    """
    if not places.causes.mode_shift:
        return 0.0
    before, after = (mix * RESPONSE / (mix * RESPONSE).sum() for mix in (MODE_MIX, AFTER_SHIFT))
    trusts = np.flatnonzero(places.treated_trusts)
    of_trust = places.without.mean(axis=(0, 1)).reshape(places.size.trusts, -1).mean(axis=1)
    moved = [
        float((after - before) @ positive_at(MODE_LIFT + PER_POINT * (of_trust[trust] - 8.1)))
        for trust in trusts
    ]
    return 100 * float(np.average(moved, weights=places.beds[trusts]))


def find_gap(places: Places, truth: dict[str, Any]) -> Found:
    """Find the change of the gap between the most deprived fifth and the rest."""
    parameters = study("health_inequalities")
    sources = {"answers": "patients", "units": "wards"}
    opened = open_answers(tables_of(places, parameters, sources), parameters)
    assert opened.units is not None
    change = estimate_gap_change(opened.answers, opened.units, parameters)
    yield (
        "change_of_gap",
        truth["gap"]["change_of_gap"],
        pick_row(change, group="core20:difference"),
    )


def find_value(places: Places, truth: dict[str, Any]) -> Found:
    """Find the gain in relational experience, and what a patient cost the NHS."""
    parameters = study("value_for_money")
    sources = {"costs": "costs", "activity": "activity", "answers": "patients", "units": "wards"}
    sample = make_sample(tables_of(places, parameters, sources), parameters)
    rows = study_value(sample, parameters).consequences
    rows = rows.assign(estimate=rows["difference"])
    yield "gain", truth["effect"]["shown"]["relational"], pick_row(rows, key="outcome")
    yield "nhs_cost", truth["value"]["nhs_cost_per_patient"], pick_row(rows, key="cost: nhs")


def find_themes(places: Places, truth: dict[str, Any]) -> Found:
    """Find the share of each label that is not too rare, and the change of the one asked about."""
    parameters = study("feedback_themes", draws=199)
    tables, true = write_comments(places)
    coding = code_study(tables, parameters)
    result, found = estimate_study(coding, parameters)
    shares, actual, coded = found.cells[ALL, "whole"].shares, true.mean(axis=0), as_coded(true)
    for at in np.flatnonzero(~shares.too_few):
        ends = (shares.estimate[at], shares.conf_low[at], shares.conf_high[at])
        row = dict(zip(_ENDS, (100 * float(end) for end in ends), strict=True))
        yield "share", 100 * actual[at], row
        yield "share_as_people_code", 100 * coded[at], row
    later = tables["comments"]["period"].to_numpy() >= parameters.later_from
    label = true[:, coding.labels.index(parameters.theme)]
    yield "change", 100 * (label[later].mean() - label[~later].mean()), result.headline


_ENDS = ("estimate", "conf_low", "conf_high")


def as_coded(true: np.ndarray) -> np.ndarray:
    """Say what share of comments people would give each label, with the errors they make.

    They find nine labels in ten, now and then add one, and say that labelling is not possible
    where they found none.
    """
    found = 1 - (1 - CODER_FINDS * true) * (1 - CODER_ADDS * SHARES)
    nothing = NAMES.index(NO_LABEL)
    found[:, nothing] = np.prod(np.delete(1 - found, nothing, axis=1), axis=1)
    return np.asarray(found.mean(axis=0))


def write_comments(places: Places) -> tuple[Tables, np.ndarray]:
    """Make comments and codes as the study reads them, and the labels each truly has."""
    comments, codes, true = [], [], []
    for trust in range(places.size.trusts):
        for month in range(len(MONTHS)):
            wrote, labels = make_comments(places, trust, month)
            comments.append(wrote)
            codes.append(make_codes(places, wrote, labels, trust, month))
            true.append(labels)
    wrote = pd.concat(comments, ignore_index=True).rename(columns={"month": "period"})
    wrote["time"] = calendar_index(wrote["period"])
    return {"comments": wrote, "codes": pd.concat(codes, ignore_index=True)}, np.concatenate(true)


def tables_of(places: Places, parameters: Any, sources: dict[str, str]) -> Tables:
    """Return a world's tables with roles as columns."""
    tables = {}
    for source, name in sources.items():
        made = make_table(places, name)
        columns = parameters.model_dump()[f"{source}_columns"]
        table = pd.DataFrame({role: made[column] for role, column in columns.items()})
        if "period" in table:
            table = table.assign(time=calendar_index(table["period"]))
        if "start" in table:
            table["start"] = table["start"].replace("", None)
        tables[source] = table
    return tables


def study(name: str, **changes: Any) -> Any:
    """Return an embedded study's parameters with changes."""
    return load_parameters(ROOT / "parameters" / f"{name}.yml").model_copy(update=changes)


@dataclass(frozen=True, slots=True)
class Cell:
    """One topic in some worlds of one size, over so many seeds."""

    find: Callable[[Places, dict[str, Any]], Found]
    worlds: tuple[str, ...]
    size: Size
    seeds: int


CELLS = {
    "unpaid_carers": Cell(
        find_carers, ("null", "effect_relational", "carer_harm"), Size(2400, 40, 1), 40
    ),
    "friends_and_family": Cell(
        find_feedback, ("null", "mode_shift", "carer_harm"), Size(2400, 12, 4), 100
    ),
    "health_inequalities": Cell(find_gap, ("null", "gap_wider"), Size(16_000, 12, 4), 60),
    "value_for_money": Cell(find_value, ("null", "effect_relational"), Size(16_000, 12, 4), 80),
    "feedback_themes": Cell(
        find_themes, ("null", "classifier_misses_carers"), Size(24_000, 4, 2), 20
    ),
}


def run_one(topic: str, world: str, seed: int) -> list[Outcome]:
    """Make one world and find what the topic finds in it."""
    cell = CELLS[topic]
    places = make_places(WORLDS[world], seed, cell.size)
    truth = tell_truth(world, seed, places, labels=False)
    return [
        Outcome(topic, world, seed, what, float(true), *(float(row[end]) for end in _ENDS))
        for what, true, row in cell.find(places, truth)
    ]


def run_all(topics: list[str], seeds: int | None) -> pd.DataFrame:
    """Run what is missing, writing each world down as it ends."""
    kept = ROOT / "build" / f"topic_worlds_{_code()}.csv"
    kept.parent.mkdir(exist_ok=True)
    names = list(Outcome.__dataclass_fields__)
    if not kept.exists():
        kept.write_text(",".join(names) + "\n", encoding="utf-8")
    done = set(_read(kept)[["topic", "world", "seed"]].itertuples(index=False, name=None))
    for topic in topics:
        for seed in range(FIRST_SEED, FIRST_SEED + (seeds or CELLS[topic].seeds)):
            for world in CELLS[topic].worlds:
                if (topic, world, seed) not in done:
                    with kept.open("a", encoding="utf-8", newline="") as file:
                        rows = [asdict(one) for one in run_one(topic, world, seed)]
                        csv.DictWriter(file, names, lineterminator="\n").writerows(rows)
    return _read(kept)


def summarise(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Tabulate mean error and coverage; errors of both are by seed, as a seed may tell many."""
    held = (outcomes["low"] <= outcomes["truth"]) & (outcomes["truth"] <= outcomes["high"])
    told = outcomes.assign(
        error=outcomes["estimate"] - outcomes["truth"],
        held=held.astype(float),
        width=(outcomes["high"] - outcomes["low"]) / 2,
    )
    rows = []
    for key, group in told.groupby(["topic", "world", "what"], sort=False):
        by_seed = group.groupby("seed")[["truth", "error", "held", "width"]].mean()
        errors = by_seed.std(ddof=1) / np.sqrt(len(by_seed))
        rows.append(
            dict(zip(("topic", "world", "what"), key, strict=True))
            | {
                "seeds": len(by_seed),
                "estimates": len(group),
                "truth": by_seed["truth"].mean(),
                "bias": by_seed["error"].mean(),
                "bias_error": errors["error"],
                "half_width": by_seed["width"].mean(),
                "coverage": 100 * by_seed["held"].mean(),
                "coverage_error": 100 * errors["held"],
            }
        )
    order = {topic: at for at, topic in enumerate(CELLS)}
    return pd.DataFrame(rows).sort_values("topic", key=lambda c: c.map(order), kind="stable")


def show(table: pd.DataFrame) -> str:
    """Write the table as it stands on the page."""
    lines = [
        "| study | world | what | seeds | truth | mean error (its error) | interval reaches"
        " | held the truth |",
        "|---" * 8 + "|",
    ]
    for row in table.itertuples():
        name, world, what = (str(t).replace("_", " ") for t in (row.topic, row.world, row.what))
        lines.append(
            f"| {name} | {world} | {what} | {row.seeds} | {row.truth:.2f} | {row.bias:+.3f} "
            f"({row.bias_error:.3f}) | {row.half_width:.2f} | {row.coverage:.1f}% "
            f"({row.coverage_error:.1f}) |"
        )
    return "\n".join(lines)


def write_page(table: pd.DataFrame) -> None:
    """Put the table between its marks."""
    before, rest = PAGE.read_text("utf-8").split(BEGIN)
    after = rest.split(CLOSE)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{show(table)}\n{CLOSE}{after}", "utf-8")


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def _code() -> str:
    """Name this file, the modules it calls and the worlds; what those call stands outside."""
    called = {getattr(thing, "__module__", "") or "" for thing in globals().values()}
    of_ours = sorted(name for name in called if name.startswith("evalkit."))
    paths = [Path(str(sys.modules[name].__file__)) for name in of_ours]
    paths += sorted((ROOT / "src" / "evalkit" / "synthetic" / "linked").glob("*.py"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in [Path(__file__), *paths]))
    return digest.hexdigest()[:12]


def main() -> int:
    """Run what is missing and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("topics", nargs="*", choices=[[], *CELLS], default=[])
    parser.add_argument("--seeds", type=int, help="fewer or more seeds than the page has")
    parser.add_argument("--show", action="store_true", help="print the table that was written")
    options = parser.parse_args()
    if not options.show:
        table = summarise(run_all(options.topics or list(CELLS), options.seeds))
        if not options.topics and options.seeds is None:
            table.to_csv(TABLE, index=False, float_format="%.4f", lineterminator="\n")
            write_page(table)
        print(show(table))
        return 0
    print(show(_read(TABLE)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
