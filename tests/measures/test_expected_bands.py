"""Expected ranges, bands, funnel, reliability and shrinkage: golden figures, by hand, refusals."""

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.fits.expected_range import fit_expected_range
from evalkit.measures.benchmarks import (
    fit_funnel,
    fit_funnel_of_shares,
    fit_reliability,
    shrink_scores,
)
from evalkit.measures.expected_bands import band_by_limits, band_by_z, band_units

SCORES = [7.6, 7.9, 8.0, 8.1, 8.1, 8.2, 8.2, 8.3, 8.3, 8.4, 8.5, 8.6, 8.7, 9.3]
ERRORS = [0.12, 0.10, 0.09, 0.11, 0.10, 0.08, 0.12, 0.10, 0.09, 0.11, 0.10, 0.12, 0.09, 0.11]
Z = [-2.556, -1.505, -1.145, -0.742, -0.753, -0.386, -0.365, 0, 0]
Z += [0.371, 0.753, 1.095, 1.526, 3.709]
GIVEN = 0.0006  # the golden z-scores are given to three decimals


def make_units() -> pd.DataFrame:
    """Return the golden units, each with 100 answers."""
    return pd.DataFrame({"unit": range(14), "score": SCORES, "std_error": ERRORS, "n": 100})


def test_golden_expected_range() -> None:
    """Centre 8.3, dispersion 6.4605, spread between units 0.060602, and each z."""
    found = fit_expected_range(np.array(SCORES), np.array(ERRORS))
    assert found.centre == pytest.approx(8.3)
    assert found.dispersion == pytest.approx(6.4605, abs=5e-5)
    assert found.tau2 == pytest.approx(0.060602, abs=5e-7)
    assert found.z.tolist() == pytest.approx(Z, abs=GIVEN)


def test_golden_bands() -> None:
    """First worse, last much better, the rest about the same; three bands say the same."""
    found = band_units(make_units())
    assert found["band"].tolist() == [2, *[4] * 12, 7]
    assert found["three_bands"].tolist() == ["worse", *["about the same"] * 12, "better"]
    assert found["band_words"].iloc[-1] == "much better than expected"


def test_without_shared_spread_far_more_are_flagged() -> None:
    """By sampling alone eight units are outside, with the shared spread two."""
    alone = (np.array(SCORES) - 8.3) / np.array(ERRORS)
    assert int(np.sum(np.abs(alone) >= 1.96)) == 8
    assert int(np.sum(band_units(make_units())["band"] != 4)) == 2


def test_band_by_score_and_by_z_agree() -> None:
    """A score is outside the limits where its z is beyond the cut."""
    found = band_units(make_units(), bounds=None)
    limits = {
        level: (found[f"low_{level}"].to_numpy(), found[f"high_{level}"].to_numpy())
        for level in ("90", "95", "998")
    }
    assert band_by_limits(found["score"].to_numpy(), limits).tolist() == found["band"].tolist()


def test_cuts_by_hand() -> None:
    """1.64 is as expected, 1.65 somewhat, 1.96 plainly, 3.09 much better; below, the same."""
    z = np.array([1.64, 1.65, 1.96, 3.09, -1.64, -1.65, -1.96, -3.09])
    assert band_by_z(z).tolist() == [4, 5, 6, 7, 4, 3, 2, 1]


def test_limits_end_at_the_scale() -> None:
    """Around a mean of 9.8, no limit lies above 10."""
    units = make_units().assign(score=np.array(SCORES) + 1.5)
    assert band_units(units)["high_998"].max() == 10.0


def test_small_units_are_in_no_estimate_and_have_no_band() -> None:
    """A wild unit with 29 answers changes nothing, and its row says why it is empty."""
    small = pd.DataFrame({"unit": [99], "score": [1.0], "std_error": [0.5], "n": [29]})
    found = band_units(pd.concat([make_units(), small], ignore_index=True))
    assert found["band"].iloc[:14].tolist() == band_units(make_units())["band"].tolist()
    last = found.iloc[-1]
    assert last["suppressed"] and pd.isna(last["band"]) and pd.isna(last["score"])


def test_too_few_units_are_refused() -> None:
    """Four units of enough answers have no expected range."""
    with pytest.raises(AnalysisError, match="4 of 4 units have 30 answers"):
        band_units(make_units().head(4))


@pytest.mark.parametrize("source", ["fft", "Friends and Family Test"])
def test_friends_and_family_test_is_refused(source: str) -> None:
    """Neither bands nor funnels are made of it."""
    with pytest.raises(AnalysisError, match="not for the Friends and Family Test"):
        band_units(make_units(), source=source)
    with pytest.raises(AnalysisError, match="not for the Friends and Family Test"):
        fit_funnel(np.array(SCORES), np.array(ERRORS), source=source)
    with pytest.raises(AnalysisError, match="not for the Friends and Family Test"):
        fit_funnel_of_shares(np.full(6, 9.0), np.full(6, 10.0), source=source)


def test_funnel_places_the_golden_units() -> None:
    """One is below the 95% limit, one above the 99.8% limit."""
    found = fit_funnel(np.array(SCORES), np.array(ERRORS), source="survey")
    assert found["place"].tolist() == ["below", *["within"] * 12, "far above"]


def test_funnel_of_shares_is_in_per_cent_between_0_and_100() -> None:
    """Units of 10 and 1,000 people at 90%: all within, the smaller with the wider limits."""
    people = np.array([10.0, 1000.0, 10.0, 1000.0, 100.0, 100.0])
    found = fit_funnel_of_shares(0.9 * people, people, source="survey")
    assert found["value"].tolist() == pytest.approx([90.0] * 6)
    assert set(found["place"]) == {"within"}
    assert found["low_95"].iloc[0] < found["low_95"].iloc[1]
    assert found["high_998"].max() <= 100


def test_reliability_is_signal_over_signal_and_noise() -> None:
    """With variance between units 0.2 and error 0.1, about two thirds is real."""
    rng = np.random.default_rng(5)
    errors = np.full(400, np.sqrt(0.1))
    values = 8 + np.sqrt(0.2) * rng.standard_normal(400) + errors * rng.standard_normal(400)
    found = fit_reliability(values, errors, np.full(400, 50.0))
    assert found.reliability.mean() == pytest.approx(2 / 3, abs=0.05)
    assert found.needed == pytest.approx(0.7 / 0.3 * 5 / found.tau2)


def test_shrinkage_draws_uncertain_units_further() -> None:
    """Of two units a point from the mean, the one with the larger error moves more."""
    values = np.array([7.0, 9.0, 8.0, 8.3, 7.7, 8.0])
    found = shrink_scores(values, np.array([0.1, 0.6, 0.2, 0.2, 0.2, 0.2]))
    moved = np.abs(found["shrunk"] - found["value"])
    assert moved.iloc[1] > moved.iloc[0]
    assert found["kept"].between(0, 1).all()


def test_units_without_error_are_refused() -> None:
    """An error of zero would take all the weight."""
    with pytest.raises(AnalysisError, match="1 of 3 have no error above zero"):
        shrink_scores(np.array([7.0, 8.0, 9.0]), np.array([0.1, 0.0, 0.1]))
