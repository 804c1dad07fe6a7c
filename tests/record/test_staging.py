"""The staging folder takes tables, figures and a conclusion, and refuses what is not whole."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from evalkit.charts import CHARTS
from evalkit.errors import AnalysisError, DisclosureError, ResourceError
from evalkit.record import Column, Staging, TableSpec, open_staging
from evalkit.record.hashes import hash_bytes, hash_files
from evalkit.results import Check, Finding, Result
from evalkit.study.schema import StudyParameters

Make = Callable[..., Staging]


def stage(staging: Staging, estimates: pd.DataFrame) -> None:
    """Stage one table, one figure and a conclusion."""
    columns = [Column(name, name, "label") for name in estimates.columns]
    spec = TableSpec("estimates", "Estimates", "One row.", tuple(columns))
    staging.table(spec, estimates)
    staging.figure("answer", chart="estimates", table="estimates", title="One estimate")
    conclude(staging, estimates)


def conclude(staging: Staging, estimates: pd.DataFrame) -> None:
    """Conclude with two checks, of which one has a table."""
    table = pd.DataFrame({"group": ["all"], "n": [20], "f": [1.5]})
    staging.conclude(
        result=Result("lagged_panel", estimates, {"method": "within"}),
        finding=Finding("cannot_tell", "It cannot be told.", ("Why.",), ("Tiny.",)),
        checks=[
            Check("Enough", "Are there enough?", "passes", "20 trusts.", "", "", table),
            Check("Steady", "Is it steady?", "cannot tell", "One period.", "", ""),
        ],
        not_measured=["Carers"],
    )


def test_two_stagings_of_the_same_are_equal_to_the_byte(
    make_staging: Make, estimates: pd.DataFrame
) -> None:
    """Every staged file depends on what was staged and on nothing else."""
    folders = []
    for name in ("first", "second"):
        staging = make_staging(name)
        stage(staging, estimates)
        folders.append(hash_files(staging.folder))
    assert folders[0] == folders[1]
    assert {"staged.json", "figures/answer.svg", "tables/check_1.csv"} <= set(folders[0])


def test_what_is_staged_stands_in_staged_json(make_staging: Make, estimates: pd.DataFrame) -> None:
    """By hand: estimates with null for missing, checks with their tables, files with hashes."""
    staging = make_staging()
    stage(staging, estimates)
    staged = json.loads((staging.folder / "staged.json").read_text())
    assert staged["estimates"][0]["estimate"] == 0.05
    assert staged["estimates"][0]["df"] is None
    assert [check["table"] for check in staged["checks"]] == ["check_1", None]
    assert [table["name"] for table in staged["tables"]] == ["estimates", "check_1"]
    columns = {c["name"]: (c["kind"], c["base"]) for c in staged["tables"][1]["columns"]}
    assert columns == {"group": ("label", None), "n": ("count", None), "f": ("estimate", "n")}
    for entry in (*staged["tables"], *staged["figures"]):
        for name, digest in entry["files"].items():
            assert hash_bytes((staging.folder / name).read_bytes()) == digest
    assert staged["protocol"]["choices"]["minimum_important_difference"] == 0.2
    assert (staged["seed"], staged["synthetic"]) == (20260301, True)
    assert staged["not_measured"] == ["Carers"]


@pytest.mark.parametrize("staff", [True, False])
@pytest.mark.parametrize("patient", [True, False])
def test_the_word_synthetic_stands_where_it_is_true_and_only_there(
    staff: bool, patient: bool, make_staging: Make, estimates: pd.DataFrame
) -> None:
    """Figure, alternative text and CSV say so where all data are synthetic; others do not."""
    staging = make_staging(synthetic=staff, patient=patient)
    stage(staging, estimates)
    synthetic = staff and patient
    staged = json.loads((staging.folder / "staged.json").read_text())
    assert staged["synthetic"] is synthetic
    assert [s["synthetic"] for s in staged["sources"]] == [patient, staff]
    svg = (staging.folder / "figures" / "answer.svg").read_text()
    csv = (staging.folder / "tables" / "estimates.csv").read_text()
    alt = staging.figures["answer"]["alt"]
    assert [("Synthetic" in text) for text in (svg, csv, alt)] == [synthetic] * 3


def test_a_figure_carries_its_words_and_no_date(
    make_staging: Make, estimates: pd.DataFrame
) -> None:
    """The alternative text stands in the SVG itself, and no time of drawing."""
    staging = make_staging(synthetic=False)
    stage(staging, estimates)
    svg = (staging.folder / "figures" / "answer.svg").read_text()
    assert staging.figures["answer"]["alt"] in svg
    assert "dc:date" not in svg


def test_a_figure_without_alternative_text_is_refused(
    make_staging: Make, estimates: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chart that finds no words is not drawn, and leaves no file."""
    silent = replace(CHARTS["estimates"], describe=lambda frame: " ")
    monkeypatch.setitem(CHARTS, "silent", silent)
    staging = make_staging()
    columns = tuple(Column(name, name, "label") for name in estimates.columns)
    staging.table(TableSpec("estimates", "E", "", columns), estimates)
    with pytest.raises(DisclosureError, match="no alternative text"):
        staging.figure("answer", chart="silent", table="estimates", title="One")
    assert not (staging.folder / "figures").exists()


def test_unknown_charts_and_tables_are_refused_with_the_nearest(
    make_staging: Make, estimates: pd.DataFrame
) -> None:
    """A mistyped chart is named with the one that was meant, a table with those staged."""
    staging = make_staging()
    stage(staging, estimates)
    with pytest.raises(AnalysisError, match="Did you mean estimates"):
        staging.figure("other", chart="estimate", table="estimates", title="")
    with pytest.raises(AnalysisError, match=r"no table facets.*Known: check_1, estimates"):
        staging.figure("other", chart="estimates", table="facets", title="")


def test_names_are_plain_and_used_once(make_staging: Make, estimates: pd.DataFrame) -> None:
    """A name that is a path, or was used before, is refused."""
    staging = make_staging()
    stage(staging, estimates)
    spec = TableSpec("estimates", "", "", ())
    with pytest.raises(AnalysisError, match="staged twice"):
        staging.table(spec, estimates)
    with pytest.raises(AnalysisError, match="not a name"):
        staging.figure("../answer", chart="estimates", table="estimates", title="")


def test_an_infinite_estimate_is_refused(make_staging: Make, estimates: pd.DataFrame) -> None:
    """JSON has no infinity, and a report no use for it."""
    with pytest.raises(AnalysisError, match="estimates: 1 numbers are infinite"):
        conclude(make_staging(), estimates.assign(conf_high=float("inf")))


def test_the_folder_is_emptied_first(make_staging: Make, estimates: pd.DataFrame) -> None:
    """What an earlier staging left is gone when the folder is opened again."""
    stage(make_staging(), estimates)
    assert list(make_staging().folder.iterdir()) == []


def test_a_folder_with_other_things_is_not_emptied(make_staging: Make) -> None:
    """A folder that evalkit did not fill is refused and left as it is."""
    own = make_staging().folder / "my_work.txt"
    own.write_text("mine")
    with pytest.raises(ResourceError, match="holds 1 things"):
        make_staging()
    assert own.read_text() == "mine"


def test_without_a_runner_the_folder_is_the_unsealed_one(
    tmp_path: Path, parameters: StudyParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under papermill and JupyterLab the record goes where nothing takes it for sealed."""
    monkeypatch.delenv("EVALKIT_STAGING", raising=False)
    monkeypatch.setenv("EVALKIT_PROJECT", str(tmp_path))
    before = os.umask(0)
    try:
        staging = open_staging(parameters, {})
    finally:
        os.umask(before)
    assert staging.folder == tmp_path / "reports" / "runs" / "staff_wellbeing" / "unsealed"
    folders = (staging.folder, *staging.folder.parents[:2])
    assert [stat.S_IMODE(f.stat().st_mode) for f in folders] == [0o700] * 3


def test_the_runner_needs_no_plotting_stack() -> None:
    """Importing what the runner uses of the record does not import pandas or matplotlib."""
    code = (
        "import sys, evalkit.runs.run\n"
        "print([n for n in ('pandas', 'matplotlib', 'papermill') if n in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env=dict(os.environ)
    )
    assert found.stdout == b"[]\n"
