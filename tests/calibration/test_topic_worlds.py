"""What the topics' studies are held against is what is true of the places they looked at."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from topic_worlds import as_coded, asked_otherwise, write_comments

from evalkit.measures.feedback_change import split_change
from evalkit.synthetic.linked.causes import WORLDS
from evalkit.synthetic.linked.comments import CODERS
from evalkit.synthetic.linked.feedback import (
    AFTER_SHIFT,
    MODE_LIFT,
    MODE_MIX,
    PER_POINT,
    RESPONSE,
    positive_at,
)
from evalkit.synthetic.linked.labels import NAMES, NO_LABEL
from evalkit.synthetic.linked.places import Places, Size, make_places
from evalkit.synthetic.linked.truth import tell_truth

SIZE = Size(2400, 12, 4)
ROUNDED = 0.001  # the stored percentages have three places
BY_CHANCE = 0.012  # four standard errors of a share of one fifth of 20,000 codes


def expected_split(places: Places) -> float:
    """Split the counts that are expected of the treated trusts, each at its own level."""
    answers = np.zeros((2, 6, len(MODE_MIX)))
    events = answers.copy()
    for at, trust in enumerate(np.flatnonzero(places.treated_trusts)):
        wards = places.trust_of == trust
        lift = MODE_LIFT + PER_POINT * (places.without[:, :, wards].mean() - 8.1)
        for time, mix in enumerate((MODE_MIX, AFTER_SHIFT)):
            answers[time, at] = places.beds[trust] * mix * RESPONSE / (mix * RESPONSE).sum()
            events[time, at] = answers[time, at] * positive_at(lift)
    return float(split_change(answers, events)["mode_mix"])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_asking_otherwise_adds_is_what_expected_counts_say(seed: int) -> None:
    """The truth by hand is what the split finds in counts without chance, and not the average's."""
    places = make_places(WORLDS["mode_shift"], seed, SIZE)
    assert asked_otherwise(places) == pytest.approx(expected_split(places), rel=1e-9)
    stored = tell_truth("mode_shift", seed, places, labels=False)["friends_and_family"]
    average = stored["percent_positive_from_mix_alone_after"] - stored["percent_positive_before"]
    assert abs(asked_otherwise(places) - average) > 10 * ROUNDED


def test_trusts_at_an_average_level_add_what_is_stored() -> None:
    """With every trust at the average level, the truth by hand is the stored one."""
    places = make_places(WORLDS["mode_shift"], 1, SIZE)
    places.without[:] = 8.1
    stored = tell_truth("mode_shift", 1, places, labels=False)["friends_and_family"]
    average = stored["percent_positive_from_mix_alone_after"] - stored["percent_positive_before"]
    assert asked_otherwise(places) == pytest.approx(average, abs=ROUNDED)


def test_nothing_is_added_where_people_are_asked_as_before() -> None:
    """In the world without a shift, the truth is none."""
    assert asked_otherwise(make_places(WORLDS["null"], 1, SIZE)) == 0.0


def test_people_miss_labels_and_then_say_that_labelling_is_not_possible() -> None:
    """What people are expected to code is what they coded: that label too often, others less."""
    tables, true = write_comments(make_places(WORLDS["null"], 1, Size(24_000, 4, 2)))
    codes = tables["codes"]
    assert set(codes["coder"]) <= set(CODERS)
    people = codes[codes["coder"] != "machine"]
    sheets = len(people[["comment", "coder"]].drop_duplicates())
    shares = people["label"].value_counts().reindex(list(NAMES), fill_value=0) / sheets
    expected, nothing = as_coded(true), NAMES.index(NO_LABEL)
    assert shares.to_numpy() == pytest.approx(expected, abs=BY_CHANCE)
    more = expected - true.mean(axis=0)
    assert 0.02 < more[nothing] < 0.04
    assert np.delete(more, nothing).mean() < 0
