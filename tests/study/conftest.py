"""A small right set of parameters, and the same set as a file and as a notebook."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Values = dict[str, Any]

DECISION = {
    "decision_id": "outcome_overall",
    "date": "2026-01-14",
    "stage": "outcome",
    "proposed_by": "partners",
    "decided_by": ["partners", "evaluator"],
    "lived_experience_position": "Ask how care was overall",
    "professional_position": "Agreed",
    "outcome": "adopted",
    "reason": "Everybody is asked it",
}


@pytest.fixture
def values() -> Values:
    """Return right parameters, small enough to change one thing at a time."""
    return {
        "study": "small_study",
        "notebook": "staff_wellbeing",
        "title": "A small study",
        "question": "Does one come before the other?",
        "population": "Three trusts",
        "estimand": "A difference",
        "exposure_name": "staff engagement",
        "exposure_unit": "points",
        "exposure_better": "higher",
        "exposure_kind": "score",
        "exposure_person_sd": 1.8,
        "exposure_step": 0.15,
        "mediator_name": None,
        "mediator_kind": "percentage",
        "mediator_person_sd": None,
        "mediator_noise_correlation": 0.0,
        "outcome_name": "experience",
        "outcome_unit": "points",
        "outcome_facet": "overall",
        "outcome_person_sd": 2.0,
        "primary_analysis": "within",
        "exposure_lag": 1,
        "adjust_for": ["occupancy"],
        "minimum_important_difference": 0.2,
        "subgroups": ["london"],
        "confidence_level": 0.95,
        "periods": None,
        "staff_layout": "table",
        "staff_file": "data/staff.csv",
        "staff_connection": None,
        "staff_query": None,
        "staff_profile": "staff",
        "staff_columns": {
            "unit": "trust",
            "period": "quarter",
            "exposure": "engagement",
            "occupancy": "beds",
        },
        "patient_layout": "table",
        "patient_file": "data/patients.csv",
        "patient_connection": None,
        "patient_query": None,
        "patient_profile": "cqc_survey",
        "patient_columns": {
            "unit": "trust",
            "period": "quarter",
            "outcome": "overall",
            "london": "london",
        },
        "bootstrap_draws": 999,
        "seed": 1,
        "co_production": [dict(DECISION)],
    }


@pytest.fixture
def write_yaml(tmp_path: Path) -> Callable[[Values], Path]:
    """Return a function that writes parameters as a file (JSON is YAML, on one line a name)."""

    def write(values: Values) -> Path:
        path = tmp_path / "study.yml"
        lines = (f"{name}: {json.dumps(value)}\n" for name, value in values.items())
        path.write_text("".join(lines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def write_notebook(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a notebook whose first cell, tagged, has the given source."""

    def write(source: str, *later: str, tags: tuple[str, ...] = ("parameters",)) -> Path:
        cells = [_cell(source, list(tags)), *(_cell(text, []) for text in later)]
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        notebook = {
            "cells": [{**cell, "id": f"c{number}"} for number, cell in enumerate(cells)],
            "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        path = tmp_path / "small.ipynb"
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return path

    return write


def _cell(source: str, tags: list[str]) -> Values:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": tags},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }
