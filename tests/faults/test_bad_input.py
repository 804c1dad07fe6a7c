"""Each design, given what it cannot answer: one clear message, its exit code, nothing left behind.

Every embedded study of a design is spoilt in each way, in a copy of the project, and read,
estimated and refused by the same functions as a run. Some are run as a user runs them: every
study with an outcome that never moves, and of three designs what the contract of the data stops,
and what only the notebook can refuse.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from evalkit.data import make_table, read_sources
from evalkit.errors import EvalkitError
from evalkit.study.parameters import validate
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.design_study import DesignStudy

ROOT = Path(__file__).resolve().parents[2]
Values = dict[str, Any]
Spoil = Callable[[pd.DataFrame, Values], pd.DataFrame | None]
EXIT_CODES = {2, 3, 8}
LONGEST_MESSAGE = 700


def _studies() -> list[Path]:
    files = sorted((ROOT / "parameters").glob("*.yml"))
    named = {f: yaml.safe_load(f.read_text("utf-8"))["notebook"] for f in files}
    return [f for f, name in named.items() if issubclass(SCHEMAS[name], DesignStudy)]


def _column(values: Values, *roles: str) -> str | None:
    return next((values["data_columns"][r] for r in roles if r in values["data_columns"]), None)


def one_unit(frame: pd.DataFrame, values: Values) -> pd.DataFrame | None:
    """Keep one unit, and its cluster with it."""
    schema = SCHEMAS[values["notebook"]]
    if getattr(schema, "FEWEST_UNITS", 2) < 2 or values["data_rows"] == "people":
        return None
    unit = values["data_columns"]["unit"]
    return frame[frame[unit] == frame[unit].iloc[0]]


def one_cluster(frame: pd.DataFrame, values: Values) -> pd.DataFrame | None:
    """Put every unit into the same cluster."""
    if "cluster" not in SCHEMAS[values["notebook"]].ROLES:
        return None
    values["data_columns"] |= {"cluster": "all_in_one"}
    return frame.assign(all_in_one="one")


def _group(frame: pd.DataFrame, values: Values, *, everybody: bool) -> pd.DataFrame | None:
    threshold = values.get("threshold")
    if threshold is not None:
        running = values["data_columns"]["running"]
        above = everybody == (values["offered_side"] == "above")
        distance = (frame[running] - threshold).abs() + 1
        frame[running] = threshold + distance * (1 if above else -1)
        return frame
    for role in ("treated", "control", "selected"):
        if (column := _column(values, role)) is not None:
            frame[column] = everybody != (role == "control")
            return frame if role != "selected" else None
    if (column := _column(values, "first_treated")) is not None:
        period = values["data_columns"]["period"]
        frame[column] = frame[period].min() if everybody else None
        return frame
    column = _column(values, "dose", "exposure")
    if column is not None:
        frame[column] = 1.0 if everybody else 0.0
    return None if column is None else frame


def nobody_treated(frame: pd.DataFrame, values: Values) -> pd.DataFrame | None:
    """Let nobody have the intervention, or any of it."""
    return _group(frame, values, everybody=False)


def everybody_treated(frame: pd.DataFrame, values: Values) -> pd.DataFrame | None:
    """Let everybody have it, from the first period on, or the same amount of it."""
    return _group(frame, values, everybody=True)


def collinear(frame: pd.DataFrame, values: Values) -> pd.DataFrame | None:
    """Adjust for a measure and for twice the same measure."""
    if "adjust_for" not in values:
        return None
    rng = np.random.default_rng(1)
    frame["first_measure"] = rng.normal(size=len(frame)).round(3)
    frame["second_measure"] = 2 * frame["first_measure"]
    values["adjust_for"] = ["first_measure", "second_measure"]
    values["data_columns"] |= {n: n for n in values["adjust_for"]}
    return frame


def constant_outcome(frame: pd.DataFrame, values: Values) -> pd.DataFrame | None:
    """Give every row the same outcome."""
    frame[values["data_columns"]["outcome"]] = 5
    return frame


def start_outside(frame: pd.DataFrame, values: Values) -> pd.DataFrame | None:
    """Start after the data end."""
    period = str(frame[values["data_columns"]["period"]].iloc[0])
    later = "2099" + period[4:]
    if "start_period" in values:
        values["start_period"] = later
        return frame
    column = _column(values, "first_treated")
    if column is not None:
        frame[column] = frame[column].where(frame[column].isna(), later)
    return None if column is None else frame


def reversed_dates(frame: pd.DataFrame, values: Values) -> pd.DataFrame | None:
    """Start in the first period, so that nothing comes before."""
    first = str(frame[values["data_columns"]["period"]].min())
    if "start_period" in values:
        values["start_period"] = first
        return frame
    column = _column(values, "first_treated")
    if column is not None:
        frame[column] = frame[column].where(frame[column].isna(), first)
    return None if column is None else frame


def no_outcome(frame: pd.DataFrame, values: Values) -> pd.DataFrame | None:
    """Take every outcome away."""
    frame[values["data_columns"]["outcome"]] = np.nan
    return frame


SPOILT: tuple[Spoil, ...] = (
    one_unit,
    nobody_treated,
    everybody_treated,
    collinear,
    constant_outcome,
    start_outside,
    reversed_dates,
    no_outcome,
)


def spoil(parameters: Path, way: Spoil, project: Path) -> tuple[Values, pd.DataFrame]:
    """Write a study's data and parameters, spoilt in one way, into the copy of the project."""
    values = yaml.safe_load(parameters.read_text("utf-8"))
    frame = pd.read_csv(project / values["data_file"], dtype={"period": str})
    spoilt = way(frame, values)
    if spoilt is None:
        pytest.skip(f"{way.__name__} cannot be put into {parameters.stem}")
    name = f"{way.__name__}_{parameters.stem}"
    values |= {"data_file": f"data/synthetic/{name}.csv", "study": name}
    spoilt.to_csv(project / values["data_file"], index=False)
    return values, spoilt


def values_told(message: str, frame: pd.DataFrame, values: Values) -> list[str]:
    """Find codes of units, and outcomes with decimals, that a message repeats."""
    told = set(re.findall(r"\w+(?:\.\d+)?", message))
    units = set(frame[values["data_columns"]["unit"]].astype(str))
    outcome = frame[values["data_columns"]["outcome"]].dropna()
    return sorted(told & (units | {str(v) for v in outcome if float(v) % 1}))


@pytest.mark.parametrize("way", SPOILT, ids=lambda way: way.__name__)
@pytest.mark.parametrize("parameters", _studies(), ids=lambda path: path.stem)
def test_it_is_refused_in_words(parameters: Path, way: Spoil, project: Path) -> None:
    """One message, of a length that is read, with an exit code and no value of the data."""
    values, frame = spoil(parameters, way, project)
    with pytest.raises(EvalkitError) as refusal:
        made = validate(values, "x.yml")
        design = import_module(f"evalkit.designs.{values['notebook']}")
        design.estimate(make_table(read_sources(made), made), made)
    message = str(refusal.value)
    assert refusal.value.exit_code in EXIT_CODES
    assert len(message) < LONGEST_MESSAGE
    assert message.count(".") >= 1
    assert values_told(message, frame, values) == []


def refused_with(values: Values) -> int:
    """Return the exit code that a study's own functions give it."""
    with pytest.raises(EvalkitError) as refusal:
        made = validate(values, "x.yml")
        design = import_module(f"evalkit.designs.{values['notebook']}")
        design.estimate(make_table(read_sources(made), made), made)
    return refusal.value.exit_code


DIFFERENCES, WEDGE, SERIES = (
    "difference_in_differences",
    "stepped_wedge",
    "interrupted_time_series",
)
SOME = (
    (DIFFERENCES, one_unit, 3),
    (DIFFERENCES, one_cluster, 3),
    (DIFFERENCES, nobody_treated, 8),
    (DIFFERENCES, everybody_treated, 8),
    (DIFFERENCES, start_outside, 3),
    (WEDGE, reversed_dates, 8),
    (WEDGE, everybody_treated, 8),
    (SERIES, collinear, 8),
    (SERIES, start_outside, 3),
)
"""Study, how it is spoilt, and the exit code: 3 where the data are at fault, 8 the analysis."""

EVERY = tuple((path.stem, way, None) for path in _studies() for way in (*SPOILT, one_cluster))
"""Each study spoilt in each way, with the exit code that its own functions give."""

UNMOVED = tuple((path.stem, constant_outcome, None) for path in _studies())
RUNS = EVERY if os.environ.get("EVALKIT_EVERY_REFUSAL") else (*SOME, *UNMOVED)
"""What is run by `evalkit run`: some in `make test`, every one in `make refusals`."""

COMMAND = [sys.executable, "-c", "from evalkit.cli.main import main; main()", "run"]

FAILURE = {"schema", "study", "status", "cell", "exception", "at"}
"""All that the aid of a run that failed inside its notebook says: see docs/contracts.md."""


def write_spoilt(study: str, way: Spoil, project: Path) -> tuple[Path, Values, pd.DataFrame]:
    """Write a spoilt study with its parameter file, and return that file and what it holds."""
    values, frame = spoil(ROOT / "parameters" / f"{study}.yml", way, project)
    file = project / "parameters" / f"{values['study']}.yml"
    file.write_text(yaml.safe_dump(values, sort_keys=False, allow_unicode=True), "utf-8")
    return file, values, frame


def files_left(folder: Path) -> list[Path]:
    """List the files of a folder of runs or reports, without the lock's own."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if path.suffix != ".lock"]


@dataclass(frozen=True)
class Told:
    """What `evalkit run --json` told of several studies, by the names of their files."""

    code: int
    streams: str
    ends: dict[str, Values]


@pytest.fixture(scope="module")
def told(shared_project: Path) -> Told:
    """Every study that is spoilt, run by one command; a study that cannot be spoilt is left out."""
    files = []
    for study, way, _ in RUNS:
        with suppress(pytest.skip.Exception):
            files.append(str(write_spoilt(study, way, shared_project)[0]))
    environment = os.environ | {"EVALKIT_PROJECT": str(shared_project)}
    command = [*COMMAND, "--json", "--workers", "2", *files]
    run = subprocess.run(
        command, cwd=shared_project, env=environment, capture_output=True, text=True
    )
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    ends = {Path(one["parameters"]).stem: one for one in lines if "parameters" in one}
    return Told(run.returncode, run.stdout + run.stderr, ends)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("study", "way", "code"), RUNS, ids=lambda part: getattr(part, "__name__", part) or ""
)
def test_a_run_tells_one_message_and_leaves_no_result(
    study: str,
    way: Spoil,
    code: int | None,
    told: Told,
    shared_project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit code, one message without a value of the data, and at most the aid of what failed."""
    monkeypatch.setenv("EVALKIT_PROJECT", str(shared_project))
    values, frame = spoil(ROOT / "parameters" / f"{study}.yml", way, shared_project)
    code = code or refused_with(values)
    end = told.ends[values["study"]]
    assert end["exit_code"] == code, end["message"]
    assert 0 < len(end["message"]) < LONGEST_MESSAGE
    assert values_told(end["message"], frame, values) == []
    folder = shared_project / "reports" / "runs" / values["study"]
    left = files_left(folder)
    assert left == ([folder / "last_failure.json"] if code == 8 else [])
    if left:
        noted = json.loads(left[0].read_text("utf-8"))
        assert set(noted) == FAILURE
        assert values_told(left[0].read_text("utf-8"), frame, values) == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_command_ends_with_the_gravest_and_leaves_nothing_else(
    told: Told, shared_project: Path
) -> None:
    """No traceback, no sealed run, and no file beside the aids of what failed."""
    assert told.code == max(end["exit_code"] for end in told.ends.values())
    assert "Traceback" not in told.streams
    assert {path.name for path in files_left(shared_project / "reports")} == {"last_failure.json"}


@pytest.mark.slow
def test_one_run_says_its_message_alone(project: Path) -> None:
    """`evalkit run` of one study prints no result and no traceback, and ends with its code."""
    file, values, frame = write_spoilt(WEDGE, everybody_treated, project)
    run = subprocess.run(
        [*COMMAND, "--quiet", str(file)], cwd=project, capture_output=True, text=True
    )
    assert (run.returncode, run.stdout) == (8, "")
    assert "Traceback" not in run.stderr
    assert 0 < len(run.stderr) < LONGEST_MESSAGE
    assert values_told(run.stderr, frame, values) == []
    aid = project / "reports" / "runs" / values["study"] / "last_failure.json"
    assert files_left(project / "reports") == [aid]
