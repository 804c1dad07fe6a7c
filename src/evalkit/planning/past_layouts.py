"""Units of a planned study drawn from a past: whole clusters, with their sizes, gaps and courses.

Clusters are drawn with replacement, with all of their rows (a block bootstrap of clusters), so that
sizes, gaps, levels, slopes and correlation over time are those of the data. Drawn like this, n
clusters differ by (n - 1) / n of what they should; measured outcomes are spread by as much about
what all share. That, common to all, would be the same in every draw: its trend is kept, and what it
does around it is drawn anew, AR(1). Where it is decided who is to have it, both groups are drawn
apart and follow that one course: by how much they happened to move apart is not taken for what
they will do. Counts and answers are drawn as they were, from all. Of fewer than five clusters each
one's own trend and memory are carried on instead, independently of the others.
"""

import numpy as np
import pandas as pd

from evalkit.inference.arrays import Flags, Floats, Ints
from evalkit.planning.layouts import forgetting
from evalkit.planning.past import FEW, RANGES, Course, Past, positions_of, take_panel
from evalkit.planning.resampled_layouts import continue_series


def draw_units(past: Past, having: Flags, rng: np.random.Generator) -> pd.DataFrame:
    """Draw a cluster of the past for each unit of the study: `code, place, unit, outcome, ...`.

    `having` (units,) says which are to have it, at some time: where the past says who is, they are
    drawn among those (`Past.group`). `code` is the number of the unit
    in the study; rows are sorted by it. `outcome` is there where the past has it.
    """
    drawn = _choose(past, having, rng)
    if past.clusters < FEW and past.has_outcome:
        return _carry_on(past, drawn, rng)
    places = positions_of(past)
    rows = np.concatenate([places[cluster] for cluster in drawn])
    code = np.repeat(np.arange(len(drawn)), [len(places[cluster]) for cluster in drawn])
    table = past.table.iloc[rows].reset_index(drop=True)
    table = table.assign(cluster_code=table["code"], code=code)
    if past.course is not None:
        outcome = _renew(past, past.course, table, rng)
        table = table.assign(outcome=hold_in_range(outcome, past.kind))
    return table


def hold_in_range(outcome: Floats, kind: str) -> Floats:
    """Move outcomes beyond the ends of their scale to the ends."""
    low, high = RANGES.get(kind, (-np.inf, np.inf))
    return np.clip(outcome, low, high)


def _choose(past: Past, having: Flags, rng: np.random.Generator) -> Ints:
    """Choose a cluster for each unit; of few, each is itself where as many are planned."""
    everyone = np.arange(past.clusters)
    if past.clusters < FEW and past.clusters == len(having):
        ever = everyone < 0 if past.start is None else np.isfinite(past.start)
        return np.concatenate([everyone[ever], everyone[~ever]])
    drawn = rng.integers(0, past.clusters, len(having))
    if past.group.any():
        for at, flags in ((1, having), (0, ~having)):
            drawn[flags] = rng.choice(everyone[past.group == at], int(flags.sum()))
    return drawn


def _renew(past: Past, course: Course, table: pd.DataFrame, rng: np.random.Generator) -> Floats:
    """Take out what all shared, spread what is left by what drawing loses, and share it anew."""
    place, group = table["place"].to_numpy(int), past.group[table["cluster_code"]]
    level = _levels(past)[group]
    apart = table["outcome"].to_numpy(float) - course.found[group, place] - level
    shared = course.spread * forgetting(course.memory, (1, past.periods), rng)[0]
    counts = np.bincount(past.group)
    lost = np.sqrt(counts / np.maximum(counts - 1, 1))[group]
    return np.asarray(level + (course.trend + shared)[place] + lost * apart)


def _levels(past: Past) -> Floats:
    """Mean outcome of each group."""
    group = past.group[past.table["code"]]
    return past.table["outcome"].groupby(group).mean().to_numpy(float)


def _carry_on(past: Past, drawn: Ints, rng: np.random.Generator) -> pd.DataFrame:
    """Make other series with the trends and memory of those drawn; each period is there."""
    panel = take_panel(past).set_index("code")
    parts = [
        panel.loc[[cluster]].assign(cluster=at, code=at).reset_index(drop=True)
        for at, cluster in enumerate(drawn)
    ]
    made = continue_series(pd.concat(parts, ignore_index=True), past.periods, rng)
    codes = np.repeat(np.arange(len(drawn)), past.periods)
    base = np.array([float(part["outcome_base"].mean()) for part in parts])
    return pd.DataFrame(
        {
            "code": codes,
            "place": np.tile(np.arange(past.periods), len(drawn)),
            "unit": [f"{code}" for code in codes],
            "outcome": hold_in_range(made["outcome"].to_numpy(float), past.kind),
            "outcome_base": np.repeat(base, past.periods),
        }
    )
