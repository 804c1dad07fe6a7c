"""The data that a run will read: hashed, and asked what they are, before its notebook starts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalkit.errors import DataError
from evalkit.project import resolve_data_path
from evalkit.record.hashes import hash_file
from evalkit.study.fields import StudyParameters

EXTRACTS_VARIABLE = "EVALKIT_EXTRACTS"
_FILE, _CONNECTION, _PROFILE = "_file", "_connection", "_profile"


def hash_sources(parameters: StudyParameters, root: Path, extracts: Path) -> dict[str, str]:
    """Return the hash of each source: of its file, or of an extract of its database.

    Extracts are made here, in the folder `extracts`, so that the kernel needs no secret.
    """
    values = parameters.model_dump(mode="json")
    written = {n: v for n, v in values.items() if n.endswith(_FILE) and v is not None}
    paths = {name: resolve_data_path(path, root) for name, path in written.items()}
    missing = [f"{name} ({written[name]})" for name, path in paths.items() if not path.is_file()]
    if missing:
        raise DataError(
            f"{', '.join(missing)}: no such file. Paths are relative to the project, or begin "
            "with {data_root}/."
        )
    hashes = {name.removesuffix(_FILE): hash_file(path) for name, path in paths.items()}
    connected = [n for n, v in values.items() if n.endswith(_CONNECTION) and v is not None]
    if connected:
        hashes |= _extract(parameters, extracts)
    return hashes


def find_synthetic(
    parameters: Mapping[str, Any], hashes: Mapping[str, str], root: Path
) -> dict[str, bool]:
    """Tell of each source whether a datapackage.json lists its file, with this hash, as synthetic.

    A source that was read over a connection never is.
    """
    from evalkit.data.datapackage import is_synthetic

    files = {name: parameters.get(f"{name}{_FILE}") for name in hashes}
    return {
        name: file is not None and is_synthetic(resolve_data_path(file, root), hashes[name], root)
        for name, file in files.items()
    }


def find_profiles(parameters: Mapping[str, Any], hashes: Mapping[str, str]) -> dict[str, str]:
    """Return whose rules protect each source, as the parameters say."""
    return {name: str(parameters.get(f"{name}{_PROFILE}")) for name in hashes}


def _extract(parameters: StudyParameters, extracts: Path) -> dict[str, str]:
    """Read the databases, and hash their content as the notebook will when it reads it."""
    from evalkit.data import extract_connections
    from evalkit.data.roles import columns_of
    from evalkit.data.tables import read_table
    from evalkit.data.values import hash_frame

    hashes = {}
    for source, path in extract_connections(parameters, extracts).items():
        wanted = list(dict.fromkeys(columns_of(parameters, source).values()))
        hashes[source] = hash_frame(read_table(path, path.name, wanted)[1])
    return hashes
