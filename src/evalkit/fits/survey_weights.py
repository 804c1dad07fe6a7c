"""Weights fitted to known shares of a population, and the gain in precision that follows.

Post-stratification (Holt and Smith 1979, JRSS A 142:33-46) and raking by iterative
proportional fitting (Deville, Sarndal and Sautory 1993, JASA 88:1013-1020). The design that is
returned carries the margins, so that errors use what is left once they are allowed for; for
raking the margins are taken out with equal weights, as R's survey package does.
Must hold: within the groups, people who answered are like those who did not.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.fits.survey_design import Calibration, SurveyDesign
from evalkit.inference.arrays import Floats, Ints

CLOSE_ENOUGH = 1e-12
"""Raking ends when no margin is further than this share from its target."""

Margin = tuple[Ints, Floats]
"""Codes (n,) from 0, and the population's share of each code, adding up to 1."""


def post_stratify(design: SurveyDesign, group: Ints, shares: Floats) -> SurveyDesign:
    """Scale the weights so that each group has its share of the population; total unchanged.

    `group` (n,) holds codes from 0; `shares` the population's share of each code.
    Raises AnalysisError where a group of the population has nobody in the survey.
    """
    _refuse_margin(design, group, shares)
    weight = _fit_margin(design.weight, group, shares)
    return replace(design, weight=weight, calibration=Calibration((group,), design.weight))


def rake(design: SurveyDesign, margins: Sequence[Margin], *, rounds: int = 500) -> SurveyDesign:
    """Scale the weights in turn until every margin has its shares of the population.

    Raises AnalysisError if the margins still disagree after `rounds`.
    """
    for group, shares in margins:
        _refuse_margin(design, group, shares)
    weight = design.weight
    for _ in range(rounds):
        for group, shares in margins:
            weight = _fit_margin(weight, group, shares)
        if all(_distance(weight, *margin) < CLOSE_ENOUGH for margin in margins):
            groups = tuple(group for group, _ in margins)
            equal = np.ones(len(weight))
            return replace(design, weight=weight, calibration=Calibration(groups, equal))
    raise AnalysisError(
        f"raking: {len(margins)} margins do not settle in {rounds} rounds. "
        "Merge sparse groups, or leave one margin out."
    )


def _fit_margin(weight: Floats, group: Ints, shares: Floats) -> Floats:
    found = np.bincount(group, weight, minlength=len(shares))
    factor = np.divide(shares * weight.sum(), found, out=np.zeros(len(shares)), where=found > 0)
    return np.asarray(weight * factor[group])


def _distance(weight: Floats, group: Ints, shares: Floats) -> float:
    found = np.bincount(group, weight, minlength=len(shares)) / weight.sum()
    return float(np.abs(found - shares).max())


def _refuse_margin(design: SurveyDesign, group: Ints, shares: Floats) -> None:
    if not np.isclose(np.sum(shares), 1.0) or np.any(np.asarray(shares) < 0):
        raise AnalysisError(
            "population shares: they do not add up to 1. Give every group's share, as a fraction."
        )
    if int(np.max(group)) >= len(shares):
        raise AnalysisError(
            f"population shares: {len(shares)} shares for {int(np.max(group)) + 1} groups. "
            "Give one share a group."
        )
    found = np.bincount(group, design.weight, minlength=len(shares))
    empty = int(np.sum((found == 0) & (np.asarray(shares) > 0)))
    if empty:
        raise AnalysisError(
            f"population shares: {empty} of {len(shares)} groups have nobody in the survey. "
            "Merge them with a neighbouring group."
        )
