"""Read what a study names as its sources, check it against its contract, and hash it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from evalkit.data.connections import open_read_only, read_column_names, read_query
from evalkit.data.contracts import check_columns, check_values, refuse_identifiers, type_columns
from evalkit.data.cqc_adult_inpatient import read_cqc_adult_inpatient
from evalkit.data.datapackage import is_synthetic
from evalkit.data.files import check_file, hash_file
from evalkit.data.labelled_comments import read_comment_codes, read_labelled_comments
from evalkit.data.nhs_staff_survey import read_nhs_staff_survey
from evalkit.data.problems import join_problems
from evalkit.data.roles import check_roles, columns_of, kinds_of, sources_of, unique_of
from evalkit.data.tables import read_table
from evalkit.data.values import hash_frame, text_frame
from evalkit.errors import DataError, DisclosureError, EnvironmentFault, ParameterError
from evalkit.project import project_root, resolve_data_path
from evalkit.study.fields import StudyParameters

EXTRACTS_VARIABLE = "EVALKIT_EXTRACTS"
_LAYOUTS = {
    "nhs_staff_survey": read_nhs_staff_survey,
    "cqc_adult_inpatient": read_cqc_adult_inpatient,
    "labelled_comments": read_labelled_comments,
    "comment_codes": read_comment_codes,
}


@dataclass(frozen=True, slots=True)
class Source:
    """One source as read: where its rows came from, whose rules protect it, and its rows.

    `frame` holds only the mapped columns, under their own names, typed by their roles.
    `sha256` is that of the file, or of the content where a database was read.
    """

    name: str
    profile: str
    layout: str
    frame: pd.DataFrame
    sha256: str
    rows: int
    synthetic: bool


def read_sources(parameters: StudyParameters) -> dict[str, Source]:
    """Read, check and hash the results that a study names, by source.

    Raises ParameterError for maps that cannot be, DisclosureError for anything that
    could identify a person, and DataError with all other problems of every source.
    """
    check_roles(parameters)
    for name in sources_of(parameters):
        _check_origin(parameters, name)
    sources, refusals, faults = {}, [], []
    for name in sources_of(parameters):
        try:
            sources[name], problems = _read_source(parameters, name)
        except DisclosureError as refusal:
            refusals.append(str(refusal))
        except DataError as fault:
            faults.append(str(fault))
        else:
            faults += [join_problems(_where(parameters, name), problems)] if problems else []
    _raise_together(refusals, faults)
    return sources


def _raise_together(refusals: Sequence[str], faults: Sequence[str]) -> None:
    """Raise what could identify a person of both sources, or else all other faults of both."""
    if refusals:
        raise DisclosureError("\n".join(refusals)) from None
    if faults:
        raise DataError("\n".join(faults)) from None


def extract_connections(parameters: StudyParameters, folder: Path) -> dict[str, Path]:
    """Write what each named connection returns as `<source>.parquet` into a private folder.

    A runner gives the kernel this folder in `EVALKIT_EXTRACTS`, and not the secret. Only
    the mapped columns are written; returns the files by source, none where none connects.
    """
    check_roles(parameters)
    connected = [
        name for name in sources_of(parameters) if getattr(parameters, f"{name}_connection")
    ]
    if not connected:
        return {}
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    files = {}
    for name in connected:
        _check_origin(parameters, name)
        where = _where(parameters, name)
        names, frame = _read_connection(parameters, name)
        refuse_identifiers(where, names, frame)
        missing = check_columns(columns_of(parameters, name), names)
        if missing:
            raise DataError(join_problems(where, missing))
        files[name] = folder / f"{name}.parquet"
        files[name].touch(mode=0o600)
        frame.to_parquet(files[name], index=False)
    return files


def _check_origin(parameters: StudyParameters, name: str) -> None:
    """Refuse a source that is not exactly one of a file and a connection with its query."""
    file, connection, query, layout = (
        getattr(parameters, f"{name}_{part}") for part in ("file", "connection", "query", "layout")
    )
    if (file is None) == (connection is None):
        found = "neither is given" if file is None else "both are given"
        raise ParameterError(f"{name}_file, {name}_connection: {found}. Give one of the two.")
    if (connection is None) != (query is None):
        raise ParameterError(
            f"{name}_connection, {name}_query: one of them alone is given. Give both, or neither."
        )
    if connection is not None and layout != "table":
        raise ParameterError(f"{name}_layout: {layout} is the layout of a file. Use table.")


def _where(parameters: StudyParameters, name: str) -> str:
    """Return the parameter that gives a source, with its value: one file may serve both."""
    part = "file" if getattr(parameters, f"{name}_file") else "connection"
    return f"{name}_{part} ({getattr(parameters, f'{name}_{part}')})"


def _wanted(parameters: StudyParameters, name: str) -> list[str]:
    return list(dict.fromkeys(columns_of(parameters, name).values()))


def _read_source(parameters: StudyParameters, name: str) -> tuple[Source, list[str]]:
    where, mapped = _where(parameters, name), columns_of(parameters, name)
    if getattr(parameters, f"{name}_connection"):
        names, texts = _read_extract_or_connection(parameters, name)
        sha256, synthetic = hash_frame(texts), False
    else:
        root = project_root()
        path = resolve_data_path(getattr(parameters, f"{name}_file"), root)
        names, texts = _read_file(parameters, name, path)
        sha256 = hash_file(path)
        synthetic = is_synthetic(path, sha256, root)
    refuse_identifiers(where, names, texts)
    frame, problems = _check(texts, names, mapped, parameters, name)
    source = Source(
        name=name,
        profile=getattr(parameters, f"{name}_profile"),
        layout=getattr(parameters, f"{name}_layout"),
        frame=frame,
        sha256=sha256,
        rows=len(frame),
        synthetic=synthetic,
    )
    return source, problems


def _check(
    texts: pd.DataFrame,
    names: Sequence[str],
    mapped: Mapping[str, str],
    parameters: StudyParameters,
    name: str,
) -> tuple[pd.DataFrame, list[str]]:
    """Type what is there and gather every breach of the contract."""
    kinds = kinds_of(parameters, name)
    problems = check_columns(mapped, names)
    present = {role: column for role, column in mapped.items() if column in names}
    if not present:
        return pd.DataFrame(), problems
    frame, mistyped = type_columns(texts, present, kinds)
    broken = check_values(frame, present, kinds, unique=unique_of(parameters, name))
    return frame, problems + mistyped + broken


def _read_file(
    parameters: StudyParameters, name: str, path: Path
) -> tuple[list[str], pd.DataFrame]:
    """Return all column names of a file, and its mapped columns as texts."""
    where, wanted = _where(parameters, name), _wanted(parameters, name)
    layout = getattr(parameters, f"{name}_layout")
    if layout == "table":
        return read_table(path, where, wanted)
    check_file(path, where)
    frame = _LAYOUTS[layout](path, where)
    return list(frame.columns), text_frame(frame[[c for c in frame.columns if c in wanted]])


def _read_extract_or_connection(
    parameters: StudyParameters, name: str
) -> tuple[list[str], pd.DataFrame]:
    folder = os.environ.get(EXTRACTS_VARIABLE)
    if not folder:
        return _read_connection(parameters, name)
    extract = Path(folder) / f"{name}.parquet"
    if not extract.is_file():
        raise EnvironmentFault(
            f"{_where(parameters, name)}: {EXTRACTS_VARIABLE} is set and holds no "
            f"{extract.name}. Unset it to connect, or run the study with evalkit run."
        )
    names, frame = read_table(extract, _where(parameters, name), _wanted(parameters, name))
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return names, frame


def _read_connection(parameters: StudyParameters, name: str) -> tuple[list[str], pd.DataFrame]:
    """Return all column names of a query, and its mapped columns as texts."""
    query, where = getattr(parameters, f"{name}_query"), f"{name}_query"
    wanted = _wanted(parameters, name)
    with open_read_only(getattr(parameters, f"{name}_connection")) as database:
        names = read_column_names(database, query, where)
        kept = [column for column in wanted if column in names]
        frame = read_query(database, query, kept, where) if kept else pd.DataFrame()
    return names, frame
