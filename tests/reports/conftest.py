"""A hand-made bundle that follows the contract, in memory and in a folder of releases."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalkit.reports.bundle import Bundle, read_bundle

_MADE = runpy.run_path(str(Path(__file__).with_name("made_bundle.py")))


@pytest.fixture
def content() -> dict[str, Any]:
    """Return the content of a bundle, to be changed at will."""
    made: dict[str, Any] = _MADE["make_bundle"]()
    return made


@pytest.fixture
def write(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Return a function that writes a bundle and returns the folder of releases."""
    return lambda content: _MADE["write_bundle"](tmp_path / "released", content)


@pytest.fixture
def released(content: dict[str, Any], write: Callable[[dict[str, Any]], Path]) -> Path:
    """Return a folder with one released study."""
    return write(content)


@pytest.fixture
def bundle(released: Path) -> Bundle:
    """Return that study as the report reads it."""
    return read_bundle(released, "staff_wellbeing")
