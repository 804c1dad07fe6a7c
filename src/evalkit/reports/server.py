"""Serve the report from a private folder, in an environment that holds nothing to leak."""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from evalkit.errors import EnvironmentFault
from evalkit.reports.bundle import RELEASED_VARIABLE
from evalkit.reports.explore import SCRIPT_VARIABLE

NOTEBOOKS = (
    "index.ipynb",
    "portfolio.ipynb",
    "study.ipynb",
    "organisation.ipynb",
    "sweep.ipynb",
)
SHORTEST_TOKEN = 32
_TEMPLATES = Path(__file__).parent / "template"
_ALLOWED_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")


def serve_report(
    notebooks: Path,
    released: Path,
    *,
    port: int,
    readers: int,
    announce: Callable[[str], None],
    token: str = "",
    client: type | None = None,
) -> None:
    """Serve until interrupted; `announce` is called with the address once it answers.

    With a token, pages are shown to those alone who give it. `client` is the class of
    jupyter_client's clients that talk with kernels, where it is not the usual one.

    The process's environment is replaced, since each reader's kernel inherits it.
    """
    with tempfile.TemporaryDirectory(prefix="evalkit-report-") as private:
        root = copy_notebooks(notebooks, Path(private))
        allowed = scrub_environment(os.environ, Path(private), released)
        os.environ.clear()
        os.environ.update(allowed)
        os.chdir(root)
        from evalkit.reports.application import run_report

        run_report(root, released, port, readers, announce, token, client)


def read_token(path: Path) -> str:
    """Return the token in a file: one line of 32 characters or more, none of them a space."""
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError):
        raise EnvironmentFault(
            f"{path}: could not be read. Name a file that holds a token."
        ) from None
    if len(token) < SHORTEST_TOKEN or len(token.split()) != 1:
        raise EnvironmentFault(
            f"{path}: holds no token of {SHORTEST_TOKEN} or more characters on one line. Make one: "
            "python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    return token


def copy_notebooks(notebooks: Path, private: Path) -> Path:
    """Copy the report's notebooks, and no other file, into a folder of their own."""
    missing = [name for name in NOTEBOOKS if not (notebooks / name).is_file()]
    if missing:
        raise EnvironmentFault(
            f"{notebooks}: {' and '.join(missing)} not found. Serve from inside the project."
        )
    root = private / "pages"
    root.mkdir()
    (private / "home").mkdir()
    for name in NOTEBOOKS:
        shutil.copyfile(notebooks / name, root / name)
    return root


def scrub_environment(
    environment: Mapping[str, str], private: Path, released: Path
) -> dict[str, str]:
    """Return the few variables that a kernel needs; secrets and personal settings stay out."""
    kept = {name: environment[name] for name in _ALLOWED_VARIABLES if name in environment}
    home = str(private / "home")
    return kept | {
        "HOME": home,
        "IPYTHONDIR": f"{home}/ipython",
        "JUPYTER_CONFIG_DIR": f"{home}/config",
        "JUPYTER_DATA_DIR": f"{home}/data",
        "JUPYTER_RUNTIME_DIR": f"{home}/runtime",
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_PATH": str(_TEMPLATES),
        "PYTHONDONTWRITEBYTECODE": "1",
        RELEASED_VARIABLE: str(released),
        SCRIPT_VARIABLE: "1",
    }
