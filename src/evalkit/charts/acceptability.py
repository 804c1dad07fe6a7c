"""How likely it is that a gain is worth its cost, over what one might pay for it.

No price of a gain is agreed, so the curve is shown over a range and judged at none.
"""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.axis_name import write_axis_name
from evalkit.charts.sentences import NOT_SHOWN
from evalkit.charts.style import MUTED, PALETTE, chart_style, keep_grid, new_axes
from evalkit.charts.words import capitalised, count_words, numbers, paragraph, require_columns
from evalkit.results.words import number

_LOOKS = (("o", "-"), ("s", (0, (4, 2))), ("D", (0, (1, 1))), ("^", (0, (6, 2, 1, 2))))
_HALF = 50.0


def plot_acceptability(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    lines: Sequence[Sequence[str]],
    price_name: str = "price of the gain",
) -> Axes:
    """Draw each of `lines` (column in per cent, what it is called) over `price`."""
    rows = _rows(frame, lines)
    with chart_style():
        axes = ax or new_axes()
        axes.axhline(_HALF, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
        for order, (column, said) in enumerate(lines):
            shape, dash = _LOOKS[order % 4]
            name = said if rows[column].notna().any() else f"{said}: {NOT_SHOWN}"
            axes.plot(
                rows["price"],
                rows[column],
                color=PALETTE[order % 4],
                marker=shape,
                linestyle=dash,
                markersize=5,
                label=name,
            )
        axes.set_ylim(-3, 103)
        keep_grid(axes, "y")
        axes.set_xlabel(capitalised(price_name))
        lift = write_axis_name(axes, "Chance that the gain is worth its cost (%)")
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1 + lift / 250), ncols=2)
    return axes


def describe_acceptability(
    frame: pd.DataFrame,
    *,
    lines: Sequence[Sequence[str]],
    price_name: str = "price of the gain",
) -> str:
    """Say where each line begins and ends, and from which price on it is above half."""
    rows = _rows(frame, lines)
    return paragraph(
        f"Chance that the gain is worth its cost at {count_words(len(rows))} prices: {price_name}.",
        *(_tell(rows, column, said) for column, said in lines),
    )


def acceptability_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the curve needs."""
    return 4.4


def _rows(frame: pd.DataFrame, lines: Sequence[Sequence[str]]) -> pd.DataFrame:
    columns = ["price", *(column for column, _ in lines)]
    require_columns(frame, columns, "acceptability")
    rows = pd.DataFrame({name: numbers(frame, name) for name in columns})
    return rows.dropna(subset=["price"]).sort_values("price", ignore_index=True)


def _tell(rows: pd.DataFrame, column: str, said: str) -> str:
    known = rows.dropna(subset=[column])
    if known.empty:
        return f"{said} is not shown."
    first, last = known.iloc[0], known.iloc[-1]
    ends = (
        f"{said}: {number(first[column], 0)}% at {number(first['price'])} and "
        f"{number(last[column], 0)}% at {number(last['price'])}"
    )
    over = known[known[column] > _HALF]
    half = f"; more likely than not from {number(over['price'].iloc[0])} on" if len(over) else ""
    return f"{ends}{half}."
