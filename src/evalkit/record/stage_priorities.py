"""Stage what each group puts first: places, consensus, who stayed, and one list if asked for."""

import pandas as pd

from evalkit.insight.both_sides import SIDES
from evalkit.insight.co_production import Prioritised
from evalkit.insight.priorities import STATED
from evalkit.record.stage_topic import PERCENT, Kinds, words
from evalkit.record.staging import Staging
from evalkit.record.tables import Column, TableSpec

_RANKED, _PICKED = ("priorities",), ("best_worst",)


def stage_priorities(staging: Staging, found: Prioritised) -> None:
    """Stage every table of priorities that has rows, groups beside each other."""
    for spec, frame in (
        (_places_spec(found.places), _wide(found.places)),
        (_agreement_spec(), _sided(found.agreement, "first", "second")),
        (_concordance_spec(), _sided(found.concordance, "side")),
        (_consensus_spec(), _sided(found.consensus, "side")),
        (_stability_spec(), _settled(found.stability)),
        (_attrition_spec(), _sided(found.attrition, "side")),
        (_merged_spec(found.merged), _merged(found.merged)),
        (_best_worst_spec(), _sided(found.best_worst, "side")),
    ):
        if not frame.empty:
            staging.table(spec, frame[[column.name for column in spec.columns]])


def _side_name(side: object) -> str:
    return SIDES.get(str(side), str(side).replace("_", " ").capitalize())


def _sided(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Name groups in plain words."""
    if frame.empty:
        return frame
    return frame.assign(**{name: frame[name].map(_side_name) for name in columns})


def _wide(places: pd.DataFrame) -> pd.DataFrame:
    """Put the groups' places beside each other, one row a topic."""
    if places.empty:
        return places
    parts = []
    for number, (_, own) in enumerate(places.groupby("side", sort=True), start=1):
        names = {name: f"{name}_{number}" for name in _PLACED}
        parts.append(own.set_index("topic")[list(_PLACED)].rename(columns=names))
    wide = pd.concat(parts, axis=1)
    return wide.sort_values("place_1", kind="stable").reset_index()


_PLACED = ("place", "place_low", "place_high", "points", "people")


def _places_spec(places: pd.DataFrame) -> TableSpec:
    columns = [words("topic", "Topic")]
    kinds = Kinds(_RANKED, "", 1)
    sides = sorted(places["side"].unique()) if len(places) else []
    for number, side in enumerate(sides, start=1):
        named = _side_name(side)
        columns += [
            kinds.figure(f"place_{number}", f"{named}: place", f"people_{number}"),
            kinds.figure(f"place_low_{number}", "from", f"people_{number}"),
            kinds.figure(f"place_high_{number}", "to", f"people_{number}"),
            kinds.figure(f"points_{number}", "points", f"people_{number}"),
            kinds.people(f"people_{number}", "participants"),
        ]
    text = (
        "Each group's list beside the other's, never merged. Points: how many topics participants "
        "put below it, on average. From and to: what other participants like these would bring."
    )
    return TableSpec("places", "What each group puts first", text, tuple(columns))


def _agreement_spec() -> TableSpec:
    kinds = Kinds((), "")
    columns = (
        words("first", "Group"),
        words("second", "Other group"),
        *(
            kinds.figure(f"{name}{end}", f"{name.capitalize()}{said}")
            for name in ("spearman", "kendall")
            for end, said in (("", ""), ("_low", ", low"), ("_high", ", high"))
        ),
    )
    text = (
        "Rank correlations: one is the same list, zero has nothing in common, minus one is the "
        "other way round."
    )
    return TableSpec("list_agreement", "How alike the groups' lists are", text, columns)


def _concordance_spec() -> TableSpec:
    kinds = Kinds(_RANKED, "")
    columns = (
        words("side", "Group"),
        kinds.people("people", "Participants"),
        kinds.figure("concordance", "Kendall's W", "people"),
        Column("p_value", "p", "estimate", _RANKED, "people", 3),
    )
    text = (
        "Zero: participants of a group share no order; one: all have the same. p from permutations."
    )
    return TableSpec("concordance", "How far each group agrees in itself", text, columns)


def _consensus_spec() -> TableSpec:
    kinds = Kinds(_RANKED, PERCENT)
    columns = (
        words("topic", "Topic"),
        words("side", "Group"),
        kinds.people("people", "Participants"),
        kinds.share("high", "Score seven to nine", "people", 0),
        kinds.share("low", "Score one to three", "people", 0),
        words("of_group", "Group"),
        words("verdict", "All groups"),
    )
    text = "A topic is in, or out, where every group by itself says so in the last round."
    return TableSpec("consensus", "Consensus, group by group", text, columns)


def _settled(stability: pd.DataFrame) -> pd.DataFrame:
    if stability.empty:
        return stability
    named = _sided(stability, "side")
    return named.assign(stable=named["stable"].map({True: "settled", False: "still moving"}))


def _stability_spec() -> TableSpec:
    kinds = Kinds(_RANKED, PERCENT)
    columns = (
        words("topic", "Topic"),
        words("side", "Group"),
        kinds.people("people", "Answered both rounds"),
        kinds.share("change", "Changed", "people", 0),
        words("stable", "Verdict"),
    )
    text = "How much of the distribution of scores moved between the last two rounds."
    return TableSpec("stability", "Have scores settled?", text, columns)


def _attrition_spec() -> TableSpec:
    kinds = Kinds(_RANKED, PERCENT)
    columns = (
        words("side", "Group"),
        Column("round", "Round", "estimate", decimals=0),
        kinds.people("people", "Answered"),
        kinds.share("kept", "Of the first round", "people", 0),
    )
    return TableSpec("attrition", "Who answered each round", "By group.", columns)


def _merged(merged: pd.DataFrame) -> pd.DataFrame:
    names = {name: f"list_{n}" for n, name in enumerate(merged.columns[1:-1], start=1)}
    return merged.rename(columns=names)


def _merged_spec(merged: pd.DataFrame) -> TableSpec:
    kinds = Kinds(_RANKED, "", 1)
    lists = list(merged.columns[1:-1])
    said = [STATED, *(name.replace("_", " ") for name in lists[1:])]
    columns = (
        words("topic", "Topic"),
        *(kinds.figure(f"list_{n}", name.capitalize()) for n, name in enumerate(said, start=1)),
        kinds.figure("moves", "Moves by at most"),
    )
    text = (
        "One list of all groups, made with weights that somebody set, and what other weights do "
        "to it. It replaces none of the groups' own lists."
    )
    return TableSpec("merged", "One list, and how far it hangs on the weights", text, columns)


def _best_worst_spec() -> TableSpec:
    kinds = Kinds(_PICKED, "")
    columns = (
        words("side", "Group"),
        words("topic", "Topic"),
        kinds.people("people", "Participants"),
        kinds.figure("score", "Score", "people"),
        kinds.figure("score_low", "Score, low", "people"),
        kinds.figure("score_high", "Score, high", "people"),
        kinds.figure("share", "Share of importance, %", "people"),
    )
    text = "Times picked best less times picked worst, over times shown."
    return TableSpec("best_worst", "Best-worst choices", text, columns)
