"""Linked worlds are written in pieces: the same bytes anywhere, in bounded memory, or refused."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from evalkit.cli.main import app
from evalkit.errors import ParameterError
from evalkit.synthetic.linked.fields import FIELDS
from evalkit.synthetic.linked.files import EMBEDDED, size_for, write_linked_world
from evalkit.synthetic.linked.make import make_linked_world
from evalkit.synthetic.linked.places import Size

COMMITTED = Path(__file__).resolve().parents[2] / "data" / "synthetic" / "linked"
FILE_LIMIT, FOLDER_LIMIT = 1_100_000, 4_200_000
"""Bytes that a committed table, and all of them, may take."""
MORE_MEMORY = 1.35
"""How much more memory ten times the rows may take."""
SMALL = Size(people=300, trusts=3, wards=2)

_WRITE_IN_PROCESS = """
import resource, sys
from pathlib import Path
from evalkit.synthetic.linked.files import size_for, write_linked_world
from evalkit.synthetic.linked.places import Size
people, folder, tables = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3].split(",")
size = size_for(people) if people > 1000 else Size(people, 3, 2)
write_linked_world(folder, "effect_relational", 7, size, tables=tables)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def write_in_process(people: int, folder: Path, tables: str, hash_seed: str = "0") -> int:
    """Write tables in a process of its own; return its greatest memory in kilobytes."""
    done = subprocess.run(
        [sys.executable, "-c", _WRITE_IN_PROCESS, str(people), str(folder), tables],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
    )
    return int(done.stdout)


def test_committed_files_are_small_and_all_listed() -> None:
    """Beside the tables of the embedded worlds and their truth no file is committed."""
    committed = {path for path in COMMITTED.rglob("*") if path.is_file()}
    listed = {
        COMMITTED / name / f"{table}.csv" for name, each in EMBEDDED.items() for table in each
    }
    assert committed == listed | {COMMITTED / name / "truth.json" for name in EMBEDDED}
    sizes = [path.stat().st_size for path in committed]
    assert max(sizes) < FILE_LIMIT
    assert sum(sizes) < FOLDER_LIMIT


def test_committed_worlds_hold_what_they_list() -> None:
    """Each embedded world has its tables, with the described columns."""
    for name, tables in EMBEDDED.items():
        for table in tables:
            header = (COMMITTED / name / f"{table}.csv").read_text("utf-8").split("\n", 1)[0]
            assert header.split(",") == list(FIELDS[table])


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    """Whatever the order of hashes in a process, the same seed gives the same bytes."""
    tables = "patients,eligible,staff,carers,fft,comments,codes,stories,decisions,evidence"
    write_in_process(300, tmp_path / "one", tables, hash_seed="1")
    write_in_process(300, tmp_path / "two", tables, hash_seed="2")
    files = sorted((tmp_path / "one").rglob("*.*"))
    assert len(files) == 11
    for path in files:
        other = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == other.read_bytes(), path.name


def test_memory_does_not_grow_with_the_answers(tmp_path: Path) -> None:
    """A million answers take hardly more memory than a hundred thousand."""
    few = write_in_process(100_000, tmp_path, "patients")
    many = write_in_process(1_000_000, tmp_path, "patients")
    with (tmp_path / "effect_relational" / "patients.csv").open("rb") as file:
        rows = sum(1 for _ in file) - 1
    assert rows == pytest.approx(1_000_000, rel=0.05)
    assert many < MORE_MEMORY * few


def test_a_table_written_is_the_table_made(tmp_path: Path) -> None:
    """Written by itself, in either format, a table holds what the whole world's does."""
    made = make_linked_world("gap_wider", 4, people=300, trusts=3, wards=2).tables
    tables = ("patients", "comments", "carers")
    for form, read in (("csv", pd.read_csv), ("parquet", pd.read_parquet)):
        write_linked_world(tmp_path, "gap_wider", 4, SMALL, tables=tables, file_format=form)
        for table in tables:
            found = read(tmp_path / "gap_wider" / f"{table}.{form}")
            expected = made[table].convert_dtypes(dtype_backend="numpy_nullable")
            found = found.convert_dtypes(dtype_backend="numpy_nullable")
            pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_pieces_do_not_depend_on_what_is_beside_them(tmp_path: Path) -> None:
    """A trust's rows are the same whichever tables are written, and in whatever order."""
    first, _ = write_linked_world(tmp_path / "a", "null", 4, SMALL, tables=("patients",))
    _, second, _ = write_linked_world(tmp_path / "b", "null", 4, SMALL, tables=("fft", "patients"))
    assert first.read_bytes() == second.read_bytes()


def test_more_answers_come_from_more_trusts() -> None:
    """Large worlds have as many trusts as England has acute ones; too large ones are refused."""
    assert size_for(2300).trusts == 12
    assert size_for(20_000_000).trusts == 130
    with pytest.raises(ParameterError, match="people: 0 answers cannot be made"):
        size_for(0)
    with pytest.raises(ParameterError, match="from 1 to 50000000"):
        size_for(10**9)


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    """A world, a table or a format that does not exist is refused, with those that do."""
    with pytest.raises(ParameterError, match=r"world: utopia is not known\. Choose from: effect_"):
        write_linked_world(tmp_path, "utopia", 1)
    with pytest.raises(ParameterError, match="table: nurses is not known"):
        write_linked_world(tmp_path, "null", 1, tables=("nurses",))
    with pytest.raises(ParameterError, match="format: xlsx is not known"):
        write_linked_world(tmp_path, "null", 1, file_format="xlsx")
    assert not list(tmp_path.iterdir())


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """A folder that holds other files is neither emptied nor written to."""
    mine = tmp_path / "null" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("kept")
    with pytest.raises(ParameterError, match="not of a made-up world"):
        write_linked_world(tmp_path, "null", 1, SMALL, tables=("items",))
    assert mine.read_text() == "kept"


def test_a_world_is_made_from_the_command_line(tmp_path: Path) -> None:
    """`evalkit synth --world` writes the tables asked for, and says how many and where."""
    arguments = ["synth", "--world", "null", "--people", "200", "--out", str(tmp_path)]
    done = CliRunner().invoke(app, [*arguments, "--table", "items", "--format", "parquet"])
    assert done.exit_code == 0, done.output
    assert "2 files of world null written to" in done.output
    assert len(pd.read_parquet(tmp_path / "null" / "items.parquet")) == 16


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--world", "null"], "--out: missing"),
        (["--world", "null", "--check", "--out", "x"], "--check: not together with --world"),
        (["--people", "5"], "--people: only with --world"),
        (["--world", "null", "--out", "x", "--people", "-3"], "from 1 to"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: list[str], message: str) -> None:
    """Options that mean nothing together are refused before anything is written."""
    done = CliRunner().invoke(app, ["synth", *arguments])
    assert isinstance(done.exception, ParameterError)
    assert message in str(done.exception)
