"""Work out what the released runs of a sweep show together, from released numbers alone.

What is made of released numbers tells nothing that they did not: no run's record is read here.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from evalkit.errors import DisclosureError
from evalkit.record.files import json_bytes, write_file
from evalkit.reports.bundle import Bundle, read_bundle, released_studies
from evalkit.reports.sweep_file import SCHEMA, sweep_path
from evalkit.sweeps.files import SweepRun
from evalkit.sweeps.results import FEWEST, curve_of, pool_results

_NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "level", "df")
_SHRUNK = ("shrunk", "shrunk_low", "shrunk_high", "p_holm")


def write_released_sweep(sweep: str, runs: Iterable[SweepRun], home: Path, *, sites: bool) -> Path:
    """Write what the runs of a sweep that stand in `home`, the folder of releases, show together.

    Raises DisclosureError where none of them is released.
    """
    asked = list(runs)
    there = set(released_studies(home))
    bundles = {run.study: read_bundle(home, run.study) for run in asked if run.study in there}
    if not bundles:
        raise DisclosureError(
            f"{sweep}: none of its runs is released, so there is nothing to show together. Run "
            "them, then release them."
        )
    varied = _what_varies(bundles)
    rows = pd.DataFrame([_row(bundle, varied) for bundle in bundles.values()])
    decimals = min(_decimals(bundle) for bundle in bundles.values())
    rows, together = _together(rows, sites=sites)
    content = {
        "schema": SCHEMA,
        "sweep": sweep,
        "sites": sites,
        "asked": len(asked),
        "decimals": decimals,
        "runs": [_write_run(row, decimals) for row in rows.to_dict("records")],
        "together": {name: round(float(held), decimals) for name, held in together.items()},
    }
    path = sweep_path(home, sweep)
    write_file(path, json_bytes(content))
    return path


def _what_varies(bundles: Mapping[str, Bundle]) -> list[str]:
    """Name the choices of the released plans in which the runs differ."""
    plans = [bundle.protocol for bundle in bundles.values()]
    names = dict.fromkeys(name for plan in plans for name in plan)
    held = {name: {json.dumps(plan.get(name), sort_keys=True) for plan in plans} for name in names}
    return [name for name, values in held.items() if len(values) > 1]


def _row(bundle: Bundle, varied: list[str]) -> dict[str, Any]:
    """Return a run's released headline; a number that is hidden is missing."""
    found = _headline(bundle)
    numbers = {name: _number(found.get(name)) for name in _NUMBERS}
    if _headline_is_hidden(bundle):
        numbers = dict.fromkeys(_NUMBERS)
    elif found.get("interval_df") is not None:
        numbers["df"] = _number(found["interval_df"])
    return {
        "study": bundle.study,
        "record_sha256": bundle.record_sha256,
        "varied": {name: bundle.protocol.get(name) for name in varied},
        **numbers,
    }


def _headline(bundle: Bundle) -> Mapping[str, Any]:
    table = bundle.tables.get("estimates")
    rows = table.rows if table else ()
    wanted = bundle.primary.items()
    return next((r for r in rows if all(str(r.get(n, v)) == v for n, v in wanted)), {})


def _headline_is_hidden(bundle: Bundle) -> bool:
    """Say whether the study's own headline is hidden: then no page tells its estimate either."""
    table = bundle.tables.get("headline")
    named = {row["name"]: row["value"] for row in table.rows} if table else {}
    return isinstance(named.get("difference"), str)


def _number(cell: Any) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None


def _decimals(bundle: Bundle) -> int:
    table = bundle.tables.get("estimates")
    given = table.column("estimate").decimals if table else None
    return 2 if given is None else given


def _together(rows: pd.DataFrame, *, sites: bool) -> tuple[pd.DataFrame, dict[str, float]]:
    known = rows.dropna(subset=["estimate", "conf_low", "conf_high"])
    if len(known) < FEWEST:
        return rows, {}
    if not sites:
        curve = curve_of(known)
        ends = {"lowest": known["estimate"].min(), "highest": known["estimate"].max()}
        beyond = (known["conf_low"] > 0) | (known["conf_high"] < 0)
        return rows, {**ends, "middle": curve.median, "beyond_zero": int(beyond.sum())}
    if known["estimate"].min() == known["estimate"].max():
        return rows, {}
    rows, pooled = pool_results(rows)
    effect, (low, high) = pooled.effect, pooled.predicted
    together = {"pooled": effect.estimate, "pooled_low": effect.conf_low}
    together |= {"pooled_high": effect.conf_high, "new_low": low, "new_high": high}
    return rows, together | {"level": effect.level}


def _write_run(row: Mapping[Any, Any], decimals: int) -> dict[str, Any]:
    kept = {name: row[name] for name in ("study", "record_sha256", "varied")}
    numbers = {name: row.get(name) for name in (*_NUMBERS, *_SHRUNK)}
    rounded = {
        name: None if held is None or pd.isna(held) else round(float(held), max(decimals, 2))
        for name, held in numbers.items()
    }
    return {**kept, **rounded}
