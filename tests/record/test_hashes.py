"""Hashes change with what they stand for, and with nothing else."""

import hashlib
import platform
from pathlib import Path

import pandas as pd

from evalkit.record.hashes import (
    hash_code,
    hash_data,
    hash_environment,
    hash_file,
    hash_files,
    hash_json,
    hash_notebook,
    installed_versions,
)


def notebook(*sources: object, outputs: list[str] | None = None) -> dict[str, object]:
    """Make a notebook of a title and these code cells."""
    cells = [{"cell_type": "code", "source": s, "outputs": outputs or []} for s in sources]
    return {"cells": [{"cell_type": "markdown", "source": "# Title"}, *cells]}


def test_hashes_by_hand(tmp_path: Path) -> None:
    """A file's hash is that of its bytes; a value's hash that of its shortest sorted JSON."""
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert hash_file(path) == abc
    assert hash_files(tmp_path) == {"a": abc}
    assert hash_json({"b": 1, "a": "é"}) == hashlib.sha256('{"a":"é","b":1}'.encode()).hexdigest()


def test_a_notebooks_hash_is_that_of_its_code() -> None:
    """Outputs, text, ends of lines and the way JSON splits them do not count; code does."""
    plain = hash_notebook(notebook("a = 1\nb = 2"))
    assert hash_notebook(notebook(["a = 1  \r\n", "b = 2"], outputs=["seen"])) == plain
    assert hash_notebook({"cells": notebook("a = 1\nb = 2")["cells"][1:]}) == plain  # type: ignore[index]
    assert hash_notebook(notebook("a = 1\nb = 3")) != plain
    assert hash_notebook(notebook("a = 1", "b = 2")) != plain


def test_the_codes_hash_follows_names_and_contents(tmp_path: Path) -> None:
    """A changed, renamed or added source changes it; compiled files do not."""
    (tmp_path / "a.py").write_text("1")
    first = hash_code(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("x")
    assert hash_code(tmp_path) == first
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert hash_code(tmp_path) != first


def test_the_datas_hash_knows_which_source_is_which() -> None:
    """Two sources that change places are other data."""
    assert hash_data({"a": "1", "b": "2"}) == hash_data({"b": "2", "a": "1"})
    assert hash_data({"a": "1", "b": "2"}) != hash_data({"a": "2", "b": "1"})


def test_the_environment_is_the_lock_file_and_what_is_installed(tmp_path: Path) -> None:
    """Versions are those installed of the packages that the lock names; a changed lock counts."""
    assert installed_versions(tmp_path) == {}
    lock = tmp_path / "requirements.lock"
    lock.write_text("pandas==0.0.1 \\\n    --hash=sha256:0\nnot-installed==1 ; python<3\n")
    assert installed_versions(tmp_path) == {"pandas": pd.__version__}
    first = hash_environment(tmp_path)
    assert first == hash_json(
        {
            "lock": hash_file(lock),
            "python": platform.python_version(),
            "installed": {"pandas": pd.__version__},
        }
    )
    lock.write_text("pandas==0.0.2\n")
    assert hash_environment(tmp_path) != first
