"""Names of axes in level type, and periods along the bottom that stand clear of each other."""

from matplotlib.axes import Axes

from evalkit.charts.style import MUTED

_LETTERS_ACROSS = 80


def write_axis_name(ax: Axes, name: str) -> float:
    """Name the upright axis in level words above it; return the points that they take."""
    ax.annotate(
        name,
        (0, 1),
        (0, 8),
        xycoords="axes fraction",
        textcoords="offset points",
        color=MUTED,
    )
    return 10.0 + 14.0 * (1 + name.count("\n"))


def name_periods(ax: Axes, periods: list[str]) -> None:
    """Name as many periods, evenly, as stand side by side in level type."""
    letters = sum(len(period) + 3 for period in periods)
    every = max(1, -(-letters // _LETTERS_ACROSS))
    ax.set_xticks(range(0, len(periods), every), periods[::every])
    ax.tick_params(axis="x", length=4)
