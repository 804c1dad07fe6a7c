"""The data that a run will read, hashed before its notebook starts."""

from pathlib import Path

from evalkit.errors import DataError
from evalkit.project import resolve_data_path
from evalkit.record.hashes import hash_file
from evalkit.study.schema import StaffWellbeing, StudyParameters

EXTRACTS_VARIABLE = "EVALKIT_EXTRACTS"
_FILE, _CONNECTION = "_file", "_connection"


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
    if connected and isinstance(parameters, StaffWellbeing):
        hashes |= _extract(parameters, extracts)
    return hashes


def _extract(parameters: StaffWellbeing, extracts: Path) -> dict[str, str]:
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
