"""The record of a study whose plan allows other analyses: all of them, their figure and words."""

import json
import re
import subprocess
import sys
from math import prod
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
NUMERAL = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
STUDIES = {"difference_in_differences": True, "interrupted_time_series": False}
"""Studies, and whether their clusters can change places."""


def run(project: Path, *words: str) -> None:
    """Run a command of evalkit in a copy of the project."""
    command = [sys.executable, "-c", "from evalkit.cli.main import main; main()", *words]
    ran = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-2000:]


def frame_of(folder: Path, name: str) -> pd.DataFrame:
    """Read a table of a run."""
    return pd.read_parquet(folder / "tables" / f"{name}.parquet")


@pytest.mark.slow
@pytest.mark.parametrize("study", STUDIES)
def test_the_record_holds_every_analysis(study: str, project: Path) -> None:
    """Each combination has a row, the plan's own is the headline, and words say staged numbers.

    The release then scans the same words, and shows table and figure.
    """
    parameters = ROOT / "parameters" / f"{study}.yml"
    run(project, "run", str(parameters))
    (path,) = (project / "reports" / "runs" / study).rglob("record.json")
    record: dict[str, Any] = json.loads(path.read_text("utf-8"))
    allowed = yaml.safe_load(parameters.read_text("utf-8"))["alternatives"]
    assert record["protocol"]["choices"]["alternatives"] == allowed
    frame = frame_of(path.parent, "specifications")
    assert len(frame) == prod(1 + len(given) for given in allowed.values())
    own = frame[frame["analysis"] == "The plan's own"]
    head = frame_of(path.parent, "estimates").iloc[0]
    assert own["estimate"].tolist() == pytest.approx([head["estimate"]])
    assert own["conf_low"].tolist() == pytest.approx([head["conf_low"]])
    assert set(allowed) <= set(frame)
    said = record["finding"]["meaning"][-1]
    assert said.startswith(f"The plan allowed {len(frame)} analyses")
    assert ("chance alone" in said) == STUDIES[study]
    stored = set(frame_of(path.parent, "headline")["value"].abs())
    assert {float(text) for text in NUMERAL.findall(said)} <= stored
    figures = {figure["name"]: figure for figure in record["figures"]}
    assert figures["specification_curve"]["table"] == "specifications"
    run(project, "release", study)
    released = project / "reports" / "released" / study
    bundle = json.loads((released / "bundle.json").read_text("utf-8"))
    assert {"specifications", "multiverse"} <= set(bundle["tables"])
    assert "specification_curve" in bundle["figures"]
    assert bundle["finding"]["meaning"][-1] == said
