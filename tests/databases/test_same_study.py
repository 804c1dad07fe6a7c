"""One study over DuckDB, PostgreSQL and Spark: the same sums, products, rows and record."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import yaml

from evalkit.data.connections import open_read_only
from evalkit.data.grouped_sums import average_all, multiply_by
from evalkit.data.queries import parse_query
from evalkit.data.relations import open_relation
from evalkit.data.sources import read_sources
from evalkit.data.summed_answers import sum_up_answers
from evalkit.errors import DataError, EnvironmentFault, ParameterError
from evalkit.runs.run import run_study
from evalkit.study.parameters import load_parameters
from evalkit.study.schemas.design_study import DesignStudy
from tests.data.test_summed_answers import COLUMNS, make_answers
from tests.databases.made_postgres import start_server
from tests.databases.made_spark import find_spark, start_connect

ROOT = Path(__file__).resolve().parents[2]
CONNECTION, VARIABLE = "store", "EVALKIT_CONNECTION_STORE"
SAME = 1e-8
TYPES = {"f": "double precision", "i": "integer", "b": "boolean"}
Use = Callable[[str], None]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three tables: answers, the same as texts, and a study's panel of averages."""
    folder = tmp_path_factory.mktemp("tables")
    answers = make_answers()
    answers.to_parquet(folder / "asked.parquet", index=False)
    written = answers.astype(object).where(answers.notna(), "NA").astype(str)
    written.to_parquet(folder / "written.parquet", index=False)
    panel = pd.read_csv(ROOT / "data/synthetic/before_after/change/results.csv")
    panel.to_parquet(folder / "panel.parquet", index=False)
    return folder


@pytest.fixture(scope="module")
def stores(tables: Path) -> Iterator[Callable[[str], str]]:
    """Give the address of a kind of database that holds the tables, or skip."""
    made: dict[str, str] = {}
    opened: list[Iterator[str]] = []
    makers = {"duckdb": in_duckdb, "postgresql": in_postgresql, "spark": in_spark}
    makers["spark connect"] = in_connect

    def find(kind: str) -> str:
        if kind not in made:
            opened.append(makers[kind](tables))
            made[kind] = next(opened[-1])
        return made[kind]

    yield find
    for maker in opened:
        next(maker, None)


def in_duckdb(tables: Path) -> Iterator[str]:
    """Put the tables into a DuckDB file."""
    path = tables / "a.duckdb"
    with duckdb.connect(str(path)) as database:
        for file in tables.glob("*.parquet"):
            database.execute(f"CREATE TABLE {file.stem} AS SELECT * FROM '{file}'")  # noqa: S608
    yield f"duckdb://{path}"


def in_postgresql(tables: Path) -> Iterator[str]:
    """Put the tables into a server of our own."""
    import psycopg

    with start_server() as address:
        with psycopg.connect(address) as database:
            for file in tables.glob("*.parquet"):
                fill(database, file.stem, pd.read_parquet(file))
        yield address


def fill(database: Any, name: str, frame: pd.DataFrame) -> None:
    """Make one table of a frame."""
    columns = [f'"{c}" {TYPES.get(kind.kind, "text")}' for c, kind in frame.dtypes.items()]
    database.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
    with database.cursor().copy(f"COPY {name} FROM STDIN") as copy:
        for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False):
            copy.write_row(row)


def in_spark(tables: Path) -> Iterator[str]:
    """Let a session on this machine read the files."""
    find_spark()
    yield f"spark://{tables}"


def in_connect(tables: Path) -> Iterator[str]:
    """Put the tables into the catalogue of a Spark server."""
    with start_connect(tables) as address:
        yield address


SOCKETS = pytest.mark.filterwarnings(
    "ignore:unclosed <socket:ResourceWarning",
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning",
)
"""Spark's Python part leaves the sockets to Java open until they are collected."""


SPARKS = [pytest.param(kind, marks=SOCKETS) for kind in ("spark", "spark connect")]


@pytest.fixture(params=["postgresql", *SPARKS])
def kind(request: pytest.FixtureRequest, stores: Callable[[str], str]) -> str:
    """A kind of database that is there."""
    stores(request.param)
    return str(request.param)


@pytest.fixture
def use(
    project: Path, stores: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Let the connection `store` be of this kind."""
    return lambda kind: monkeypatch.setenv(VARIABLE, stores(kind))


def study_of(query: str) -> DesignStudy:
    """Return a study of people's answers over the connection."""
    plain = load_parameters(ROOT / "parameters/difference_in_differences.yml")
    values: dict[str, Any] = {
        "data_rows": "people",
        "data_file": None,
        "data_connection": CONNECTION,
        "data_query": query,
        "data_columns": COLUMNS | {"weight": "weight"},
        "adjust_for": ["age_band"],
        "subgroups": ["more_deprived"],
        "alternatives": {},
        "placebo_outcomes": [],
        "start_period": "2022Q1",
    }
    asked = plain.model_copy(update=values)
    assert isinstance(asked, DesignStudy)
    return asked


@pytest.mark.parametrize("query", ["asked", "SELECT * FROM written WHERE trust <> 'T7'"])
def test_answers_are_summed_up_where_they_lie(kind: str, use: Use, query: str) -> None:
    """Numbers and texts, with gaps and weights, give the table that DuckDB gives."""
    use("duckdb")
    expected = sum_up_answers(study_of(query)).frame
    use(kind)
    found = sum_up_answers(study_of(query)).frame
    assert len(expected) > 100
    pd.testing.assert_frame_equal(found, expected, rtol=1e-12)


def test_cross_products_for_a_regression_are_those_of_duckdb(kind: str, use: Use) -> None:
    """Sums of products, of numbers and of texts that are numbers, agree to 1e-8."""
    columns = ["overall", "felt", "age_band"]

    def sums(store: str, query: str) -> pd.DataFrame:
        use(store)
        with open_relation("data_query", connection=CONNECTION, query=query) as relation:
            found = multiply_by(relation, ["trust"], columns, average_all(relation, columns))
        return found.sort_values("trust", ignore_index=True)

    for query in ("asked", "written"):
        pd.testing.assert_frame_equal(sums(kind, query), sums("duckdb", query), rtol=SAME)


def test_rows_that_are_read_are_the_same(kind: str, use: Use) -> None:
    """The rows of a study, and the hash of what was read, do not hang on the database."""
    use("duckdb")
    expected = read_sources(study_of("asked"))["data"]
    use(kind)
    found = read_sources(study_of("asked"))["data"]
    assert found.sha256 == expected.sha256
    order = ["ward", "quarter", "overall", "felt", "age_band", "deprived", "weight"]
    one, two = (s.frame.sort_values(order, ignore_index=True) for s in (found, expected))
    pd.testing.assert_frame_equal(one, two)


def test_a_whole_run_has_one_record(
    kind: str, use: Use, project: Path, tmp_path: Path, forks: str | None
) -> None:
    """`evalkit run` of a study over this database seals the bytes that it seals over DuckDB."""
    values = yaml.safe_load((project / "parameters/before_after.yml").read_text("utf-8"))
    over = {"data_file": None, "data_connection": CONNECTION, "data_query": "SELECT * FROM panel"}
    path = tmp_path / "before_after.yml"
    path.write_text(yaml.safe_dump({**values, **over}, sort_keys=False), "utf-8")
    records = []
    for store in ("duckdb", kind):
        use(store)
        sealed = run_study(path, force=True, warm=forks).sealed
        assert sealed.record["synthetic"] is False
        records.append((sealed.folder / "record.json").read_bytes())
    assert records[0] == records[1]


def test_a_fault_holds_neither_value_nor_secret(
    kind: str, use: Use, stores: Callable[[str], str], capfd: pytest.CaptureFixture[str]
) -> None:
    """A text that is cast to a number is told by the kind of the error alone."""
    use(kind)
    query = "SELECT CAST(ward AS INTEGER) AS ward, quarter, overall, felt, pathway, trust, "
    query += "deprived, age_band, weight FROM asked"
    with pytest.raises(DataError, match="did not answer") as refused:
        read_sources(study_of(query))
    streams = capfd.readouterr()
    said = f"{refused.value}{refused.value.__cause__}{streams.out}{streams.err}"
    assert "W0" not in said
    assert stores(kind) not in said


def test_a_server_that_refuses_is_one_message(
    use: Use, stores: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong secret ends in one message, without the address."""
    address = stores("postgresql")
    secret = address.split(":")[2].partition("@")[0]
    monkeypatch.setenv(VARIABLE, address.replace(secret, "hunter2"))
    with pytest.raises(EnvironmentFault, match="it cannot be opened") as refused:
        read_sources(study_of("asked"))
    assert "hunter2" not in str(refused.value)


def test_the_server_itself_refuses_to_be_written(use: Use, stores: Callable[[str], str]) -> None:
    """Past our own check, a connection to PostgreSQL is read-only."""
    import psycopg

    stores("postgresql")
    use("postgresql")
    with (
        open_read_only(CONNECTION) as database,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        database.execute("CREATE TABLE other (a integer)")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT TRANSFORM(trust) USING 'cat' AS (a) FROM asked",
        "SELECT * FROM csv.`/etc/passwd`",
        "SELECT reflect('java.lang.System', 'getenv', 'HOME')",
        "SELECT java_method('java.lang.System', 'getenv', 'HOME')",
        "SELECT * FROM read_files('/etc')",
        "INSERT OVERWRITE DIRECTORY '/x' SELECT 1",
        "CACHE TABLE asked",
        "ADD JAR 'x.jar'",
    ],
)
def test_a_query_of_spark_runs_no_program_and_opens_no_file(query: str) -> None:
    """What Spark can do beside reading tables is refused before it is asked."""
    with pytest.raises(ParameterError):
        parse_query(query, "spark", "data_query")


@SOCKETS
def test_spark_itself_reads_no_file_by_its_path(use: Use, stores: Callable[[str], str]) -> None:
    """A relative path, which looks like a table's name, is no table."""
    stores("spark")
    use("spark")
    with pytest.raises(DataError, match=r"cannot be read|did not answer"):
        read_sources(study_of("SELECT * FROM parquet.asked"))
