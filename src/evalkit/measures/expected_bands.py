"""Bands of units that are better or worse than expected, allowing for spread that all share.

The expected range (`fits.expected_range`) adds to each unit's sampling variance the spread
between units beyond sampling. Seven bands: much, plainly and somewhat worse (1-3), about the
same (4), somewhat, plainly and much better (5-7), cut at 1.645, 1.960 and 3.090; three bands are
cut at 1.960 alone. On CQC's workbook of the Adult Inpatient Survey 2022 these cuts give every
published band, from Z and from score against limits (docs/methods/inpatient_survey.md).
Bands are an order, not amounts: they may not be added up, nor units be ranked by them.
"""

from typing import Literal

import numpy as np
import pandas as pd

from evalkit.data.cqc_adult_inpatient import BANDS as BAND_WORDS
from evalkit.errors import AnalysisError
from evalkit.fits.expected_range import BANDS, FEWEST, ExpectedRange, fit_expected_range
from evalkit.inference.arrays import Floats, Ints
from evalkit.measures.feedback_counts import refuse_friends_and_family
from evalkit.measures.survey_scores import FEWEST_ANSWERS, suppress_few_answers

SAME = 4
THREE = {"worse": "worse", "same": "about the same", "better": "better"}
LEVELS = {"90": BANDS[0], "95": BANDS[1], "998": BANDS[2]}
"""Limits by their level, 90%, 95% and 99.8%, in standard errors of a normal."""

Limits = dict[str, tuple[Floats, Floats]]
"""Lowest and highest score to expect (k,), by name of level as in `LEVELS`."""


def band_by_z(z: Floats, cuts: tuple[float, ...] = BANDS) -> Ints:
    """Band each z-score (k,), 1 to 7 with three cuts and 4 about the same; NaN is refused."""
    z = np.asarray(z, dtype=float)
    _refuse_missing(z)
    beyond = np.abs(z)[:, None] >= np.array(cuts)[None, :]
    return np.asarray(SAME + np.sign(z) * beyond.sum(axis=1), dtype=np.int64)


def band_by_limits(scores: Floats, limits: Limits) -> Ints:
    """Band each score (k,) by the limits that it lies outside of."""
    scores = np.asarray(scores, dtype=float)
    _refuse_missing(scores)
    band = np.full(len(scores), SAME, dtype=np.int64)
    for low, high in limits.values():
        band += (scores > high).astype(np.int64) - (scores < low).astype(np.int64)
    return band


def band_units(
    scores: pd.DataFrame,
    *,
    value: str = "score",
    std_error: str = "std_error",
    base: str = "n",
    source: str = "survey",
    bounds: tuple[float, float] | None = (0.0, 10.0),
    fewest: int = FEWEST_ANSWERS,
) -> pd.DataFrame:
    """Return `scores`, one row a unit, with its expected range and bands.

    Adds `expected, dispersion, between_sd, z, low_90 .. high_998, band, band_words, three_bands`
    and `suppressed`; units with fewer than `fewest` answers are in no estimate and have none.
    `bounds` is the scale, at which limits end. `source` fft is refused.
    """
    refuse_friends_and_family(source, "bands against an expected range")
    shown = suppress_few_answers(scores, base=base, values=[value, std_error], fewest=fewest)
    kept = shown[~shown["suppressed"] & shown[value].notna()]
    if len(kept) < FEWEST:
        raise AnalysisError(
            f"bands: {len(kept)} of {len(scores)} units have {fewest} answers or more. "
            f"Give at least {FEWEST}, or join small units."
        )
    found = fit_expected_range(kept[value].to_numpy(float), kept[std_error].to_numpy(float))
    band = band_by_z(found.z)
    columns: dict[str, object] = {"z": found.z, "band": band, **_limit_columns(found, bounds)}
    rows = pd.DataFrame(columns, index=kept.index).assign(
        expected=found.centre, dispersion=found.dispersion, between_sd=np.sqrt(found.tau2)
    )
    joined = shown.join(rows)
    joined["band"] = joined["band"].astype("Int64")
    return joined.assign(
        band_words=joined["band"].map(BAND_WORDS), three_bands=_three_bands(joined["z"])
    )


def name_limits(kind: Literal["low", "high"], level: str) -> str:
    """Name of the column that holds a limit: `low_95`."""
    return f"{kind}_{level}"


def _limit_columns(found: ExpectedRange, bounds: tuple[float, float] | None) -> dict[str, Floats]:
    columns: dict[str, Floats] = {}
    for level, cut in LEVELS.items():
        low, high = found.limits(cut)
        if bounds is not None:
            low, high = np.clip(low, *bounds), np.clip(high, *bounds)
        columns |= {name_limits("low", level): low, name_limits("high", level): high}
    return columns


def _three_bands(z: pd.Series) -> pd.Series:
    plain = BANDS[1]
    words = np.select([z <= -plain, z >= plain], [THREE["worse"], THREE["better"]], THREE["same"])
    return pd.Series(words, z.index).where(z.notna())


def _refuse_missing(values: Floats) -> None:
    missing = int(np.isnan(values).sum())
    if missing:
        raise AnalysisError(
            f"bands: {missing} of {len(values)} units have no value. Leave them out, and say so."
        )
