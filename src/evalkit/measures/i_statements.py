"""I-statements ("I am ..."): what people say care is like for them, by theme.

Each statement is answered on five points of agreement. Reported are the share of the top two with
Wilson's interval, and for a theme the plain mean of its statements' shares. The six themes are
those of Making It Real, recalled and not verified against its current text.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.fits.proportions import fit_wilson_interval
from evalkit.measures.item_means import need_columns, need_options
from evalkit.measures.placement import ANYWHERE, Measure

THEMES = (
    "wellbeing and independence",
    "information and advice",
    "active and supportive communities",
    "flexible and integrated care and support",
    "when things need to change",
    "workforce",
)
STRONGLY_AGREE, AGREE = 5, 4


def tabulate_i_statements(
    answers: pd.DataFrame, themes: Mapping[str, str], *, level: float = 0.95
) -> pd.DataFrame:
    """One row a statement: `statement, theme, agree` (per cent), `conf_low, conf_high, n`.

    `answers` has a row a person and a column a statement, 1 (strongly disagree) to 5; `themes` a
    theme of `THEMES` for each statement. Statements that nobody answered have no share.
    """
    unknown = sorted({theme for theme in themes.values() if theme not in THEMES})
    if unknown or not themes:
        raise AnalysisError(
            f"I-statements: {len(unknown)} themes are not known, of {len(themes)} statements. "
            f"Themes are: {', '.join(THEMES)}."
        )
    statements = list(themes)
    need_columns(answers, statements, "I-statements")
    codes = answers[statements]
    need_options(codes, range(1, STRONGLY_AGREE + 1), "I-statements")
    n = codes.notna().sum().to_numpy(float)
    found = fit_wilson_interval((codes >= AGREE).sum().to_numpy(float), n, level=level)
    return pd.DataFrame(
        {
            "statement": statements,
            "theme": [themes[s] for s in statements],
            "agree": 100 * found.estimate,
            "conf_low": 100 * found.conf_low,
            "conf_high": 100 * found.conf_high,
            "n": n.astype(int),
        }
    )


def tabulate_themes(statements: pd.DataFrame) -> pd.DataFrame:
    """One row a theme: plain mean of its statements' shares, and how many; "not measured" is NaN.

    `statements` is the table of `tabulate_i_statements`. All six themes stand, in their order.
    """
    asked = statements.groupby("theme")["agree"].agg(agree="mean", statements="count")
    table = asked.reindex(list(THEMES)).rename_axis("theme").reset_index()
    counts = np.nan_to_num(table["statements"].to_numpy(float)).astype(int)
    return table.assign(statements=counts)


I_STATEMENTS = Measure(
    "i_statements",
    "I-statements",
    "patients",
    ("relational", "functional", "felt"),
    ANYWHERE,
    "per cent who agree",
    "higher",
    "share of the top two of five, Wilson's interval; theme: mean of its statements' shares",
    "recalled",
    "the six themes' current wording",
)
