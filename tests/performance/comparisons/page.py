"""Write docs/performance.md from the seconds that stand in measured.json.

Each section of the file is `{date, machine, note, versions, comparisons}`, or has `told`, a list of
sentences, in place of comparisons. It has its place in the template by its name.
"""

import json
import re
from pathlib import Path
from statistics import median
from typing import Any

from comparisons.comparison import Bound

HERE = Path(__file__).resolve().parents[1]
MEASURED = HERE / "measured.json"
TEMPLATE = HERE / "performance.md"
PAGE = HERE.parents[1] / "docs" / "performance.md"
HEAD = "| what is timed | ours | beside it | seconds beside it | ours / theirs | at most | kept |"

COMMANDS = {
    "statistics": "performance",
    "runs": "bench",
    "pages": "pages",
    "visits": "pages",
    "scale": "scale",
    "cluster": "cluster",
}
"""Which command of the Makefile measures a section."""

Section = dict[str, Any]
_PLACE = re.compile(r"\{\{(\w+)\}\}")


def read_measured() -> dict[str, Section]:
    """Return the sections that have been measured."""
    found: dict[str, Section] = json.loads(MEASURED.read_text("utf-8")) if MEASURED.exists() else {}
    return found


def keep_section(name: str, section: Section) -> None:
    """Put one section in its place and write the page; other sections stay."""
    measured = read_measured() | {name: section}
    MEASURED.write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
    write_page(measured)


def write_page(measured: dict[str, Section]) -> None:
    """Write the page of what has been measured."""
    PAGE.write_text(make_page(measured), "utf-8")


def make_page(measured: dict[str, Section]) -> str:
    """Put each section into its place in the template."""
    text = TEMPLATE.read_text("utf-8")
    for name, section in measured.items():
        text = text.replace("{{" + name + "}}", describe_section(section))
    return _PLACE.sub(_not_yet, text)


def _not_yet(place: re.Match[str]) -> str:
    """Say in the place of a section which command measures it."""
    command = COMMANDS[place[1]]
    return f"Not measured yet: `make {command}` measures it, best where nothing else runs."


def describe_section(section: Section) -> str:
    """Write when and where it was measured, the table, and what was found equal."""
    told = f"Measured on {section['date']}: {section['machine']}; {section['versions']}."
    told += f" {section['note']}" * bool(section["note"])
    if "told" in section:
        return "\n".join([told, "", *(f"- {line}." for line in section["told"])])
    rows = section["comparisons"]
    pairs = len(rows[0]["ours"])
    table = [HEAD, "|---" * 7 + "|", *(_table_row(row) for row in rows)]
    equal = [f"- {row['title']}: {row['agreement']}." for row in rows if row["agreement"]]
    cells = "Seconds are the median (and range)"
    return "\n".join(
        [
            told,
            f"{cells} of {pairs} calls of each side, in turn; ratios those of the {pairs} pairs.",
            "",
            *table,
            "",
            "Found equal before anything was timed:",
            "",
            *equal,
        ]
    )


def _table_row(row: Section) -> str:
    ours, theirs = row["ours"], row["theirs"]
    ratios = [one / two for one, two in zip(ours, theirs, strict=True)]
    bound = bound_of(row)
    at_most = bound.words
    if bound.times:
        at_most += f" = {bound.allows(median(theirs)):.3g} s"
    if "unit" in row:
        at_most = at_most.removesuffix(" s") + f" {row['unit']}"
    cells = (
        row["title"],
        _spread(ours),
        row["beside"],
        _spread(theirs),
        _spread(ratios),
        at_most,
        "yes" if is_kept(row) else "**no**",
    )
    return "| " + " | ".join(cells) + " |"


def _spread(values: list[float]) -> str:
    return f"{median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def bound_of(row: Section) -> Bound:
    """Return what is allowed in a row."""
    return Bound(row["times"], row["seconds"])


def is_kept(row: Section) -> bool:
    """Say whether the median of our seconds is within the bound on the median of theirs."""
    return bool(median(row["ours"]) <= bound_of(row).allows(median(row["theirs"])))
