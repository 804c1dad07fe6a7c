"""Who decided what, and whether it mattered, in words.

The claim follows from the log (were partners among the deciders from the first stage) and from the
gap between both sides' ratings. The two sides are never averaged: both are said, and the gap.
"""

from typing import Literal

import pandas as pd

from evalkit.findings.open_questions import list_not_shown
from evalkit.insight.both_sides import ALL as EACH
from evalkit.insight.both_sides import LIVED, PROFESSIONAL
from evalkit.insight.co_production import CoProduced
from evalkit.insight.consensus import APART, IN
from evalkit.insight.decisions import ALL
from evalkit.results import Check, Finding, pick_row
from evalkit.results.words import capital, counted, interval, listed, number, values_table
from evalkit.study.schemas.co_production import CoProduction

Claim = Literal[
    "shared from the start",
    "shared from the start, and rated lower by lived experience",
    "joined late",
    "joined late, and rated lower by lived experience",
    "no part in decisions",
    "too few decisions",
]
_LIMITS = (
    "The log says who is named as a decider, not how freely they could decide.",
    "That a proposal was taken up does not show that it made care better.",
    "Ratings and rankings of the two sides stand beside each other and are never averaged into "
    "one.",
)


def conclude_co_production(
    found: CoProduced, make_up: pd.DataFrame, checks: list[Check], parameters: CoProduction
) -> Finding:
    """Choose the claim that the log and the ratings allow, and say it in plain English."""
    claim = choose_claim(found, checks, parameters)
    meaning = (
        _say_stages(found, parameters),
        _say_adoption(found, parameters),
        _say_voices(found, parameters),
        _say_each_voice(found),
        _say_gap(found, parameters),
        _say_priorities(found, parameters),
        _say_picks(found),
        _say_consensus(found),
        _say_seats(make_up),
        _say_dose(found, parameters),
    )
    answer = _answer(claim, found, parameters)
    limits = (*_LIMITS, *list_not_shown(checks))
    kept = tuple(said for said in meaning if said)
    return Finding(claim, answer, kept, limits, _values(found, make_up, parameters))


def choose_claim(found: CoProduced, checks: list[Check], parameters: CoProduction) -> Claim:
    """Decide by rule: the first stage with a decision, then the gap between the sides' ratings."""
    if any(check.blocks and check.verdict != "passes" for check in checks):
        return "too few decisions"
    if pick_row(found.decided.stages, stage=ALL)["lived_experience"] == 0:
        return "no part in decisions"
    late = float(first_stage(found)["estimate"]) < parameters.share_wanted
    lower = is_rated_lower(found)
    if late:
        return "joined late, and rated lower by lived experience" if lower else "joined late"
    return (
        "shared from the start, and rated lower by lived experience"
        if lower
        else "shared from the start"
    )


def first_stage(found: CoProduced) -> "pd.Series[float]":
    """Return the row of the first stage that had a decision."""
    stages = found.decided.stages
    return stages[stages["decisions"] > 0].iloc[0]


def is_rated_lower(found: CoProduced) -> bool:
    """Tell whether people with lived experience rate it lower beyond what chance would bring."""
    if found.ratings.empty:
        return False
    return bool(pick_row(found.ratings, part=EACH, name=EACH)["gap_high"] < 0)


def list_not_in_log(found: CoProduced, make_up: pd.DataFrame) -> list[str]:
    """List what a study of co-production would hold, and these data do not."""
    said = []
    if found.ratings.empty:
        said.append("How both sides rate the values and steps of co-production")
    if found.priorities.places.empty:
        said.append("What each group would put first")
    if found.priorities.best_worst.empty:
        said.append("How much more one topic matters than another: best-worst choices")
    if make_up.empty:
        said.append("Whom partners resemble, of the people served")
    if found.decided.association.empty:
        said.append("Whether units that share decisions more do better: all decisions are of one")
    return [
        *said,
        "How it was to take part, in the partners' own words",
        "People who were never asked to be partners, and those who left",
    ]


def _answer(claim: Claim, found: CoProduced, parameters: CoProduction) -> str:
    if claim == "too few decisions":
        return "There are too few decisions in the log to say who decides."
    everything, first = pick_row(found.decided.stages, stage=ALL), first_stage(found)
    if claim == "no part in decisions":
        return (
            f"People with lived experience were among the deciders of none of the "
            f"{counted(int(everything['decisions']), 'decision')} in the log."
        )
    said = _of(everything)
    early = f"on the {first['stage']}, the first stage, in {_of(first)}"
    joined = "but" if claim.startswith("joined late") else "and"
    answer = f"People with lived experience were among the deciders in {said}, {joined} {early}"
    if not is_rated_lower(found):
        return f"{answer}."
    row = pick_row(found.ratings, part=EACH, name=EACH)
    return (
        f"{answer}; they rate co-production {number(row[LIVED])} out of five and professionals "
        f"{number(row[PROFESSIONAL])}."
    )


def _of(row: "pd.Series[float]") -> str:
    whole = counted(int(row["decisions"]), "decision")
    return f"{int(row['lived_experience'])} of {whole} ({number(row['estimate'], 0)}%)"


def _say_stages(found: CoProduced, parameters: CoProduction) -> str:
    own = found.decided.stages
    own = own[(own["stage"] != ALL) & (own["decisions"] > 0)]
    below = own.loc[own["estimate"] < parameters.share_wanted, "stage"].tolist()
    shared = found.decided.earliest.shared
    wanted = f"{number(parameters.share_wanted, 0)}%"
    if shared is None:
        return f"At no stage were they among the deciders of {wanted} of the decisions or more."
    said = f"The earliest stage with {wanted} or more is the {shared}"
    return f"{said}; below that: {listed(below)}." if below else f"{said}; none is below that."


def _say_adoption(found: CoProduced, parameters: CoProduction) -> str:
    rows = found.decided.adoption[found.decided.adoption["proposals"] > 0]
    if rows.empty:
        return ""
    said = [
        f"{str(r['label']).lower()} {int(r['taken'])} of {int(r['proposals'])} "
        f"({number(r['estimate'], 0)}%)"
        for _, r in rows.iterrows()
    ]
    reasons = len(found.decided.not_taken)
    why = (
        f" The {counted(reasons, 'proposal')} of people with lived experience that were declined "
        "or put off are listed with the reasons given."
        if reasons
        else ""
    )
    return f"Proposals adopted or adapted, by who made them: {listed(said)}.{why}"


def _say_voices(found: CoProduced, parameters: CoProduction) -> str:
    row = pick_row(found.decided.voices, key="stood_apart")
    if row["heard"] == 0:
        return "In no decision did people with lived experience stand otherwise than others."
    ends = interval(row["conf_low"], row["conf_high"], parameters.confidence_level, 0)
    return (
        f"Where people with lived experience stood otherwise than staff or leaders, the outcome "
        f"was what they asked for in {int(row['met'])} of {int(row['heard'])} decisions "
        f"({number(row['estimate'], 0)}%, {ends})."
    )


def _say_each_voice(found: CoProduced) -> str:
    """Say how often each voice got what it asked for, and whether they can be told apart."""
    rows = _heard_voices(found)
    if len(rows) < 2:
        return ""
    said = [
        f"{str(r['label']).lower()} {int(r['met'])} of {int(r['heard'])} "
        f"({number(r['estimate'], 0)}%)"
        for _, r in rows.iterrows()
    ]
    alike = rows["conf_low"].max() <= rows["conf_high"].min()
    apart = ": their intervals overlap, so that no voice is shown to count for more" * bool(alike)
    return f"Decisions that came out as each voice asked: {listed(said)}{apart}."


def _heard_voices(found: CoProduced) -> pd.DataFrame:
    voices = found.decided.voices
    return voices[(voices["key"] != "stood_apart") & (voices["heard"] > 0)]


def _say_gap(found: CoProduced, parameters: CoProduction) -> str:
    if found.ratings.empty:
        return ""
    row = pick_row(found.ratings, part=EACH, name=EACH)
    own = found.ratings[found.ratings["name"] != EACH]
    widest = own.iloc[int(own["gap"].abs().argmax())]
    ends = interval(row["gap_low"], row["gap_high"], parameters.confidence_level)
    return (
        f"People with lived experience rate the values and steps {number(row[LIVED])} out of five "
        f"on average, professionals {number(row[PROFESSIONAL])}: a gap of {number(row['gap'])} "
        f"({ends}). It is widest on {widest['name']}: {number(widest[LIVED])} against "
        f"{number(widest[PROFESSIONAL])}."
    )


def _say_priorities(found: CoProduced, parameters: CoProduction) -> str:
    places = found.priorities.places
    if places.empty:
        return ""
    firsts = [
        f"{_named(str(side))} rank {listed(_first_of(own))} first{_may_share(own)}"
        for side, own in places.groupby("side", sort=True)
    ]
    level = parameters.confidence_level
    agreed = [
        f"{number(r['spearman'])} ({interval(r['spearman_low'], r['spearman_high'], level)})"
        for _, r in found.priorities.agreement.iterrows()
    ]
    said = f"{capital(listed(firsts))}."
    if len(agreed) == 1:
        return f"{said} The rank correlation of the two lists is {agreed[0]}."
    return f"{said} Rank correlations of the lists stand in a table." if agreed else said


def _may_share(own: pd.DataFrame) -> str:
    """Say that other topics may be first as well, where the intervals of their places reach it."""
    others = own[~own["topic"].isin(_first_of(own))]
    may = others["place_low"] <= own["place"].min()
    return " (by the intervals of places others may be as high)" if may.any() else ""


def _first_of(own: pd.DataFrame) -> list[str]:
    return [str(topic) for topic in own.loc[own["place"] == own["place"].min(), "topic"]]


def _say_picks(found: CoProduced) -> str:
    """Say which topic each group picks first where only a few are shown at a time."""
    picks = found.priorities.best_worst
    if picks.empty:
        return ""
    firsts = [
        f"{_named(str(side))} pick {own['topic'].iloc[int(own['score'].argmax())]} most and "
        f"{own['topic'].iloc[int(own['score'].argmin())]} least"
        for side, own in picks.groupby("side", sort=True)
    ]
    return f"Where they must choose among a few topics, {listed(firsts)}."


def _say_consensus(found: CoProduced) -> str:
    if found.priorities.consensus.empty:
        return ""
    table = found.priorities.consensus.drop_duplicates("topic")
    agreed = table.loc[table["verdict"] == IN, "topic"].tolist()
    apart = table.loc[table["verdict"] == APART, "topic"].tolist()
    said = (
        f"Every group agrees that these matter: {listed(agreed)}."
        if agreed
        else ("There is no topic that every group agrees to matter.")
    )
    return f"{said} One group agrees and another does not on {listed(apart)}." if apart else said


def _say_seats(make_up: pd.DataFrame) -> str:
    if make_up.empty:
        return ""
    without = make_up[make_up["seat"] == "no seat"]
    if without.empty:
        return "Every group of the people served has a seat among the partners."
    most = without.iloc[int(without["served_share"].argmax())]
    return (
        f"Of the groups without a seat among the partners, the largest is {most['group']} "
        f"({most['dimension'].lower()}), {number(most['served_share'], 0)}% of the people served."
    )


def _say_dose(found: CoProduced, parameters: CoProduction) -> str:
    association = found.decided.association
    if association.empty:
        return (
            "Decisions were taken for all units alike, so that no unit had more of co-production "
            "than another; whether more of it brings more cannot be told from this log."
        )
    row = association.iloc[0]
    meant = "an association, and no effect"
    if not row["p_value"] < 1 - parameters.confidence_level:
        meant = "not told apart from none, and it would be no effect if it were"
    return (
        f"Over {int(row['units'])} units the rank correlation of shared decisions with the outcome "
        f"is {number(row['correlation'])} (p {number(row['p_value'], 3)}): {meant}."
    )


def _named(side: str) -> str:
    names = {LIVED: "people with lived experience", PROFESSIONAL: "professionals"}
    return names.get(side, side.replace("_", " "))


def _values(found: CoProduced, make_up: pd.DataFrame, parameters: CoProduction) -> pd.DataFrame:
    """Every number that the sentences say, rounded as it is said."""
    held: dict[str, float] = {"share_wanted": parameters.share_wanted}
    everything, first = pick_row(found.decided.stages, stage=ALL), first_stage(found)
    for name, row in (("all", everything), ("first_stage", first)):
        held |= {f"{name}_decisions": row["decisions"], f"{name}_joined": row["lived_experience"]}
        held[f"{name}_share"] = row["estimate"]
    for _, proposer in found.decided.adoption.iterrows():
        if proposer["proposals"] > 0:
            for name in ("proposals", "taken", "estimate"):
                held[f"{proposer['key']}_{name}"] = float(proposer[name])
    apart = pick_row(found.decided.voices, key="stood_apart")
    if apart["heard"] > 0:
        held |= {"stood_apart": apart["heard"], "stood_apart_met": apart["met"]}
        held |= {f"stood_apart_{k}": apart[k] for k in ("estimate", "conf_low", "conf_high")}
    for _, voice in _heard_voices(found).iterrows():
        for name in ("heard", "met", "estimate"):
            held[f"voice_{voice['key']}_{name}"] = float(voice[name])
    held["not_taken_up"] = float(len(found.decided.not_taken))
    if not make_up.empty and (make_up["seat"] == "no seat").any():
        without = make_up[make_up["seat"] == "no seat"]
        held["largest_without_seat"] = float(without["served_share"].max())
    decimals = dict.fromkeys(held, 0)
    if not found.ratings.empty:
        row = pick_row(found.ratings, part=EACH, name=EACH)
        held |= {f"rating_{k}": row[k] for k in (LIVED, PROFESSIONAL, "gap", "gap_low", "gap_high")}
        own = found.ratings[found.ratings["name"] != EACH]
        widest = own.iloc[int(own["gap"].abs().argmax())]
        held |= {f"widest_{k}": widest[k] for k in (LIVED, PROFESSIONAL)}
    if len(found.priorities.agreement) == 1:
        agreed = found.priorities.agreement.iloc[0]
        held |= {k: agreed[k] for k in ("spearman", "spearman_low", "spearman_high")}
    if not found.decided.association.empty:
        row = found.decided.association.iloc[0]
        held |= {"association_units": row["units"], "association": row["correlation"]}
        held["association_p"] = row["p_value"]
        decimals |= {"association_units": 0, "association_p": 3}
    held["level"] = parameters.confidence_level
    return values_table(held, dict.fromkeys(held, 2) | decimals)
