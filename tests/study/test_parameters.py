"""Parameters: one refusal that lists everything, no silent coercion, one canonical text."""

import json
import math
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.errors import EXIT_CODES, ParameterError, Status
from evalkit.study.parameters import (
    canonical_json,
    find_schema_of,
    load_parameters,
    open_parameters,
    validate,
)
from evalkit.study.schema import StaffWellbeing

Values = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]

WRONG = {
    "seed": [True, "7", 7.0, -1, 2**40, None, [1]],
    "exposure_lag": [True, "1", 1.0, 9, -1],
    "exposure_step": [True, "0.1", 0, -0.1, math.nan, math.inf, None],
    "confidence_level": [0.4, 1.0, "0.95"],
    "study": ["A study", "../x", "", 3, "n=1;import os", "1a", "a" * 61],
    "title": ["", "   ", "two\nlines", "x" * 601, "\x00", "\ud800", None],
    "exposure_better": ["Higher", True, None],
    "staff_file": ["../x", "/etc/passwd", "x" * 301, 3],
    "adjust_for": ["occupancy", [1], ["Upper case"], None],
    "subgroups": [["a", "b", "c", "d", "e", "f", "g"], {"london": 1}],
    "periods": [[], [2021], "2021", ["2021", "2021"]],
    "staff_columns": [{}, [], {"unit": 1}, {"Unit": "trust"}, {1: "trust"}, None],
    "co_production": [{}, [3], [{}], None],
}


def test_right_values_are_taken_with_their_types(values: Values) -> None:
    """The validated study says what was given; a whole number may stand for a number."""
    parameters = validate({**values, "exposure_step": 1}, "x.yml")
    assert isinstance(parameters, StaffWellbeing)
    assert (parameters.study, parameters.exposure_step, parameters.seed) == ("small_study", 1.0, 1)
    assert type(parameters.exposure_step) is float


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, bad in WRONG.items() for value in bad]
)
def test_a_wrong_value_is_refused_with_its_name(values: Values, name: str, value: object) -> None:
    """True is no number, "7" no whole number, and nothing is turned into what was meant."""
    with pytest.raises(ParameterError) as refusal:
        validate({**values, name: value}, "x.yml")
    assert any(line.strip().startswith(name) for line in str(refusal.value).splitlines()[1:])


def test_everything_wrong_is_told_in_one_refusal(values: Values) -> None:
    """Unknown, missing, wrong type, out of range and two parameters at odds: five in one go."""
    values["exposure_lags"] = values.pop("exposure_lag")
    values.update(seed="7", confidence_level=3, staff_connection="warehouse")
    with pytest.raises(ParameterError) as refusal:
        validate(values, "x.yml")
    message = str(refusal.value)
    assert message.startswith("x.yml: 6 faults in the parameters.")
    for said in (
        "exposure_lags: no parameter has this name. Did you mean exposure_lag",
        "exposure_lag: missing. Give a whole number from 0 to 8.",
        'seed: given "7" (text). Allowed: a whole number from 0 to 4294967295.',
        "confidence_level: given 3 (a whole number). Allowed: a number from 0.5 to 0.999.",
        "staff_file, staff_connection: both are given. Give one of the two.",
        "staff_query: missing. A connection needs a table or a SELECT to read.",
    ):
        assert said in message
    assert EXIT_CODES[refusal.value.status] == 2
    assert refusal.value.status is Status.INVALID_PARAMETERS


SECRET = "postgres://user:SECRET@host/db"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("staff_connection", SECRET),
        ("patient_connection", "host=h password=SECRET"),
        ("staff_query", "SECRET" * 1000),
        ("patient_query", ["SECRET"]),
        ("staff_file", SECRET),
        ("title", [SECRET]),
        ("staff_connection", f"{SECRET}\u200b"),
    ],
)
def test_what_may_hold_a_password_is_not_repeated(
    values: Values, tmp_path: Path, name: str, value: object
) -> None:
    """An address or a query that is refused stands neither in the message nor in a file's."""
    for refuse in (_refuse_file, _refuse_values):
        message = refuse({**values, name: value}, tmp_path)
        assert "SECRET" not in message
        assert "not shown" in message or "U+200B" in message


def _refuse_values(values: Values, _folder: Path) -> str:
    with pytest.raises(ParameterError) as refusal:
        validate(values, "x.yml")
    return str(refusal.value)


def _refuse_file(values: Values, folder: Path) -> str:
    path = folder / "x.yml"
    path.write_text(json.dumps(values), "utf-8")
    with pytest.raises(ParameterError) as refusal:
        load_parameters(path)
    return str(refusal.value)


@pytest.mark.parametrize("character", "\u202e\u2066\u200d\u00ad\ufeff\u2028\u2029\x1b\t\n")
def test_one_line_of_text_holds_nothing_that_cannot_be_seen(values: Values, character: str) -> None:
    """Marks of direction, joiners, soft hyphens, separators and controls are refused by name."""
    message = _refuse_values({**values, "title": f"Staff{character}wellbeing"}, Path())
    assert "title: " in message
    assert character == "\n" or character not in message


def test_a_long_value_is_shortened_in_the_message(values: Values) -> None:
    """Ten thousand characters do not fill the screen."""
    with pytest.raises(ParameterError) as refusal:
        validate({**values, "seed": "x" * 10_000}, "x.yml")
    assert len(str(refusal.value)) < 300


def test_a_fault_within_a_decision_names_the_entry(values: Values) -> None:
    """The second entry's stage is wrong, and the message says second."""
    log = [values["co_production"][0], {**values["co_production"][0], "stage": "lunch"}]
    with pytest.raises(ParameterError, match="co_production, entry 2, stage: given"):
        validate({**values, "co_production": log}, "x.yml")


@pytest.mark.parametrize("day", ["2026-02-30", "2026-1-1", "01/02/2026", "20260101"])
def test_a_decision_has_a_day_of_the_calendar(values: Values, day: str) -> None:
    """The thirtieth of February is no day, and a day has one way to be written."""
    log = [{**values["co_production"][0], "date": day}]
    with pytest.raises(ParameterError, match="co_production, entry 1, date: given"):
        validate({**values, "co_production": log}, "x.yml")


@pytest.mark.parametrize("notebook", ["staff_wellbeeing", None, 3, math.nan, ["staff_wellbeing"]])
def test_an_unknown_notebook_lists_the_known(values: Values, notebook: object) -> None:
    """Without a known notebook there is no schema to judge the rest by."""
    with pytest.raises(ParameterError, match=r"notebook.*staff_wellbeing"):
        validate({**values, "notebook": notebook}, "x.yml")
    del values["notebook"]
    with pytest.raises(ParameterError, match="notebook is missing"):
        validate(values, "x.yml")
    with pytest.raises(ParameterError, match=r"Known: .*staff_wellbeing"):
        find_schema_of("other")


def test_text_passes_unchanged(values: Values) -> None:
    """Quotes, braces, backslashes, emoji and right-to-left letters are kept as they are."""
    title = "\"quoted\" '{x}' \\n $\\LaTeX$ \U0001f600 \u05e9\u05dc\u05d5\u05dd <script> =1+1"
    assert validate({**values, "title": title}, "x.yml").title == title


def test_the_projects_own_parameter_file_is_right() -> None:
    """The file that the README runs first validates."""
    assert load_parameters(ROOT / "parameters" / "staff_wellbeing.yml").study == "staff_wellbeing"


def test_equal_parameters_have_one_text(
    values: Values, write_yaml: Callable[[Values], Path]
) -> None:
    """The order of names, 1 for 1.0 and the way in do not matter; a changed value does."""
    turned = dict(reversed(values.items()))
    first = validate({**values, "exposure_step": 1.0}, "x.yml")
    second = load_parameters(write_yaml({**turned, "exposure_step": 1}))
    assert canonical_json(first) == canonical_json(second)
    assert canonical_json(first) != canonical_json(validate({**values, "seed": 2}, "x.yml"))
    assert json.loads(canonical_json(first)) == {**values, "exposure_step": 1}


def test_a_notebooks_own_names_are_opened(values: Values) -> None:
    """Modules, functions, tables and IPython's names are passed over."""
    namespace = {
        **values,
        "In": ["", "x = 1"],
        "Out": {1: 2},
        "_": 3,
        "_i1": "seed = 1",
        "__name__": "__main__",
        "get_ipython": open_parameters,
        "exit": object(),
        "json": json,
        "tables": {"staff": object()},
        "rows": [object()],
        "space": types.SimpleNamespace(),
    }
    assert canonical_json(open_parameters(namespace)) == canonical_json(validate(values, "x"))


def test_a_mistyped_name_in_a_notebook_is_refused(values: Values) -> None:
    """Stock papermill would inject it and go on with the default."""
    with pytest.raises(ParameterError) as refusal:
        open_parameters({**values, "sed": 5})
    assert "sed: no parameter has this name. Did you mean seed?" in str(refusal.value)
    assert "restart the kernel" in str(refusal.value)


@pytest.mark.parametrize("value", [(1, 2), {1, 2}, b"x", math.nan, [math.inf], 1j])
def test_a_value_that_is_not_plain_is_refused_in_a_notebook(values: Values, value: object) -> None:
    """A tuple, a set, bytes, NaN: none of them could have stood in a parameter file."""
    with pytest.raises(ParameterError, match="adjust_for"):
        open_parameters({**values, "adjust_for": value})


def test_a_list_that_holds_itself_is_refused(values: Values) -> None:
    """It has no end to read to."""
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(ParameterError, match="deeper than"):
        validate({**values, "adjust_for": endless}, "x.yml")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["seed", "sede"])
def test_stock_papermill_gives_the_notebook_what_the_file_says(
    tmp_path: Path,
    values: Values,
    write_yaml: Callable[[Values], Path],
    write_notebook: Callable[..., Path],
    name: str,
) -> None:
    """`papermill -f` and our reader agree to the byte; a mistyped name stops the notebook."""
    defaults = {**values, "title": "of the cell", "seed": 99}
    source = "".join(f"{key} = {value!r}  # help\n" for key, value in defaults.items())
    target = tmp_path / "canonical.json"
    notebook = write_notebook(
        source,
        "import json\nfrom pathlib import Path\n"
        "from evalkit.study.parameters import canonical_json, open_parameters",
        f"Path({str(target)!r}).write_text(canonical_json(open_parameters(globals())))",
    )
    given_values = {key: value for key, value in values.items() if key != "seed"}
    file = write_yaml({**given_values, name: 7})
    command = [sys.executable, "-m", "papermill", str(notebook), str(tmp_path / "out.ipynb")]
    run = subprocess.run(
        [*command, "-f", str(file)], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    if name == "seed":
        assert run.returncode == 0, run.stderr
        assert target.read_text() == canonical_json(load_parameters(file))
    else:
        assert run.returncode != 0
        assert "sede: no parameter has this name. Did you mean seed?" in run.stderr
        assert not target.exists()


@pytest.mark.slow
def test_nbval_opens_the_parameters_as_the_cell_has_them(
    values: Values, write_notebook: Callable[..., Path], tmp_path: Path
) -> None:
    """Under nbval the names of its kernel are passed over too."""
    source = "".join(f"{key} = {value!r}\n" for key, value in values.items())
    notebook = write_notebook(
        source,
        "from evalkit.study import open_parameters",
        "parameters = open_parameters(globals())",
        "again = open_parameters(globals())\nassert again == parameters",
    )
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-p", "no:cacheprovider", "-q"]
    run = subprocess.run(
        [*command, str(notebook), "--rootdir", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert run.returncode == 0, run.stdout


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary()
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
        | st.tuples(inner)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(sorted(StaffWellbeing.model_fields)) | st.text(max_size=8) | st.integers()
ROLE = st.sampled_from(["unit", "period", "exposure", "outcome", "mediator", "felt", "x", "Y"])
LIKELY = (
    ANYTHING
    | st.lists(ROLE, max_size=8)
    | st.dictionaries(ROLE, ROLE, max_size=6)
    | st.sampled_from(["score", "higher", "within", "staff", "a/b.csv", 1, 0.5])
)


@settings(
    max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    changes=st.dictionaries(NAMES, LIKELY, max_size=6),
    without=st.lists(NAMES, max_size=3),
)
def test_any_mapping_is_refused_or_taken(
    values: Values, changes: Values, without: list[object]
) -> None:
    """Random changes to right parameters give a study or a ParameterError, and nothing else."""
    mixed = {name: value for name, value in values.items() if name not in without} | changes
    for read in (lambda: validate(mixed, "x.yml"), lambda: open_parameters(mixed)):
        try:
            parameters = read()
        except ParameterError as refusal:
            assert str(refusal).startswith(("x.yml: ", "the notebook's parameters: "))
            continue
        assert json.loads(canonical_json(parameters)) is not None
