"""Spark as the tests have it: a server for Spark Connect on this machine, with tables."""

import importlib.util
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.databases.made_postgres import free_port

WAIT = 300
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"


def find_spark() -> Path:
    """Return the folder of Spark's Python package, or skip."""
    found = importlib.util.find_spec("pyspark")
    if found is None or found.origin is None or shutil.which("java") is None:
        pytest.skip("spark: install evalkit[spark] and Java to run this test (make spark)")
    return Path(found.origin).parent


@contextmanager
def start_connect(tables: Path) -> Iterator[str]:
    """Start a server whose catalogue has the Parquet files of a folder; yield its address."""
    home, port = find_spark(), free_port()
    own = Path(tempfile.mkdtemp(prefix="evalkit-connect-"))
    settings = {
        "spark.connect.grpc.binding.port": str(port),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(own),
        "spark.sql.warehouse.dir": str(own / "warehouse"),
        "spark.ui.enabled": "false",
    }
    command = [str(home / "bin" / "spark-submit"), "--master", "local[2]", "--class", SERVER]
    options = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    server = subprocess.Popen(
        [*command, *options, "spark-internal"],
        cwd=own,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"sc://127.0.0.1:{port}/"
    try:
        fill(address, tables)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=WAIT)
        shutil.rmtree(own, ignore_errors=True)


def fill(address: str, tables: Path) -> None:
    """Put the tables into the catalogue, once the server answers."""
    from pyspark.sql.connect.session import SparkSession

    until = time.monotonic() + WAIT
    while True:
        try:
            spark = SparkSession.builder.remote(address).create()
            spark.sql("SELECT 1").collect()
            break
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(1)
    for file in tables.glob("*.parquet"):
        spark.read.parquet(str(file)).write.saveAsTable(file.stem)
    spark.stop()
