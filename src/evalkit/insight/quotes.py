"""Words of those who wrote, where they agreed and a person has read them; and how they felt.

Feeling is shown as a distribution: an average of very positive and very negative says nothing.
"""

import numpy as np
import pandas as pd

from evalkit.inference.arrays import Flags
from evalkit.insight.coding import Coding
from evalkit.insight.free_text import show_text

MOST_QUOTES = 10
FEELINGS = {
    1: "very positive",
    2: "positive",
    3: "neutral or mixed",
    4: "negative",
    5: "very negative",
}
_ASKED = ("text", "quote_consent", "quote_checked")


def tabulate_quotes(coding: Coding, theme: str, most: int = MOST_QUOTES) -> pd.DataFrame:
    """Tabulate words about a theme, as people coded it: `words, feeling`; empty without consent.

    A comment is quoted only if its writer agreed (`quote_consent`) and a person has read it for
    what could tell who wrote it (`quote_checked`). The first and last in time are not favoured:
    quotes stand in the order of the comments' own keys.
    """
    comments = coding.comments
    if not set(_ASKED) <= set(comments):
        return pd.DataFrame(columns=["words", "feeling"])
    about = coding.human[:, coding.labels.index(theme)] > 0.5
    agreed = comments["quote_consent"].astype(bool) & comments["quote_checked"].astype(bool)
    chosen = comments[about & agreed.to_numpy(bool) & comments["text"].notna().to_numpy(bool)]
    chosen = chosen.sort_values("comment", kind="stable").head(most)
    feeling = chosen.get("sentiment", pd.Series(np.nan, index=chosen.index))
    return pd.DataFrame(
        {
            "words": [show_text(str(text)) for text in chosen["text"]],
            "feeling": [
                FEELINGS.get(value, "not known") for value in feeling.fillna(0).astype(int)
            ],
        }
    )


def tabulate_feelings(coding: Coding, later: Flags | None) -> pd.DataFrame:
    """Tabulate how comments feel, in per cent of those whose feeling is known, by span.

    Columns: `span, feeling, estimate, with_it, comments`; empty where no feeling is recorded.
    """
    feeling = coding.comments.get("sentiment")
    if feeling is None:
        return pd.DataFrame()
    spans = {"whole": np.ones(len(feeling), dtype=bool)}
    if later is not None:
        spans |= {"before": ~later, "after": later}
    rows = []
    for span, within in spans.items():
        known = feeling[within].dropna()
        for value, name in FEELINGS.items():
            felt = int((known == value).sum())
            share = 100 * felt / len(known) if len(known) else np.nan
            rows.append((span, name, share, felt, len(known)))
    return pd.DataFrame(rows, columns=["span", "feeling", "estimate", "with_it", "comments"])
