"""How likely it is that a gain is worth its cost, over what one might pay for it.

No price of a gain is agreed, so the curve is shown over a range and judged at none.
"""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.axis_name import write_axis_name
from evalkit.charts.precision import released_decimals, spread_labels
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
    decimals: int | None = None,
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
        _write_last(axes, rows, lines, decimals)
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
    decimals: int | None = None,
) -> str:
    """Say where each line begins and ends, and from which price on it is above half."""
    rows = _rows(frame, lines)
    return paragraph(
        f"Chance that the gain is worth its cost at {count_words(len(rows))} prices: {price_name}.",
        *(_tell(rows, column, said, decimals) for column, said in lines),
    )


def acceptability_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the curve needs."""
    return 4.4


def _rows(frame: pd.DataFrame, lines: Sequence[Sequence[str]]) -> pd.DataFrame:
    columns = ["price", *(column for column, _ in lines)]
    require_columns(frame, columns, "acceptability")
    rows = pd.DataFrame({name: numbers(frame, name) for name in columns})
    return rows.dropna(subset=["price"]).sort_values("price", ignore_index=True)


def _write_last(
    ax: Axes, rows: pd.DataFrame, lines: Sequence[Sequence[str]], decimals: int | None
) -> None:
    """Write each line's last value to the right of it, clear of each other."""
    known = [(n, rows[column].dropna()) for n, (column, _) in enumerate(lines)]
    ends = [(n, values) for n, values in known if len(values)]
    heights = spread_labels(ax, [float(values.iloc[-1]) for _, values in ends])
    for (order, values), height in zip(ends, heights, strict=True):
        ax.annotate(
            number(values.iloc[-1], released_decimals(values, decimals)),
            (rows["price"][values.index[-1]], height),
            (9, 0),
            textcoords="offset points",
            va="center",
            fontsize=10.5,
            color=PALETTE[order % 4],
            annotation_clip=False,
        )


def _tell(rows: pd.DataFrame, column: str, said: str, decimals: int | None) -> str:
    known = rows.dropna(subset=[column])
    if known.empty:
        return f"{said} is not shown."
    first, last = known.iloc[0], known.iloc[-1]
    share = released_decimals(rows[column], decimals)
    price = released_decimals(rows["price"], decimals)
    ends = (
        f"{said}: {number(first[column], share)}% at {number(first['price'], price)} and "
        f"{number(last[column], share)}% at {number(last['price'], price)}"
    )
    over = known[known[column] > _HALF]
    if over.empty:
        return f"{ends}."
    return f"{ends}; more likely than not from {number(over['price'].iloc[0], price)} on."
