"""The share of comments with a theme, corrected for the errors of the machine that sorted them.

A machine sorted every comment, and people coded a random few of them. The share is that of double
sampling (Tenenbein 1970, Journal of the American Statistical Association 65:1350-1361): among
comments to which the machine gave the label, the share that people gave it too; likewise among
the others; each counted as often as the machine found such comments. It is the prediction-powered
estimate (Angelopoulos and others 2023, Science 382:669-674) with the best use of the machine, and
the difference estimator of survey sampling. Intervals draw each share from its own distribution
given the counts, under Jeffreys' prior (Brown, Cai and DasGupta 2001, Statistical Science
16:101-133), so that the error of the coded few and of the sorted many both count.

Must hold: the coded comments are a random draw of the comments whose share is wanted (same group,
same period). Nothing is assumed of the machine: a bad one makes intervals wide, not wrong. People's
codes are taken for the truth. `fit_carried_share` assumes more: that the machine errs here as it
does elsewhere.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.fits.proportions import Intervals, fit_wilson_interval
from evalkit.inference.arrays import Flags, Floats

About = Literal["such comments", "these comments", "comments nobody coded"]

JEFFREYS = 0.5
FEWEST_CODED = 10
"""Comments with the label, by people's codes, below which no share is corrected."""


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """How people and machine coded, by label, each (k,).

    Of the comments coded by people: `found` by both, `missed` by the machine, `wrong` where the
    machine alone gave the label, `neither`. Of the others: `marked` by the machine, and `left`.
    """

    found: Floats
    missed: Floats
    wrong: Floats
    neither: Floats
    marked: Floats
    left: Floats

    @property
    def coded(self) -> Floats:
        """Comments coded by people: a whole number, though parts of it may be shares of people."""
        return np.round(self.found + self.missed + self.wrong + self.neither)

    @property
    def positives(self) -> Floats:
        """Comments to which people gave the label."""
        return self.found + self.missed

    @property
    def comments(self) -> Floats:
        """All comments, coded by people or by the machine alone."""
        return self.coded + self.marked + self.left


@dataclass(frozen=True, slots=True)
class Comparison:
    """Differences of shares (k,), with errors, intervals at `level` and p-values of none."""

    estimate: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    p_value: Floats
    level: float


@dataclass(frozen=True, slots=True)
class CorrectedShares:
    """Shares (k,) with their intervals at `level`, the machine's own share, and the draws.

    `too_few` marks labels with too few comments coded so; their estimates are NaN, `draws`
    (draws, k) too. `naive` is the share by the machine alone, with Wilson's interval.
    """

    estimate: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    naive: Floats
    naive_low: Floats
    naive_high: Floats
    too_few: Flags
    draws: Floats
    level: float


def count_codes(human: Floats, machine: Floats) -> LabelCounts:
    """Count codes of 0 and 1 (comments, labels); `human` is NaN where nobody coded a comment.

    Comments that the machine did not code are left out. Raises AnalysisError without any other.
    """
    sorted_out = ~np.isnan(machine).any(axis=1)
    human, machine = human[sorted_out], machine[sorted_out]
    if len(machine) == 0:
        raise AnalysisError(
            "themes: the machine coded no comment. Give its codes for all comments."
        )
    coded = ~np.isnan(human).any(axis=1)
    people, beside, alone = human[coded], machine[coded], machine[~coded]
    return LabelCounts(
        found=np.sum(people * beside, axis=0),
        missed=np.sum(people * (1 - beside), axis=0),
        wrong=np.sum((1 - people) * beside, axis=0),
        neither=np.sum((1 - people) * (1 - beside), axis=0),
        marked=np.sum(alone, axis=0),
        left=np.sum(1 - alone, axis=0),
    )


def fit_corrected_share(
    counts: LabelCounts,
    rng: np.random.Generator,
    *,
    about: About = "such comments",
    fewest: float = FEWEST_CODED,
    draws: int = 999,
    level: float = 0.95,
) -> CorrectedShares:
    """Estimate the share of each label, corrected for the machine's errors.

    `about` such comments as these were drawn from, these comments themselves, or those of them
    that nobody coded. `fewest`: comments given the label by people, below which it is too few.
    """
    drawn = _draw_shares(counts, rng, about, draws)
    share = _plug_in(counts, about)
    too_few = counts.positives < max(fewest, 1)
    drawn[:, too_few], share = np.nan, np.where(too_few, np.nan, share)
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    naive, naive_low, naive_high = _naive(counts, about, level)
    return CorrectedShares(
        estimate=share,
        std_error=np.std(drawn, axis=0, ddof=1),
        conf_low=np.minimum(low, share),
        conf_high=np.maximum(high, share),
        naive=naive,
        naive_low=naive_low,
        naive_high=naive_high,
        too_few=too_few,
        draws=drawn,
        level=level,
    )


def fit_carried_share(
    counts: LabelCounts, elsewhere: LabelCounts, *, level: float = 0.95
) -> Intervals:
    """Correct the machine's share here by the errors that people counted `elsewhere`.

    Rogan and Gladen 1978 (American Journal of Epidemiology 107:71-76), with the interval of Lang
    and Reiczigel 2014 (Preventive Veterinary Medicine 113:13-22). Must hold: the machine finds
    the label in the same share of comments that have it, and gives it to the same share of those
    that have not, here as there. NaN where the machine does no better than chance.
    """
    z = float(stats.norm.ppf(0.5 + level / 2))
    have, have_not = elsewhere.positives, elsewhere.wrong + elsewhere.neither
    recall, passed = (elsewhere.found + 1) / (have + 2), (elsewhere.neither + 1) / (have_not + 2)
    noise_yes, noise_no = recall * (1 - recall) / (have + 2), passed * (1 - passed) / (have_not + 2)
    told = np.where(recall + passed > 1, recall + passed - 1, np.nan)
    comments = counts.comments + z**2
    apparent = (counts.found + counts.wrong + counts.marked + z**2 / 2) / comments
    share = (apparent + passed - 1) / told
    shift = 2 * z**2 * (share * noise_yes - (1 - share) * noise_no)
    spread = apparent * (1 - apparent) / comments
    half = z * np.sqrt(spread + (1 - share) ** 2 * noise_no + share**2 * noise_yes) / told
    low, high = (np.clip(share + shift + side * half, 0, 1) for side in (-1, 1))
    return Intervals(np.clip(share, low, high), low, high, level)


def compare_shares(first: CorrectedShares, second: CorrectedShares) -> Comparison:
    """Estimate by how much shares differ, `second` less `first`, of comments drawn apart.

    Both count the error of the coded few and of the sorted many. The p-value is the normal one.
    """
    tail = (1 - first.level) / 2
    drawn = second.draws - first.draws
    error = np.std(drawn, axis=0, ddof=1)
    change = second.estimate - first.estimate
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    p_value = 2 * stats.norm.sf(np.abs(change) / error)
    return Comparison(change, error, low, high, p_value, first.level)


def fit_recall(counts: LabelCounts, *, level: float = 0.95) -> Intervals:
    """Estimate the share of comments with the label, by people, that the machine found (Wilson)."""
    return fit_wilson_interval(counts.found, counts.positives, level=level)


def _draw_shares(counts: LabelCounts, rng: np.random.Generator, about: About, draws: int) -> Floats:
    """Draw the share (draws, k) from its distribution given the counts."""
    size = (draws, len(counts.found))
    right = rng.beta(counts.found + JEFFREYS, counts.wrong + JEFFREYS, size)
    missed = rng.beta(counts.missed + JEFFREYS, counts.neither + JEFFREYS, size)
    if about == "such comments":
        yes = counts.found + counts.wrong + counts.marked
        marked = rng.beta(yes + JEFFREYS, counts.comments - yes + JEFFREYS, size)
        return np.asarray(marked * right + (1 - marked) * missed)
    uncoded = counts.marked + counts.left
    with_it = rng.binomial(counts.marked.astype(int), right)
    with_it = with_it + rng.binomial(counts.left.astype(int), missed)
    if about == "these comments":
        return np.asarray((counts.positives + with_it) / counts.comments)
    return np.asarray(with_it / np.where(uncoded > 0, uncoded, np.nan))


def _plug_in(counts: LabelCounts, about: About) -> Floats:
    """The share itself: those with the label among marked and unmarked, each in its number."""
    yes, no = counts.found + counts.wrong, counts.missed + counts.neither
    right, missed = _share(counts.found, yes), _share(counts.missed, no)
    with_it = counts.marked * right + counts.left * missed
    if about == "comments nobody coded":
        return _share(with_it, counts.marked + counts.left)
    return _share(counts.positives + with_it, counts.comments)


def _naive(counts: LabelCounts, about: About, level: float) -> tuple[Floats, Floats, Floats]:
    marked, comments = counts.marked, counts.marked + counts.left
    if about != "comments nobody coded":
        marked, comments = marked + counts.found + counts.wrong, counts.comments
    found = fit_wilson_interval(marked, comments, level=level)
    return found.estimate, found.conf_low, found.conf_high


def _share(part: Floats, whole: Floats) -> Floats:
    """`part` over `whole`, one half where there is nothing to tell by."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), 0.5)
