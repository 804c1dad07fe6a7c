"""Cross-lagged panels, with and without random intercepts, against lavaan."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd
import pytest

from evalkit.fits.random_intercept_cross_lagged import CrossLagged, fit_cross_lagged

JOBS = ("riclpm",)
WAVES = range(1, 5)
TERMS = {
    "ax": "first_to_first",
    "bx": "second_to_first",
    "ay": "second_to_second",
    "by": "first_to_second",
    "RIx~~RIx": "first_level_variance",
    "RIy~~RIy": "second_level_variance",
    "RIx~~RIy": "level_covariance",
}
INDICES = {"chisq": "chi_square", "logl": "log_likelihood"}


@pytest.fixture(scope="module")
def fits(table: Callable[[str], pd.DataFrame]) -> dict[str, CrossLagged]:
    """Return both models fitted to the simulated panel."""
    panel = table("riclpm")
    first, second = (panel[[f"{v}{w}" for w in WAVES]].to_numpy() for v in "xy")
    return {
        "riclpm": fit_cross_lagged(first, second),
        "clpm": fit_cross_lagged(first, second, random_intercepts=False),
    }


def reproduce(name: str, fits: dict[str, CrossLagged]) -> Mapping[str, float]:
    """Find our number for one stored value."""
    model, item = name.split(":", 1)
    fit = fits[model.removesuffix("_fit")]
    if model.endswith("_fit"):
        return {"estimate": asdict(fit.fit)[INDICES.get(item, item)]}
    return fit.estimates.set_index("term").loc[TERMS[item]].to_dict()


def test_value(
    value: dict[str, Any],
    agree: Callable[[dict[str, Any], Mapping[str, float]], None],
    fits: dict[str, CrossLagged],
) -> None:
    """Every path, variance and fit index equals lavaan's to the stored tolerance."""
    agree(value, reproduce(value["name"], fits))
