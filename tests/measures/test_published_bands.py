"""Published bands: reproduced on the official workbook, and the method on made-up limits."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.data.cqc_expected_ranges import read_cqc_expected_ranges
from evalkit.errors import AnalysisError
from evalkit.measures.published_bands import (
    estimate_ranges_again,
    read_spread,
    reproduce_bands,
)
from evalkit.measures.survey_scores import score_sections

WORKBOOK = "inpatient_survey/Adult-Inpatient-Survey-2022.ods"
RATED = 5_978
RATED_WITH_SECTIONS = 7_434
EXACT = 1e-12  # the expected value is the plain mean of trusts' scores, up to rounding
# Figures of docs/methods/inpatient_survey.md; they move by no more than rounding of the last digit.
SAME_BAND, WITHIN_ONE = 5_709, 5_965
SECTION_SCORES = 1_456
# Which questions make up a section is not in the workbook; it is the one stretch of them that fits.
SECTIONS = {
    "S01": ["Q2", "Q4"],
    "S02": ["Q5_1", "Q5_2", "Q5_4", *(f"Q{n}" for n in range(7, 16))],
    "S03": ["Q16", "Q17", "Q18"],
    "S04": ["Q19", "Q20", "Q21", "Q22"],
    "S05": [f"Q{n}" for n in range(23, 30)],
    "S06": ["Q31", "Q32"],
    "S07": [*(f"Q{n}" for n in range(33, 43)), "Q44"],
    "S08": ["Q47"],
    "S09": ["Q45"],
    "S10": ["Q46"],
    "S11": ["Q51"],
}


@pytest.fixture(scope="module")
def published(data_root: Path) -> pd.DataFrame:
    """Return the published ranges of every trust and question."""
    return read_cqc_expected_ranges(data_root / WORKBOOK)


def test_every_published_band_follows_from_z(published: pd.DataFrame) -> None:
    """All 5,978 rated cells of questions, and all with sections, have the band of their Z."""
    found = reproduce_bands(published)
    questions = found[~found["section"]]
    assert len(questions) == RATED and len(found) == RATED_WITH_SECTIONS
    assert (found["band_by_z"] == found["band"]).all()


def test_every_published_band_follows_from_score_and_limits(published: pd.DataFrame) -> None:
    """All of them have the band of the limits that their score is outside of."""
    found = reproduce_bands(published)
    assert (found["band_by_limits"] == found["band"]).all()


def test_expected_value_is_the_plain_mean_of_trusts(published: pd.DataFrame) -> None:
    """For all 45 questions, to rounding."""
    found = estimate_ranges_again(published)
    assert len(found) == 45 and int(found["trusts"].sum()) == RATED
    assert float((found["expected"] - found["expected_again"]).abs().max()) < EXACT


def test_section_scores_are_plain_means_of_their_questions(published: pd.DataFrame) -> None:
    """Every published section score follows, where all of a section's questions have one."""
    wide = published.pivot_table(index="trust", columns="question", values="score")
    found = score_sections(wide, SECTIONS)
    known = found.notna()
    assert int(known.to_numpy().sum()) == SECTION_SCORES
    apart = (found - wide[list(SECTIONS)]).abs().where(known)
    assert float(apart.max().max()) < EXACT


def test_spread_and_limits_estimated_again_come_near(published: pd.DataFrame) -> None:
    """Spread between trusts correlates 0.99; limits are 3% to 12% apart, most bands the same."""
    found = estimate_ranges_again(published)
    related = np.corrcoef(found["between_sd"], found["between_sd_again"])[0, 1]
    assert related == pytest.approx(0.992, abs=0.001)
    ratio = found["between_sd_again"].mean() / found["between_sd"].mean()
    assert ratio == pytest.approx(0.975, abs=0.001)
    assert found["limit_error"].mean() == pytest.approx(0.066, abs=0.001)
    assert found["limit_error"].max() < 0.125
    assert round((found["same_band"] * found["trusts"]).sum()) == SAME_BAND
    assert round((found["within_one"] * found["trusts"]).sum()) == WITHIN_ONE


def test_spread_is_read_from_limits_that_follow_the_rule() -> None:
    """Limits made from a spread of 3 points and 0.2 between trusts give both back."""
    people = np.array([50.0, 100.0, 200.0, 400.0])
    low = 8 - 1.959964 * np.sqrt(0.2**2 + 9 / people)
    found = read_spread(8.0, low, people)
    assert found.person_sd == pytest.approx(3.0)
    assert found.tau2 == pytest.approx(0.04)


def test_limits_of_trusts_alike_in_answers_cannot_be_parted() -> None:
    """With the same number of answers everywhere there is nothing to read."""
    with pytest.raises(AnalysisError, match="as many answers"):
        read_spread(8.0, np.full(3, 7.0), np.full(3, 50.0))
