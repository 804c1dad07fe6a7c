"""Where things lie: the project's root and its folders, found from where one stands."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evalkit.errors import EnvironmentFault, ParameterError

DATA_ROOT_VARIABLE = "EVALKIT_DATA_ROOT"
PROJECT_VARIABLE = "EVALKIT_PROJECT"
_MARKS = ("notebooks", "parameters", "pyproject.toml")


def project_root(start: Path | None = None) -> Path:
    """Return the folder that holds `notebooks/`, `parameters/` and `pyproject.toml`.

    `EVALKIT_PROJECT` names it outright; otherwise it is the nearest such folder at or
    above `start` (default: the working directory), so that papermill, JupyterLab and
    nbval, which start in different folders, all find it.
    """
    named = os.environ.get(PROJECT_VARIABLE)
    if named:
        return Path(named).resolve()
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if all((folder / mark).exists() for mark in _MARKS):
            return folder
    raise EnvironmentFault(
        f"{here}: not inside a workbench project (no folder here or above holds "
        f"{', '.join(_MARKS)}). Go into the project, or set {PROJECT_VARIABLE} to its path."
    )


@contextmanager
def variable_set(name: str, value: str) -> Iterator[None]:
    """Let an environment variable be so inside, and as it was afterwards."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def resolve_data_path(written: str, root: Path) -> Path:
    """Turn a path as written in a parameter file into a real one.

    `{data_root}/...` stands for the folder that `EVALKIT_DATA_ROOT` names; anything else
    is relative to the project and must stay inside it.
    """
    if written.startswith("{data_root}/"):
        base_text = os.environ.get(DATA_ROOT_VARIABLE)
        if not base_text:
            raise EnvironmentFault(
                f"{written}: the environment variable {DATA_ROOT_VARIABLE} is not set. "
                "Set it to the folder that holds your data, then run again."
            )
        base = Path(base_text).resolve()
        relative = written.removeprefix("{data_root}/")
    else:
        base, relative = root, written
    path = (base / relative).resolve()
    if not path.is_relative_to(base):
        raise ParameterError(
            f"{written}: leads out of {'the data folder' if base != root else 'the project'}. "
            "Give a path inside it."
        )
    return path
