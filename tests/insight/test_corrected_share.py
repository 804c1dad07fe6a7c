"""The share of a theme is right though the machine is not, and its interval says how sure."""

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.insight.corrected_share import (
    About,
    LabelCounts,
    compare_shares,
    count_codes,
    fit_carried_share,
    fit_corrected_share,
    fit_recall,
)
from evalkit.insight.themes import CARERS_LABEL, read_theme_map, read_themes

ROUNDING = 1e-12
DRAWS = 299
WORLDS = 400
"""Made-up corpora a test: the Monte Carlo error of a coverage near 95% is then 1.1 points."""

LOWEST, HIGHEST = 0.92, 0.98
"""Three Monte Carlo errors around 95%."""

TOLD_APART = 0.80
"""An interval that holds the truth less often than this is of no use, whatever chance did."""


def made_counts(**numbers: list[float]) -> LabelCounts:
    """Counts of labels by hand."""
    return LabelCounts(**{name: np.array(held, dtype=float) for name, held in numbers.items()})


def drawn_counts(
    rng: np.random.Generator, share: float, recall: float, false: float, coded: int, others: int
) -> LabelCounts:
    """Counts of one label in a corpus drawn with a known share and a known machine."""
    truth = rng.random(coded + others) < share
    marked = rng.random(coded + others) < np.where(truth, recall, false)
    human = np.where(np.arange(coded + others) < coded, truth, np.nan)
    return count_codes(human[:, None].astype(float), marked[:, None].astype(float))


def test_codes_are_counted_as_people_and_machine_gave_them() -> None:
    """Six comments, four of them coded: one of each kind, and two sorted by the machine alone."""
    human = np.array([[1], [1], [0], [0], [np.nan], [np.nan]])
    machine = np.array([[1.0], [0], [1], [0], [1], [0]])
    counts = count_codes(human, machine)
    held = [counts.found, counts.missed, counts.wrong, counts.neither, counts.marked, counts.left]
    assert np.concatenate(held).tolist() == [1, 1, 1, 1, 1, 1]
    assert (counts.coded[0], counts.positives[0], counts.comments[0]) == (4, 2, 6)


def test_share_is_that_of_marked_and_unmarked_each_in_its_number() -> None:
    """By hand: 200 of 1,000 marked, 3 in 4 of them rightly; 1 in 9 of the others missed."""
    counts = made_counts(found=[15], missed=[10], wrong=[5], neither=[80], marked=[180], left=[710])
    found = fit_corrected_share(counts, np.random.default_rng(1))
    by_hand = 0.2 * 15 / 20 + 0.8 * 10 / 90
    assert found.estimate[0] == pytest.approx(by_hand, abs=ROUNDING)
    assert found.naive[0] == pytest.approx(0.2, abs=ROUNDING)
    assert found.conf_low[0] < by_hand < found.conf_high[0]


def test_share_of_these_comments_counts_the_coded_ones_as_they_are() -> None:
    """All comments coded: nothing is uncertain of these, and the share is people's own."""
    counts = made_counts(found=[20], missed=[10], wrong=[5], neither=[65], marked=[0], left=[0])
    rng = np.random.default_rng(1)
    these = fit_corrected_share(counts, rng, about="these comments")
    such = fit_corrected_share(counts, rng)
    assert these.estimate[0] == such.estimate[0] == pytest.approx(0.3, abs=ROUNDING)
    assert these.conf_low[0] == these.conf_high[0] == pytest.approx(0.3, abs=ROUNDING)
    assert such.conf_low[0] < 0.25 and such.conf_high[0] > 0.35


def test_too_few_comments_coded_so_are_not_corrected() -> None:
    """Nine comments with the label are too few where ten are asked for; the naive share stays."""
    counts = made_counts(
        found=[5, 5], missed=[4, 5], wrong=[5, 5], neither=[80, 79], marked=[9, 9], left=[91, 91]
    )
    found = fit_corrected_share(counts, np.random.default_rng(1))
    assert found.too_few.tolist() == [True, False]
    assert np.isnan(found.estimate[0]) and np.isnan(found.draws[:, 0]).all()
    assert np.isfinite(found.estimate[1]) and np.isfinite(found.naive).all()


def test_no_comment_by_the_machine_is_refused() -> None:
    """Without the machine's codes nothing can be counted, and the message says what to give."""
    with pytest.raises(AnalysisError, match=r"the machine coded no comment\. Give its codes"):
        count_codes(np.array([[1.0]]), np.array([[np.nan]]))


@pytest.mark.parametrize(
    ("share", "recall", "false", "coded", "others"),
    [(0.2, 0.6, 0.03, 300, 3000), (0.05, 0.3, 0.005, 600, 600), (0.03, 0.9, 0.1, 600, 3000)],
)
def test_interval_holds_the_truth_as_often_as_it_says(
    share: float, recall: float, false: float, coded: int, others: int
) -> None:
    """Recovery: 95% intervals hold the share of such comments, where the naive one seldom does."""
    rng = np.random.default_rng(20260301)
    held = naive = 0
    for _ in range(WORLDS):
        counts = drawn_counts(rng, share, recall, false, coded, others)
        found = fit_corrected_share(counts, rng, fewest=1, draws=DRAWS)
        held += found.conf_low[0] <= share <= found.conf_high[0]
        naive += found.naive_low[0] <= share <= found.naive_high[0]
    assert LOWEST <= held / WORLDS <= HIGHEST
    assert naive / WORLDS < TOLD_APART


@pytest.mark.parametrize("about", ["these comments", "comments nobody coded"])
def test_interval_of_these_comments_holds_their_own_share(about: About) -> None:
    """Recovery: the share in the comments at hand is held as often as said, and no more often."""
    rng = np.random.default_rng(20260302)
    held = 0
    for _ in range(WORLDS):
        truth = rng.random(1200) < 0.2
        marked = np.where(truth, rng.random(1200) < 0.4, rng.random(1200) < 0.05).astype(float)
        human = np.where(np.arange(1200) < 400, truth, np.nan)
        counts = count_codes(human[:, None].astype(float), marked[:, None])
        found = fit_corrected_share(counts, rng, about=about, draws=DRAWS)
        wanted = truth.mean() if about == "these comments" else truth[400:].mean()
        held += found.conf_low[0] <= wanted <= found.conf_high[0]
    assert LOWEST <= held / WORLDS <= HIGHEST


def test_change_is_the_difference_of_corrected_shares() -> None:
    """Recovery: a machine that gets better makes a naive change; the corrected one holds none."""
    rng = np.random.default_rng(20260303)
    held = naive = 0
    for _ in range(WORLDS):
        before = fit_corrected_share(
            drawn_counts(rng, 0.15, 0.4, 0.01, 400, 2000), rng, draws=DRAWS
        )
        after = fit_corrected_share(drawn_counts(rng, 0.15, 0.8, 0.01, 400, 2000), rng, draws=DRAWS)
        change = compare_shares(before, after)
        held += change.conf_low[0] <= 0 <= change.conf_high[0]
        naive += after.naive_low[0] <= before.naive_high[0]
        assert change.estimate[0] == pytest.approx(after.estimate[0] - before.estimate[0])
    assert LOWEST <= held / WORLDS <= HIGHEST
    assert naive == 0


def test_carried_errors_give_the_truth_only_where_the_machine_errs_alike() -> None:
    """Errors counted elsewhere correct a group like those, and mislead on one that it misses."""
    rng = np.random.default_rng(20260304)
    elsewhere = drawn_counts(rng, 0.3, 0.8, 0.02, 4000, 0)
    alike = fit_carried_share(drawn_counts(rng, 0.1, 0.8, 0.02, 0, 4000), elsewhere)
    missed = fit_carried_share(drawn_counts(rng, 0.1, 0.3, 0.02, 0, 4000), elsewhere)
    assert alike.conf_low[0] < 0.1 < alike.conf_high[0]
    assert missed.conf_high[0] < 0.1


def test_carried_share_by_hand() -> None:
    """Lang and Reiczigel's estimate, each number by hand: recall 0.8, specificity 0.95."""
    elsewhere = made_counts(found=[79], missed=[19], wrong=[9], neither=[189], marked=[0], left=[0])
    here = made_counts(found=[0], missed=[0], wrong=[0], neither=[0], marked=[200], left=[800])
    z = 1.959963984540054
    apparent = (200 + z**2 / 2) / (1000 + z**2)
    by_hand = (apparent + 0.95 - 1) / 0.75
    found = fit_carried_share(here, elsewhere)
    assert found.estimate[0] == pytest.approx(by_hand, abs=ROUNDING)
    assert found.conf_low[0] < by_hand < found.conf_high[0]


def test_recall_is_the_share_that_the_machine_found() -> None:
    """Three of ten comments that people gave the label: 30%, with Wilson's interval."""
    counts = made_counts(found=[3], missed=[7], wrong=[2], neither=[50], marked=[9], left=[99])
    recall = fit_recall(counts)
    assert recall.estimate[0] == pytest.approx(0.3)
    assert recall.conf_low[0] == pytest.approx(0.10779, abs=1e-5)
    assert recall.conf_high[0] == pytest.approx(0.60322, abs=1e-5)


def test_framework_has_its_labels_and_the_older_list_is_carried_into_it() -> None:
    """32 labels in 10 categories; 50 older columns, each with a label or a reason for none."""
    themes, carried = read_themes(), read_theme_map()
    assert (len(themes), themes["category"].nunique()) == (32, 10)
    assert CARERS_LABEL in set(themes["label"])
    assert (len(carried), carried["column"].nunique()) == (50, 50)
    assert set(carried["label"]) - {""} <= set(themes["label"])
    assert ((carried["label"] == "") == (carried["left_over_because"] != "")).all()
    assert set(themes["facet"]) <= {"relational", "functional", "felt", ""}
