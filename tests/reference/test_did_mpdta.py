"""The published minimum-wage panel: values by R's did, by hand in R, and as printed."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.fits.callaway_santanna import CellRule, GroupTimeEffects, fit_group_time
from evalkit.fits.staggered_averages import AverageList, list_averages
from evalkit.inference.estimates import make_estimate
from evalkit.inference.simultaneous import influence_covariance

JOBS = ("did_mpdta", "did_mpdta_published")
HERE = Path(__file__).resolve().parent
OVERALL = {"simple": "simple", "dynamic_overall": "event", "group_overall": "group"}
KEYED = {"es": "event", "group": "group", "calendar": "calendar"}
STORED_DIGITS = 1e-10
"""The stored covariance has fourteen digits after the point, on entries of 1e-5."""
DID_DIGITS = 1e-9
"""R's did stores fifteen digits; sums in another order differ in the last ones."""

Fit = tuple[GroupTimeEffects, AverageList]


@pytest.fixture(scope="module")
def fits(published: Callable[[str], pd.DataFrame]) -> dict[str, Fit]:
    """Return effects and averages by comparison: never, notyet, and never with a covariate."""
    frame = published("mpdta")
    wide = frame.pivot_table(index="countyreal", columns="year", values="lemp")
    first = frame.drop_duplicates("countyreal").set_index("countyreal").loc[wide.index]
    starts = first["first.treat"].replace(0, np.nan).to_numpy(float)
    arrays = wide.to_numpy(float), wide.columns.to_numpy(float), starts
    people = frame.pivot_table(index="countyreal", columns="year", values="lpop").to_numpy(float)
    effects = {
        "never": fit_group_time(*arrays),
        "notyet": fit_group_time(*arrays, CellRule(comparison="not_yet_treated")),
        "covariate": fit_group_time(*arrays, covariates=people[:, :, None]),
    }
    return {name: (found, list_averages(found)) for name, found in effects.items()}


def reproduce(name: str, fits: dict[str, Fit]) -> dict[str, float]:
    """Compute one stored value by its name."""
    rule = name.split("/")[1] if "/" in name else "never"
    kind, _, key = name.split("/")[-1].partition(":")
    effects, averages = fits[rule]
    if kind == "gt":
        cohort, time = (float(part) for part in key.split(","))
        at = int(np.flatnonzero((effects.cohort == cohort) & (effects.time == time))[0])
        return _with_error(effects.estimate[at], effects.influence[:, [at]])
    number = float(key.removeprefix("e=")) if key else None
    at = averages.at((KEYED if key else OVERALL)[kind], number)
    return _with_error(averages.estimate[at], averages.influence[:, [at]])


def _with_error(estimate: float, influence: Any) -> dict[str, float]:
    error = np.sqrt(influence_covariance(influence)[0, 0])
    return asdict(make_estimate(float(estimate), float(error)))


def test_value(value: dict[str, Any], agree: Callable[..., None], fits: dict[str, Fit]) -> None:
    """Each value is found; printed errors are of a random bootstrap, and so are the intervals."""
    found = reproduce(value["name"], fits)
    if "tol_abs_est" not in value:
        agree(value, found)
        return
    error = value["tol_rel_se"] * value["se"]
    margins = {"estimate": value["tol_abs_est"], "se": error, "ci_low": 2 * error}
    for part, margin in (margins | {"ci_high": 2 * error}).items():
        if part in value:
            agree({"name": value["name"], part: value[part], "tol_abs": margin}, found)


def test_event_study_covariance(fits: dict[str, Fit]) -> None:
    """The covariance of the event study is the one that R's influence functions give."""
    stored = json.loads((HERE / "_mpdta_es_vcov.json").read_text("utf-8"))
    averages = fits["never"][1]
    at = [averages.at("event", float(event)) for event in stored["es"]]
    found = influence_covariance(averages.influence[:, at])
    assert found == pytest.approx(np.array(stored["V"]), rel=1e-6, abs=STORED_DIGITS)


@pytest.mark.parametrize(
    ("scenario", "rule"),
    [
        ("mpdta_nev_dr", "never"),
        ("mpdta_nyt_dr", "notyet"),
        ("mpdta_nev_ipw", "never"),
        ("mpdta_nev_reg_cov", "covariate"),
    ],
)
def test_tables_of_did(fits: dict[str, Fit], data_root: Path, scenario: str, rule: str) -> None:
    """Effects, every average and their errors equal R's did, also with a covariate."""
    effects, averages = fits[rule]
    cells = pd.read_csv(data_root / "replication" / "ref_attgt.csv")
    cells = cells[cells["scenario"] == scenario]
    assert len(cells) == len(effects.estimate)
    for _, cell in cells.iterrows():
        found = reproduce(f"/{rule}/gt:{cell['group']:g},{cell['t']:g}", fits)
        assert found["estimate"] == pytest.approx(cell["att"], rel=DID_DIGITS)
        assert found["std_error"] == pytest.approx(cell["se"], rel=DID_DIGITS)
    rows = pd.read_csv(data_root / "replication" / "ref_aggte.csv")
    for _, row in rows[rows["scenario"] == scenario].iterrows():
        kind = {"dynamic": "event"}.get(row["type"], row["type"])
        places = [(None, "overall_att", "overall_se")]
        if pd.notna(row["egt"]):
            places.append((float(row["egt"]), "att_egt", "se_egt"))
        for key, estimate, error in places:
            at = averages.at(kind, key)
            found = _with_error(averages.estimate[at], averages.influence[:, [at]])
            assert found["estimate"] == pytest.approx(row[estimate], rel=DID_DIGITS)
            assert found["std_error"] == pytest.approx(row[error], rel=DID_DIGITS)
