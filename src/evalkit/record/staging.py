"""The staging folder: where a notebook puts its tables, figures and conclusion.

What is written here depends on the parameters and data alone: no clock, host or path.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from evalkit.charts import CHARTS
from evalkit.errors import AnalysisError, ResourceError
from evalkit.project import project_root
from evalkit.record.figure_files import draw_figure
from evalkit.record.files import (
    STAGED_FILE,
    STAGING_VARIABLE,
    WITHHELD_FILE,
    json_bytes,
    make_private,
    room_for,
    write_file,
)
from evalkit.record.hashes import hash_bytes
from evalkit.record.staged import (
    ReadSource,
    check_table_spec,
    describe_check,
    describe_finding,
    describe_result,
    describe_sources,
    describe_table,
)
from evalkit.record.table_files import fit_to_spec, table_csv, table_parquet
from evalkit.record.tables import TableSpec
from evalkit.record.withheld import find_withheld, free_text_sources, withheld_bytes
from evalkit.results import Check, Finding, Result
from evalkit.study.protocol import protocol_of
from evalkit.study.schema import StudyParameters

Kind = TypeVar("Kind", bound=StudyParameters)

UNSEALED = "unsealed"
_CONTENTS = frozenset({STAGED_FILE, WITHHELD_FILE, "tables", "figures"})


@dataclass(frozen=True)
class Staging:
    """A folder being filled; `conclude` ends it."""

    folder: Path
    parameters: StudyParameters
    sources: tuple[ReadSource, ...]
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    figures: dict[str, dict[str, Any]] = field(default_factory=dict)
    frames: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)

    @property
    def synthetic(self) -> bool:
        """Whether all of the data are synthetic: of a mixture, nothing is said to be made up."""
        return bool(self.sources) and all(source.synthetic for source in self.sources)

    def parameters_of(self, kind: type[Kind]) -> Kind:
        """Return the parameters as those of one class of studies; TypeError for another's."""
        if not isinstance(self.parameters, kind):
            raise TypeError(f"these parameters are not of {kind.__name__}")
        return self.parameters

    def table(self, spec: TableSpec, frame: pd.DataFrame) -> None:
        """Put a table into the record, as Parquet and CSV."""
        _refuse_repeat(spec.name, self.tables, "table")
        kept = fit_to_spec(frame, spec, {source.name for source in self.sources})
        files = {
            f"tables/{spec.name}.parquet": table_parquet(kept, synthetic=self.synthetic),
            f"tables/{spec.name}.csv": table_csv(kept, synthetic=self.synthetic),
        }
        self.tables[spec.name] = describe_table(spec, len(kept), _write(self.folder, files))
        self.frames[spec.name] = kept

    def figure(
        self,
        name: str,
        *,
        chart: str,
        table: str,
        title: str,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """Draw a staged table and put the figure into the record, with alternative text."""
        _refuse_repeat(name, self.figures, "figure")
        _refuse_unknown(name, "chart", chart, list(CHARTS))
        _refuse_unknown(name, "table", table, list(self.frames))
        chosen = dict(options or {})
        drawing = draw_figure(
            name,
            chart=chart,
            frame=self.frames[table],
            title=title,
            options=chosen,
            synthetic=self.synthetic,
        )
        files = {f"figures/{name}.{ending}": b for ending, b in drawing.files.items()}
        self.figures[name] = {
            "name": name,
            "chart": chart,
            "table": table,
            "title": title,
            "options": chosen,
            "alt": drawing.alt,
            "files": _write(self.folder, files),
        }

    def conclude(
        self,
        *,
        result: Result,
        finding: Finding,
        checks: Sequence[Check],
        not_measured: Sequence[str],
    ) -> None:
        """End the study: write `staged.json`, which names all that was staged."""
        described = [_stage_check(self, number, c) for number, c in enumerate(checks, start=1)]
        parameters = self.parameters.model_dump(mode="json")
        staged = {
            "study": self.parameters.study,
            "notebook": self.parameters.notebook,
            "title": self.parameters.title,
            "question": self.parameters.question,
            "synthetic": self.synthetic,
            "sources": describe_sources(self.sources),
            "parameters": parameters,
            "protocol": {"choices": protocol_of(self.parameters)},
            **describe_result(result),
            "finding": describe_finding(finding),
            "checks": described,
            "not_measured": list(not_measured),
            "co_production": parameters["co_production"],
            "tables": list(self.tables.values()),
            "figures": list(self.figures.values()),
            "seed": parameters.get("seed"),
        }
        write_file(self.folder / STAGED_FILE, json_bytes(staged))


def open_staging(parameters: StudyParameters, tables: Mapping[str, ReadSource]) -> Staging:
    """Empty the staging folder and open it.

    The folder is the one that the runner names in `EVALKIT_STAGING`; otherwise (papermill,
    JupyterLab) `reports/runs/<study>/unsealed`, which stays unsealed. Either way its owner
    alone may enter it: what is staged is not protected. Where people's own words were read,
    fingerprints of those that may not be shown are put there first.
    """
    folder = _make_folder(parameters.study)
    _empty(folder)
    if free_text_sources(parameters):
        write_file(folder / WITHHELD_FILE, withheld_bytes(find_withheld(parameters, tables)))
    return Staging(folder, parameters, tuple(tables.values()))


def _make_folder(study: str) -> Path:
    named = os.environ.get(STAGING_VARIABLE)
    runs = Path(named) if named else project_root() / "reports" / "runs"
    folders = [runs] if named else [runs, runs / study, runs / study / UNSEALED]
    with room_for(folders[-1]):
        make_private(*folders)
    return folders[-1]


def _empty(folder: Path) -> None:
    """Empty a staging folder, and only a staging folder."""
    with room_for(folder):
        found = list(folder.iterdir())
        strangers = sum(entry.name not in _CONTENTS for entry in found)
        if strangers:
            raise ResourceError(
                f"{folder.name}: is to be emptied, but holds {strangers} things that evalkit did "
                "not put there. Move them elsewhere, then run again."
            )
        for entry in found:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _write(folder: Path, files: Mapping[str, bytes]) -> dict[str, str]:
    for name, content in files.items():
        write_file(folder / name, content)
    return {name: hash_bytes(content) for name, content in files.items()}


def _stage_check(staging: Staging, number: int, check: Check) -> dict[str, Any]:
    """Write out a check, and its table unless the notebook staged it or it has none."""
    name = f"check_{number}"
    if name not in staging.tables and not check.table.empty:
        sources = tuple(source.name for source in staging.sources)
        staging.table(check_table_spec(name, check, sources), check.table)
    return describe_check(check, name if name in staging.tables else None)


def _refuse_repeat(name: str, staged: Mapping[str, Any], kind: str) -> None:
    if not name.isidentifier() or name != name.lower():
        raise AnalysisError(
            f"{kind} {name!r}: not a name. Use small letters, digits and underscores."
        )
    if name in staged:
        raise AnalysisError(f"{kind} {name}: staged twice. Give each {kind} its own name.")


def _refuse_unknown(figure: str, kind: str, name: str, known: list[str]) -> None:
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise AnalysisError(
            f"figure {figure}: there is no {kind} {name}. {hint}Known: {', '.join(sorted(known))}."
        )
