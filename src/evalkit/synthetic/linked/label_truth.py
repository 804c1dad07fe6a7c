"""What comments are truly about, and how well the machine finds it, counted over all comments."""

import numpy as np
import pandas as pd

from evalkit.synthetic.linked.comments import CODER_FINDS, MISSED, make_codes, make_comments
from evalkit.synthetic.linked.draws import Flags, Floats
from evalkit.synthetic.linked.labels import (
    AWKWARD,
    CARERS,
    FALSE_ALARMS,
    HARD_LABELS,
    NAMES,
    SENSITIVITY,
)
from evalkit.synthetic.linked.places import MONTHS, START, Places


def tell_labels(places: Places) -> dict[str, object]:
    """Count true labels and the machine's right finds and right silences, by group.

    `prevalence` is the share of comments with a label: of all, by who wrote, and before and
    after the start in treated and other trusts. Sensitivity is null where nobody wrote of it.
    """
    comments, true, found = _gather(places)
    groups = _group(places, comments)
    writers = {key: rows for key, rows in groups.items() if not key.startswith("time")}
    right, silent = true & found, ~true & ~found
    finds_carers = MISSED if places.causes.misses_carers else HARD_LABELS[CARERS]
    return {
        "comments": {key: int(rows.sum()) for key, rows in groups.items()},
        "prevalence": {key: _by_label(true[rows].mean(axis=0)) for key, rows in groups.items()},
        "machine_sensitivity": {
            key: _by_label(_share(right[rows], true[rows])) for key, rows in writers.items()
        },
        "machine_specificity": {
            key: _by_label(_share(silent[rows], ~true[rows])) for key, rows in writers.items()
        },
        "meant": {
            "machine_finds": SENSITIVITY,
            "machine_finds_of_hard_labels": HARD_LABELS | {f"{CARERS}, by carers": finds_carers},
            "machine_false_alarms_as_share_of_label": FALSE_ALARMS,
            "person_finds": CODER_FINDS,
        },
        "awkward": comments.loc[comments["text"].isin(AWKWARD), "comment"].tolist(),
    }


def _gather(places: Places) -> tuple[pd.DataFrame, Flags, Flags]:
    """Return all comments, their true labels and those that the machine marked."""
    frames, truths, marks = [], [], []
    for trust in range(places.size.trusts):
        for month in range(len(MONTHS)):
            comments, true = make_comments(places, trust, month)
            codes = make_codes(places, comments, true, trust, month)
            frames.append(comments)
            truths.append(true)
            marks.append(_mark(comments, codes[codes["coder"] == "machine"]))
    return pd.concat(frames, ignore_index=True), np.vstack(truths), np.vstack(marks)


def _mark(comments: pd.DataFrame, codes: pd.DataFrame) -> Flags:
    """Lay codes out by comment (rows) and label (columns)."""
    marks = np.zeros((len(comments), len(NAMES)), dtype=bool)
    rows = pd.Index(comments["comment"]).get_indexer(pd.Index(codes["comment"]))
    marks[rows, pd.Index(NAMES).get_indexer(pd.Index(codes["label"]))] = True
    return marks


def _group(places: Places, comments: pd.DataFrame) -> dict[str, Flags]:
    """Name the groups of comments that truth is told for, and say which each one is in."""
    start = MONTHS[START]
    treated = comments["trust"].isin(places.trusts["trust"][places.treated_trusts]).to_numpy()
    after = (comments["month"] >= start).to_numpy()
    groups = {"all": np.ones(len(comments), dtype=bool)}
    groups |= {
        f"writer: {name}": (comments["group"] == name).to_numpy()
        for name in sorted(comments["group"].unique())
    }
    return groups | {
        "time: before, treated": ~after & treated,
        "time: after, treated": after & treated,
        "time: before, others": ~after & ~treated,
        "time: after, others": after & ~treated,
    }


def _share(part: Flags, whole: Flags) -> Floats:
    counts = whole.sum(axis=0)
    empty = np.full(len(counts), np.nan)
    return np.asarray(np.divide(part.sum(axis=0), counts, out=empty, where=counts > 0))


def _by_label(values: Floats) -> dict[str, float | None]:
    return {
        name: None if np.isnan(value) else round(float(value), 4)
        for name, value in zip(NAMES, values, strict=True)
    }
