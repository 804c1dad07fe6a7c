"""Corrected shares hold the truth on real labelled comments: the figures as stored, and a few anew.

`tests/calibration/feedback_themes.py` measures 200 splits; this runs four of its own.
"""

import sys
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "calibration"))
import feedback_themes as calibration

LOWEST, HIGHEST = 90.0, 98.0
"""Between these the corrected interval's coverage, averaged over labels, must lie."""
FEW_SPLITS, FRESH_SEED = 4, 90_000
FEW_LOWEST, FEW_NAIVE = 0.85, 0.75
"""A hundred intervals: three of their errors below 95%, and above what the naive ones reach."""


def stored() -> pd.DataFrame:
    """Return the figures of 200 splits, those that were corrected."""
    table = pd.read_csv(calibration.TABLE)
    return table[table["verdict"] == "corrected"]


def test_stored_figures_are_of_all_labels_and_splits() -> None:
    """32 labels, 200 splits; those with fewer than 30 comments say that they are too few."""
    table = pd.read_csv(calibration.TABLE)
    assert len(table) == 32 and (stored()["splits"] == calibration.SPLITS).all()
    few = table["comments"] < calibration.RARE
    assert (table["verdict"] == "too few to correct").equals(few)


def test_corrected_intervals_hold_the_truth_and_naive_ones_less_often() -> None:
    """On average within 90% and 98%; above naive wherever the machine's own share is biased."""
    table = stored()
    for name in ("coverage", "drawn_coverage"):
        assert LOWEST <= table[name].mean() <= HIGHEST
    biased = table[table["naive_is_biased"]]
    assert len(biased) >= 15
    assert (biased["coverage"] > biased["naive_coverage"]).all()
    assert (biased["drawn_coverage"] > biased["drawn_naive_coverage"]).all()


def test_a_few_splits_anew(data_root: Path) -> None:
    """Four splits with seeds of their own: corrected intervals hold, naive ones do not."""
    outcomes = pd.DataFrame(
        [
            outcome
            for seed in range(FRESH_SEED, FRESH_SEED + FEW_SPLITS)
            for outcome in calibration.run_split(data_root, seed)
        ]
    )
    positives = calibration.count_positives(data_root)
    many = outcomes[outcomes["label"].map(positives) >= calibration.RARE]
    assert many["target_held"].mean() >= FEW_LOWEST
    assert many["naive_held"].mean() <= FEW_NAIVE
