"""Made-up answers of people in wards, with a gap by deprivation and what a programme does to it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.equity.groups import add_groups
from evalkit.study.schemas.health_inequalities import HealthInequalities

WARDS, MONTHS, START = 48, 24, 12
Maker = Callable[..., tuple[pd.DataFrame, pd.DataFrame]]


def make(
    seed: int,
    *,
    people: int = 12_000,
    poorest: float = 0.0,
    rest: float = 0.0,
    drift: float = 0.0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make answers and starts: the programme adds `poorest` and `rest`, `drift` moves their gap."""
    rng = np.random.default_rng(seed)
    ward, month = rng.integers(0, WARDS, people), rng.integers(0, MONTHS, people)
    decile = rng.integers(1, 11, people).astype(float)
    changed = ward < WARDS // 2
    gained = np.where(decile <= 2, poorest, rest) * (changed & (month >= START))
    moved = drift * month * (decile <= 2) * changed
    level = rng.normal(0, 0.3, WARDS)[ward] + 0.05 * (decile - 5.5)
    frame = pd.DataFrame(
        {
            "unit": [f"W{w:02d}" for w in ward],
            "provider": [f"T{w // 4:02d}" for w in ward],
            "period": [f"{2023 + m // 12}-{m % 12 + 1:02d}" for m in month],
            "time": month + 1000,
            "outcome": 8 + level + gained + moved + rng.normal(0, 2, people),
            "deprivation_decile": np.where(rng.random(people) < 0.05, np.nan, decile),
            "ethnic_group": rng.choice(["Asian", "Black", "White", "not stated"], people),
            "sex": rng.choice(["female", "male"], people),
        }
    )
    starts = ["2024-01" if w < WARDS // 2 else None for w in range(WARDS)]
    units = pd.DataFrame({"unit": [f"W{w:02d}" for w in range(WARDS)], "start": starts})
    return add_groups(frame), units


@pytest.fixture
def maker() -> Maker:
    """Return the maker of answers and starts."""
    return make


@pytest.fixture
def parameters() -> HealthInequalities:
    """Return parameters of a study of inequalities."""
    texts = ("study", "title", "question", "population", "estimand", "outcome_name")
    given: dict[str, Any] = {
        **dict.fromkeys(texts, "made"),
        "notebook": "health_inequalities",
        "co_production": [],
        "intervention_name": "the programme",
        "outcome_unit": "points",
        "minimum_important_difference": 0.2,
        "seed": 1,
        "imd_version": "2019",
        "answers_profile": "cqc_survey",
        "answers_columns": {"unit": "unit"},
        "units_profile": "cqc_survey",
        "eligible_profile": "cqc_survey",
    }
    return HealthInequalities.model_validate(given)
