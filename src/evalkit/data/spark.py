"""Ask a Spark session as other databases are asked: one statement, its columns, its rows.

Either a session on this machine over a folder of Parquet files, each a table by its name, or one on
a cluster, by Spark Connect, with the tables of its catalogue. Spark has no session that only reads:
`queries` lets nothing through but one SELECT of tables.
"""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TABLE = re.compile(r"[A-Za-z_]\w*")
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.runSQLOnFiles": "false",
}
_HERE = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement gives, in the words of Python's database drivers."""

    frame: Any

    @property
    def description(self) -> list[tuple[str, str]]:
        """The name and type of each column."""
        return [(field.name, field.dataType.simpleString()) for field in self.frame.schema.fields]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows."""
        return [tuple(row) for row in self.frame.collect()]


@dataclass(frozen=True, slots=True)
class Session:
    """An open session: how to ask it, and how to end it."""

    execute: Callable[[str], Answer]
    close: Callable[[], None]


def start_here(folder: Path) -> Session:
    """Start a session on this machine over the Parquet files of a folder."""
    from pyspark.sql import SparkSession

    own = tempfile.TemporaryDirectory(prefix="evalkit-spark-")
    builder = SparkSession.builder.master("local[*]").appName("evalkit")
    places = {"spark.sql.warehouse.dir": own.name, "spark.local.dir": own.name}
    for name, value in {**_SETTINGS, **_HERE, **places}.items():
        builder = builder.config(name, value)
    with _unheard():
        spark = builder.getOrCreate()

    def close() -> None:
        spark.stop()
        own.cleanup()

    for path in sorted(folder.glob("*.parquet")):
        if _TABLE.fullmatch(path.stem):
            spark.read.parquet(str(path)).createOrReplaceTempView(path.stem)
    return Session(lambda sql: Answer(spark.sql(sql)), close)


def connect_to(address: str) -> Session:
    """Ask a cluster by Spark Connect; `address` may hold a secret."""
    from pyspark.sql.connect.session import SparkSession

    spark = SparkSession.builder.remote(address).create()
    for name, value in _SETTINGS.items():
        spark.conf.set(name, value)
    return Session(lambda sql: Answer(spark.sql(sql)), spark.stop)


@contextmanager
def _unheard() -> Iterator[None]:
    """Let what Java says go nowhere, now and later: its words may hold data and addresses."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    kept = {number: os.dup(number) for number in (1, 2)}
    try:
        for number in kept:
            os.dup2(nowhere, number)
        yield
    finally:
        for number, copy in kept.items():
            os.dup2(copy, number)
            os.close(copy)
        os.close(nowhere)
