"""Staging the multiverse: analyses with their figure, their summary, and rows of people in tens."""

from pathlib import Path

import pandas as pd
import pytest

from evalkit.data.sources import Source
from evalkit.planning.multiverse import Multiverse, summarise_multiverse
from evalkit.record import Staging, open_staging
from evalkit.record.stage_multiverse import stage_multiverse
from evalkit.study import load_parameters
from evalkit.study.schemas.design_study import DesignStudy

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def parameters() -> DesignStudy:
    """Return the parameters of a design's study."""
    loaded = load_parameters(ROOT / "parameters" / "difference_in_differences.yml")
    assert isinstance(loaded, DesignStudy)
    return loaded


def staging_of(parameters: DesignStudy, folder: Path, patch: pytest.MonkeyPatch) -> Staging:
    """Return a staging folder over one made-up source."""
    patch.setenv("EVALKIT_STAGING", str(folder / "staging"))
    source = Source("data", "cqc_survey", "table", pd.DataFrame(), "0" * 64, 3, True)
    return open_staging(parameters, {"data": source})


@pytest.fixture
def multiverse() -> Multiverse:
    """Return two analyses that differ in whom they count, and their joint test."""
    row = {"std_error": 0.05, "level": 0.95, "df": 20.5, "clusters": float("nan"), "method": "cr2"}
    rows = [
        {"analysis": "The plan's own", "weight_by": "rows", "estimate": 0.3, "n": 400},
        {"analysis": "Also allowed", "weight_by": "people", "estimate": 0.4, "n": 393},
    ]
    curve = pd.DataFrame([one | row for one in rows])
    curve.insert(0, "rank", [1, 2])
    curve = curve.assign(conf_low=curve["estimate"] - 0.1, conf_high=curve["estimate"] + 0.1)
    names = ["median estimate", "share of intervals beyond zero"]
    return Multiverse(curve, 0, pd.DataFrame({"statistic": names, "p_value": 0.01, "draws": 99}))


def test_table_figure_and_summary_are_staged(
    parameters: DesignStudy,
    multiverse: Multiverse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Analyses keep their order; what holds nothing is left out; the summary has its numbers."""
    staging = staging_of(parameters, tmp_path, monkeypatch)
    stage_multiverse(staging, multiverse)
    frame = staging.frames["specifications"]
    assert frame["analysis"].tolist() == ["The plan's own", "Also allowed"]
    assert "clusters" not in frame
    assert "interval_df" in frame
    assert frame["n"].tolist() == [400, 393]
    assert staging.figures["specification_curve"]["table"] == "specifications"
    assert "by two ways of analysis" in staging.figures["specification_curve"]["alt"]
    told = staging.frames["multiverse"].set_index("name")["value"]
    assert told.tolist() == pytest.approx(list(summarise_multiverse(multiverse).values()))
    assert told["Middle estimate"] == pytest.approx(0.35)
    assert told["p-value of the middle estimate, all analyses at once"] == pytest.approx(0.01)


def test_people_are_counted_in_tens(
    parameters: DesignStudy,
    multiverse: Multiverse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 400 and 393 answers the difference would tell of seven people."""
    people = parameters.model_copy(update={"data_rows": "people"})
    staging = staging_of(people, tmp_path, monkeypatch)
    stage_multiverse(staging, multiverse)
    assert staging.frames["specifications"]["n"].tolist() == [400, 390]
    assert multiverse.curve["n"].tolist() == [400, 393]


def test_nothing_is_staged_of_nothing(
    parameters: DesignStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan without alternatives leaves no table."""
    staging = staging_of(parameters, tmp_path, monkeypatch)
    stage_multiverse(staging, None)
    assert staging.frames == {}
