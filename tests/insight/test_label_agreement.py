"""Agreement on labels is that of `agreement.py`, label by label, and MASI's on whole sets."""

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.insight.label_agreement import (
    find_masi_distance,
    fit_label_agreement,
    fit_set_agreement,
)
from evalkit.measures.agreement import (
    bootstrap_agreement,
    cohen_kappa,
    gwet_ac1,
    krippendorff_alpha,
)

ROUNDING = 1e-12
BY_CHANCE = 0.04
"""Ends of two bootstraps with their own draws: about three of their Monte Carlo errors."""


def made_ratings(rng: np.random.Generator, comments: int = 120) -> np.ndarray:
    """Codes of three coders for four labels, the third coder for half of the comments."""
    truth = rng.random((comments, 4)) < [0.5, 0.3, 0.1, 0.05]
    wrong = rng.random((comments, 3, 4)) < 0.12
    ratings = (truth[:, None, :] ^ wrong).astype(float)
    ratings[: comments // 2, 2] = np.nan
    return ratings


def test_each_label_agrees_as_it_does_alone() -> None:
    """Alpha, AC1 and kappa of each label are those of the functions for one variable."""
    ratings = made_ratings(np.random.default_rng(1))
    found = fit_label_agreement(ratings, np.random.default_rng(2), draws=99)
    for label in range(4):
        alone = ratings[:, :, label]
        assert found["alpha"].estimate[label] == pytest.approx(
            krippendorff_alpha(alone, "nominal"), abs=ROUNDING
        )
        assert found["ac1"].estimate[label] == pytest.approx(gwet_ac1(alone), abs=ROUNDING)
        assert found["kappa"].estimate[label] == pytest.approx(
            cohen_kappa(alone[:, :2]), abs=ROUNDING
        )


def test_intervals_are_those_of_resampled_comments() -> None:
    """The interval of alpha is that of the bootstrap written out comment by comment."""
    ratings = made_ratings(np.random.default_rng(1))
    found = fit_label_agreement(ratings, np.random.default_rng(2), draws=1999)["alpha"]
    alone = bootstrap_agreement(
        lambda sample: krippendorff_alpha(sample, "nominal"),
        ratings[:, :, 1],
        np.random.default_rng(3),
        draws=1999,
    )
    assert found.conf_low[1] == pytest.approx(alone.conf_low, abs=BY_CHANCE)
    assert found.conf_high[1] == pytest.approx(alone.conf_high, abs=BY_CHANCE)


def test_masi_distance_by_hand() -> None:
    """Same sets 0; one within the other 1 - 2/4 x 2/3; overlapping 1 - 1/3 x 1/3; apart 1."""
    sets = np.array([[1, 1, 0, 0, 0], [1, 1, 1, 1, 0], [0, 1, 0, 0, 1], [0, 0, 0, 0, 0.0]])
    distance = find_masi_distance(sets)
    assert distance[0, 1] == pytest.approx(1 - 1 / 2 * 2 / 3, abs=ROUNDING)
    assert distance[0, 2] == pytest.approx(1 - 1 / 3 * 1 / 3, abs=ROUNDING)
    assert distance[0, 3] == pytest.approx(1.0, abs=ROUNDING)
    assert np.allclose(np.diag(distance), 0, atol=ROUNDING)


def test_sets_of_one_label_agree_as_the_label_does() -> None:
    """With one label a comment, given or not, MASI is nominal, and so is its alpha."""
    ratings = made_ratings(np.random.default_rng(1))[:, :, :1]
    found = fit_set_agreement(ratings, np.random.default_rng(2), draws=99)
    assert found.estimate[0] == pytest.approx(
        krippendorff_alpha(ratings[:, :, 0], "nominal"), abs=ROUNDING
    )


def test_a_label_that_nobody_gave_has_no_alpha() -> None:
    """Where one code alone was used there is nothing to agree about: NaN, and no warning."""
    ratings = np.zeros((20, 2, 1))
    found = fit_label_agreement(ratings, np.random.default_rng(1), draws=99)
    assert np.isnan(found["alpha"].estimate[0]) and np.isnan(found["alpha"].conf_low[0])
    assert found["ac1"].estimate[0] == 1.0


def test_comments_coded_once_are_refused() -> None:
    """Agreement needs comments that two people coded."""
    ratings = np.full((3, 2, 1), np.nan)
    ratings[:, 0] = 1
    with pytest.raises(AnalysisError, match="none of 3 comments was coded by two people"):
        fit_label_agreement(ratings, np.random.default_rng(1))
