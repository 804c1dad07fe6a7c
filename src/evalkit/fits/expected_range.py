"""Which organisations lie outside the range to expect, given that all differ a little.

Spiegelhalter 2005 (Quality and Safety in Health Care 14:347-351) and 2012 (JRSS A 175:1-47): the
spread beyond sampling is estimated from z-scores with a tenth at each end drawn in, so that true
outliers do not hide themselves, and added to every organisation's variance. CQC's use of it is
recalled, not checked, so no equivalence with its published bands is claimed.
Must hold: most organisations differ for reasons that nobody set out to measure; the sampling
errors are known. Not for ranking, and refused for the Friends and Family Test by those who call.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats, Ints

DRAWN_IN = 0.1
"""Share of z-scores at each end that is set to the quantile there."""
FEWEST = 5
BANDS = (1.645, 1.960, 3.090)
"""Somewhat, plainly and much better or worse than expected: 90%, 95% and 99.8% of a normal."""


@dataclass(frozen=True, slots=True)
class ExpectedRange:
    """The centre, the spread beyond sampling (`dispersion`, `tau2`), and z-scores (k,) with it.

    `dispersion` is 1 where organisations differ by sampling alone.
    """

    centre: float
    dispersion: float
    tau2: float
    std_error: Floats
    z: Floats

    def limits(self, half_width: float) -> tuple[Floats, Floats]:
        """Lowest and highest value (k,) to expect, `half_width` being 1.96 for 95%."""
        half = half_width * np.sqrt(self.std_error**2 + self.tau2)
        return self.centre - half, self.centre + half

    def bands(self, cuts: tuple[float, ...] = BANDS) -> Ints:
        """Band of each organisation (k,): how many cuts it is beyond, below zero when lower."""
        beyond = np.abs(self.z)[:, None] >= np.array(cuts)[None, :]
        return np.asarray(np.sign(self.z) * beyond.sum(axis=1), dtype=np.int64)


def fit_expected_range(
    values: Floats, std_errors: Floats, *, centre: float | None = None
) -> ExpectedRange:
    """Estimate the range of `values` (k,) with `std_errors` (k,); centred on their mean.

    Raises AnalysisError for fewer than five organisations, or errors not above zero.
    """
    k = len(values)
    wrong = int(np.sum(~(std_errors > 0) | ~np.isfinite(values)))
    if k < FEWEST or wrong:
        raise AnalysisError(
            f"expected range: {k} organisations, {wrong} without a value or an error above zero. "
            f"Give at least {FEWEST}, each with both."
        )
    middle = float(np.mean(values)) if centre is None else centre
    z = (values - middle) / std_errors
    held = np.clip(z, *np.quantile(z, [DRAWN_IN, 1 - DRAWN_IN]))
    dispersion = float(np.mean(held**2))
    weight = 1 / std_errors**2
    room = float(weight.sum() - np.sum(weight**2) / weight.sum())
    tau2 = max(0.0, (k * dispersion - (k - 1)) / room)
    spread = np.sqrt(std_errors**2 + tau2)
    return ExpectedRange(middle, dispersion, tau2, std_errors, (values - middle) / spread)


def transform_shares(events: Floats, people: Floats) -> tuple[Floats, Floats]:
    """Return arcsine-root shares (k,) and their errors, which no longer depend on the share.

    Raises AnalysisError where nobody was asked.
    """
    empty = int(np.sum(~(people > 0)))
    if empty:
        raise AnalysisError(
            f"expected range: {empty} of {len(people)} organisations asked nobody. Leave them out."
        )
    return np.arcsin(np.sqrt(events / people)), 1 / (2 * np.sqrt(people))
