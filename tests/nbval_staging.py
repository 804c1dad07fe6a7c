"""Two notebooks run at a time: each worker's have a staging folder of their own."""

import os
from pathlib import Path


def pytest_configure() -> None:
    """Name a folder below EVALKIT_STAGING that no other worker's kernels empty or fill."""
    worker, named = os.environ.get("PYTEST_XDIST_WORKER"), os.environ.get("EVALKIT_STAGING")
    if worker and named:
        os.environ["EVALKIT_STAGING"] = str(Path(named) / worker)
