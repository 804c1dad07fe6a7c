"""What people write about, in words: the corrected share of a theme and whether it changed.

The claim follows from the corrected interval alone. Where people disagree, or coded too few, there
is none: the machine's own share is told beside the answer and never in its place.
"""

from typing import Literal

import numpy as np
import pandas as pd

from evalkit.data.roles import columns_of
from evalkit.insight.theme_result import MACHINE, SAME_MIX
from evalkit.insight.theme_tables import ALL, TOO_FEW, ThemeShares
from evalkit.insight.themes import CARERS_LABEL, NOTHING_TO_LABEL
from evalkit.results import Check, Finding, Result, pick_row
from evalkit.results.words import interval, listed, measured, number, values_table
from evalkit.study.schemas.feedback_themes import FeedbackThemes

Claim = Literal[
    "rose",
    "fell",
    "no clear change",
    "not to be told from a change in who wrote",
    "a share",
    "too few to correct",
    "people do not agree",
]
_NOT_TOLD: Claim = "not to be told from a change in who wrote"
_CORRECTED = ("rose", "fell", "no clear change", _NOT_TOLD, "a share")
_TOP = 3
_LIMITS = (
    "How often a theme is written about is not how much it matters: what few write about can "
    "matter most to a small group.",
    "Only those who wrote are counted, and people choose whether to write.",
    "What people coded is taken for the truth, and intervals take comments as written one by one.",
)
_SORTS = "The machine sorts; it does not judge, and people's codes correct it."
_NO_CAUSE = "A change over time is no effect of anything: nobody was there to compare with."


def conclude_themes(
    result: Result,
    found: ThemeShares,
    themes: pd.DataFrame,
    checks: list[Check],
    parameters: FeedbackThemes,
) -> Finding:
    """Choose the claim that the corrected interval allows, and say it in plain English."""
    claim = choose_claim(result, checks)
    carers = pick_row(themes, label=CARERS_LABEL)
    values = _values(result, found, themes, parameters)
    meaning = (
        _say_common(themes),
        _say_carers(carers, found, parameters),
        _say_machine(result, parameters) if claim in _CORRECTED else "",
        _say_same_mix(result),
        _say_groups(result),
        _say_too_few(themes, parameters),
    )
    limits = (
        *_LIMITS,
        *([_SORTS] if found.by_machine else []),
        *([_NO_CAUSE] if result.primary["term"] == "change" else []),
    )
    answer = _answer(claim, result, found, parameters)
    return Finding(claim, answer, tuple(said for said in meaning if said), limits, values)


def choose_claim(result: Result, checks: list[Check]) -> Claim:
    """Decide by rule: agreement and enough codes first, then where the interval lies."""
    failed = {check.name for check in checks if check.blocks and check.verdict != "passes"}
    if "enough" in failed or np.isnan(result.headline["estimate"]):
        return "too few to correct"
    if "agreement" in failed:
        return "people do not agree"
    if result.primary["term"] == "share":
        return "a share"
    low, high = result.headline["conf_low"], result.headline["conf_high"]
    if low <= 0 <= high:
        return "no clear change"
    same = _same_mix(result)
    moved = any(check.name == "mix" and check.verdict == "concern" for check in checks)
    if moved and (same is None or same["conf_low"] <= 0 <= same["conf_high"]):
        return _NOT_TOLD
    return "rose" if low > 0 else "fell"


def list_not_in_comments(parameters: FeedbackThemes) -> list[str]:
    """List what comments cannot tell, whatever is in them."""
    quotes = {"quote_consent", "quote_checked"} <= set(columns_of(parameters, "comments"))
    return [
        "People who did not write, and what they would have written",
        "Topics without a label: patients' appearance, equality, records, admission",
        "How much a theme matters to those who wrote about it",
        "Whether anything done about it caused a change",
        *([] if quotes else ["Words of those who wrote: nobody's agreement to be quoted is known"]),
    ]


def _same_mix(result: Result) -> "pd.Series | None":
    rows = result.estimates[result.estimates["method"] == SAME_MIX]
    return None if rows.empty else rows.iloc[0]


def _answer(claim: Claim, result: Result, found: ThemeShares, parameters: FeedbackThemes) -> str:
    among, theme = _among(parameters), parameters.theme
    if claim == "too few to correct":
        return (
            f"{among} people coded too few as about {theme}: too few to correct, and nothing is "
            "said of how common it is."
        )
    if claim == "people do not agree":
        return f"People do not agree on which comments are about {theme}: no share of it is given."
    row, at = result.headline, found.at(theme)
    how = "corrected for the machine's errors" if found.by_machine else "as people coded them"
    if claim == "a share":
        return (
            f"{among} {number(row['estimate'], 1)}% "
            f"({interval(row['conf_low'], row['conf_high'], row['level'], 1)}) are about {theme}, "
            f"{how}."
        )
    group = parameters.group or ALL
    before, after = (
        100 * found.cells[group, span].shares.estimate[at] for span in ("before", "after")
    )
    return (
        f"{among} {number(after, 1)}% were about {theme} from {parameters.later_from} on, and "
        f"{number(before, 1)}% before, {how}: {claim} (a difference of "
        f"{number(row['estimate'], 1)} percentage points, "
        f"{interval(row['conf_low'], row['conf_high'], row['level'], 1)})."
        f"{_say_not_ruled_out(claim, row, parameters)}"
    )


def _say_not_ruled_out(claim: Claim, row: "pd.Series[float]", parameters: FeedbackThemes) -> str:
    least = parameters.minimum_important_difference
    if (
        claim != "no clear change"
        or least is None
        or least > max(-row["conf_low"], row["conf_high"])
    ):
        return ""
    said = measured(least, parameters.outcome_unit)
    return f" A difference of {said}, which would matter, is not ruled out."


def _say_common(themes: pd.DataFrame) -> str:
    top = _most_common(themes)
    if top.empty:
        return ""
    said = [
        f"{label} ({number(float(share), 1)}%)"
        for label, share in zip(top["label"], top["estimate"], strict=True)
    ]
    known = themes["estimate"].notna() & (themes["label"] == NOTHING_TO_LABEL)
    rest = [
        f" A further {number(float(share), 1)}% could not be labelled."
        for share in themes.loc[known, "estimate"]
    ]
    return f"Most often, comments are about: {'; '.join(said)}.{''.join(rest)}"


def _most_common(themes: pd.DataFrame) -> pd.DataFrame:
    about = themes["estimate"].notna() & (themes["label"] != NOTHING_TO_LABEL)
    return themes[about].head(_TOP)


def _say_carers(carers: pd.Series, found: ThemeShares, parameters: FeedbackThemes) -> str:
    share = (
        f"{number(carers['estimate'], 1)}% of comments "
        f"({interval(carers['conf_low'], carers['conf_high'], found.level, 1)})"
        if carers["verdict"] != TOO_FEW
        else f"too few to correct (fewer than {parameters.fewest_coded} coded)"
    )
    if not found.by_machine:
        return f"{CARERS_LABEL}: {share}."
    heard = (
        f"the machine found {number(carers['recall'], 0)}% of those that people coded so "
        f"({interval(carers['recall_low'], carers['recall_high'], found.level, 0)})"
        if carers["verdict"] != TOO_FEW and np.isfinite(carers["recall"])
        else "too few for it to be told how many of them the machine finds"
    )
    return f"{CARERS_LABEL}: {share}; {heard}. A person must read these comments."


def _say_machine(result: Result, parameters: FeedbackThemes) -> str:
    rows = result.estimates
    chosen = rows[(rows["method"] == MACHINE) & (rows["group"] == (parameters.group or ALL))]
    if chosen.empty:
        return ""
    value = float(chosen["estimate"].iloc[0])
    unit = "%" if result.primary["term"] == "share" else " percentage points"
    what = "share" if result.primary["term"] == "share" else "difference"
    return (
        f"The machine alone would have said a {what} of {number(value, 1)}{unit}; its errors are "
        "in that number, so it is not the answer."
    )


def _say_same_mix(result: Result) -> str:
    row = _same_mix(result)
    if row is None:
        return ""
    return (
        "Had the groups written in the same numbers then as now, the difference would be "
        f"{number(row['estimate'], 1)} percentage points "
        f"({interval(row['conf_low'], row['conf_high'], row['level'], 1)})."
    )


def _say_groups(result: Result) -> str:
    rows = result.estimates
    chosen = rows[(rows["method"] == result.primary["method"]) & (rows["group"] != ALL)]
    known = chosen[chosen["estimate"].notna()]
    if chosen.empty:
        return ""
    columns = (known[name] for name in ("group", "estimate", "conf_low", "conf_high"))
    said = [
        f"{group} {number(value, 1)} ({number(low, 1)} to {number(high, 1)})"
        for group, value, low, high in zip(*columns, strict=True)
    ]
    few = sorted(set(chosen["group"]) - set(known["group"]))
    told = f"By group: {listed(said)}." if said else ""
    missing = f"Too few to correct in: {listed(few)}." if few else ""
    return " ".join(part for part in (told, missing) if part)


def _say_too_few(themes: pd.DataFrame, parameters: FeedbackThemes) -> str:
    few = int((themes["verdict"] == TOO_FEW).sum())
    if not few:
        return ""
    return (
        f"{few} of {len(themes)} labels were given by people to fewer than "
        f"{parameters.fewest_coded} comments: too few to correct, which does not say that they "
        "are rare or matter less."
    )


def _among(parameters: FeedbackThemes) -> str:
    return f"Of comments of group {parameters.group}," if parameters.group else "Of all comments,"


def _values(
    result: Result, found: ThemeShares, themes: pd.DataFrame, parameters: FeedbackThemes
) -> pd.DataFrame:
    """Every number that the sentences say."""
    row, at, group = result.headline, found.at(parameters.theme), parameters.group or ALL
    carers = pick_row(themes, label=CARERS_LABEL)
    held = {name: row[name] for name in ("estimate", "conf_low", "conf_high")}
    held |= {"level": 100 * row["level"], "fewest_coded": parameters.fewest_coded}
    for span in ("before", "after"):
        if (group, span) in found.cells:
            held[f"share_{span}"] = 100 * found.cells[group, span].shares.estimate[at]
    for place, top in enumerate(_most_common(themes).itertuples(), start=1):
        held[f"common_{place}"] = top.estimate
    for share in themes.loc[themes["label"] == NOTHING_TO_LABEL, "estimate"]:
        held["not_labelled"] = share
    if parameters.minimum_important_difference is not None:
        held["minimum_important_difference"] = parameters.minimum_important_difference
    for name in ("estimate", "conf_low", "conf_high", "recall", "recall_low", "recall_high"):
        if name in carers and carers["verdict"] != TOO_FEW:
            held[f"carers_{name}"] = carers[name]
    others = result.estimates[result.estimates["group"] != ALL]
    for number_of, other in enumerate(others.itertuples(), start=1):
        held[f"group_{number_of}"] = other.estimate
        held[f"group_{number_of}_low"] = other.conf_low
        held[f"group_{number_of}_high"] = other.conf_high
    same = _same_mix(result)
    if same is not None:
        held |= {f"same_mix_{part}": same[part] for part in ("estimate", "conf_low", "conf_high")}
    machine = result.estimates[result.estimates["method"] == MACHINE]
    for number_of, alone in enumerate(machine.itertuples(), start=1):
        held[f"machine_{number_of}"] = alone.estimate
    held |= {"too_few_labels": float((themes["verdict"] == TOO_FEW).sum()), "labels": len(themes)}
    known = {name: float(value) for name, value in held.items() if np.isfinite(value)}
    whole = ("level", "fewest_coded", "too_few_labels", "labels", "carers_recall")
    places = {name: 0 if name.startswith(whole) else 1 for name in known}
    return values_table(known, places)
