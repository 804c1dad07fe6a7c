"""What is asked of a large table: sums by group, as one ibis expression.

`average_by` gives averages, weighted where there is a weight; `multiply_by` the cross-products that
a regression needs. Numbers that are written as text are read by the rules of `values.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.data.relations import Holds, Relation
from evalkit.data.values import MISSING_MARKS, NO, NUMBER_PATTERN, YES

YES_COUNTS = 100
"""An answer of yes counts 100 and no counts 0, so that averages are percentages."""


@dataclass(frozen=True, slots=True)
class Averages:
    """Answers summed up: a row a group, with its keys under the names of their columns.

    `means` and `faults` are named by measured column: averages of known answers (NaN where there
    are none); and of all rows `unread`, `lowest`, `highest`. `rows` and `answers` (with a known
    first measure and a weight above nought), `weight` (mean) are by group; `negative` counts
    weights below zero.
    """

    keys: pd.DataFrame
    means: pd.DataFrame
    rows: "pd.Series[int]"
    answers: "pd.Series[int]"
    weight: "pd.Series[float]"
    faults: pd.DataFrame
    negative: int


def average_by(
    relation: Relation,
    keys: Sequence[str],
    measures: Mapping[str, bool],
    *,
    weight: str | None = None,
    by_known: bool = False,
) -> Averages:
    """Average `measures` (column: whether it is yes or no) by the columns of `keys`.

    With `by_known`, rows are also grouped by which measures and weight they lack, so that `rows`
    is the base of every average that is there.
    """
    import ibis

    study, names = relation.table(), list(measures)
    read = {
        f"m{at}": _read(study[name], relation.columns[name], yes_no=measures[name])
        for at, name in enumerate(names)
    }
    columns = {f"k{at}": _key(relation, name) for at, name in enumerate(keys)}
    columns |= {name: pair[0] for name, pair in read.items()}
    columns |= {f"bad_{name}": pair[1] for name, pair in read.items()}
    given = ibis.literal(1).cast("float64")
    if weight is not None:
        given, bad = _read(study[weight], relation.columns[weight], yes_no=False)
        columns["bad_w"] = bad
    columns["w"] = given
    rows = study.select(**columns)
    rows = rows.mutate(used=(rows["w"] > 0).fill_null(False))
    grouped = [f"k{at}" for at in range(len(keys))]
    if by_known:
        rows = rows.mutate(**{f"has_{name}": _is_known(rows[name]) for name in read})
        grouped += ["used", *(f"has_{name}" for name in read)]
    sums = {
        "n": rows.count(),
        "answered": _count(rows["used"] & _is_known(rows["m0"])),
        "weight": ibis.ifelse(rows["used"], rows["w"], None).mean(),
        "negative": _count(rows["w"] < 0),
        "bad_weight": _count(rows["bad_w"]) if weight is not None else _count(rows["w"] < 0),
    }
    for name in read:
        value = rows[name]
        known = rows["used"] & _is_known(value)
        sums |= {
            f"mean_{name}": _average(value, rows["w"], known, weighted=weight is not None),
            f"bad_{name}": _count(rows[f"bad_{name}"]),
            f"low_{name}": value.min(),
            f"high_{name}": value.max(),
        }
    found = relation.answer(rows.group_by(*grouped).aggregate(**sums))
    return _sort_out(found, keys, names, weight)


def multiply_by(
    relation: Relation, keys: Sequence[str], measured: Sequence[str], about: Sequence[float]
) -> pd.DataFrame:
    """Sum up rows that have every one of `measured`, by the columns of `keys`.

    One row a group: the keys, `rows`, `sum_<i>` of each measured number less its value in `about`,
    and `product_<i>_<j>` (i <= j) of each two. A value in `about` near the mean keeps digits.
    """
    study = relation.table()
    values = {
        f"x{at}": _read(study[name], relation.columns[name], yes_no=False)[0] - centre
        for at, (name, centre) in enumerate(zip(measured, about, strict=True))
    }
    rows = study.select(
        **{f"k{at}": _key(relation, name) for at, name in enumerate(keys)}, **values
    )
    for name in values:
        rows = rows.filter(_is_known(rows[name]))
    count = len(measured)
    sums = {"rows": rows.count(), **{f"sum_{i}": rows[f"x{i}"].sum() for i in range(count)}}
    for i in range(count):
        for j in range(i, count):
            sums[f"product_{i}_{j}"] = (rows[f"x{i}"] * rows[f"x{j}"]).sum()
    found = relation.answer(rows.group_by(*(f"k{at}" for at in range(len(keys)))).aggregate(**sums))
    numbers = {name: found[name].astype(float) for name in sums}
    return pd.DataFrame({name: found[f"k{at}"] for at, name in enumerate(keys)} | numbers)


def average_all(relation: Relation, measured: Sequence[str]) -> list[float]:
    """Return the mean of each measured number over all rows that have it."""
    study = relation.table()
    means = {
        f"x{at}": _read(study[name], relation.columns[name], yes_no=False)[0].mean()
        for at, name in enumerate(measured)
    }
    found = relation.answer(study.aggregate(**means))
    return [float(found[f"x{at}"].iloc[0]) for at in range(len(measured))]


def _key(relation: Relation, name: str) -> Any:
    """Return a column to group by; of texts without the spaces around them."""
    column = relation.table()[name]
    return column.strip().nullif("") if relation.columns[name] == "text" else column


def _read(column: Any, holds: Holds, *, yes_no: bool) -> tuple[Any, Any]:
    """Return a column as numbers, and where it holds what is neither one nor missing."""
    import ibis

    if holds == "text":
        return _read_text(column, yes_no=yes_no)
    if holds == "yes_no":
        said = ibis.ifelse(column, YES_COUNTS if yes_no else 1, 0)
        return said.cast("float64"), ibis.literal(False)
    if holds == "other":
        return ibis.null("float64"), _is_known(column)
    number = column.cast("float64")
    finite = ~(number.isnan() | number.isinf())
    if not yes_no:
        return ibis.ifelse(finite, number, None), number.isinf()
    said = ibis.cases((number == 1, YES_COUNTS), (number == 0, 0), else_=None)
    return said.cast("float64"), ~number.isnan() & ~number.isin([0.0, 1.0])


def _read_text(column: Any, *, yes_no: bool) -> tuple[Any, Any]:
    import ibis

    text = column.strip().lower()
    missing = ~_is_known(text) | text.isin(["", *sorted(MISSING_MARKS)])
    if yes_no:
        yes, no = text.isin(sorted(YES)), text.isin(sorted(NO))
        said = ibis.cases((yes, YES_COUNTS), (no, 0), else_=None)
        return said.cast("float64"), ~(missing | yes | no)
    written = text.re_search(f"^{NUMBER_PATTERN}$")
    return ibis.cases((written, text.cast("float64")), else_=None), ~(missing | written)


def _is_known(value: Any) -> Any:
    return value.notnull()  # noqa: PD004  ibis knows it by this name alone


def _count(flag: Any) -> Any:
    import ibis

    return ibis.ifelse(flag, 1, 0).sum()


def _average(value: Any, weight: Any, known: Any, *, weighted: bool) -> Any:
    import ibis

    if not weighted:
        return ibis.ifelse(known, value, None).mean()
    total = ibis.ifelse(known, weight, 0.0).sum()
    return ibis.ifelse(known, weight * value, None).sum() / total.nullif(0)


def _sort_out(
    found: pd.DataFrame, keys: Sequence[str], names: Sequence[str], weight: str | None
) -> Averages:
    places = [f"m{at}" for at in range(len(names))]
    numbers = [name for name in found if not str(name).startswith("k")]
    typed = found[numbers].astype(float)
    faults = pd.DataFrame(
        {
            "unread": [typed[f"bad_{name}"].sum() for name in places],
            "lowest": [typed[f"low_{name}"].min() for name in places],
            "highest": [typed[f"high_{name}"].max() for name in places],
        },
        index=pd.Index(names),
    )
    if weight is not None:
        faults.loc[weight] = [typed["bad_weight"].sum(), float("nan"), float("nan")]
    return Averages(
        keys=found[[f"k{at}" for at in range(len(keys))]].set_axis(list(keys), axis=1),
        means=typed[[f"mean_{name}" for name in places]].set_axis(list(names), axis=1),
        rows=typed["n"].astype(int),
        answers=typed["answered"].astype(int),
        weight=typed["weight"],
        faults=faults,
        negative=int(typed["negative"].sum()),
    )
