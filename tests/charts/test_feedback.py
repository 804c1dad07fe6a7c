"""The feedback chart: breaks in how people were asked are drawn, and told in words."""

import pandas as pd

from evalkit.charts import CHARTS

OPTIONS = {"start_period": "2024-02", "outcome_name": "positive feedback", "outcome_unit": "%"}


def make_frame(broken: list[str]) -> pd.DataFrame:
    """Return three months, the second broken or not."""
    return pd.DataFrame(
        {
            "period": ["2024-01", "2024-02", "2024-03"],
            "value": [80.0, 85.0, 84.0],
            "mean": 81.0,
            "lower": 78.0,
            "upper": 86.0,
            "kind": "Usual variation",
            "broken": broken,
        }
    )


def test_break_is_told() -> None:
    """The alternative text names the period, and says so where there is none."""
    told = CHARTS["feedback"].describe(make_frame(["", "paper up 20", ""]), **OPTIONS)
    assert told.endswith("How answers were collected moved in one period: 2024-02.")
    none = CHARTS["feedback"].describe(make_frame(["", "", ""]), **OPTIONS)
    assert none.endswith("in none of them by enough to be marked.")


def test_break_is_drawn_between_periods() -> None:
    """A line stands before the second month with words beside it; without a break none does."""
    axes = CHARTS["feedback"].plot(make_frame(["", "paper up 20", ""]), **OPTIONS)
    assert "asked otherwise" in [text.get_text() for text in axes.texts]
    plain = CHARTS["feedback"].plot(make_frame(["", "", ""]), **OPTIONS)
    assert "asked otherwise" not in [text.get_text() for text in plain.texts]
