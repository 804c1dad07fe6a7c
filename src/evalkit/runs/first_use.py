"""What packages do only when they are first used, done once before any process is forked.

Fonts are found and read, a database is opened for the first time: a tenth of a second or two that
each fork would spend again.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from evalkit.charts import CHARTS, draw, render_figure
from evalkit.data.tables import read_table
from evalkit.errors import EvalkitError

_NAMES = ["label", "estimate", "conf_low", "conf_high"]
_TEXT = (
    "label,estimate,conf_low,conf_high,level\nfirst,0.2,0.1,0.3,0.95\nsecond,0.1,-0.1,0.3,0.95\n"
)


def use_once() -> None:
    """Read a small file and draw a small figure, and throw both away.

    DuckDB ends its threads when its connection closes; whoever forks counts threads after this.
    """
    with TemporaryDirectory(prefix="ekw") as folder:
        path = Path(folder) / "first.csv"
        path.write_text(_TEXT, "utf-8")
        try:
            _, texts = read_table(path, path.name, [*_NAMES, "level"])
        except EvalkitError:  # a full disk, say: then each run does for itself what this would do
            return
    frame = texts.assign(**{n: pd.to_numeric(texts[n]) for n in texts.columns if n != "label"})
    figure = draw(CHARTS["effects"], frame, title="First", synthetic=True)
    render_figure(figure, "first", alt="First")
