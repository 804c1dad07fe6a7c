"""A sweep's file: one base parameter file, and what varies from run to run."""

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evalkit.errors import ParameterError
from evalkit.project import project_root, resolve_data_path
from evalkit.study.canonical import hash_text
from evalkit.study.fields import Line, Name
from evalkit.study.fields import Path as DataPath
from evalkit.study.parameters import validate
from evalkit.study.yaml_file import read_yaml_file

MOST_RUNS = 100_000
CALLED = "called"
"""What an entry of `runs` may be called; its runs are named by that and not by its values."""
_LONGEST_NAME, _KEPT_OF_NAME, _DIGITS = 60, 48, 8
_NO_NAME = re.compile(r"[^a-z0-9]+")


class Each(BaseModel):
    """One run for each value of a column: the parameter is set to it.

    With a `role` the parameter is set to {role: value}, as `only` has it.
    """

    model_config = ConfigDict(extra="forbid", strict=True)
    parameter: Name
    role: Name | None = None
    file: DataPath
    column: Line


class Sweep(BaseModel):
    """What a sweep varies: every combination of `grid`, with every entry of `runs` and `each`."""

    model_config = ConfigDict(extra="forbid", strict=True)
    sweep: Name
    base: Line
    grid: dict[Name, list[Any]] = Field(default={})
    runs: list[dict[Name, Any]] = Field(default=[])
    each: Each | None = None


@dataclass(frozen=True, slots=True)
class SweepRun:
    """One run of a sweep: its study's name, all its parameters, and what varies, by name."""

    study: str
    parameters: Mapping[str, Any]
    varied: Mapping[str, Any]


def is_sweep(path: Path) -> bool:
    """Tell whether a file is a sweep's: it names a sweep, as no parameter file does."""
    return path.suffix in (".yml", ".yaml") and path.is_file() and "sweep" in read_yaml_file(path)


def read_sweep(path: Path) -> tuple[str, list[SweepRun]]:
    """Return a sweep's name and its runs, each with parameters that were found valid.

    Raises ParameterError for a file that is no sweep's, or asks for runs that cannot be.
    """
    sweep = _validate(read_yaml_file(path), path)
    base = read_yaml_file(path.parent / sweep.base)
    choices = list(_combine(sweep))
    if not choices or len(choices) > MOST_RUNS:
        raise ParameterError(
            f"{path}: {len(choices):,} runs. Give from 1 to {MOST_RUNS:,} combinations in grid, "
            "runs and each."
        )
    runs = [_make_run(sweep.sweep, base, *chosen) for chosen in choices]
    _refuse_same_names(path, runs)
    for run in runs:
        validate(dict(run.parameters), f"{path}, run {run.study}")
    return sweep.sweep, runs


def choose_runs(runs: list[SweepRun], where: list[str]) -> list[SweepRun]:
    """Keep the runs whose varied parameters are as `where` says: `name=value`, all of them.

    Raises ParameterError for a name that does not vary, or where none is left.
    """
    kept = runs
    for wish in where:
        name, _, value = wish.partition("=")
        if not any(name in run.varied for run in runs):
            known = sorted({known for run in runs for known in run.varied})
            raise ParameterError(
                f"--where {wish}: {name} does not vary in this sweep. Write name=value with one "
                f"of: {', '.join(known)}."
            )
        kept = [run for run in kept if _as_words(run.varied.get(name)) == value]
    if not kept:
        raise ParameterError(f"--where {' '.join(where)}: no run of the sweep is so. Ask for less.")
    return kept


def write_parameters(run: SweepRun, folder: Path) -> Path:
    """Write a run's parameters as a flat file of its own; one that is there already is kept."""
    path = folder / f"{run.study}.yml"
    text = yaml.safe_dump(dict(run.parameters), sort_keys=False, allow_unicode=True)
    if not path.exists() or path.read_text("utf-8") != text:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path


def _validate(content: Mapping[str, object], path: Path) -> Sweep:
    try:
        return Sweep.model_validate(content)
    except ValidationError as fault:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in error['loc'])}: {error['msg'].lower()}"
            for error in fault.errors()
        )
        raise ParameterError(
            f"{path}: is not a sweep ({wrong}). A sweep has: sweep (its name), base (a parameter "
            "file), and grid, runs or each (what varies)."
        ) from None


def _combine(sweep: Sweep) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield what each run sets, in the order of the file, and which entry of `runs` is in it."""
    names = list(sweep.grid)
    grids = [dict(zip(names, values, strict=True)) for values in _product(sweep.grid)]
    each = _each_values(sweep.each) if sweep.each is not None else [{}]
    for one, listed, grid in itertools.product(each, sweep.runs or [{}], grids):
        yield {**one, **listed, **grid}, listed


def _product(grid: Mapping[str, list[Any]]) -> Iterator[tuple[Any, ...]]:
    return itertools.product(*grid.values())


def _each_values(each: Each) -> list[dict[str, Any]]:
    """Return the column's different values, in order, each as the parameter's value."""
    path = resolve_data_path(each.file, project_root())
    if not path.is_file():
        raise ParameterError(f"each.file: no such file ({each.file}). Give a CSV or Parquet file.")
    values = sorted(_column_of(path, each))
    return [{each.parameter: {each.role: v} if each.role else v} for v in values]


def _column_of(path: Path, each: Each) -> set[str]:
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        if each.column not in pq.read_schema(path).names:
            raise _no_column(each)
        column = pq.read_table(path, columns=[each.column])[each.column]
        return {str(value) for value in column.unique().to_pylist() if value is not None}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if each.column not in (rows.fieldnames or []):
            raise _no_column(each)
        return {row[each.column] for row in rows if row[each.column]}


def _no_column(each: Each) -> ParameterError:
    return ParameterError(f"each.column: {each.file} has no column {each.column}. Name one it has.")


def _make_run(
    sweep: str, base: Mapping[str, Any], chosen: Mapping[str, Any], entry: Mapping[str, Any]
) -> SweepRun:
    """Name a run by what varies; an entry that is called something stands for its values."""
    varied = {n: v for n, v in chosen.items() if CALLED not in entry or n not in entry}
    varied = {CALLED: entry[CALLED], **varied} if CALLED in entry else varied
    slug = "_".join(_NO_NAME.sub("_", _as_words(v).lower()).strip("_") for v in varied.values())
    study = f"{sweep}_{slug}".strip("_")
    if len(study) > _LONGEST_NAME:
        study = f"{study[:_KEPT_OF_NAME]}_{hash_text(study)[:_DIGITS]}"
    parameters = {name: value for name, value in chosen.items() if name != CALLED}
    return SweepRun(study, {**base, **parameters, "study": study}, varied)


def _as_words(value: Any) -> str:
    if isinstance(value, Mapping):
        return "_".join(_as_words(part) for part in value.values())
    if isinstance(value, list):
        return "_".join(_as_words(part) for part in value)
    return str(value)


def _refuse_same_names(path: Path, runs: list[SweepRun]) -> None:
    twice = sorted(name for name, times in Counter(r.study for r in runs).items() if times > 1)
    if twice:
        raise ParameterError(
            f"{path}: {len(twice)} names stand for more than one run ({', '.join(twice[:3])}). "
            "Let values differ in letters or digits, or call the entries of runs (`called: ...`)."
        )
