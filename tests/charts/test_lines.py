"""Lines over time at the precision of what was released, named for what they are."""

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Annotation

from evalkit.charts import CHARTS, draw
from evalkit.charts.precision import is_coarse, released_decimals, rounding_words

MEAN = {"lines": [["mean", "Average"]], "outcome_name": "experience", "outcome_unit": "points"}
SEEN = [["observed", "As it was"], ["counterfactual", "Expected without it"]]


def axes_of(frame: pd.DataFrame, options: dict[str, object]) -> Axes:
    """Draw a chart of lines as a release draws it."""
    figure = draw(CHARTS["lines"], frame, title="A", options=options)
    figure.canvas.draw()
    return figure.axes[0]


@pytest.fixture
def rounded() -> pd.DataFrame:
    """Return averages released to one decimal that move by four steps of it."""
    periods = [f"202{n}" for n in range(6)]
    return pd.DataFrame({"period": periods, "mean": [8.1, 8.1, 8.2, 8.1, 8.5, 8.4]})


def ticks(axes: Axes) -> list[str]:
    """Return what stands beside the marks of the upright axis."""
    return [label.get_text() for label in axes.get_yticklabels() if label.get_text()]


def test_no_label_is_finer_than_what_was_released(rounded: pd.DataFrame) -> None:
    """Averages to one decimal have marks and labels to one decimal, at multiples of it."""
    axes = axes_of(rounded, MEAN)
    assert all(len(text.partition(".")[2]) <= 1 for text in ticks(axes))
    steps = pd.Series(axes.get_yticks()).diff().dropna().round(9)
    assert (steps == steps.iloc[0]).all()
    assert round(steps.iloc[0] * 10, 6) >= 1


def test_a_step_of_rounding_is_no_leap(rounded: pd.DataFrame) -> None:
    """The axis spans ten steps of the precision, and its name and the words say how exact it is."""
    axes = axes_of(rounded, MEAN)
    low, high = axes.get_ylim()
    assert high - low >= 1.0
    names = [text.get_text() for text in axes.texts]
    assert "Experience (points; rounded to one decimal)" in names
    assert "rounded to one decimal" in CHARTS["lines"].describe(rounded, **MEAN)


def test_what_moves_by_many_steps_is_not_called_rounded(rounded: pd.DataFrame) -> None:
    """Values to two decimals that move by half a point are told without a word of rounding."""
    fine = rounded.assign(mean=[8.12, 8.25, 8.31, 8.18, 8.52, 8.6])
    assert "rounded" not in CHARTS["lines"].describe(fine, **MEAN)
    assert released_decimals(fine["mean"], None) == 2
    assert not is_coarse(fine["mean"], 2)
    assert rounding_words(0) == "rounded to whole numbers"


def test_last_values_stand_clear_of_each_other() -> None:
    """Two lines that end at nearly the same place have their last values apart."""
    frame = pd.DataFrame(
        {
            "period": ["2021", "2022"] * 2,
            "group": ["with", "with", "without", "without"],
            "mean": [8.12, 8.91, 8.03, 8.92],
        }
    )
    axes = axes_of(frame, MEAN | {"group": "group"})
    found = [t for t in axes.texts if isinstance(t, Annotation) and t.get_text().startswith("8.9")]
    first, second = (text.get_window_extent() for text in found)
    assert not first.overlaps(second)


def test_what_one_group_alone_has_is_not_called_by_the_group() -> None:
    """The counterfactual is of those with the intervention alone: it is expected without it."""
    frame = pd.DataFrame(
        {
            "period": ["2021", "2022"] * 2,
            "group": ["with the intervention"] * 2 + ["without"] * 2,
            "observed": [8.12, 8.91, 8.03, 8.12],
            "counterfactual": [None, 8.2, None, None],
            "low": [None, 8.1, None, None],
            "high": [None, 8.3, None, None],
        }
    )
    options = {"lines": SEEN, "group": "group", "start_period": "2022", "band": ["low", "high"]}
    legend = axes_of(frame, options).get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "As it was, with the intervention",
        "Expected without it",
        "As it was, without",
        "Interval of what was expected",
        "The start",
    ]


def test_rows_of_a_rollout_are_called_what_they_are() -> None:
    """Clusters that started together are one row: the words do not call it a cluster."""
    cells = {"cluster": ["Started 2022", "Never started"], "period": "2022", "n": 90}
    frame = pd.DataFrame(cells | {"treated": [True, False]})
    told = CHARTS["rollout"].describe(frame, row_name="group")
    assert told.startswith("Two groups over one period")


def test_a_band_and_what_is_compared_are_named() -> None:
    """The key names the thin lines where there are some, and the axis the period left out."""
    rows = {"period": [-3, -2, 0, 1], "estimate": 0.2, "conf_low": 0.1, "conf_high": 0.3}
    frame = pd.DataFrame(rows)
    band = frame.assign(band_low=0.0, band_high=0.4)
    for held, thin in ((frame, False), (band, True)):
        axes = draw(CHARTS["event_study"], held, title="A").axes[0]
        legend = axes.get_legend()
        assert legend is not None
        names = [text.get_text() for text in legend.get_texts()]
        assert ("Thin lines hold all at once" in names) is thin
        assert axes.get_xlabel().endswith("each is compared with the last before it")
    told = CHARTS["event_study"].describe(frame)
    assert "compared with the last before it" in told
    whole = CHARTS["event_study"].describe(frame.assign(period=[-2, -1, 0, 1]))
    assert "compared with" not in whole
