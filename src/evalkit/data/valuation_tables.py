"""Read a table of values that its owner licenses, with what must be said wherever it is used."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import yaml

from evalkit.data.delimited import read_delimited
from evalkit.data.files import check_file
from evalkit.data.problems import raise_data_error
from evalkit.data.values import as_numbers

NEEDED = ("instrument", "country", "version", "dated", "licence", "citation")


@dataclass(frozen=True, slots=True)
class ValuationTable:
    """Values by key columns, and whose they are: named wherever a score made with them stands.

    `rows` has the key columns (`state`, or `item` and `level`) and `value`. `dated` is the day
    from which the values hold.
    """

    rows: pd.DataFrame
    instrument: str
    country: str
    version: str
    dated: date
    licence: str
    citation: str

    @property
    def named(self) -> str:
        """One line that names the values: instrument, country, version and date."""
        return f"{self.instrument}, {self.country}, {self.version}, {self.dated.isoformat()}"


def read_valuation_table(path: Path) -> ValuationTable:
    """Read `<name>.csv` (key columns and `value`) and `<name>.yml` beside it.

    The second file holds instrument, country, version, dated (YYYY-MM-DD), licence and citation.
    Raises DataError where either is missing or not whole.
    """
    check_file(path, path.name)
    described = path.with_suffix(".yml")
    if not described.is_file():
        raise_data_error(
            path.name,
            f"no file {described.name} says whose values these are. Put one beside it with "
            f"{', '.join(NEEDED)}.",
        )
    texts = read_delimited(path, path.name)
    if "value" not in texts:
        raise_data_error(path.name, "has no column 'value'. Give the keys and their value.")
    numbers, unread = as_numbers(texts["value"])
    if unread.any() or numbers.isna().any():
        count = int((unread | numbers.isna()).sum())
        raise_data_error(path.name, f"{count} values are no numbers. Give one for each key.")
    keys = {str(name): texts[name].astype(str) for name in texts if name != "value"}
    rows = pd.DataFrame({**keys, "value": numbers}).reset_index(drop=True)
    return describe_valuation(rows, _read_description(described))


def describe_valuation(rows: pd.DataFrame, description: dict[str, object]) -> ValuationTable:
    """Join a table of values with its description; every part of it is needed."""
    where = "value table"
    lacking = [name for name in NEEDED if not str(description.get(name, "") or "").strip()]
    unknown = sorted(set(description) - set(NEEDED))
    if lacking or unknown:
        raise_data_error(
            where,
            f"its description lacks {len(lacking)} entries ({', '.join(lacking) or 'none'}) "
            f"and has {len(unknown)} unknown ones. Give {', '.join(NEEDED)}, and no other.",
        )
    texts = {name: str(description[name]) for name in NEEDED}
    try:
        dated = date.fromisoformat(texts.pop("dated"))
    except ValueError:
        raise_data_error(where, "'dated' is no day. Write it as YYYY-MM-DD.")
    return ValuationTable(rows=rows.copy(), dated=dated, **texts)


def _read_description(path: Path) -> dict[str, object]:
    fault = ""
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as cause:
        content, fault = None, type(cause).__name__
    if not isinstance(content, dict):
        raise_data_error(
            path.name, f"is no list of names and values {fault}. Give {', '.join(NEEDED)}."
        )
    return {str(name): value for name, value in content.items()}
