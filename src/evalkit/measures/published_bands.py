"""Published bands of a survey of trusts, reproduced, and its expected ranges estimated again.

Bands follow from the published Z, and from scores against the published limits. The ranges are
estimated again from the trusts' scores: the expected value is their mean; spread between trusts
comes from `fits.expected_range`. Trusts' sampling errors are not published, so that they are
taken as the spread of one person's answer over the root of the answers, that spread being alike in
all trusts: it is the one thing read from the published limits, from how fast they narrow as answers
grow in number. What then agrees is the spread between trusts, found from scores alone, with what
is left in the published limits however many answer.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.fits.expected_range import ExpectedRange, fit_expected_range
from evalkit.inference.arrays import Floats
from evalkit.measures.expected_bands import LEVELS, SAME, Limits, band_by_limits, band_by_z

NORMAL_95 = 1.959964


@dataclass(frozen=True, slots=True)
class PublishedSpread:
    """Spread in the published limits of a question: of one person, and between trusts (variance).

    `total` (k,) is the variance that a trust's limits amount to.
    """

    person_sd: float
    tau2: float
    total: Floats


def reproduce_bands(published: pd.DataFrame) -> pd.DataFrame:
    """Return rated rows of `published` with `band_by_z` and `band_by_limits` beside `band`."""
    rated = published.dropna(subset=["score", "z", "band"])
    limits: Limits = {
        level: (rated[f"low_{level}"].to_numpy(float), rated[f"high_{level}"].to_numpy(float))
        for level in LEVELS
    }
    return rated.assign(
        band_by_z=band_by_z(rated["z"].to_numpy(float)),
        band_by_limits=band_by_limits(rated["score"].to_numpy(float), limits),
    )


def estimate_ranges_again(published: pd.DataFrame) -> pd.DataFrame:
    """Estimate each question's expected range from its trusts' scores, one row a question.

    Columns: `question, trusts, expected, expected_again, between_sd, between_sd_again,
    dispersion, limit_error` (root mean square of the 95% half-width's relative error),
    `limit_points` (mean absolute error of a limit, in points of the score), `same_band` and
    `within_one` (shares of trusts). Sections have no answers and are left out.
    """
    rated = published[~published["section"].astype(bool)].dropna(subset=["score", "n", "low_95"])
    return pd.DataFrame([_again(part) for _, part in rated.groupby("question", sort=False)])


def read_spread(centre: float, low_95: Floats, people: Floats) -> PublishedSpread:
    """Split what limits allow for into spread of answers and spread between trusts.

    The lower limits (k,) are used, as upper ones may be cut off by the end of the scale.
    """
    total = ((centre - np.asarray(low_95)) / NORMAL_95) ** 2
    share = 1 / np.asarray(people, dtype=float)
    if not np.ptp(share) > 0:
        raise AnalysisError("limits: all trusts have as many answers, so that limits do not part.")
    columns = np.column_stack([np.ones(len(share)), share]) / share[:, None]
    (between, person), *_ = np.linalg.lstsq(columns, total / share, rcond=None)
    return PublishedSpread(float(np.sqrt(max(person, 0.0))), max(float(between), 0.0), total)


def _again(part: pd.DataFrame) -> dict[str, object]:
    scores, people = part["score"].to_numpy(float), part["n"].to_numpy(float)
    centre = float(((part["low_95"] + part["high_95"]) / 2).median())
    published = read_spread(centre, part["low_95"].to_numpy(float), people)
    found = fit_expected_range(scores, published.person_sd / np.sqrt(people))
    half = NORMAL_95 * np.sqrt(published.total)
    again = NORMAL_95 * np.sqrt(found.std_error**2 + found.tau2)
    return {
        "question": part["question"].iloc[0],
        "trusts": len(part),
        "expected": centre,
        "expected_again": found.centre,
        "between_sd": float(np.sqrt(published.tau2)),
        "between_sd_again": float(np.sqrt(found.tau2)),
        "dispersion": found.dispersion,
        "limit_error": float(np.sqrt(np.mean((again / half - 1) ** 2))),
        "limit_points": float(np.mean(np.abs(again - half))),
        **_agreement(part, found),
    }


def _agreement(part: pd.DataFrame, found: ExpectedRange) -> dict[str, float]:
    apart = np.abs(SAME + found.bands() - part["band"].to_numpy(float))
    return {"same_band": float(np.mean(apart == 0)), "within_one": float(np.mean(apart <= 1))}
