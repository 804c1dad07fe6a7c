"""Whether the sources agree, in words: by theme, who says what, and what silence means.

A theme on which any two sources point opposite ways is contested, however many others agree, and so
is the answer: it says who says which, and never takes a side.
"""

from typing import Literal

import pandas as pd

from evalkit.findings.open_questions import list_not_shown
from evalkit.insight.convergence import (
    BETTER,
    CONTESTED,
    MODERATE,
    SAME,
    SINGLE,
    STRONG,
    UNHEARD,
    WORSE,
)
from evalkit.insight.triangulation import (
    Triangulated,
    explanations,
    find_designed,
    outcome_of_themes,
)
from evalkit.measures.coder_agreement import ALPHA, rate_alpha
from evalkit.results import Check, Finding, pick_row
from evalkit.results.words import counted, interval, listed, number, values_table
from evalkit.study.schemas.insight_triangulation import InsightTriangulation

Claim = Literal[
    "contested",
    "sources agree",
    "sources agree in part",
    "one source only",
    "cannot be told",
]
_LIMITS = (
    "That sources agree does not make what they say true: they may share a fault, or the people "
    "whom all of them miss.",
    "How often a thing is said is not how common it is.",
    "Silence of a source is counted neither for nor against.",
)
_WAYS = {BETTER: "better", SAME: "no change", WORSE: "worse"}
_REPORTED = {BETTER: "reported better", SAME: "reported unchanged", WORSE: "reported worse"}


def conclude_triangulation(
    found: Triangulated,
    agreement: pd.DataFrame,
    checks: list[Check],
    parameters: InsightTriangulation,
) -> Finding:
    """Choose the claim that the labels and the coders allow, and say it in plain English."""
    claim = choose_claim(found, checks)
    meaning = (
        *_say_contested(found, parameters),
        _say_label(found, STRONG),
        _say_label(found, MODERATE),
        _say_not_borne_out(found, parameters),
        _say_label(found, SINGLE),
        _say_label(found, UNHEARD),
        _say_silence(found),
        _say_one_source(found),
        *_say_sites(found, parameters),
        *_say_shared(found, parameters),
        _say_coders(agreement, parameters),
    )
    limits = (*_LIMITS, *_limits_of(found, parameters), *list_not_shown(checks))
    kept = tuple(said for said in meaning if said)
    values = _values(found, agreement, parameters)
    return Finding(claim, _answer(claim, found, parameters), kept, limits, values)


def choose_claim(found: Triangulated, checks: list[Check]) -> Claim:
    """Decide by rule: dissonance first, then whether codes may be used, then the best label."""
    labels = set(found.labels["label"])
    if CONTESTED in labels:
        return "contested"
    if any(check.blocks and check.verdict != "passes" for check in checks):
        return "cannot be told"
    if STRONG in labels:
        return "sources agree"
    return "sources agree in part" if MODERATE in labels else "one source only"


def list_not_heard(found: Triangulated) -> list[str]:
    """List what these sources cannot tell."""
    deaf = found.silence[found.silence["meaning"] == "could not have heard of it"]
    said = [
        f"What {', '.join(own['source'].astype(str))} would say of {theme}: it could not have "
        "heard of it"
        for theme, own in deaf.groupby("theme", sort=False)
    ]
    if not found.sites:
        said.append("By how much experience changed: no answers are set beside what was said")
    return [
        *said,
        "People whom none of the sources reach",
        "Whether sources that agree are independent of each other in what made them say it",
    ]


def _answer(claim: Claim, found: Triangulated, parameters: InsightTriangulation) -> str:
    themes = len(found.labels)
    if claim == "contested":
        contested = found.themes_labelled(CONTESTED)
        return (
            f"The sources do not agree: {len(contested)} of {counted(themes, 'theme')} "
            f"{'is' if len(contested) == 1 else 'are'} contested ({listed(contested)}). No one "
            "side is the answer."
        )
    if claim == "cannot be told":
        return "Whether the sources agree cannot be told: coders differ too much in how they read."
    strong = found.labels[found.labels["label"] == STRONG]
    if claim == "sources agree":
        borne = (
            "the designed comparison bears them out"
            if found.sites
            else "one of them is said to rest on a designed comparison"
        )
        return (
            f"No theme is contested. On {len(strong)} of {counted(themes, 'theme')} three or more "
            f"kinds of source agree and {borne}: {listed(_say_ways(strong))}."
        )
    if claim == "sources agree in part":
        moderate = found.labels[found.labels["label"] == MODERATE]
        return (
            f"No theme is contested; on {len(moderate)} of {counted(themes, 'theme')} sources "
            "agree at least in part, and on none is the evidence strong."
        )
    return "No two sources speak of the same theme: nothing is confirmed and nothing contested."


def _by_way(rows: pd.DataFrame) -> list[tuple[object, pd.DataFrame]]:
    return [(way, own) for way, own in rows.groupby("direction", sort=False)]


def _say_ways(rows: pd.DataFrame) -> list[str]:
    """Say what sources report, and on which themes; a report of no change shows none."""
    return [
        f"{_REPORTED.get(str(way), f'reported {way}')} on {listed(_names(own))}"
        for way, own in _by_way(rows)
    ]


def _names(rows: pd.DataFrame) -> list[str]:
    return [str(theme) for theme in rows["theme"]]


def _say_contested(found: Triangulated, parameters: InsightTriangulation) -> list[str]:
    """Say of each contested theme who says what, and what explains it."""
    words = explanations(parameters)
    said = []
    for _, row in found.labels[found.labels["label"] == CONTESTED].iterrows():
        sides = [
            f"{row[way]} {'say' if ',' in str(row[way]) else 'says'} {_WAYS[way]}"
            for way in (BETTER, SAME, WORSE)
            if row[way] != "none"
        ]
        why = words.get(str(row["theme"]))
        explained = (
            f"What explains it: {why}" if why else "Nobody has written down what explains it."
        )
        said.append(f"Contested, {row['theme']}: {'; '.join(sides)}. {explained}")
    return said


def _say_label(found: Triangulated, label: str) -> str:
    rows = found.labels[found.labels["label"] == label]
    if rows.empty:
        return ""
    if label == UNHEARD:
        return f"No source speaks of {listed(_names(rows))}."
    return f"Evidence is {label}: {'; '.join(_say_ways(rows))}."


def _say_not_borne_out(found: Triangulated, parameters: InsightTriangulation) -> str:
    """Say that themes of moderate evidence rest on what sources say alone, where all of them do."""
    moderate = found.themes_labelled(MODERATE)
    designed = find_designed(found.evidence, found.sites, parameters)
    if not moderate or any(designed[theme] for theme in moderate):
        return ""
    return f"No designed comparison bears out what is said of {listed(moderate)}."


def _say_silence(found: Triangulated) -> str:
    if found.silence.empty:
        return "No source is silent on any theme."
    could = int((found.silence["meaning"] == "could have heard of it, and did not").sum())
    return (
        f"Of {counted(len(found.silence), 'silence')} of a source on a theme, {could} "
        f"{'is' if could == 1 else 'are'} of a source that could have heard of it; the others say "
        "nothing, because the source could not have heard."
    )


def _say_one_source(found: Triangulated) -> str:
    changed = found.without[found.without["changes"] == "changes"]
    if changed.empty:
        return "No label changes when any one source is left out."
    said = [
        f"without {source}, {listed(list(dict.fromkeys(own['theme'].astype(str))))}"
        for source, own in changed.groupby("left_out", sort=False)
    ]
    return f"Labels that change when one source is left out: {'; '.join(said)}."


def _say_sites(found: Triangulated, parameters: InsightTriangulation) -> list[str]:
    said = []
    for outcome, sites in found.sites.items():
        effect = sites.effect
        ends = interval(effect.conf_low, effect.conf_high, parameters.confidence_level)
        said.append(f"{outcome} by {number(effect.estimate)} ({ends})")
    if not said:
        return []
    sites_ = next(iter(found.sites.values()))
    return [
        f"Over {counted(len(sites_.sites), 'site')}, those with "
        f"{parameters.intervention_name or 'the intervention'} changed beyond the others, in "
        f"{parameters.outcome_unit}: {'; '.join(said)}."
    ]


def _say_shared(found: Triangulated, parameters: InsightTriangulation) -> list[str]:
    """Say where one outcome measures several strong themes: they are one finding."""
    measured = outcome_of_themes(parameters)
    strong = [theme for theme in found.themes_labelled(STRONG) if theme in measured]
    said = []
    for outcome in found.sites:
        themes = [theme for theme in strong if measured[theme] == outcome]
        if len(themes) > 1:
            said.append(
                f"One figure, {outcome}, measures {listed(themes)} together: they are one finding, "
                f"from {counted(len(found.sites), 'outcome')} looked at without allowance for "
                "their number."
            )
    return said


def _say_coders(agreement: pd.DataFrame, parameters: InsightTriangulation) -> str:
    row = pick_row(agreement, measure=ALPHA)
    ends = interval(row["conf_low"], row["conf_high"], parameters.confidence_level)
    said = rate_alpha(float(row["estimate"]))
    return f"Coders agree with Krippendorff's alpha {number(row['estimate'])} ({ends}): {said}."


def _limits_of(found: Triangulated, parameters: InsightTriangulation) -> list[str]:
    said = []
    if parameters.designed_sources and not found.sites:
        said.append(
            "That a source rests on a designed comparison is what the study declares; no figures "
            "of it are in these data."
        )
    if found.sites:
        said.append(
            "Sites with and without the intervention are compared as if both would have changed "
            "alike without it; with few sites intervals are wide."
        )
    return said


def _values(
    found: Triangulated, agreement: pd.DataFrame, parameters: InsightTriangulation
) -> pd.DataFrame:
    """Every number that the sentences say."""
    held: dict[str, float] = {"themes": len(found.labels)}
    for label in (CONTESTED, STRONG, MODERATE, SINGLE, UNHEARD):
        held[label.replace(" ", "_").replace("-", "_")] = len(found.themes_labelled(label))
    held["silences"] = len(found.silence)
    held["silences_of_able"] = int(
        (found.silence["meaning"] == "could have heard of it, and did not").sum()
    )
    decimals = dict.fromkeys(held, 0)
    row = pick_row(agreement, measure=ALPHA)
    held |= {f"alpha_{k}": float(row[k]) for k in ("estimate", "conf_low", "conf_high")}
    for outcome, sites in found.sites.items():
        effect = sites.effect
        held |= {f"{outcome}_effect": effect.estimate}
        held |= {f"{outcome}_low": effect.conf_low, f"{outcome}_high": effect.conf_high}
        held |= {"sites": len(sites.sites), "outcomes": len(found.sites)}
    held["level"] = parameters.confidence_level
    return values_table(held, dict.fromkeys(held, 2) | decimals | {"sites": 0, "outcomes": 0})
