"""What advice allows no design refuses for that reason, and what it forbids is refused.

Each design is run on a small table at the threshold of one need, and on one just short of it.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from evalkit.errors import AnalysisError
from evalkit.planning.advise import Advice, advise
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.design_study import DesignStudy

FOLDER = Path(__file__).resolve().parents[2] / "parameters"
Table = pd.DataFrame
LOT = {"allocation": "random"}
SHORT = {"least_near": 30, "bandwidth": 5.0}


def study_of(design: str, **changes: Any) -> DesignStudy:
    """Return the embedded study of a design with few draws and nothing adjusted for."""
    values = yaml.safe_load((FOLDER / f"{design}.yml").read_text("utf-8"))
    plain = {"adjust_for": [], "subgroups": [], "alternatives": {}, "placebo_outcomes": []}
    values |= {**plain, "draws": 99, "data_rows": "panel", "outcome_kind": "score"}
    values["data_columns"] = {
        role: role for role in ("unit", "period", "outcome", *SCHEMAS[design].NEEDED)
    }
    return SCHEMAS[design].model_validate(values | changes)


def panel(
    units: int, periods: int, starts: tuple[float, ...] = (), gap: int | None = None
) -> Table:
    """Make a panel: starts (counted in periods from zero) of the first units, others never."""
    rng = np.random.default_rng(5)
    unit, time = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    first = np.full(units, np.nan)
    first[: len(starts)] = starts
    level = rng.normal(size=units)[unit] + rng.normal(size=periods)[time]
    table = pd.DataFrame(
        {
            "unit": [f"u{u:02d}" for u in unit],
            "unit_name": [f"u{u:02d}" for u in unit],
            "cluster": [f"u{u:02d}" for u in unit],
            "period": [f"{2001 + t}" for t in time],
            "time": time,
            "outcome": level + rng.normal(scale=0.3, size=len(unit)),
            "outcome_base": 100.0,
            "weight": 1.0,
            "first_treated": first[unit],
        }
    )
    table["treated"] = table["time"] >= table["first_treated"]
    return table if gap is None else table.drop(index=gap)


def doses(units: int, periods: int, moving: int | None = None, alike: bool = False) -> Table:
    """Make a panel with a dose, an exposure and a mediator that move by themselves."""
    table, rng = panel(units, periods), np.random.default_rng(7)
    table = table.drop(columns=["first_treated", "treated"])
    for name in ("dose", "exposure", "mediator"):
        table[name] = rng.normal(size=len(table))
    if moving is not None:
        table.loc[pd.factorize(table["unit"])[0] >= moving, ["dose", "exposure"]] = 1.0
    if alike:
        table["dose"] = table["exposure"] = table["time"].astype(float)
    return table


def answers(short: int, beyond: int, values: int = 60) -> Table:
    """Make answers beside a threshold at zero, so many within five of it and more far away."""
    rng = np.random.default_rng(3)
    near = np.concatenate([-np.linspace(0.1, 4.9, short), np.linspace(0.0, 4.9, beyond)])
    far = np.concatenate([-np.linspace(6, 20, 50), np.linspace(6, 20, 50)])
    running = np.concatenate([near, far])
    if values < 60:
        running = np.sign(running + 1e-9) * (1 + np.arange(len(running)) % values)
    names = [f"p{i:03d}" for i in range(len(running))]
    return pd.DataFrame(
        {
            "unit": names,
            "unit_name": names,
            "cluster": names,
            "period": "2001",
            "time": 0,
            "outcome": rng.normal(size=len(running)),
            "outcome_base": 1.0,
            "weight": 1.0,
            "running": running,
        }
    )


def groups(treated: int, untreated: int, *, clusters: tuple[int, int] = (8, 8)) -> Table:
    """Make answers of two groups, each spread over its own clusters, with a measured cause."""
    rng = np.random.default_rng(4)
    has_it = np.arange(treated + untreated) < treated
    place = np.where(has_it, np.arange(len(has_it)) % clusters[0], 0)
    place = np.where(has_it, place, 100 + np.arange(len(has_it)) % clusters[1])
    names = [f"p{i:03d}" for i in range(len(has_it))]
    return pd.DataFrame(
        {
            "unit": names,
            "unit_name": names,
            "cluster": [f"c{c}" for c in place],
            "period": "2001",
            "time": 0,
            "outcome": rng.normal(size=len(has_it)),
            "outcome_base": 1.0,
            "weight": 1.0,
            "treated": has_it,
            "need": rng.normal(size=len(has_it)),
        }
    )


def case(
    name: str, enough: Table, short: Table, short_of: dict[str, Any] | None = None, **own: Any
) -> Any:
    """Name a case by design and need: a table with enough of it, one short of it, and the study."""
    design = name.split(",", maxsplit=1)[0]
    return pytest.param(design, enough, short, own, short_of or {}, id=name)


TWO, SIX = (4.0, 4.0), (4.0,) * 6
NEED = {"adjust_for": ["need"], "method": "inverse_probability", "data_rows": "people"}
WIDE = {"largest_misfit": 10.0}
NOT_YET = {"comparison": "not_yet_treated"}
CASES = [
    case("difference_in_differences, clusters", panel(3, 8, (4.0,)), panel(2, 8, (4.0,))),
    case("difference_in_differences, before", panel(12, 8, (1.0,) * 6), panel(12, 8, (0.0,) * 6)),
    case("difference_in_differences, after", panel(12, 8, (7.0,) * 6), panel(12, 8, (9.0,) * 6)),
    case("difference_in_differences, two treated of ten", panel(10, 8, TWO), panel(10, 8)),
    case("difference_in_differences, untreated", panel(12, 8, SIX), panel(6, 8, SIX)),
    case("difference_in_differences, starts", panel(12, 8, SIX), panel(12, 8, (3.0, *TWO))),
    case("synthetic_control, donors", panel(12, 10, (6.0,) * 2), panel(11, 10, (6.0,) * 2), **WIDE),
    case("synthetic_control, before", panel(14, 9, (5.0,)), panel(14, 9, (4.0,)), **WIDE),
    case("synthetic_control, its own", panel(5, 9, (3.0,)), panel(5, 9, (2.0,)), **WIDE,
         least_pre_periods=3, least_donors=4),
    case("synthetic_control, gaps", panel(14, 9, (6.0,), gap=30), panel(14, 9, (6.0,), gap=3),
         **WIDE),
    case("interrupted_time_series, before", panel(1, 16, (8.0,)), panel(1, 16, (7.0,))),
    case("interrupted_time_series, after", panel(1, 16, (8.0,)), panel(1, 17, (10.0,))),
    case("interrupted_time_series, phase", panel(1, 18, (8.0,)), panel(1, 17, (8.0,)),
         phase_in_periods=2),
    case("staggered_adoption, clusters", panel(4, 8, (3.0, 5.0)), panel(3, 8, (3.0, 5.0))),
    case("staggered_adoption, one start", panel(10, 8, TWO), panel(4, 8, (4.0,) * 4)),
    case("staggered_adoption, before", panel(10, 8, (1.0,) * 4), panel(10, 8, (0.0,) * 4)),
    case("staggered_adoption, after", panel(10, 8, (7.0,) * 4), panel(10, 8, (9.0,) * 4)),
    case("staggered_adoption, never", panel(7, 8, (2.0, 4.0) * 3), panel(6, 8, (2.0, 4.0) * 3),
         comparison="never_treated"),
    case("staggered_adoption, waiting", panel(6, 8, (2.0, 4.0) * 3), panel(6, 8, (4.0,) * 6),
         **NOT_YET),
    case("stepped_wedge, in steps", panel(6, 8, (2.0, 4.0, 6.0) * 2),
         panel(5, 8, (2.0, 2.0, 4.0, 4.0, 6.0)), **LOT),
    case("stepped_wedge, described", panel(3, 8, (2.0, 4.0, 6.0)), panel(2, 8, (2.0, 4.0)), **LOT,
         few_clusters="describe"),
    case("stepped_wedge, parallel", panel(4, 8, TWO), panel(3, 8, TWO), **LOT),
    case("stepped_wedge, all at once", panel(12, 8, SIX), panel(6, 8, SIX), **LOT),
    case("stepped_wedge, starts", panel(12, 8, SIX), panel(12, 8, (9.0,) * 6), **LOT),
    case("stepped_wedge, no lot", panel(12, 8, SIX), panel(12, 8), allocation="not_random"),
    case("regression_discontinuity, near", answers(30, 30), answers(29, 30), **SHORT,
         threshold=0.0, data_rows="people"),
    case("regression_discontinuity, values", answers(40, 40, 8), answers(40, 40, 4),
         bandwidth=20.0, threshold=0.0, data_rows="people"),
    case("weighted_comparison, clusters", groups(40, 80, clusters=(2, 2)),
         groups(40, 80, clusters=(1, 2)), **NEED),
    case("weighted_comparison, rows", groups(20, 200), groups(19, 200), **NEED),
    case("weighted_comparison, causes", groups(60, 60), groups(60, 60), {"adjust_for": []}, **NEED),
    case("dose_response, clusters", doses(4, 8), doses(3, 8), dose_lag=0),
    case("dose_response, periods", doses(12, 2), doses(12, 1), dose_lag=0),
    case("dose_response, lag", doses(12, 3), doses(12, 2), dose_lag=1),
    case("dose_response, moving", doses(8, 8, moving=2), doses(8, 8, moving=1), dose_lag=0),
    case("dose_response, not alike", doses(8, 8), doses(8, 8, alike=True), dose_lag=0),
    case("mediation, clusters", doses(4, 12), doses(3, 12), mediator_lag=1, outcome_lag=1),
    case("mediation, periods", doses(12, 4), doses(12, 3), mediator_lag=1, outcome_lag=1),
    case("mediation, moving", doses(8, 12, moving=2), doses(8, 12, moving=1)),
    case("mediation, not alike", doses(8, 12), doses(8, 12, alike=True)),
    case("before_after, clusters", panel(2, 8, (4.0,) * 2), panel(1, 8, (4.0,))),
    case("before_after, before", panel(4, 8, (1.0,) * 4), panel(4, 8, (0.0,) * 4)),
    case("before_after, after", panel(4, 8, (7.0,) * 4), panel(4, 8, (9.0,) * 4)),
    case("before_after, starts", panel(4, 8, (4.0,) * 4), panel(4, 8, (4.0, 5.0) * 2)),
]  # fmt: skip
Run = Callable[[Table, DesignStudy], Any]


def advice_on(table: Table, parameters: DesignStudy) -> Advice:
    """Return what is said of the study's own design."""
    return next(one for one in advise(table, parameters) if one.design == parameters.notebook)


@pytest.mark.parametrize(("design", "enough", "short", "own", "short_of"), CASES)
def test_advice_and_design_agree(
    design: str, enough: Table, short: Table, own: dict[str, Any], short_of: dict[str, Any]
) -> None:
    """Enough is allowed and gives an estimate; short of it is not allowed and is refused."""
    estimate: Run = import_module(f"evalkit.designs.{design}").estimate
    study = study_of(design, **own)
    given = advice_on(enough, study)
    assert given.allowed in ("allowed", "allowed, with reservations"), given
    assert np.isfinite(estimate(enough, study).headline["estimate"])
    study = study_of(design, **{**own, **short_of})
    assert advice_on(short, study).allowed == "not allowed"
    with pytest.raises(AnalysisError):
        estimate(short, study)


def test_a_bandwidth_that_is_not_asked_is_not_known_before_the_fit() -> None:
    """Rows far from the threshold count for nothing; too few in all is known to be too few."""
    study = study_of("regression_discontinuity", threshold=0.0, bandwidth=None, data_rows="people")
    told = advice_on(answers(30, 30), study)
    assert told.allowed == "cannot tell"
    assert "not known before the fit" in told.unknown[0]
    assert advice_on(answers(30, 30)[:59][30:], study).allowed == "not allowed"
