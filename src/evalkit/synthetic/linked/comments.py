"""Comments, what they are truly about, and what people and a machine code them as.

The split of scores, the sentiment and its disagreement with the score, the number of labels a
comment and their shares follow labelled public comments (7,908 of 2021-22).
"""

import numpy as np
import pandas as pd

from evalkit.synthetic.linked.causes import Causes
from evalkit.synthetic.linked.draws import Flags, Floats, Ints, choose, choose_by_row, random_for
from evalkit.synthetic.linked.labels import (
    AWKWARD,
    CARERS,
    FALSE_ALARMS,
    HARD_LABELS,
    LABELS,
    LISTENING,
    NAMES,
    NO_LABEL,
    SENSITIVITY,
    SHARES,
)
from evalkit.synthetic.linked.people import label
from evalkit.synthetic.linked.places import MONTHS, Places, yes_no

COMMENTS_PER_ANSWER = 0.75
SCORE_MIX = np.array([0.679, 0.173, 0.049, 0.040, 0.059])
SENTIMENT_BY_SCORE = np.array(
    [
        [0.540, 0.260, 0.100, 0.097, 0.003],
        [0.120, 0.280, 0.200, 0.380, 0.020],
        [0.020, 0.050, 0.130, 0.740, 0.060],
        [0.010, 0.020, 0.050, 0.700, 0.220],
        [0.030, 0.030, 0.070, 0.440, 0.430],
    ]
)
QUESTIONS = ("what_good", "could_improve", "nonspecific")
QUESTION_MIX = np.array([0.45, 0.35, 0.20])
GROUPS = ("patient", "carer", "staff for patient")
GROUP_MIX = np.array([0.80, 0.15, 0.05])
GROUP_MIX_MISSED = np.array([0.65, 0.30, 0.05])
LABELS_BEYOND_FIRST = np.array([0.72, 0.19, 0.07, 0.02])
"""One to four labels, where labelling is possible."""
CARERS_OWN, OTHERS_OWN = 3.0, 0.65
"""How much more often carers, and others, write about how staff deal with families."""
CARERS_WRITE_MUCH, AND_MORE = 15.0, 3.0
"""The same of carers where a machine misses them, and times more after the start if treated."""
MISSED = 0.15
"""What is left of the machine's sensitivity to carers' own comments in that world."""
SAMPLED = 0.40
CODER_FINDS, CODER_ADDS = 0.90, 0.10
CODERS = ("human_a", "human_b", "lived_experience", "machine")
AWKWARD_EVERY = 40

_NONE = NAMES.index(NO_LABEL)
_CARERS = NAMES.index(CARERS)
_LISTENING = NAMES.index(LISTENING)


def make_comments(places: Places, trust: int, month: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Make the comments of one trust and month, and which labels each truly has."""
    rng = random_for(places.seed, "comments", trust, month)
    cells = places.size.trusts * len(MONTHS)
    count = rng.poisson(places.size.people * COMMENTS_PER_ANSWER / cells)
    on = places.is_on(trust, month)
    score = choose(rng, SCORE_MIX, count)
    sentiment = choose_by_row(rng, SENTIMENT_BY_SCORE[score])
    moved = rng.random(count)
    sentiment = _shift(sentiment, moved, places.causes.unhappy * on)
    group = choose(rng, GROUP_MIX_MISSED if places.causes.misses_carers else GROUP_MIX, count)
    true = _draw_labels(rng, _lift_labels(places.causes, group == 1, on))
    texts = _write_texts(rng, true, sentiment, first=(trust * len(MONTHS) + month))
    frame = pd.DataFrame(
        {
            "comment": [f"C{trust + 1:03d}{month + 1:02d}{n:05d}" for n in range(1, count + 1)],
            "trust": places.code_of(trust),
            "month": MONTHS[month],
            "question": label(QUESTIONS, choose(rng, QUESTION_MIX, count)),
            "score": score + 1,
            "group": label(GROUPS, group),
            "deprived": yes_no(rng.random(count) < places.deprivation[trust]),
            "text": texts,
            "sentiment": sentiment + 1,
        }
    )
    return frame, true


def _shift(sentiment: Ints, u: Floats, by: float) -> Ints:
    """Turn a share of the comments from good to bad, or from bad to good where `by` is below 0."""
    if by >= 0:
        return np.where((sentiment <= 1) & (u < by / 0.62), 3, sentiment)
    return np.where((sentiment == 3) & (u < -by / 0.221), 1, sentiment)


def _lift_labels(causes: Causes, carer: Flags, on: bool) -> Floats:
    """Give how much more often each comment (rows) is about each label than labels' shares say."""
    lift = np.ones((len(carer), len(NAMES)))
    own = CARERS_WRITE_MUCH * (AND_MORE if on else 1.0) if causes.misses_carers else CARERS_OWN
    lift[:, _CARERS] = np.where(carer, own, OTHERS_OWN)
    lift[:, _LISTENING] = causes.listening if on else 1.0
    return lift


def _draw_labels(rng: np.random.Generator, lift: Floats) -> Flags:
    """Draw one to four labels a comment, without repeats, or that labelling is not possible."""
    count = len(lift)
    weights = np.log(SHARES * lift)
    weights[:, _NONE] = -np.inf
    keys = weights + rng.gumbel(size=weights.shape)
    order = np.argsort(np.argsort(-keys, axis=1), axis=1)
    wanted = 1 + choose(rng, LABELS_BEYOND_FIRST, count)
    true = order < wanted[:, None]
    none = rng.random(count) < SHARES[_NONE]
    true[none] = False
    true[none, _NONE] = True
    return np.asarray(true)


def _write_texts(
    rng: np.random.Generator, true: np.ndarray, sentiment: Ints, first: int
) -> list[str]:
    """Write each comment from its labels' words; now and then one that is hard to show."""
    order = rng.permutation(len(LABELS))
    texts = []
    for row, (marks, mood) in enumerate(zip(true, sentiment, strict=True)):
        parts = [LABELS[n].unhappy if mood >= 3 else LABELS[n].pleased for n in order if marks[n]]
        texts.append(" ".join(parts))
        if (first + row) % AWKWARD_EVERY == 0:
            texts[-1] = AWKWARD[((first + row) // AWKWARD_EVERY) % len(AWKWARD)]
    return texts


def make_codes(
    places: Places, comments: pd.DataFrame, true: np.ndarray, trust: int, month: int
) -> pd.DataFrame:
    """Code the comments of one trust and month: a machine all of them, people a sample."""
    rng = random_for(places.seed, "codes", trust, month)
    count = len(comments)
    sampled = rng.random(count) < SAMPLED
    lived = sampled & (rng.random(count) < 0.5)
    found = {
        "human_a": (_code_by_hand(rng, true), sampled),
        "human_b": (_code_by_hand(rng, true), sampled),
        "lived_experience": (_code_by_hand(rng, true), lived),
        "machine": (
            _code_by_machine(rng, true, comments["group"].to_numpy() == "carer", places),
            np.ones(count, dtype=bool),
        ),
    }
    cells = [np.nonzero(marks & done[:, None]) for marks, done in (found[c] for c in CODERS)]
    row = np.concatenate([rows for rows, _ in cells])
    return pd.DataFrame(
        {
            "comment": comments["comment"].to_numpy(dtype=object)[row],
            "coder": np.repeat(np.array(CODERS, dtype=object), [len(rows) for rows, _ in cells]),
            "label": label(NAMES, np.concatenate([columns for _, columns in cells])),
            "sampled": yes_no(sampled[row]),
        }
    )


def _code_by_hand(rng: np.random.Generator, true: np.ndarray) -> np.ndarray:
    """Find nine labels in ten, and now and then add a common one."""
    found = true & (rng.random(true.shape) < CODER_FINDS)
    extra = rng.random(true.shape) < CODER_ADDS * SHARES
    return _never_none(found | extra)


def _code_by_machine(
    rng: np.random.Generator, true: np.ndarray, carer: np.ndarray, places: Places
) -> np.ndarray:
    """Find and miss labels by the machine's sensitivity, and add false ones."""
    chance = np.tile(machine_sensitivity(), (len(true), 1))
    if places.causes.misses_carers:
        chance[carer, _CARERS] = MISSED
    found = true & (rng.random(true.shape) < chance)
    return _never_none(found | (~true & (rng.random(true.shape) < FALSE_ALARMS * SHARES)))


def machine_sensitivity() -> Floats:
    """Give the share of each label that the machine finds."""
    return np.array([HARD_LABELS.get(name, SENSITIVITY) for name in NAMES])


def _never_none(marks: np.ndarray) -> np.ndarray:
    """Mark a comment without any label as one whose labelling is not possible, and only then."""
    marks = marks.copy()
    others = marks.sum(axis=1) - marks[:, _NONE]
    marks[:, _NONE] = others == 0
    return marks
