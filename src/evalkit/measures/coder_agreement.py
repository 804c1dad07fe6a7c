"""How far the coders of a study agree, all together and two by two, with intervals."""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from evalkit.inference.arrays import Floats
from evalkit.measures.agreement import (
    bootstrap_agreement,
    cohen_kappa,
    gwet_ac1,
    krippendorff_alpha,
)
from evalkit.study.schemas.insight_triangulation import InsightTriangulation

ALPHA, AC1, KAPPA = "alpha", "ac1", "kappa"
ALL_CODERS = "all coders"
CONCLUDE, RELIABLE = 0.667, 0.8
"""Alpha below which nothing is concluded, and from which coding is called reliable."""


def rate_alpha(alpha: float) -> str:
    """Say in a word how far an alpha allows a conclusion."""
    if alpha >= RELIABLE:
        return "reliable"
    return "tentative" if alpha >= CONCLUDE else "too low"


def tabulate_coder_agreement(
    codes: Floats,
    coders: Sequence[str],
    rng: np.random.Generator,
    *,
    draws: int = 999,
    level: float = 0.95,
) -> pd.DataFrame:
    """Tabulate Krippendorff's alpha and Gwet's AC1 of all coders, and Cohen's kappa of each two.

    `codes` (cells, coders) are nominal, NaN where a coder gave none. Columns: `measure, coders,
    estimate, conf_low, conf_high, cells` (with two codes or more); intervals resample cells.
    """
    asked: list[tuple[str, str, Callable[[Floats], float], Floats]] = [
        (ALPHA, ALL_CODERS, lambda r: krippendorff_alpha(r, "nominal"), codes),
        (AC1, ALL_CODERS, gwet_ac1, codes),
    ]
    for one, other in combinations(range(len(coders)), 2):
        pair = f"{coders[one]} and {coders[other]}".replace("_", " ")
        asked.append((KAPPA, pair, cohen_kappa, codes[:, [one, other]]))
    rows = []
    for measure, whose, statistic, own in asked:
        cells = own[np.sum(~np.isnan(own), axis=1) > 1]
        found = bootstrap_agreement(statistic, cells, rng, draws=draws, level=level)
        low, high = found.conf_low, found.conf_high
        rows.append((measure, whose, found.estimate, low, high, len(cells), level))
    columns = ["measure", "coders", "estimate", "conf_low", "conf_high", "cells", "level"]
    return pd.DataFrame(rows, columns=columns)


def tabulate_agreement_on(
    said: pd.DataFrame, codes: Floats, coders: Sequence[str], parameters: InsightTriangulation
) -> pd.DataFrame:
    """Tabulate agreement on what sources say, the source of reference left out.

    `said` has a row a theme and source, in the order of `codes`: a source stands to itself in
    agreement, and to count that would flatter coders.
    """
    others = (said["source"] != parameters.reference_source).to_numpy(bool)
    rng = np.random.default_rng(parameters.seed)
    draws, level = parameters.draws, parameters.confidence_level
    return tabulate_coder_agreement(codes[others], coders, rng, draws=draws, level=level)
