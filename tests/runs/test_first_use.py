"""What is slow at its first use is used before any fork, and leaves no thread behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evalkit.runs.fork_server import THREADS

LOOK = f"""
import json, os
from evalkit.runs.first_use import use_once
use_once()
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from matplotlib.font_manager import fontManager
from nbformat.validator import validators
import sys
print(json.dumps({{
    "threads": len(os.listdir({THREADS!r})),
    "fonts": fontManager._findfont_cached.cache_info().currsize,
    "notebooks": len(validators),
    "kernels": KernelProvisionerFactory.initialized(),
    "database": "duckdb" in sys.modules,
}}))
"""


@pytest.mark.skipif(not Path(THREADS).is_dir(), reason="threads: this system does not list them")
def test_fonts_schemas_and_database_were_used_and_no_thread_is_left() -> None:
    """A process that has used all once holds what each would find again, and may be forked."""
    quiet = {"JE_ARROW_MALLOC_CONF": "background_thread:false", "OMP_NUM_THREADS": "1"}
    environment = os.environ | quiet | {"OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", LOOK]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    held = json.loads(done.stdout)
    assert held.pop("threads") == 1
    assert all(held.values()), held
