"""What a table says of its own columns, so that disclosure control can act on any table."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["label", "period", "count", "mean", "percentage", "estimate", "text", "contribution"]
Counted = Literal["people", "organisations"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how it is shown, whose rules protect it, and which count it rests on.

    `kind`: `label`, `period` and `text` are words; `count` is a number of people, or of what
    `counts` says; `mean` and `percentage` describe the people counted in column `base`;
    `estimate` is a model's figure resting on `base` (people, units or residual degrees of
    freedom). `sources` names the sources it was made from (`staff`, `patient`): the strictest
    rule of each applies. `decimals` is the precision at which it may be released.
    `contribution` is, in per cent of what its row adds up, what the largest contributor makes up,
    or (a second such column) the next: never released, it says which rows few could dominate.
    `interval_of` names the mean or percentage of which it is an end of the interval.
    """

    name: str
    label: str
    kind: Kind
    sources: tuple[str, ...] = ()
    base: str | None = None
    decimals: int | None = None
    unit: str = ""
    counts: Counted = "people"
    interval_of: str | None = None


@dataclass(frozen=True, slots=True)
class Margin:
    """Says that, in `group`, the row called `total` is the sum of the others."""

    group: str
    total: str


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table's name, words and columns; `margins` says which rows add up.

    `rules_by` names two columns of words, of a row's source and of its scale (`score` or
    `percentage`): each row is protected by the rules of its own source, and as its own kind.
    `totals_elsewhere` names columns: other tables publish totals or averages over the rows that
    agree in these. Beside columns of contributions, the rows that agree in the first column of
    words are taken for parts of a total that a reader knows. `sums_of` names the table whose rows
    this one adds up or averages.
    """

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    margins: tuple[Margin, ...] = ()
    rules_by: tuple[str, ...] = ()
    totals_elsewhere: tuple[str, ...] = ()
    sums_of: str | None = None
