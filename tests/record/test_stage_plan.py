"""A plan's tables are staged in the study's own words, and the figure of power with them."""

import json
import runpy
from pathlib import Path

import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.record.stage_plan import stage_plan_table
from evalkit.record.stage_topic import stage_topic_headline
from evalkit.record.staging import Staging
from evalkit.results import Finding

_MADE = runpy.run_path(str(Path(__file__).resolve().parents[1] / "planning" / "made_plan.py"))
POWER = pd.DataFrame(
    {"units": [20, 20], "size": [0.0, 0.25], "power": [5.0, 62.5], "power_error": [1.1, 2.2]}
)


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    """Return an open staging folder of a plan, without sources."""
    return Staging(tmp_path / "staging", _MADE["make_plan"](), ())


def test_power_is_staged_with_its_figure(staging: Staging) -> None:
    """Units are called wards, shares are per cent, and sizes have the decimals they were given."""
    stage_plan_table(staging, "power", POWER)
    columns = {c["name"]: c for c in staging.tables["power"]["columns"]}
    assert columns["units"]["label"] == "Wards"
    assert columns["units"]["counts"] == "organisations"
    assert columns["power"]["unit"] == "%"
    assert (columns["size"]["unit"], columns["size"]["decimals"]) == ("points", 2)
    assert "number of wards" in staging.tables["power"]["description"]
    assert staging.figures["power"]["alt"].endswith(
        "With 20 wards: from 5.0% for 0 points to 62.5% for 0.25 points."
    )
    assert not staging.synthetic


def test_what_the_past_says_is_staged_in_words(tmp_path: Path) -> None:
    """Names become words, and numbers are protected by the rules of the past data."""
    made = runpy.run_path(str(Path(__file__).resolve().parents[1] / "planning" / "made_past.py"))
    (source,) = made["as_sources"](made["make_frame"](6, 8)).values()
    staging = Staging(tmp_path / "past", _MADE["make_plan"](), (source,))
    stage_plan_table(staging, "past", pd.DataFrame({"name": ["gaps"], "value": [2.5]}))
    name, value = staging.tables["past"]["columns"]
    assert (name["kind"], value["kind"], value["sources"]) == ("label", "estimate", ["data"])
    assert staging.frames["past"]["name"].item().startswith("Units and periods without a value")


def test_words_are_labels_and_an_empty_table_is_left(staging: Staging) -> None:
    """A table of needs holds words; without rows nothing is staged."""
    needs = pd.DataFrame({"design": ["Mediation"], "need": ["a start"], "state": ["met"]})
    stage_plan_table(staging, "needs", needs)
    stage_plan_table(staging, "assumptions", pd.DataFrame())
    assert {c["kind"] for c in staging.tables["needs"]["columns"]} == {"label"}
    assert "assumptions" not in staging.tables


def test_headline_rests_on_no_source(staging: Staging) -> None:
    """The numbers of the answer name no source, since there is none."""
    values = pd.DataFrame({"name": ["units"], "value": [20.0]})
    stage_topic_headline(staging, Finding("large enough", "", (), (), values))
    assert [c["sources"] for c in staging.tables["headline"]["columns"]] == [[], []]
    assert json.dumps(staging.tables["headline"])


def test_a_table_staged_twice_is_refused(staging: Staging) -> None:
    """Each name is used once."""
    stage_plan_table(staging, "power", POWER)
    with pytest.raises(AnalysisError, match="staged twice"):
        stage_plan_table(staging, "power", POWER)
