"""A record that was damaged and sealed again, and words that may not be shown, are refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evalkit.disclosure.profiles import load_profiles
from evalkit.disclosure.release import release_study
from evalkit.disclosure.suppress import protect_table
from evalkit.errors import DisclosureError
from evalkit.record import Column, Margin, TableSpec
from evalkit.record.files import json_bytes
from evalkit.record.hashes import hash_files


def columns_of(record: dict[str, Any], table: str) -> dict[str, dict[str, Any]]:
    """Return the columns of a table of the record, by name."""
    entry = next(t for t in record["tables"] if t["name"] == table)
    return {column["name"]: column for column in entry["columns"]}


def strange_option(record: dict[str, Any]) -> None:
    """Give a figure an option that its chart does not have."""
    record["figures"][0]["options"]["colour"] = "red"


def strange_chart(record: dict[str, Any]) -> None:
    """Name a chart that there is not."""
    record["figures"][0]["chart"] = "pie"


def strange_table(record: dict[str, Any]) -> None:
    """Let a figure be of a table that was not staged."""
    record["figures"][0]["table"] = "nothing"


def base_as_label(record: dict[str, Any]) -> None:
    """Call a count, on which estimates rest, a label."""
    columns_of(record, "estimates")["clusters"]["kind"] = "label"


def strange_margin(record: dict[str, Any]) -> None:
    """Let a margin be over a column that there is not."""
    next(t for t in record["tables"] if t["margins"])["margins"][0]["group"] = "region"


def column_gone(record: dict[str, Any]) -> None:
    """Name a column that the table does not have."""
    columns_of(record, "who")["respondents"]["name"] = "people"


@pytest.mark.parametrize(
    "damage",
    [strange_option, strange_chart, strange_table, base_as_label, strange_margin, column_gone],
)
def test_a_damaged_record_is_refused_in_words(
    make_run: Callable[..., Path], tmp_path: Path, damage: Callable[[dict[str, Any]], None]
) -> None:
    """Each damage ends in a message with code 4, and nothing is released."""
    run = make_run()
    record = json.loads((run / "record.json").read_text("utf-8"))
    damage(record)
    (run / "record.json").write_bytes(json_bytes(record))
    papers = json.loads((run / "run.json").read_text("utf-8"))
    (run / "run.json").unlink()
    (run / "run.json").write_bytes(json_bytes({**papers, "files": hash_files(run)}))
    with pytest.raises(DisclosureError, match=r"(figure|table) \w+: ") as fault:
        release_study(run, released=tmp_path / "released")
    assert fault.value.exit_code == 4
    assert not (tmp_path / "released" / "staff_wellbeing").exists()


@pytest.mark.parametrize(
    ("name", "words"), [("[c]", "mark of a hidden cell"), ("x" * 201, "more than 200 characters")]
)
def test_words_that_mislead_are_refused(name: str, words: str) -> None:
    """A trust called [c] would read as hidden, and an endless name could carry anything."""
    columns = (Column("trust", "Trust", "label"), Column("people", "P", "count", ("one",)))
    frame = pd.DataFrame({"trust": ["A", name], "people": [40, 50]})
    with pytest.raises(DisclosureError, match=words) as fault:
        protect_table(frame, TableSpec("t", "T", "D", columns), {"one": load_profiles()["staff"]})
    assert name not in str(fault.value)


def test_a_name_of_200_characters_is_shown() -> None:
    """The longest name that may be shown stands."""
    columns = (Column("trust", "Trust", "label"), Column("people", "P", "count", ("one",)))
    frame = pd.DataFrame({"trust": ["A", "x" * 200, "all"], "people": [40, 50, 90]})
    spec = TableSpec("t", "T", "D", columns, (Margin("trust", "all"),))
    done = protect_table(frame, spec, {"one": load_profiles()["staff"]})
    assert done.frame["trust"].tolist() == ["A", "x" * 200, "all"]
