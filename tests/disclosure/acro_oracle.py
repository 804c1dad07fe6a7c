"""Give ACRO and this gate the same outputs, and write what each says to docs/disclosure_acro.md.

Run by `make acro ACRO_PYTHON=...`: ACRO lives in an environment of its own. This file is run twice:
by the interpreter that has `acro` (`--acro`), which prints verdicts as JSON, and by ours.
"""

import argparse
import json
import logging
import re
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

_MARK = "ACRO "
THRESHOLD = 10
"""ACRO's own: the least count; here as `gpps` (1 to 9 are hidden) and `tre10` (0 to 9)."""

CASES: dict[str, dict[str, Any]] = {
    "counts, all safe": {"kind": "counts", "cells": [[55, 25], [20, 40]]},
    "counts, one small": {"kind": "counts", "cells": [[55, 5], [20, 40]]},
    "counts, one at the threshold": {"kind": "counts", "cells": [[55, 10], [20, 40]]},
    "counts, one below the threshold": {"kind": "counts", "cells": [[55, 9], [20, 40]]},
    "counts, one zero": {"kind": "counts", "cells": [[55, 0], [20, 40]]},
    "means, all of many": {"kind": "means", "cells": [[55, 25], [20, 40]]},
    "means, one of few": {"kind": "means", "cells": [[55, 5], [20, 40]]},
    "means, one person dominates": {"kind": "means", "cells": [[55, 25], [20, 40]], "giant": True},
    "regression, many residual degrees of freedom": {"kind": "regression", "rows": 120},
    "regression, few residual degrees of freedom": {"kind": "regression", "rows": 11},
    "smallest value of a group": {"kind": "min", "cells": [[55, 25], [20, 40]]},
}


def rows_of(case: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the people of a case: two groups, and a cost that is never negative."""
    rows = []
    for group, counts in zip("ab", case["cells"], strict=True):
        for other, count in zip("xy", counts, strict=True):
            for place in range(count):
                cost = 100.0 + (place * 37) % 50
                rows.append({"group": group, "other": other, "cost": cost})
    if case.get("giant"):
        rows[0]["cost"] = 1e6
    return rows


def acro_verdicts() -> dict[str, dict[str, str]]:
    """Return ACRO's status and summary of each case."""
    import acro
    import numpy as np
    import pandas as pd

    session = acro.ACRO(suppress=False)
    found = {}
    for name, case in CASES.items():
        try:
            if case["kind"] == "regression":
                place = np.arange(case["rows"])
                columns = np.column_stack([np.ones(len(place)), place % 2, place % 3])
                session.ols(endog=(place * 37 % 50).astype(float), exog=columns)
            else:
                frame = pd.DataFrame(rows_of(case))
                asked = {"means": "mean", "min": "min"}.get(case["kind"])
                more = {} if asked is None else {"values": frame["cost"], "aggfunc": asked}
                session.crosstab(frame["group"], frame["other"], **more)
            last = list(session.results.results.values())[-1]
            told = " ".join(str(last.summary).split())
            found[name] = {"status": str(last.status), "told": told}
        except Exception as fault:
            found[name] = {"status": "refused", "told": f"{type(fault).__name__}: {fault}"}
    return found


def our_verdict(case: dict[str, Any], profile: str) -> str:
    """Return what the gate does with a case under the rules of one source."""
    import pandas as pd

    from evalkit.disclosure.profiles import MARKER, load_profiles
    from evalkit.disclosure.study_tables import protect_and_prove
    from evalkit.errors import EvalkitError
    from evalkit.record import Column, TableSpec

    words = [Column("group", "Group", "label"), Column("other", "Other", "label")]
    people = Column("people", "People", "count", ("source",))
    mean = Column("cost", "Mean cost", "mean", ("source",), base="people", decimals=1)
    kind = case["kind"]
    if kind == "regression":
        numbers = [
            Column("estimate", "Estimate", "estimate", ("source",), base="df", decimals=3),
            Column("df", "Residual degrees of freedom", "count", ("source",)),
        ]
        frame = pd.DataFrame(
            {"group": ["a"], "other": ["x"], "estimate": [0.2], "df": [case["rows"] - 3]}
        )
        spec = TableSpec("asked", "Asked", "A case.", (*words, *numbers))
    else:
        rows = pd.DataFrame(rows_of(case))
        grouped = rows.groupby(["group", "other"])["cost"]
        frame = grouped.agg(people="size", cost="min" if kind == "min" else "mean").reset_index()
        every = [(g, o) for g in "ab" for o in "xy"]
        frame = frame.set_index(["group", "other"]).reindex(every).reset_index()
        frame["people"] = frame["people"].fillna(0).astype(int)
        columns = (*words, people)
        if kind == "counts":
            frame = frame.drop(columns="cost")
        elif kind == "means":
            columns = (*columns, mean)
        else:
            frame = frame.rename(columns={"cost": "smallest"})
            columns = (
                *columns,
                Column("smallest", "Smallest cost", "mean", ("source",), "people", 1),
            )
        spec = TableSpec("asked", "Asked", "A case.", columns)
    try:
        tables, _ = protect_and_prove([(spec, frame)], {"source": load_profiles()[profile]}, None)
    except EvalkitError as fault:
        return f"refused ({type(fault).__name__})"
    hidden = int((tables["asked"].frame == MARKER).to_numpy().sum())
    return f"{hidden} cells hidden" if hidden else "released"


WHY = {
    "counts, one zero": "`gpps` shows zeros, as its publisher does: nobody is in the cell. "
    "ACRO and `tre10` take a zero for a statement about everybody of the group.",
    "smallest value of a group": "The smallest value is one person's, so it is refused whatever "
    "the group's size. ACRO passes it where enough people are in the group.",
    "means, one person dominates": "Allowed, and a gap: the gate reads tables, and how much one "
    "person contributes stands in none. `--review` asks a person to look at averages of costs.",
}
_HEAD = """# The same outputs given to ACRO and to this gate

Written by `make acro ACRO_PYTHON=...` (ACRO {version} by its own rules: at least {threshold}
people, 10 residual degrees of freedom, dominance of the two largest, zeros disclosive). Ours:
`gpps` (1 to 9 hidden, zeros shown) and `tre10` (0 to 9 hidden). ACRO judges an output and refuses
it; this gate hides what it must of it, a second cell with the first, and releases the rest.

| output | ACRO | its reason | `gpps` | `tre10` | where the two differ, why |
|---|---|---|---|---|---|
"""


def reason_of(told: str) -> str:
    """Return the names of the checks that ACRO's summary says failed."""
    checks = re.findall(r"(\w+Check): fail", told)
    return ", ".join(dict.fromkeys(checks)) or "none"


def compare(interpreter: str) -> str:
    """Return the page: one row an output, each verdict as it was found."""
    asked = [interpreter, str(Path(__file__)), "--acro"]
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=empty)
    line = next(x for x in done.stdout.splitlines() if x.startswith(_MARK))
    found = json.loads(line.removeprefix(_MARK))
    lines = []
    for name, case in CASES.items():
        theirs = found["cases"][name]
        ours = [our_verdict(case, profile) for profile in ("gpps", "tre10")]
        refused, allowed = theirs["status"] != "pass", "released" in ours
        other = refused if allowed else not refused
        why = WHY[name] if other else "-"
        reason = reason_of(theirs["told"])
        lines.append(f"| {' | '.join([name, theirs['status'], reason, *ours, why])} |")
    return _HEAD.format(version=found["version"], threshold=THRESHOLD) + "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", nargs="?", help="an interpreter that has ACRO")
    parser.add_argument("--acro", action="store_true", help="print what ACRO says")
    options = parser.parse_args()
    if options.acro:
        logging.disable(logging.CRITICAL)
        print(_MARK + json.dumps({"version": version("acro"), "cases": acro_verdicts()}))
    elif options.python is None:
        parser.error("name an interpreter that has ACRO")
    else:
        page = Path(__file__).parents[2] / "docs" / "disclosure_acro.md"
        page.write_text(compare(options.python), "utf-8")
        print(f"Written: {page.name}")
