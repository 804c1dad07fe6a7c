"""What a report says of involvement: the five items of the short form of GRIPP2.

GRIPP2-SF (Staniszewska and others 2017, BMJ 358:j3453) has five items: aim, methods, results,
discussion, reflections. The questions are this project's words, not verified against the form.
"""

from collections.abc import Mapping

import pandas as pd

ITEMS = {
    "aim": ("Aim", "What was involvement meant to bring?"),
    "methods": ("Methods", "How were people involved?"),
    "results": ("Study results", "What did involvement bring, good and bad?"),
    "discussion": ("Discussion", "How far did involvement change the study?"),
    "reflections": ("Critical reflection", "What went well, and what did not?"),
}
MISSING = "Missing: nobody has written this down."


def tabulate_reporting(said: Mapping[str, str | None]) -> pd.DataFrame:
    """Tabulate what is `said` of each item, and "missing" where nothing is: `item, asks, said`."""
    rows = []
    for key, (item, asks) in ITEMS.items():
        written = said.get(key)
        rows.append((item, asks, written or MISSING, "missing" if not written else "reported"))
    return pd.DataFrame(rows, columns=["item", "asks", "said", "state"])
