"""What packages do only when they are first used, done once before any process is forked.

Fonts are found and read, a database is opened for the first time, the schemas of notebook and
record are compiled: some tenths of a second that each run would spend again.
"""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
import pandas as pd
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from evalkit.charts import CHARTS, draw, render_figure
from evalkit.data.tables import read_table
from evalkit.errors import EvalkitError
from evalkit.record.schema import check_record

_NAMES = ["label", "estimate", "conf_low", "conf_high", "level"]
_TEXT = (
    "label,estimate,conf_low,conf_high,level\nfirst,0.2,0.1,0.3,0.95\nsecond,0.1,-0.1,0.3,0.95\n"
)


def use_once() -> None:
    """Read a small file, draw a small figure, check a notebook and a record; throw all away.

    DuckDB ends its threads when its connection closes; whoever forks counts threads after this.
    """
    validate: Any = nbformat.validate
    validate(nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}))
    KernelProvisionerFactory.instance()
    with suppress(EvalkitError):  # no record: it has not the form of one
        check_record({})
    with suppress(EvalkitError):  # a full disk, say: each run does for itself what this would do
        _draw_once(_read_once())


def _read_once() -> pd.DataFrame:
    with TemporaryDirectory(prefix="ekw") as folder:
        path = Path(folder) / "first.csv"
        path.write_text(_TEXT, "utf-8")
        _, texts = read_table(path, path.name, _NAMES)
    return texts.assign(**{name: pd.to_numeric(texts[name]) for name in _NAMES[1:]})


def _draw_once(frame: pd.DataFrame) -> None:
    figure = draw(CHARTS["effects"], frame, title="First", synthetic=True)
    render_figure(figure, "first", alt="First")
