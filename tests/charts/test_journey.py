"""The journey's two charts in words: what stands out, what is not measured, what is withheld."""

from typing import Any

import pandas as pd

from evalkit.charts import CHARTS

Case = tuple[pd.DataFrame, dict[str, Any]]


def test_grid_is_told(cases: dict[str, Case]) -> None:
    """Lowest, highest, what stands out, and how many parts are not measured."""
    frame, options = cases["journey_grid"]
    assert CHARTS["journey_grid"].describe(frame, **options) == (
        "Experience (points) at two moments of the journey, in two facets. Lowest is Waiting "
        "(functional) with 6.50, highest Waiting (relational) with 8.25. Poorer than the rest: "
        "Waiting (functional). Better than the rest: Waiting (relational). Not measured: one of "
        "the parts."
    )


def test_part_not_measured_is_said_in_its_place(cases: dict[str, Case]) -> None:
    """Where there was no question the grid says so, and in other words where a score is hidden."""
    frame, options = cases["journey_grid"]
    axes = CHARTS["journey_grid"].plot(frame, **options)
    said = [text.get_text() for text in axes.texts]
    assert said.count("not measured") == 1 and said.count("not shown") == 1


def test_map_is_told(cases: dict[str, Case]) -> None:
    """Each role's lowest and highest moment, and how many medians are withheld."""
    frame, options = cases["emotional_map"]
    assert CHARTS["emotional_map"].describe(frame, **options) == (
        "How it felt at two moments of care: medians and quartiles by role, from very bad to very "
        "good. Patients: lowest at Waiting (-1.25), highest at Discharge (-0.75). Staff: lowest at "
        "Waiting (0.50), highest at Waiting (0.50). Of too few people to be shown: one of them."
    )
