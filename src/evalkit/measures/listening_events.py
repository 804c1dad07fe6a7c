"""Focus groups and public meetings: who was asked, who came, what was said, who was not reached.

What is said in a room is no measurement of how many think so. A theme is reported by the events
and kinds of people that raised it, never by how often it was said, and those who were not there
stand beside it.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.measures.item_means import need_columns
from evalkit.measures.placement import ANYWHERE, Measure

REACHED = ("reached", "fewer than their share", "not reached", "not known")


def tabulate_reach(
    events: pd.DataFrame, population: pd.DataFrame, *, group: str = "group", fewer: float = 0.8
) -> pd.DataFrame:
    """One row a group of people: invited, came, their shares, the population's, and who is missing.

    `events` has a row an event and group: `event, <group>, invited, came`; `population` has
    `<group>, people`. `ratio` is the share of those who came over the population's; `reach` is
    "not reached" where nobody came, "fewer than their share" below `fewer`, else "reached", and
    "not known" for groups that the population does not count.
    """
    need_columns(events, ["event", group, "invited", "came"], "listening events")
    need_columns(population, [group, "people"], "listening events, population")
    counts = events[["invited", "came"]]
    wrong = counts.isna() | (counts < 0)
    if wrong.to_numpy().any() or not (population["people"] >= 0).all():
        raise AnalysisError(
            f"listening events: {int(wrong.any(axis=1).sum())} rows have missing or negative "
            "numbers invited or come, or the population has. Give nought where there was nobody."
        )
    came = events.groupby(group, sort=True)[["invited", "came"]].sum()
    people = population.groupby(group, sort=True)["people"].sum()
    table = pd.DataFrame({"people": people}).join(came, how="outer")
    table[["invited", "came"]] = table[["invited", "came"]].fillna(0)
    table["came_share"] = _share(table["came"])
    table["population_share"] = _share(table["people"])
    ratio = table["came_share"] / table["population_share"].where(table["population_share"] > 0)
    reach = np.select(
        [table["people"].isna(), table["came"] == 0, ratio < fewer],
        [REACHED[3], REACHED[2], REACHED[1]],
        default=REACHED[0],
    )
    named = table.assign(ratio=ratio, reach=reach).rename_axis(group).reset_index()
    order = ["invited", "came", "came_share", "people", "population_share", "ratio", "reach"]
    return named[[group, *order]]


def tabulate_what_was_said(
    points: pd.DataFrame, *, theme: str = "theme", group: str = "group"
) -> pd.DataFrame:
    """One row a theme: how many `events` and which `groups` raised it, of how many `events_held`.

    `points` has a row a point: `event, <theme>`, and perhaps `<group>` of who made it. Themes
    stand by name: how often a point was made is left out on purpose.
    """
    need_columns(points, ["event", theme], "listening events")
    known = points.dropna(subset=["event", theme])
    held = known["event"].nunique()
    table = known.groupby(theme, sort=True)["event"].nunique().rename("events").to_frame()
    table["events_held"] = held
    if group in known:
        named = known.dropna(subset=[group]).groupby(theme)[group]
        table["groups"] = named.agg(lambda g: ", ".join(sorted({str(v) for v in g})))
        table["groups"] = table["groups"].fillna("not known")
    return table.rename_axis("theme").reset_index()


def list_not_reached(reach: pd.DataFrame, *, group: str = "group") -> Sequence[str]:
    """Groups that nobody came from, by name, from the table of `tabulate_reach`."""
    return sorted(str(name) for name in reach.loc[reach["reach"] == REACHED[2], group])


def _share(counts: pd.Series) -> pd.Series:
    total = float(counts.sum())
    return 100 * counts / total if total > 0 else counts * np.nan


LISTENING_EVENTS = Measure(
    "listening_events",
    "Focus groups and public meetings",
    "the public",
    ("relational", "functional", "felt"),
    ANYWHERE,
    "events that raised a theme",
    "neither",
    "share of those who came over the population's; themes by events and groups, not by mentions",
    "own",
)
