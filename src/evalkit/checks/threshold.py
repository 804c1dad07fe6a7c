"""Checks of a threshold: nobody placed there, nothing else jumps, no jump where there is no offer.

They read what the design shows beside its estimate: `density`, `jumps_of_causes`,
`placebo_thresholds` and `bandwidths`, and ask it for the jump of what causes foretell (Cattaneo,
Idrobo and Titiunik 2020, A Practical Introduction to Regression Discontinuity Designs, chapter 5).
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.checks.asked import DESCRIPTION, Asked, answer, answer_by, cannot_tell, seen_in
from evalkit.checks.judging import (
    POWER,
    Estimate,
    judge,
    p_words,
    shown_p,
    size_that_matters,
    worst,
)
from evalkit.checks.re_estimate import effect_on
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import counted, decimals_for, number

PLACING = Asked(
    "placing",
    "Nobody is placed just past the threshold, or just short of it, on purpose",
    "Do as many lie just past it as just short of it?",
    "If it fails, those on the two sides were not alike to begin with",
)
CAUSES = Asked(
    "jumps_of_causes",
    "Nothing measured beforehand jumps at the threshold",
    "Do measured causes, or what they foretell of the outcome, jump there?",
    "If it fails, those on the two sides were not alike to begin with",
)
ELSEWHERE = Asked(
    "placebo_thresholds",
    "The outcome does not jump where no offer begins",
    "Is there a jump in the middle of each side?",
    "If it fails, the jump at the threshold may be the shape of the curve",
)
WIDTH = Asked(
    "bandwidth",
    "The answer does not hang on how near to the threshold one looks",
    "Do other widths give an estimate outside the interval?",
    "If it fails, the width made the answer; all widths should be shown beside it",
)
PILED = 0.1
"""Share beyond one half that lies on one side of the threshold, from which placing matters."""

DEVIATIONS = 0.25
"""A jump of a cause, in its standard deviations, from which it matters."""


def check_placing(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Read the tests of piling up: the jump of the density and a fair coin for the nearest."""
    density = result.tables["density"].dropna(subset=["p_value"])
    nearest = density.iloc[-1]
    rows = int(nearest["n_short"] + nearest["n_beyond"])
    alpha = (1 - parameters.confidence_level) / len(density)
    smallest = float(density["p_value"].min())
    reach = (stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(POWER)) * 0.5 / np.sqrt(rows)
    verdict: Verdict = "passes" if reach <= PILED else "cannot tell"
    verdict = "concern" if smallest < alpha else verdict
    said = {
        "passes": "No sign of placing",
        "concern": "More lie on one side than chance explains",
        "cannot tell": "Not shown, but with so few near it placing could have been missed",
    }[verdict]
    return answer(
        PLACING,
        verdict,
        f"Of {counted(rows, 'row')} nearest to it, {int(nearest['n_beyond'])} lie past it; of "
        f"{counted(len(density), 'test')} the smallest {p_words(smallest)}. {said}",
        f"Would find {number(100 * (0.5 + reach), 0)}% on one side four times in five; "
        f"{number(100 * (0.5 + PILED), 0)}% is taken to matter",
        {
            "rows_near": rows,
            "past_it": float(nearest["n_beyond"]),
            "tests": len(density),
            "smallest_p_value": shown_p(smallest),
            "detectable_share": 100 * (0.5 + reach),
            "share_that_matters": 100 * (0.5 + PILED),
        },
        {"smallest_p_value": 3, "detectable_share": 0, "share_that_matters": 0},
    )


def check_jumps_of_causes(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Judge each measured cause's jump in its own standard deviations, all together.

    Where one that matters could have been missed, ask whether what the causes foretell of the
    outcome jumps by as much as matters (Lee and Lemieux 2010, Journal of Economic Literature
    48:281-355).
    """
    jumps = result.tables["jumps_of_causes"].dropna(subset=["lower_end", "upper_end"])
    if jumps.empty:
        return cannot_tell(CAUSES, "No measured cause is named, or none can be looked at")
    names = {"difference": "estimate", "lower_end": "conf_low", "upper_end": "conf_high"}
    each = _judge_jumps(
        CAUSES,
        jumps.rename(columns=names),
        jumps["cause"].to_list(),
        DEVIATIONS,
        DEVIATIONS,
        parameters,
        "standard deviations",
    )
    if each.verdict != "cannot tell":
        return each
    return _judge_foretold(table, result, parameters, estimate) or each


def _judge_foretold(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check | None:
    """Judge the jump in what measured causes foretell of the outcome, by the design itself."""
    roles = [role for role in parameters.adjust_for if role in table]
    if not roles or "running" not in table:
        return None
    foretold = _foretell(table, roles, parameters)
    row = effect_on(foretold, table, parameters, estimate)
    if row is None:
        return None
    return answer_by(
        CAUSES,
        seen_in(row),
        size_that_matters(result, parameters),
        "No jump of a cause by itself is shown. Together they foretell a jump of the outcome",
        harmless=float(parameters.minimum_important_difference),
        unit=str(parameters.outcome_unit),
    )


def _foretell(table: pd.DataFrame, roles: list[str], parameters: Any) -> "pd.Series[float]":
    """What causes foretell of the outcome, by least squares with a line for each side.

    With a line for each side the offer moves no coefficient; that they are estimated is left out.
    """
    known = table.dropna(subset=["outcome", "running", *roles])
    away = known["running"].to_numpy(float) - float(parameters.threshold)
    past = (away >= 0 if parameters.offered_side == "above" else away <= 0).astype(float)
    lines = np.column_stack([np.ones(len(known)), past, away, past * away])
    causes = known[roles].to_numpy(float)
    outcome = known["outcome"].to_numpy(float)
    coef, *_ = np.linalg.lstsq(np.column_stack([causes, lines]), outcome, rcond=None)
    foretold = causes @ coef[: len(roles)]
    return pd.Series(foretold, index=known.index, dtype=float).reindex(table.index)


def check_placebo_thresholds(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Judge the jumps in the middle of each side, where no offer begins."""
    found = result.tables["placebo_thresholds"].dropna(subset=["conf_low", "conf_high"])
    if found.empty:
        return cannot_tell(ELSEWHERE, "There are too few rows on each side to look for a jump")
    names = [f"the side {side} the threshold" for side in found["side"]]
    matters = size_that_matters(result, parameters)
    return _judge_jumps(
        ELSEWHERE, found, names, 0.0, matters, parameters, str(parameters.outcome_unit)
    )


def check_bandwidth(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Ask whether estimates at other widths stay within the interval of the answer."""
    found = result.tables["bandwidths"].dropna(subset=["estimate"])
    others = found[found["multiple"] != 1.0]
    if others.empty:
        return cannot_tell(WIDTH, "No other width can be looked at")
    row = result.headline
    away = others["estimate"] - float(row["estimate"])
    outside = int((~others["estimate"].between(row["conf_low"], row["conf_high"])).sum())
    furthest = float(away.iloc[int(away.abs().argmax())])
    decimals = decimals_for(furthest)
    return answer(
        WIDTH,
        "concern" if outside else "passes",
        f"Of {counted(len(others), 'other width')}, from half to twice, {outside} give an estimate "
        f"outside the interval; the furthest differs by {number(furthest, decimals)}",
        DESCRIPTION,
        {"other_widths": len(others), "outside": outside, "furthest": furthest},
        {"furthest": decimals},
    )


def _judge_jumps(
    asked: Asked,
    rows: pd.DataFrame,
    names: list[str],
    harmless: float,
    matters: float,
    parameters: Any,
    unit: str,
) -> Check:
    """Judge several jumps together, their intervals widened so that all hold (Bonferroni)."""
    tail = (1 - parameters.confidence_level) / 2
    usual, wide = stats.norm.isf(tail), stats.norm.isf(tail / len(rows))
    middle = (rows["conf_low"] + rows["conf_high"]).to_numpy(float) / 2
    error = (rows["conf_high"] - rows["conf_low"]).to_numpy(float) / 2 / usual
    reach = (wide + stats.norm.ppf(POWER)) * error
    verdicts = [
        judge(low, high, one, harmless, matters)
        for low, high, one in zip(middle - wide * error, middle + wide * error, reach, strict=True)
    ]
    at, verdict = int(np.argmax(np.abs(middle))), worst(verdicts)
    size, found = float(rows["estimate"].iloc[at]), float(reach.max())
    decimals = decimals_for(size, found, matters)
    said = {
        "passes": "No sign of one that matters",
        "concern": f"Beyond what chance explains: {verdicts.count('concern')}",
        "cannot tell": "Not shown, but one that matters could have been missed",
    }[verdict]
    fine = {"largest_difference": size, "detectable": found, "matters": matters}
    return answer(
        asked,
        verdict,
        f"Of {counted(len(rows), 'jump')} looked for, the largest ({names[at]}) is "
        f"{number(size, decimals)} {unit}. {said}",
        f"Would find {number(found, decimals)} {unit} or more four times in five; "
        f"{number(matters, decimals)} is taken to matter",
        fine | {"jumps": len(rows), "beyond_chance": verdicts.count("concern")},
        dict.fromkeys(fine, decimals),
    )
