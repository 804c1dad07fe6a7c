"""Random parameter files and data files, and what may come of each: a study, or one message.

A file is a right one that was spoilt, once to four times over, or is random from its first byte.
Every cell that is put into data is one of a few marks, none of which a message may repeat.
"""

import io
import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from hypothesis import strategies as st

from evalkit.data import make_table, read_sources
from evalkit.errors import EvalkitError
from evalkit.study.parameters import canonical_json, load_parameters, validate

ROOT = Path(__file__).resolve().parents[2]
DATA_STUDIES = ("before_after", "difference_in_differences", "dose_response")
UNITS_KEPT = 8
LONGEST_MESSAGE = 20_000
"""Characters: all faults of a file are told at once, each in a line."""

MARKS = (
    "Quillfeather Nora",
    "9434765919",
    "7391.5773",
    "-48213",
    "q.feather@nowhere.invalid",
    "=quill()",
    "Quill\u202efeather",
    "<quill>",
    "Quill,feather;",
    'Quill"feather',
)
"""What is put into cells; none of it stands in a committed file or in a message of ours."""
MILD = ("7.3915773", "5.1384627", "", "8", "8.0")
"""What may well stand in a cell of scores; the long ones are marks too."""
PLAIN = (
    "",
    "NA",
    "0",
    "-1",
    "1e999",
    "nan",
    "inf",
    "True",
    "no",
    "2021Q1",
    "2021-02",
    "01/02/2026",
)
WORDS = (
    "null",
    "true",
    "1e3",
    "007",
    "-.inf",
    "[]",
    "{}",
    "[a, b]",
    '"seven"',
    "2026-02-30",
    "x: y",
)
LINES = (
    "study: ../../etc",
    "n=1;import os#: 2",
    "seed: !!python/object:os.system {}",
    "&a [*a]",
    "\tseed: 1",
    "trust_cod: R0A",
    "seed: 1\nseed: 2",
    "? [a]",
    "---",
    "\ufefftitle: x",
)
CODES = {"parameters": {2}, "data": {2, 3, 4, 8}}
"""With what a refusal may end; where data show that a parameter is wrong, with that code."""

Spoil = Callable[[list[str]], list[str]]


@cache
def right_parameters() -> dict[str, str]:
    """Return the text of each committed parameter file."""
    files = sorted((ROOT / "parameters").glob("*.yml"))
    return {path.stem: path.read_text("utf-8") for path in files}


@cache
def right_data(study: str) -> str:
    """Return a study's table as CSV, of its first units and of its last ones."""
    values = yaml.safe_load(right_parameters()[study])
    frame = pd.read_csv(ROOT / values["data_file"], dtype=str, keep_default_na=False)
    units = list(dict.fromkeys(frame[values["data_columns"]["unit"]]))
    kept = {*units[:UNITS_KEPT], *units[-UNITS_KEPT:]}
    return frame[frame[values["data_columns"]["unit"]].isin(kept)].to_csv(index=False)


@st.composite
def parameter_files(draw: st.DrawFn) -> bytes:
    """Draw the bytes of a parameter file."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200) | st.text(max_size=200).map(_encoded))
    lines = right_parameters()[draw(st.sampled_from(sorted(right_parameters())))].splitlines()
    for _ in range(draw(st.integers(1, 4))):
        lines = _spoil_line(draw, lines, _any_value)
    return _spoil_bytes(draw, "\n".join(lines).encode("utf-8"))


@st.composite
def data_files(draw: st.DrawFn) -> tuple[str, str, bytes]:
    """Draw a study, the ending of a data file, and its bytes."""
    study = draw(st.sampled_from(DATA_STUDIES))
    ending = draw(st.sampled_from(("csv", "csv", "csv", "csv", "parquet", "xlsx")))
    if draw(st.integers(0, 19)) == 0:
        return study, ending, draw(st.binary(max_size=300))
    lines = right_data(study).splitlines()
    if draw(st.booleans()):
        lines = _some_rows(draw, lines)
    new = draw(st.sampled_from((_any_row, _mild_row, _mild_row)))
    for _ in range(draw(st.integers(1, 4))):
        lines = _spoil_line(draw, lines, new)
    if ending != "csv":
        return study, ending, _spoil_bytes(draw, _as_binary("\n".join(lines), ending))
    text = "\n".join(lines)
    if draw(st.integers(0, 3)) == 0:
        text = text.replace(",", draw(st.sampled_from((";", "\t", "|", ",,"))))
    encoding = draw(st.sampled_from(("utf-8", "utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16")))
    return study, ending, _spoil_bytes(draw, text.encode(encoding, "replace"))


def judge_parameters(content: bytes, folder: Path) -> int:
    """Read a parameter file; return 0 or the exit code of its refusal, or raise what is wrong."""
    path = folder / "random.yml"
    path.write_bytes(content)

    def read() -> None:
        canonical_json(load_parameters(path))

    return _judge(read, CODES["parameters"], ())


def judge_data(study: str, ending: str, content: bytes, folder: Path) -> int:
    """Read a data file and estimate from it; return as `judge_parameters` does.

    `folder` is the project's, which EVALKIT_PROJECT names.
    """
    path = folder / f"random.{ending}"
    path.write_bytes(content)
    values: dict[str, Any] = yaml.safe_load(right_parameters()[study])
    parameters = validate(values | {"data_file": path.name}, "x.yml")

    def estimate() -> None:
        table = make_table(read_sources(parameters), parameters)
        import_module(f"evalkit.designs.{study}").estimate(table, parameters)

    return _judge(estimate, CODES["data"], (*MARKS, *MILD[:2]))


def _judge(do: Callable[[], None], codes: set[int], marks: tuple[str, ...]) -> int:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            do()
    except EvalkitError as fault:
        message = str(fault)
        if fault.exit_code not in codes:
            raise AssertionError(f"exit code {fault.exit_code}") from fault
        if not 0 < len(message) < LONGEST_MESSAGE or "Traceback" in message:
            raise AssertionError("no message, or one that nobody reads") from fault
        if any(mark in message for mark in marks):
            raise AssertionError("a value of the data stands in the message") from fault
        return fault.exit_code
    return 0


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _spoil_line(draw: st.DrawFn, lines: list[str], new: Callable[..., str]) -> list[str]:
    """Change, drop, double, move or add one line."""
    if not lines:
        return [new(draw, "")]
    at = draw(st.integers(0, len(lines) - 1))
    way = draw(st.sampled_from(("change", "change", "change", "drop", "double", "move", "add")))
    before, line, after = lines[:at], lines[at], lines[at + 1 :]
    if way == "change":
        return [*before, new(draw, line), *after]
    if way == "drop":
        return before + after
    if way == "double":
        return [*before, line, line, *after]
    if way == "move":
        return [*before, *after, line]
    return [*before, line, new(draw, line), *after]


def _any_value(draw: st.DrawFn, line: str) -> str:
    name, colon, _ = line.partition(":")
    value = draw(st.sampled_from(WORDS) | st.text(max_size=20) | st.floats().map(str))
    typed = draw(st.sampled_from((name, name[:-1], f" {name}", name.upper())))
    return draw(st.sampled_from((f"{name}{colon} {value}", f"{typed}: {value}", *LINES)))


def _some_rows(draw: st.DrawFn, lines: list[str]) -> list[str]:
    """Keep the header and a stretch of the rows, or every so many of them."""
    first = draw(st.integers(1, len(lines) - 1))
    return [lines[0], *lines[first : first + draw(st.integers(0, 120)) : draw(st.integers(1, 5))]]


def _mild_row(draw: st.DrawFn, line: str) -> str:
    """Change one score of a row, if it has any."""
    cells = line.split(",")
    scores = [at for at, cell in enumerate(cells) if cell.replace(".", "", 1).isdigit()]
    if scores:
        cells[draw(st.sampled_from(scores))] = draw(st.sampled_from(MILD))
    return ",".join(cells)


def _any_row(draw: st.DrawFn, line: str) -> str:
    cells = line.split(",")
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(cells) - 1))
        cells[at] = draw(st.sampled_from(MARKS) | st.sampled_from(PLAIN))
    return ",".join(cells)


def _spoil_bytes(draw: st.DrawFn, content: bytes) -> bytes:
    """Leave the bytes alone, most often; or cut them short, or put others among them."""
    if draw(st.integers(0, 7)) or not content:
        return content
    at = draw(st.integers(0, len(content) - 1))
    return content[:at] + draw(st.sampled_from((b"", content[at:], b"\x00" + content[at + 1 :])))


@cache
def _as_binary(text: str, ending: str) -> bytes:
    """Write a table in another form; what is no table is written as one column of texts."""
    try:
        frame = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
        frame.columns = frame.columns.astype(str)
    except ValueError:
        frame = pd.DataFrame({"lines": text.splitlines()}, dtype=str)
    file = io.BytesIO()
    if ending == "parquet":
        frame.reset_index(drop=True).to_parquet(file)
    else:
        frame.replace(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", regex=True).to_excel(file, index=False)
    return file.getvalue()
