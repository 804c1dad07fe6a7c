"""Sites as studies of their own, pooled: each site's numbers, what is left out, a new site."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.data.design_table import make_table
from evalkit.data.sources import Source
from evalkit.designs.by_site import BySite, estimate_by_site
from evalkit.designs.difference_in_differences import estimate
from evalkit.disclosure.numerals import Known, unknown_numerals
from evalkit.disclosure.profiles import MARKER, load_profiles
from evalkit.disclosure.strata import protect_strata
from evalkit.errors import AnalysisError, ParameterError
from evalkit.findings.sites import add_sites
from evalkit.fits.pooling import fit_pooled
from evalkit.record import open_staging
from evalkit.record.design_specs import keep_columns
from evalkit.record.stage_sites import sites_spec, stage_sites
from evalkit.results import Finding
from evalkit.study.parameters import validate
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences
from evalkit.study.yaml_file import read_yaml_file

ROOT = Path(__file__).resolve().parents[2]
SITES, TRUTH, SPREAD = 8, 0.6, 0.25
NAMES = [f"Trust {letter}" for letter in "ABCDEFGHI"]


def study_by(**changes: Any) -> DifferenceInDifferences:
    """Return the embedded study asked site by site, through the rules that hold its file."""
    values = read_yaml_file(ROOT / "parameters" / "difference_in_differences.yml")
    roles = {"unit": "ward", "period": "quarter", "outcome": "score", "treated": "pathway"}
    own = {
        "pool_by": "trust",
        "data_columns": {**roles, "trust": "trust"},
        "subgroups": [],
        "alternatives": {},
        "start_period": "2023Q3",
    }
    made = validate(values | own | changes, "x.yml")
    assert isinstance(made, DifferenceInDifferences)
    return made


@cache
def wards() -> pd.DataFrame:
    """Return quarterly scores of eight trusts' wards, a ninth with one ward, rows of no trust."""
    rng = np.random.default_rng(12)
    effects = rng.normal(TRUTH, SPREAD, SITES)
    keys = pd.MultiIndex.from_product([range(SITES), range(10), range(1, 5)])
    frame = keys.to_frame(index=False, name=["site", "place", "time"])
    lone = pd.DataFrame({"site": SITES, "place": 0, "time": range(1, 5)})
    lost = pd.DataFrame({"site": -1, "place": 0, "time": range(1, 5)})
    frame = pd.concat([frame, lone, lost], ignore_index=True)
    frame["pathway"] = frame["place"] < 5
    ward = pd.factorize(frame["site"] * 100 + frame["place"])[0]
    level = rng.normal(6, 0.5, ward.max() + 1)[ward]
    effect = np.append(effects, [0.0, 0.0])[frame["site"]] * (
        frame["pathway"] & (frame["time"] >= 3)
    )
    frame["score"] = np.clip(level + effect + rng.normal(0, 0.2, len(frame)), 0, 10)
    frame["ward"] = [f"W{code:03d}" for code in ward]
    frame["trust"] = frame["site"].map(
        {-1: None} | {k: f"Trust {'ABCDEFGHI'[k]}" for k in range(9)}
    )
    frame["quarter"] = "2023Q" + frame["time"].astype(str)
    return frame.drop(columns=["site", "place", "time"])


def lay(study: DifferenceInDifferences) -> pd.DataFrame:
    """Make the design's table as a study would."""
    source = Source("data", "cqc_survey", "table", wards(), "0" * 64, len(wards()), True)
    return make_table({"data": source}, study)


@cache
def found() -> BySite:
    """Return the sites' estimates."""
    made = estimate_by_site(lay(study_by()), study_by(), estimate)
    assert made is not None
    return made


def test_each_site_is_a_study_of_its_own() -> None:
    """A site's row has the numbers of the design on its rows alone; sites stand in name order."""
    table = lay(study_by())
    sites = found().table[found().table["term"] == "site"].set_index("label")
    assert list(sites.index) == NAMES
    alone = estimate(table[table["trust"] == "Trust C"], study_by()).headline
    kept = ["estimate", "std_error", "conf_low", "conf_high"]
    assert sites.loc["Trust C", kept].to_list() == pytest.approx(alone[kept].to_list())
    assert sites.loc["Trust C", "n"] == 40


def test_a_site_that_is_too_small_is_named_and_counted() -> None:
    """It stands in the table without an estimate, and is in no pooled number; nor rows of none."""
    row = found().table.set_index("label").loc["Trust I"]
    assert np.isnan(row[["estimate", "conf_low", "drawn"]].to_numpy(float)).all()
    assert (found().sites, found().too_small, found().pooled.sites) == (9, 1, 8)
    assert found().without_site == 4


def test_the_pooled_effect_and_a_new_sites_are_those_of_random_effects() -> None:
    """From the sites' rows alone, and they hold what was put in."""
    table = found().table
    sites = table[(table["term"] == "site") & table["estimate"].notna()]
    errors = sites["std_error"].to_numpy(float)
    by_hand = fit_pooled(sites["estimate"].to_numpy(float), errors**2)
    pooled, new = (table[table["term"] == term].iloc[0] for term in ("pooled", "new_site"))
    assert pooled["estimate"] == pytest.approx(by_hand.effect.estimate)
    assert (new["conf_low"], new["conf_high"]) == pytest.approx(by_hand.predicted)
    assert pooled["conf_low"] <= TRUTH <= pooled["conf_high"]
    assert new["conf_low"] < pooled["conf_low"] < pooled["conf_high"] < new["conf_high"]
    shift = (sites["estimate"] - sites["drawn"]) * (sites["estimate"] - pooled["estimate"])
    assert (shift > 0).all()


def test_without_sites_nothing_is_made() -> None:
    """A study that names none has none, and its finding says nothing of them."""
    columns = {k: v for k, v in study_by().data_columns.items() if k != "trust"}
    study = study_by(pool_by=None, data_columns=columns)
    assert estimate_by_site(lay(study), study, estimate) is None
    finding = Finding("unclear", "", (), ())
    assert add_sites(finding, None, study) is finding


def test_too_few_sites_are_refused() -> None:
    """Two that can be estimated, of three, pool to nothing that could be believed."""
    table = lay(study_by())
    few = table[table["trust"].isin(["Trust A", "Trust B", "Trust I"])]
    with pytest.raises(AnalysisError, match=r"pool_by: 2 of 3 sites .* One was refused so: unit:"):
        estimate_by_site(few, study_by(), estimate)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pool_by": "region"}, "pool_by: no column is given for region"),
        ({"pool_by": "treated"}, "pool_by: treated has another part in the study"),
    ],
)
def test_a_role_that_cannot_name_sites_is_refused(changes: dict[str, Any], said: str) -> None:
    """One that is mapped to nothing, and one that the design reads as something else."""
    with pytest.raises(ParameterError, match=said):
        study_by(**changes)


@pytest.mark.parametrize("design", ["mediation", "synthetic_control"])
def test_designs_that_are_not_run_site_by_site_refuse_it(design: str) -> None:
    """It is said what to do instead."""
    values = read_yaml_file(ROOT / "parameters" / f"{design}.yml")
    with pytest.raises(ParameterError, match=r"pool_by: this design is not .* site by site"):
        validate({**values, "pool_by": "trust"}, "x.yml")


def test_every_number_that_the_sites_say_is_stored() -> None:
    """Pooled, in a new site, and how many are left out; the release would refuse any other."""
    finding = Finding("improved", "", (), (), pd.DataFrame({"name": [], "value": []}))
    said = add_sites(finding, found(), study_by())
    known = Known(exact=frozenset(abs(v) for v in said.values["value"]) | {95.0})
    assert unknown_numerals(said.meaning[-1], known) == 0
    assert "The effect in a new site like these would lie between" in said.meaning[-1]
    assert "Of 9 sites, 1 could not be estimated and is left out" in said.meaning[-1]
    assert "4 rows without a site left out." in said.meaning[-1]


def test_sites_that_differ_by_chance_alone_are_said_to() -> None:
    """Where the variance between sites is nought, none is told."""
    found_alike = replace(found(), pooled=replace(found().pooled, tau2=0.0, i2=0.0))
    finding = Finding("unclear", "", (), (), pd.DataFrame({"name": [], "value": []}))
    said = add_sites(finding, found_alike, study_by()).meaning[-1]
    assert "differ by no more than chance would make." in said
    assert "The difference in a new site" in said


def test_the_record_holds_the_table_and_its_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Staged as every table, with each site, the pooled effect and a new site drawn."""
    monkeypatch.setenv("EVALKIT_STAGING", str(tmp_path / "staging"))
    source = Source("data", "cqc_survey", "table", wards(), "0" * 64, len(wards()), True)
    staging = open_staging(study_by(), {"data": source})
    stage_sites(staging, found())
    names = {path.name for path in (tmp_path / "staging").rglob("sites.*")}
    assert {"sites.parquet", "sites.svg", "sites.png"} <= names


def test_a_site_of_few_people_is_hidden_and_cannot_be_worked_out() -> None:
    """Of answers by people, the count of the smallest site is hidden, and with it a second one."""
    study = study_by(data_rows="people")
    profiles = {"data": load_profiles()["fft"]}
    shown, _ = protect_strata(
        keep_columns(found().table), sites_spec(study, found()), profiles, 324.0
    )
    sites = shown.frame.set_index("label")
    hidden = sites.index[sites["n"] == MARKER]
    assert "Trust I" in hidden
    assert len(hidden) == 2
    assert sites.loc["All sites, pooled", "estimate"] == pytest.approx(0.62, abs=0.01)
