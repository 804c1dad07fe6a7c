"""Panels of known truth, made for the designs' tests."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.study import load_parameters
from evalkit.study.schema import StaffWellbeing

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def parameters() -> StaffWellbeing:
    """Return the parameters of the embedded study."""
    loaded = load_parameters(ROOT / "parameters" / "staff_wellbeing.yml")
    assert isinstance(loaded, StaffWellbeing)
    return loaded


@pytest.fixture(scope="session")
def simple(parameters: StaffWellbeing) -> StaffWellbeing:
    """Return parameters without lag, adjustment or groups, per one point of the staff measure."""
    change = {
        "exposure_lag": 0,
        "adjust_for": [],
        "subgroups": [],
        "exposure_step": 1.0,
        "mediator_noise_correlation": 0.0,
    }
    return parameters.model_copy(update=change)


@pytest.fixture
def make_noisy() -> Callable[..., pd.DataFrame]:
    """Return a maker of panels: a persistent exposure measured with noise, a known slope."""

    def make(
        seed: int, slope: float, *, trusts: int = 120, periods: int = 5, noise_sd: float = 0.7
    ) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        truth = np.empty((periods + 1, trusts))
        truth[0] = rng.normal(size=trusts)
        for row in range(1, periods + 1):
            truth[row] = 0.6 * truth[row - 1] + 0.8 * rng.normal(size=trusts)
        level = rng.normal(size=trusts)
        outcome = slope * (truth[:-1] + 2 * level) + 3 * level + rng.normal(size=(periods, trusts))
        seen = truth[1:] + 2 * level + noise_sd * rng.normal(size=(periods, trusts))
        frame = {
            "unit": np.tile([f"T{i:03d}" for i in range(trusts)], periods),
            "time": np.repeat(np.arange(periods), trusts),
            "exposure": seen.ravel(),
            "exposure_variance": noise_sd**2,
            "outcome": outcome.ravel(),
        }
        panel = pd.DataFrame(frame)
        panel["period"] = (2001 + panel["time"]).astype(str)
        return panel.sort_values(["unit", "time"], ignore_index=True)

    return make
