"""The run's key covers every input, and a change is told in words."""

import dataclasses
from pathlib import Path

import pytest

from evalkit.runs.environment import kernel_environment
from evalkit.runs.inputs import Inputs, explain_change
from evalkit.runs.listing import SealedRun

INPUTS = Inputs(
    notebook="n",
    code="c",
    parameters="p",
    sources={"staff": "s"},
    synthetic={"staff": True},
    profiles={"staff": "staff"},
    environment="e",
    register="r",
)


def sealed_with(inputs: Inputs) -> SealedRun:
    """Stand in for a sealed run with these inputs."""
    return SealedRun(Path("k"), {"parameters": {"seed": 1}}, {"inputs": inputs.as_json()})


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Inputs)])
def test_each_input_changes_the_key(name: str) -> None:
    """No input can change without the key changing."""
    of_sources = isinstance(getattr(INPUTS, name), dict)
    value = {"staff": "other"} if of_sources else "other"
    assert dataclasses.replace(INPUTS, **{name: value}).key != INPUTS.key


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"notebook": "x"}, "the notebook's code"),
        ({"code": "x"}, "evalkit's own code"),
        ({"environment": "x"}, "the installed packages"),
        ({"register": "x"}, "the registered protocol"),
        ({"sources": {"staff": "x", "patient": "y"}}, "data of patient, staff"),
        ({"synthetic": {"staff": False}}, "what is declared synthetic of staff"),
        ({"notebook": "x", "code": "x"}, "the notebook's code; evalkit's own code"),
    ],
)
def test_what_changed_is_told_in_words(changed: dict[str, object], told: str) -> None:
    """The reason of a run names what differs from the newest sealed run, and only that."""
    now = dataclasses.replace(INPUTS, **changed)  # type: ignore[arg-type]
    why = explain_change(now, {"seed": 1}, sealed_with(INPUTS))
    assert why == f"changed since the newest sealed run (k): {told}"


def test_changed_parameters_are_named() -> None:
    """Each parameter that differs is named, also one that is new."""
    now = dataclasses.replace(INPUTS, parameters="x")
    why = explain_change(now, {"seed": 2, "title": "T"}, sealed_with(INPUTS))
    assert why.endswith(": parameters seed, title")


def test_a_parameter_that_came_since_is_named_even_if_it_is_empty() -> None:
    """A newer evalkit's default is told by name, though the file says nothing of it."""
    now = dataclasses.replace(INPUTS, code="x", parameters="x")
    why = explain_change(now, {"seed": 1, "since": None}, sealed_with(INPUTS))
    assert why.endswith(": evalkit's own code; parameters since")


def test_the_first_run_is_told_as_such() -> None:
    """Without a sealed run there is nothing to compare with."""
    assert explain_change(INPUTS, {}, None) == "no sealed run of this study yet"


def test_the_kernel_sees_listed_variables_only() -> None:
    """By hand: of seven variables, three are listed and no secret; threads are one in any case."""
    outer = {
        "HOME": "/home/me",
        "LC_ALL": "C",
        "PYTHONPATH": "x",
        "JUPYTER_TOKEN": "t",
        "AWS_SECRET_ACCESS_KEY": "k",
        "EVALKIT_CONNECTION_WAREHOUSE": "postgres://u:p@h",
        "OMP_NUM_THREADS": "8",
    }
    one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    listed = {"HOME": "/home/me", "LC_ALL": "C", "PYTHONPATH": "x", "PYTHONHASHSEED": "0"}
    expected = listed | one
    assert kernel_environment(outer) == expected
    assert kernel_environment(outer, {"EVALKIT_STAGING": "s"}) == expected | {
        "EVALKIT_STAGING": "s"
    }
