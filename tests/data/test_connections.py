"""Databases are read over a name: read-only, one SELECT, and the secret goes nowhere."""

import logging
import os
import sqlite3
import stat
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from evalkit.data.connections import open_read_only, read_address, read_query
from evalkit.data.queries import parse_query
from evalkit.data.sources import extract_connections, read_sources
from evalkit.errors import (
    DataError,
    DisclosureError,
    EnvironmentFault,
    EvalkitError,
    ParameterError,
)
from evalkit.study.schema import StaffWellbeing

Build = Callable[..., StaffWellbeing]
HIDDEN = "hunter2"
TABLE = "CREATE TABLE staff (trust TEXT, year INTEGER, burnt_out DOUBLE, answers INTEGER, london "
ROWS = (
    "INSERT INTO staff VALUES ('R0A', 2021, 25.5, 400, 1), ('007', 2021, 30, 200, 0), "
    "('007', 2022, NULL, 210, 0)"
)


@pytest.fixture
def databases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same table in DuckDB and in SQLite, and a connection to each."""
    with duckdb.connect(str(tmp_path / "a.duckdb")) as database:
        database.execute(f"{TABLE}BOOLEAN)")
        database.execute(ROWS)
    small = sqlite3.connect(tmp_path / "a.sqlite")
    small.execute(f"{TABLE}INTEGER)")
    small.execute(ROWS)
    small.commit()
    small.close()
    for kind in ("duckdb", "sqlite"):
        monkeypatch.setenv(f"EVALKIT_CONNECTION_{kind.upper()}", f"{kind}://{tmp_path}/a.{kind}")
    return tmp_path


def _connected(make_parameters: Build, kind: str, query: str = "staff") -> StaffWellbeing:
    return make_parameters(staff_file=None, staff_connection=kind, staff_query=query)


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
@pytest.mark.parametrize(
    "query",
    ["staff", "SELECT * FROM staff", "WITH a AS (SELECT * FROM staff) SELECT * FROM a"],
)
def test_table_and_queries_are_read(
    databases: Path, project: Path, make_parameters: Build, kind: str, query: str
) -> None:
    """A table and a SELECT give the mapped columns, typed by role, on either back end."""
    source = read_sources(_connected(make_parameters, kind, query))["staff"]
    assert source.frame["trust"].tolist() == ["R0A", "007", "007"]
    assert source.frame["year"].tolist() == ["2021", "2021", "2022"]
    assert source.frame["burnt_out"].tolist()[:2] == [25.5, 30.0]
    assert source.frame["london"].tolist() == [True, False, False]
    assert (source.rows, source.synthetic) == (3, False)


def test_the_hash_is_that_of_the_content(
    databases: Path, project: Path, make_parameters: Build
) -> None:
    """Order of rows does not move the hash; a value that differs does."""
    orders = ("staff", "SELECT * FROM staff ORDER BY answers", "SELECT * FROM staff ORDER BY year")
    hashes = {
        read_sources(_connected(make_parameters, "duckdb", query))["staff"].sha256
        for query in orders
    }
    assert len(hashes) == 1
    changed = "SELECT trust, year, burnt_out + 1 AS burnt_out, answers, london FROM staff"
    other = read_sources(_connected(make_parameters, "duckdb", changed))["staff"].sha256
    assert {other} != hashes


def test_the_extract_stands_for_the_connection(
    databases: Path, project: Path, make_parameters: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the extract and without the address, the source is the same, hash and all."""
    parameters = _connected(make_parameters, "duckdb")
    direct = read_sources(parameters)["staff"]
    folder = project / "extracts"
    files = extract_connections(parameters, folder)
    assert set(files) == {"staff"}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(files["staff"].stat().st_mode) == 0o600
    monkeypatch.delenv("EVALKIT_CONNECTION_DUCKDB")
    monkeypatch.setenv("EVALKIT_EXTRACTS", str(folder))
    extracted = read_sources(parameters)["staff"]
    pd.testing.assert_frame_equal(extracted.frame, direct.frame)
    assert extracted.sha256 == direct.sha256
    files["staff"].unlink()
    with pytest.raises(EnvironmentFault, match=r"holds no staff\.parquet"):
        read_sources(parameters)


def test_files_need_no_extract(project: Path, make_parameters: Build) -> None:
    """A study on files leaves no folder behind."""
    assert extract_connections(make_parameters(), project / "extracts") == {}
    assert not (project / "extracts").exists()


def test_identifiers_are_refused_before_they_are_extracted(
    databases: Path, project: Path, make_parameters: Build
) -> None:
    """A query that gives an identifier is refused, and nothing is written."""
    query = "SELECT *, trust AS nhs_number FROM staff"
    with pytest.raises(DisclosureError, match="nhs_number"):
        extract_connections(_connected(make_parameters, "duckdb", query), project / "extracts")
    assert not list((project / "extracts").iterdir())


@pytest.mark.parametrize(
    "query",
    [
        "DROP TABLE staff",
        "SELECT 1; DROP TABLE staff",
        "SELECT * FROM staff; SELECT 1",
        "COPY staff TO 'x.csv'",
        "ATTACH 'other.db'",
        "PRAGMA database_list",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 1",
        "INSERT INTO staff VALUES (1)",
        "CALL pragma_version()",
        "EXPLAIN SELECT 1",
        "SELECT * INTO other FROM staff",
        "SELECT * FROM staff FOR UPDATE",
        "WITH a AS (DELETE FROM staff RETURNING *) SELECT * FROM a",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_parquet('x')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('*')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM 'data.csv'",
        "SELECT (SELECT content FROM read_text('/etc/passwd'))",
        "SELECT getenv('HOME')",
        "SELECT load_extension('x')",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT * FROM duckdb_secrets()",
        "FROM staff",
        "SELEC * FROM staff",
        "SELECT FROM WHERE",
        "",
        "staff; DROP TABLE staff",
        "staff.csv'",
    ],
)
@pytest.mark.parametrize("dialect", ["duckdb", "sqlite", "postgres"])
def test_queries_that_do_more_than_read(query: str, dialect: str) -> None:
    """Only the name of a table, or one statement that selects from tables, is accepted."""
    with pytest.raises(ParameterError):
        parse_query(query, dialect, "staff_query")


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_the_database_itself_refuses_to_be_written(databases: Path, kind: str) -> None:
    """Past our own check the connection is still read-only, and opens no file."""
    with open_read_only(kind) as database:
        with pytest.raises((duckdb.Error, sqlite3.Error)):
            database.execute("INSERT INTO staff VALUES ('R0B', 2021, 1, 1, 1)")
        with pytest.raises((duckdb.Error, sqlite3.Error)):
            database.execute("SELECT * FROM read_text('/etc/hostname')").fetchall()


def test_columns_with_quotes_in_their_names_are_names(databases: Path) -> None:
    """A column's name is quoted, so it cannot become part of the statement."""
    name = 'trust" FROM staff; DROP TABLE staff --'
    with open_read_only("duckdb") as database:
        with pytest.raises(DataError, match="did not answer"):
            read_query(database, "staff", [name], "staff_query")
        assert len(read_query(database, "staff", ["trust"], "staff_query")) == 3


def _everything_said(fault: BaseException) -> str:
    """What a fault could show: message, traceback with its causes, arguments."""
    return "".join(traceback.format_exception(fault)) + repr(fault) + repr(fault.args)


@pytest.mark.parametrize(
    "address",
    [
        f"postgres://me:{HIDDEN}@127.0.0.1:1/{HIDDEN}",
        f"duckdb:///{HIDDEN}/absent.duckdb",
        f"sqlite:///{HIDDEN}/absent.sqlite",
        f"duckdb:///{HIDDEN}.duckdb?token={HIDDEN}",
        f"mysql://me:{HIDDEN}@host/db",
        f"postgres://me:{HIDDEN}@host:{HIDDEN}/db",
        HIDDEN,
    ],
)
def test_the_secret_is_never_said(
    address: str,
    is_well_formed: Callable[[object], bool],
    project: Path,
    make_parameters: Build,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Whatever fails, no message, traceback, log or stream holds any part of the address."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("EVALKIT_CONNECTION_WAREHOUSE", address)
    parameters = _connected(make_parameters, "warehouse")
    with pytest.raises(EnvironmentFault, match="connection warehouse") as caught:
        read_sources(parameters)
    assert is_well_formed(caught.value)
    streams = capfd.readouterr()
    said = _everything_said(caught.value) + caplog.text + streams.out + streams.err
    assert HIDDEN not in said
    assert HIDDEN not in repr(parameters)


def test_database_faults_hold_no_value(
    databases: Path, project: Path, make_parameters: Build
) -> None:
    """A cast that fails names its kind, not the text that could not be cast."""
    query = "SELECT CAST(trust AS INTEGER) AS trust, year, burnt_out, answers, london FROM staff"
    with pytest.raises(DataError, match=r"did not answer \(ConversionException\)") as caught:
        read_sources(_connected(make_parameters, "duckdb", query))
    assert "R0A" not in _everything_said(caught.value)


def test_a_missing_driver_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where psycopg is not installed, the message says what to install."""
    for name in ("psycopg", "ibis.backends.postgres"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setenv("EVALKIT_CONNECTION_WAREHOUSE", "postgres://me@host/db")
    with (
        pytest.raises(
            EnvironmentFault,
            match=r"is not installed. Install evalkit\[postgresql\]",
        ),
        open_read_only("warehouse"),
    ):
        pass


@pytest.fixture
def private_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of addresses that its owner alone may read."""
    path = tmp_path / "connections.yml"
    path.write_text(f"warehouse: duckdb:///{HIDDEN}.duckdb\n")
    path.chmod(0o600)
    monkeypatch.setenv("EVALKIT_CONNECTIONS", str(path))
    return path


def test_addresses_come_from_the_private_file(private_file: Path) -> None:
    """The file gives the address where the environment has none."""
    assert read_address("warehouse") == f"duckdb:///{HIDDEN}.duckdb"
    private_file.chmod(0o400)
    assert read_address("warehouse").startswith("duckdb")
    with pytest.raises(EnvironmentFault, match="connection other: no address is known"):
        read_address("other")


def test_the_environment_comes_first(private_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable for the connection wins over the file."""
    monkeypatch.setenv("EVALKIT_CONNECTION_WAREHOUSE", "sqlite:///x")
    assert read_address("warehouse") == "sqlite:///x"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o700])
def test_a_file_that_others_may_read_is_refused(private_file: Path, mode: int) -> None:
    """Looser permissions are refused with the command that mends them."""
    private_file.chmod(mode)
    with pytest.raises(EnvironmentFault, match=f"Run: chmod 600 {private_file}"):
        read_address("warehouse")


@pytest.mark.parametrize("content", [f"- {HIDDEN}", f"a: [{HIDDEN}", f"\t{HIDDEN}: x", ""])
def test_a_malformed_private_file_says_nothing_of_itself(private_file: Path, content: str) -> None:
    """A file that is no list of addresses is refused without a word from it."""
    private_file.write_text(content)
    with pytest.raises(EvalkitError) as caught:
        read_address("warehouse")
    assert HIDDEN not in _everything_said(caught.value)


def test_no_address_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With neither variable nor file the message names both ways."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("EVALKIT_CONNECTIONS", raising=False)
    assert "EVALKIT_CONNECTION_NOWHERE" not in os.environ
    with pytest.raises(EnvironmentFault, match=r"EVALKIT_CONNECTION_NOWHERE.*connections\.yml"):
        read_address("nowhere")


def test_a_fault_of_a_query_names_its_parameter(
    databases: Path, project: Path, make_parameters: Build
) -> None:
    """What is wrong with a database's rows is said under the parameter that gives it."""
    with pytest.raises(DataError) as caught:
        read_sources(_connected(make_parameters, "duckdb", "SELECT * FROM staff WHERE year = 2022"))
    assert str(caught.value).startswith("staff_connection (duckdb): ")


def test_dates_of_a_database_are_months(
    databases: Path, project: Path, make_parameters: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column of dates on the first gives months, directly and by way of the extract."""
    query = (
        "SELECT trust, make_date(year, 3, 1) AS year, burnt_out, answers, london FROM staff "
        "WHERE burnt_out IS NOT NULL"
    )
    parameters = _connected(make_parameters, "duckdb", query)
    direct = read_sources(parameters)["staff"]
    assert direct.frame["year"].tolist() == ["2021-03", "2021-03"]
    extract_connections(parameters, project / "extracts")
    monkeypatch.setenv("EVALKIT_EXTRACTS", str(project / "extracts"))
    assert read_sources(parameters)["staff"].sha256 == direct.sha256
