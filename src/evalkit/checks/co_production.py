"""Checks of a study of co-production: is the log whole, who sits there, have scores settled."""

import pandas as pd

from evalkit.insight.both_sides import PARTS, SIDES, list_not_rated
from evalkit.insight.co_production import CoProduced, Prioritised
from evalkit.insight.decisions import ALL
from evalkit.results import Check, Verdict, pick_row
from evalkit.results.words import counted, listed, number, values_table
from evalkit.study.schemas.co_production import CoProduction

FEWEST = 5
"""Fewest decisions of which anything is said."""

KEPT = 80.0
"""Per cent of a group's first round that should still answer in the last."""

SETTLED = 80.0
"""Per cent of topics and groups whose scores should have settled."""


def check_co_production(
    tables: dict[str, pd.DataFrame],
    found: CoProduced,
    make_up: pd.DataFrame,
    parameters: CoProduction,
) -> list[Check]:
    """Ask what statements on co-production rest on."""
    checks = [
        check_number(found),
        check_log(tables["decisions"]),
        check_pay(tables["decisions"]),
        check_seats(make_up),
        check_both_rated(tables.get("ratings")),
        check_settled(found.priorities, parameters),
        check_reporting(found.reporting),
    ]
    return [*checks, check_balance(found.priorities)] if "best_worst" in tables else checks


def check_number(found: CoProduced) -> Check:
    """Ask whether there are enough decisions for a share of them to be told."""
    decisions = int(pick_row(found.decided.stages, stage=ALL)["decisions"])
    return Check(
        "There are enough decisions for a share of them to be told",
        "Are there enough decisions?",
        "passes" if decisions >= FEWEST else "concern",
        f"There are {decisions}",
        f"{FEWEST} are the fewest",
        "Of a handful of decisions no share says who decides",
        values_table({"decisions": decisions, "fewest": FEWEST}, 0),
        name="number",
        blocks=True,
    )


def check_log(decisions: pd.DataFrame) -> Check:
    """Ask whether each decision says who decided, what became of it, and why."""
    deciders = decisions[[f"decided_by_{v}" for v in ("lived_experience", "staff", "leaders")]]
    whole = deciders.any(axis=1) & decisions["reason"].notna() & decisions["outcome"].notna()
    share = 100 * float(whole.mean())
    return Check(
        "The log says of each decision who decided, what came of it, and why",
        "Of how many decisions does the log say all three?",
        "passes" if whole.all() else "concern",
        f"It does of {number(share, 0)}%",
        "Any decision without one of them is a concern",
        "A decision nobody is named for, or that has no reason, cannot be learned from",
        values_table({"whole": share}, 0),
        name="log",
    )


def check_pay(decisions: pd.DataFrame) -> Check:
    """Ask whether people with lived experience were paid wherever they decided."""
    joined = decisions["decided_by_lived_experience"].to_numpy(bool)
    unpaid = int((joined & ~(decisions["paid_hours"] > 0).to_numpy(bool)).sum())
    verdict: Verdict = "concern" if unpaid else ("passes" if joined.any() else "cannot tell")
    said = f"{unpaid} of the {int(joined.sum())} decisions that they took part in were unpaid"
    return Check(
        "People with lived experience are paid for deciding",
        "In which of their decisions was no hour paid?",
        verdict,
        said if joined.any() else "They took part in no decision",
        "Any unpaid decision is a concern",
        "Who cannot afford to give their time for nothing is not at the table",
        values_table({"unpaid": unpaid, "joined": int(joined.sum())}, 0),
        name="pay",
    )


def check_seats(make_up: pd.DataFrame) -> Check:
    """Ask whether every group of the people served has a seat among partners."""
    words = (
        "Partners come from all groups of the people served",
        "Which groups have no seat?",
    )
    consequence = "What groups without a seat would have said is not in these decisions"
    if make_up.empty:
        return Check(
            *words,
            "cannot tell",
            "Who the partners and the people served are is not in the data",
            "",
            consequence,
            name="seats",
        )
    without = make_up[make_up["seat"] == "no seat"]
    groups = listed([f"{str(r['dimension']).lower()}: {r['group']}" for _, r in without.iterrows()])
    return Check(
        *words,
        "passes" if without.empty else "concern",
        "Every group has one" if without.empty else f"Without one: {groups}",
        "Any group without a seat is a concern; with few partners some must be",
        consequence,
        values_table({"groups": len(make_up), "without": len(without)}, 0),
        name="seats",
    )


def check_both_rated(ratings: pd.DataFrame | None) -> Check:
    """Ask whether both sides rated each value and each step."""
    words = (
        "Both sides rated every value and every step",
        "What did one side or both not rate?",
    )
    consequence = "What was not rated may be where the sides differ most"
    if ratings is None:
        return Check(
            *words,
            "cannot tell",
            "Nobody was asked to rate them",
            "",
            consequence,
            name="both_rated",
        )
    gaps = {
        side: list_not_rated(ratings[(ratings["side"] == side) & ratings["rating"].notna()])
        for side in SIDES
    }
    said = [f"{SIDES[side].lower()} rated {listed(gap)}" for side, gap in gaps.items() if gap]
    return Check(
        *words,
        "concern" if said else "passes",
        "; ".join(said).capitalize() if said else "They rated all",
        f"There are {PARTS['value']} values and {PARTS['step']} steps",
        consequence,
        values_table({"values": PARTS["value"], "steps": PARTS["step"]}, 0),
        name="both_rated",
    )


def check_settled(priorities: Prioritised, parameters: CoProduction) -> Check:
    """Ask whether scores had settled by the last round, and who no longer answered."""
    words = (
        "Scores had settled, and those asked first still answered",
        "Did scores still move in the last round, and who dropped out?",
    )
    consequence = (
        "Consensus in a round that still moves, or among those who stayed, is that of fewer"
    )
    if priorities.stability.empty:
        why = "There were no rounds" if priorities.attrition.empty else "There was one round"
        return Check(*words, "cannot tell", why, "", consequence, name="settled")
    settled = 100 * float(priorities.stability["stable"].mean())
    last = priorities.attrition.groupby("side")["kept"].last()
    least, side = float(last.min()), str(last.idxmin()).replace("_", " ")
    return Check(
        *words,
        "passes" if settled >= SETTLED and least >= KEPT else "concern",
        f"Scores had settled in {number(settled, 0)}% of topics and groups; of those asked first, "
        f"least stayed in the group {side}: {number(least, 0)}%",
        f"Below {number(SETTLED, 0)}% settled or {number(KEPT, 0)}% stayed is a concern; settled "
        f"means that less than {number(parameters.delphi_stable, 0)}% moved",
        consequence,
        values_table(
            {
                "settled": settled,
                "stayed": least,
                "moved": parameters.delphi_stable,
                "settled_wanted": SETTLED,
                "stayed_wanted": KEPT,
            },
            0,
        ),
        name="settled",
    )


def check_reporting(reporting: pd.DataFrame) -> Check:
    """Ask whether all five items of the short form of GRIPP2 are reported."""
    missing = reporting.loc[reporting["state"] == "missing", "item"].tolist()
    told = len(reporting) - len(missing)
    return Check(
        "All five items of the short form of GRIPP2 are reported",
        "Which items has nobody written down?",
        "concern" if missing else "passes",
        f"Missing: {listed([m.lower() for m in missing])}" if missing else "All are",
        f"{counted(told, 'item')} of {len(reporting)} are there",
        "What is not reported of involvement cannot be judged, nor learned from",
        values_table({"reported": told, "items": len(reporting)}, 0),
        name="reporting",
    )


def check_balance(priorities: Prioritised) -> Check:
    """Ask whether best-worst questions showed each topic, and each pair, equally often."""
    return Check(
        "Best-worst questions showed every topic and every pair equally often",
        "Was the set of questions balanced?",
        "passes" if priorities.balanced else "concern",
        "It was" if priorities.balanced else "It was not",
        "a description, not a test",
        "A topic shown beside weaker ones scores higher than it should",
        name="balance",
    )
