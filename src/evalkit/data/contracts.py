"""What a source's columns must hold: every breach at once, as counts and row numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from evalkit.data.identifiers import describe_nhs_numbers, find_identifier_columns
from evalkit.data.periods import PERIOD_PATTERN, period_kinds
from evalkit.data.problems import name_columns, name_rows, nearest
from evalkit.data.remarks import (
    COUNT_ADVICE,
    DAY_ADVICE,
    PERIOD_ADVICE,
    YES_NO_ADVICE,
    advise_numbers,
)
from evalkit.data.values import (
    are_positive_whole,
    are_whole,
    as_numbers,
    as_text,
    as_yes_no,
    has_unseen,
    whole_days,
)
from evalkit.errors import DisclosureError
from evalkit.study.fields import FACETS
from evalkit.study.schemas.design_study import RoleKind

_UNSEEN = (
    "hold characters that cannot be seen. Take out line breaks, tabs, marks of direction, joiners, "
    "soft hyphens and byte order marks."
)
RANGES: dict[str, tuple[float, float]] = {"percentage": (0, 100), "score": (0, 10)}
_COMPARED = ("exposure", "outcome")
_ANSWERS = ("outcome", *FACETS)
"""Roles of answers that somebody may not have given, also where they are yes or no."""
_WORDS = ("code", "text", "label", "free_text", "day", "period", "start")


def refuse_identifiers(where: str, columns: Sequence[str], frame: pd.DataFrame) -> None:
    """Refuse a source whose column names or texts could say who a person is."""
    found = []
    named = find_identifier_columns(columns)
    if named:
        found.append(f"{len(named)} columns that identify people ({name_columns(named, columns)})")
    found += describe_nhs_numbers(frame)
    if found:
        raise DisclosureError(
            f"{where}: {'; '.join(found)}. Take them out of the file: a study reads results by "
            "unit and period, never people."
        ) from None


def check_columns(mapped: Mapping[str, str], columns: Sequence[str]) -> list[str]:
    """Return a problem for each mapped column that is not there."""
    return [
        f"column '{column}' ({role}) is not there. {nearest(column, columns)}"
        for role, column in mapped.items()
        if column not in columns
    ]


def type_columns(
    texts: pd.DataFrame, mapped: Mapping[str, str], kinds: Mapping[str, RoleKind]
) -> tuple[pd.DataFrame, list[str]]:
    """Return the columns as numbers, yes or no, or texts, and a problem for each that cannot be."""
    typed: dict[str, pd.Series] = {}
    problems = []
    for role, column in mapped.items():
        if column in typed:
            continue
        series, bad, wanted = _type_column(texts[column], kinds[role])
        typed[column] = series
        if bad.any():
            advice = advise_numbers(texts[column][bad]) if wanted == "numbers" else YES_NO_ADVICE
            problems.append(
                f"column '{column}' ({role}): values that are not {wanted}: {int(bad.sum())} "
                f"({name_rows(texts.index[bad])}). {advice}"
            )
    return pd.DataFrame(typed, index=texts.index), problems


def _type_column(texts: pd.Series, kind: RoleKind) -> tuple[pd.Series, pd.Series, str]:
    if kind in _WORDS:
        return as_text(texts), pd.Series(False, index=texts.index), "text"
    if kind == "yes_no":
        return *as_yes_no(texts), "yes or no"
    return *as_numbers(texts), "numbers"


def check_values(
    frame: pd.DataFrame,
    mapped: Mapping[str, str],
    kinds: Mapping[str, RoleKind],
    *,
    unique: tuple[str, ...] = ("unit", "period"),
) -> list[str]:
    """Return a problem for each way in which typed columns break their roles' contract.

    `frame` is indexed by row number, as `type_columns` returns it; no two rows may agree in the
    roles of `unique`.
    """
    from pandera.errors import SchemaErrors

    if frame.empty:
        return ["there is a header and no rows. Export the results again."]
    by_role = pd.DataFrame({role: frame[column] for role, column in mapped.items()})
    try:
        _schema(by_role, mapped, kinds, unique).validate(by_role, lazy=True)
    except SchemaErrors as cause:
        breaches = cause.failure_cases[["column", "check", "index"]]
    else:
        return []
    return _describe_breaches(breaches, mapped, " and ".join(r.replace("_", " ") for r in unique))


def _describe_breaches(breaches: pd.DataFrame, mapped: Mapping[str, str], key: str) -> list[str]:
    """Turn pandera's failure cases, without their values, into sentences."""
    problems = []
    for (role, check), cases in breaches.groupby(["column", "check"], sort=False, dropna=False):
        label = f"column '{mapped[str(role)]}' ({role})" if role in mapped else key
        if check == "multiple_fields_uniqueness":
            label = key
        wrong, _, advice = _SENTENCES.get(str(check), str(check)).partition(". ")
        rows = sorted(set(cases["index"].dropna().astype(int)))
        found = f"values that {wrong}: {len(rows)} ({name_rows(rows)})" if rows else wrong
        problems.append(f"{label}: {found}. {advice}")
    return list(dict.fromkeys(problems))


_SENTENCES = {
    "not_nullable": "are missing. Fill them in, or take the rows out.",
    "multiple_fields_uniqueness": "stand more than once. Keep one row for each.",
}


def _schema(
    frame: pd.DataFrame,
    mapped: Mapping[str, str],
    kinds: Mapping[str, RoleKind],
    unique: tuple[str, ...],
) -> Any:
    """Build the contract of a source from the kinds of its roles."""
    import pandera.pandas as pa

    columns = {
        role: pa.Column(
            None,
            _checks(role, kinds[role]),
            nullable=role not in ("unit", "period")
            and (kinds[role] != "yes_no" or role in _ANSWERS),
        )
        for role in mapped
    }
    keyed = bool(unique) and set(unique) <= set(mapped)
    keyed = keyed and bool(frame[list(unique)].notna().all().all())
    return pa.DataFrameSchema(columns, unique=list(unique) if keyed else None)


def _checks(role: str, kind: RoleKind) -> list[Any]:
    """Return pandera's checks of one role; each failing check's text ends a sentence."""
    import pandera.pandas as pa

    checks = []
    if kind in _WORDS and kind != "free_text":
        checks.append(pa.Check(_all_seen, error=_UNSEEN))
    if kind in ("period", "start"):
        checks += [
            pa.Check.str_matches(
                f"^{PERIOD_PATTERN}$", error=f"are no such periods. {PERIOD_ADVICE}"
            ),
            pa.Check(_one_kind, error=f"years, quarters and months are mixed. {PERIOD_ADVICE}"),
        ]
    if kind == "code":
        checks.append(
            pa.Check(_two_or_more, error="only one unit: nothing to compare it with. Add others.")
        )
    if kind in RANGES:
        low, high = RANGES[kind]
        checks.append(
            pa.Check.in_range(low, high, error=f"lie outside {low:g} to {high:g}. Correct them.")
        )
    if kind == "percentage":
        checks.append(
            pa.Check(
                _beyond_proportions,
                error="all values lie between 0 and 1, as shares do. Write percentages, 0 to 100.",
            )
        )
    if kind == "day":
        checks.append(pa.Check(_are_days, error=f"are no days. {DAY_ADVICE}"))
    if kind in ("events", "item"):
        checks.append(pa.Check(are_whole, error=f"are no whole numbers from 0. {COUNT_ADVICE}"))
    if kind == "count":
        whole = f"are no positive whole numbers. {COUNT_ADVICE}"
        checks.append(pa.Check(are_positive_whole, error=whole))
    if kind in ("percentage", "score", "number", "events"):
        checks.append(pa.Check(_any_known, error="every value is missing. Map another column."))
    if role in _COMPARED:
        checks.append(pa.Check(_varies, error="constant: nothing to compare. Map another column."))
    return checks


def _all_seen(texts: pd.Series) -> pd.Series:
    return ~has_unseen(texts)


def _are_days(texts: pd.Series) -> pd.Series:
    written = pd.to_datetime(whole_days(texts), format="%Y-%m-%d", errors="coerce")
    return texts.isna() | written.notna()


def _one_kind(periods: pd.Series) -> bool:
    return bool(len(set(period_kinds(periods).dropna())) <= 1)


def _two_or_more(units: pd.Series) -> bool:
    return len(set(units.dropna())) > 1


def _beyond_proportions(values: pd.Series) -> bool:
    known = values.dropna()
    return bool(known.empty or (known.abs() > 1).any() or (known == 0).all())


def _any_known(values: pd.Series) -> bool:
    return bool(values.notna().any())


def _varies(values: pd.Series) -> bool:
    return len(set(values.dropna())) != 1
