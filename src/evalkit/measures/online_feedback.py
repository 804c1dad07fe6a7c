"""Feedback that people post online: how it is spread, and whether anyone answered.

Who posts is not known and no sample, so that ratings are shown option by option with their number,
never as an average that stands for patients, and organisations are not ranked by them
(`rank_online_feedback` refuses). Intervals would suppose a sample, so there are none.
"""

from collections.abc import Sequence
from typing import NoReturn

import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.measures.item_means import need_columns, need_options
from evalkit.measures.placement import ANYWHERE, Measure


def tabulate_ratings(
    posts: pd.DataFrame, *, by: Sequence[str] = (), rating: str = "rating", highest: int = 5
) -> pd.DataFrame:
    """One row a rating (1 to `highest`; within `by`): `posts`, all `n` rated, `share` per cent.

    Ratings that nobody gave stand with 0. Posts without a rating are left out.
    """
    need_columns(posts, [*by, rating], "online feedback")
    need_options(posts[[rating]], range(1, highest + 1), "online feedback")
    known = posts.dropna(subset=[rating])
    groups = known.groupby(list(by), sort=True) if by else [((), known)]
    rows = [
        {
            **dict(zip(by, key, strict=True)),
            "rating": value,
            "posts": int((part[rating] == value).sum()),
            "n": len(part),
        }
        for key, part in groups
        for value in range(1, highest + 1)
    ]
    table = pd.DataFrame(rows, columns=[*by, "rating", "posts", "n"])
    return table.assign(share=100 * table["posts"] / table["n"])


def tabulate_answers_to_posts(
    posts: pd.DataFrame,
    *,
    by: Sequence[str],
    answered: str = "answered",
    changed: str | None = None,
) -> pd.DataFrame:
    """One row a group: `posts`, and how many (and per cent) had an answer, or led to a change.

    `answered` and `changed` are true or false columns; a missing one counts as not.
    """
    columns = [answered, *([changed] if changed else [])]
    need_columns(posts, [*by, *columns], "online feedback")
    named = {answered: "answered"} | ({changed: "changed"} if changed else {})
    flags = posts[list(by)].copy()
    for column, name in named.items():
        flags[name] = (posts[column] == True).fillna(False).astype(int)  # noqa: E712
    groups = flags.groupby(list(by), sort=True)
    table = groups[list(named.values())].sum().assign(posts=groups.size())
    shares = {f"{name}_share": 100 * table[name] / table["posts"] for name in named.values()}
    return table.assign(**shares).reset_index()


def rank_online_feedback(*_: object, **__: object) -> NoReturn:
    """Refuse to rank, band or compare organisations by what is posted about them."""
    raise AnalysisError(
        "online feedback: organisations are not ranked by it, as who posts is not known. "
        "Read what is said, and follow whether it is answered and acted on."
    )


ONLINE_FEEDBACK = Measure(
    "online_feedback",
    "Online feedback",
    "the public",
    ("overall",),
    ANYWHERE,
    "share of posts, per cent",
    "neither",
    "ratings option by option; answers and changes; no average, no interval, never ranked",
    "own",
)
