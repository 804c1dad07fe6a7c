"""A small past of wards of unequal size, with gaps, as it would be read from a file."""

from typing import Any

import numpy as np
import pandas as pd

from evalkit.data.sources import Source
from evalkit.planning.layouts import forgetting

UNITS, PERIODS = 30, 12
UNKNOWN: dict[str, Any] = {
    "people": None,
    "person_sd": None,
    "unit_sd": None,
    "drift_sd": None,
    "drift_correlation": None,
    "period_sd": None,
    "data_file": "past.csv",
    "data_profile": "gss_default",
    "data_columns": {"unit": "ward", "period": "period", "outcome": "score"},
}
"""Changes to a plan that leave to past outcomes what they say."""


def label(place: np.ndarray, period_name: str) -> list[str]:
    """Write periods from 2020 on."""
    length = {"year": 1, "quarter": 4, "month": 12}[period_name]
    written = {"year": "{0}", "quarter": "{0}Q{1}", "month": "{0}-{1:02d}"}[period_name]
    return [written.format(2020 + at // length, at % length + 1) for at in place]


def make_frame(
    units: int = UNITS,
    periods: int = PERIODS,
    *,
    mean: float = 7.0,
    period_name: str = "quarter",
    gaps: float = 0.0,
    seed: int = 5,
) -> pd.DataFrame:
    """Make a row a ward and period: `ward, period, score, answers`, 20 to 200 answers a ward."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(20, 200, units)
    noise = rng.normal(size=(units, periods)) * 2 / np.sqrt(sizes)[:, np.newaxis]
    course = 0.12 * forgetting(0.5, (units, periods), rng)
    score = mean + rng.normal(0, 0.3, (units, 1)) + course + noise
    place = np.tile(np.arange(periods), units)
    frame = pd.DataFrame(
        {
            "ward": np.repeat([f"W{at:03d}" for at in range(units)], periods),
            "period": label(place, period_name),
            "score": np.clip(score, 0, 10).ravel(),
            "answers": np.repeat(sizes, periods).astype(float),
        }
    )
    kept = rng.uniform(size=len(frame)) >= gaps
    return frame[kept].reset_index(drop=True)


def as_sources(frame: pd.DataFrame) -> dict[str, Source]:
    """Return a frame as the one source of a plan."""
    return {"data": Source("data", "gss_default", "table", frame, "0" * 64, len(frame), True)}
