"""Find the released tables whose rows a reader can choose among, and by what."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from evalkit.reports.bundle import Bundle, Cell, Table
from evalkit.reports.words import FACET_WORDS, MINUS, sentence_case, show_cell

CHOICES = ("part", "group", "time")
LABELS = {"part": "Part or measure", "group": "Group", "time": "Period"}
_COLUMNS = {
    "part": (("facet",), ("programme", "measure"), ("measure",), ("outcome",)),
    "group": (("dimension", "group"), ("grouping", "group"), ("group",), ("cohort",)),
    "time": (("period",), ("span",)),
}
_VALUES = ("estimate", "value", "mean", "observed", "outcome", "positive", "difference")
_NOT_HERE = frozenset({"organisations", "headline", "coverage", "measured", "quality"})
_SHARE = "Share"
_MOST_ROWS = 200
_FEWEST_PERIODS, _MOST_MARKS = 3, 40


@dataclass(frozen=True, slots=True)
class Choosable:
    """A released table; `options` has the words of each value of each choice, in its order."""

    name: str
    table: Table
    options: dict[str, dict[str, str]]
    columns: dict[str, tuple[str, ...]]

    def value_of(self, choice: str, row: dict[str, Cell]) -> str:
        """Return what a row's value of a choice is called in an address."""
        columns = self.columns.get(choice, ())
        told = " / ".join(show_cell(row, self.table.column(name)) for name in columns)
        return told.replace(MINUS, "-")

    def key_of(self, choice: str, row: dict[str, Cell]) -> str:
        """Return the letters that stand in the page for a row's value of a choice."""
        return key_of(list(self.options[choice]).index(self.value_of(choice, row)))

    @property
    def centre(self) -> str:
        """Return the column whose values a chart can draw, if there is one."""
        named = {column.name for column in self.table.columns}
        return next((name for name in _VALUES if name in named), "")

    @property
    def drawn(self) -> str:
        """Return how the table can be drawn: as `lines` over periods, as `marks`, or not."""
        if not self.centre or not self._is_one_row_each() or not self._has_values():
            return ""
        named = {column.name for column in self.table.columns}
        few = len(self.table.rows) <= _MOST_MARKS and set(self.ends) <= named
        if self.centre in ("estimate", "difference") and few:
            return "marks"
        return "lines" if len(self.options.get("time", ())) >= _FEWEST_PERIODS else ""

    @property
    def ends(self) -> tuple[str, str]:
        """Return the columns that hold the ends of the interval of the drawn values."""
        named = {column.name for column in self.table.columns}
        own = (f"{self.centre}_low", f"{self.centre}_high")
        return own if set(own) <= named else ("conf_low", "conf_high")

    @property
    def whole_parts(self) -> bool:
        """Whether parts stand in one picture: those over periods have a scale each, and do not."""
        return self.drawn != "lines"

    def _has_values(self) -> bool:
        """Say whether any value is there to draw, but shares, which no line of zero suits."""
        share = self.centre == "estimate" and self.table.column("estimate").label.startswith(_SHARE)
        return not share and any(isinstance(r[self.centre], int | float) for r in self.table.rows)

    def _is_one_row_each(self) -> bool:
        met = [tuple(self.value_of(c, row) for c in self.options) for row in self.table.rows]
        return len(set(met)) == len(met)


def list_choosable(bundle: Bundle) -> dict[str, Choosable]:
    """Return each table with two values or more of a choice, by name; those with a chart first."""
    found = (
        _look_at(name, table)
        for name, table in bundle.tables.items()
        if name not in _NOT_HERE and not name.startswith("check_")
    )
    held = [one for one in found if one is not None]
    return {one.name: one for one in sorted(held, key=lambda one: not one.drawn)}


def can_choose(bundle: Bundle) -> bool:
    """Say whether a study has figures to choose among."""
    return bool(list_choosable(bundle))


def key_of(number: int) -> str:
    """Return a number as letters, since a figure in the page would be a released one."""
    more, last = divmod(number, 26)
    return (key_of(more - 1) if more else "") + chr(ord("a") + last)


def _look_at(name: str, table: Table) -> Choosable | None:
    if not 2 <= len(table.rows) <= _MOST_ROWS:
        return None
    told = {c.name for c in table.columns if c.kind == "label" or c.name in _COLUMNS["time"][0]}
    columns, options = {}, {}
    bare = Choosable(name, table, {}, {})
    for choice, kinds in _COLUMNS.items():
        kind = next((kind for kind in kinds if set(kind) <= told), ())
        if not kind:
            continue
        tried = Choosable(name, table, {}, {choice: kind})
        values = dict.fromkeys(map(partial(tried.value_of, choice), table.rows))
        if len(values) > 1:
            columns[choice], options[choice] = kind, _name(bare, partial(tried.value_of, choice))
    found = Choosable(name, table, options, columns)
    return found if found.centre or set(options) - {"part"} else None


def _name(bare: Choosable, value_of: Callable[[dict[str, Cell]], str]) -> dict[str, str]:
    """Return the words for each value: a row's label where each has one that no other has."""
    rows = bare.table.rows
    values = list(dict.fromkeys(map(value_of, rows)))
    labels = {str(row.get("label")) for row in rows}
    if "label" in {c.name for c in bare.table.columns} and len(values) == len(rows) == len(labels):
        return {value_of(row): str(row["label"]) for row in rows}
    return {value: FACET_WORDS.get(value, sentence_case(value)) for value in values}
