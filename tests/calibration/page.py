"""Write docs/reliability.md, and a table into each design's method page, from the figures.

They stand in seeds.csv (the staff wellbeing study) and in measured_coverage.csv (every design).
"""

from pathlib import Path

import pandas as pd
from bounds import outside
from cells.notes import NOTES

HERE = Path(__file__).resolve().parent
CELLS = HERE.parents[1] / "src" / "evalkit" / "findings" / "measured_coverage.csv"
REPORT = HERE.parents[1] / "docs" / "reliability.md"
METHODS = REPORT.parent / "methods"
BEGIN, CLOSE = "<!-- measured coverage: begin -->", "<!-- measured coverage: end -->"


def write_page(staff_wellbeing: str | None = None) -> Path:
    """Put each table into its place in the template; the study's own table is kept if not given."""
    text = (HERE / "reliability.md").read_text("utf-8")
    kept = staff_wellbeing or _between(REPORT.read_text("utf-8"))
    text = text.replace("{{staff_wellbeing}}", kept).replace("{{cells}}", cells_table())
    text = text.replace("{{outside}}", outside_table())
    REPORT.write_text(text, encoding="utf-8")
    write_methods()
    return REPORT


def write_methods() -> list[Path]:
    """Put each design's own rows between the marks of its page; give the pages written."""
    written = []
    for design, figures in read_figures().groupby("design"):
        page = METHODS / f"{design}.md"
        text = page.read_text("utf-8")
        before, rest = text.split(BEGIN)
        after = rest.split(CLOSE)[1]
        page.write_text(f"{before}{BEGIN}\n{_method_table(figures)}\n{CLOSE}{after}", "utf-8")
        written.append(page)
    return written


def read_figures() -> pd.DataFrame:
    """Return the shipped figures, one row a cell and number of simulations."""
    return pd.read_csv(CELLS, dtype={"code": str}, keep_default_na=False, na_values=[""])


def _method_table(figures: pd.DataFrame) -> str:
    """Write a design's cells in short: the whole of them stands on the page of reliability."""
    head = (
        "| data | simulations | 95% intervals that held the truth | left out zero "
        "| mean error / spread |"
    )
    rows = [
        f"| {row['cell'].replace('_', ' ')} | {row['simulations']:,} "
        f"| {100 * row['coverage']:.1f}% ({100 * row['coverage_error']:.1f}) "
        f"| {100 * row['rejected']:.1f}% | {_error_share(row)} |"
        for _, row in figures.iterrows()
    ]
    return "\n".join([head, "|---" * 5 + "|", *rows])


def cells_table() -> str:
    """Write the cells as a table, with Monte Carlo errors in brackets."""
    figures = read_figures()
    if figures.empty:
        return "No cell has been measured."
    head = (
        "| design | cell | simulations | truth | coverage of 95% intervals | excludes zero "
        "| bias / SD | mean error / spread | refused | code |"
    )
    rows = [_cell_row(row) for _, row in figures.iterrows()]
    return "\n".join([head, "|---" * 10 + "|", *rows])


def outside_table() -> str:
    """List the cells that lie outside what is asked, in what, and why."""
    figures = read_figures()
    most = figures.sort_values("simulations", kind="stable").drop_duplicates(
        ["design", "cell"], keep="last"
    )
    rows = []
    for _, row in most.sort_index().iterrows():
        where, key = outside(row), f"{row['design']}/{row['cell']}"
        if where:
            name = key.replace("_", " ").replace("/", ": ")
            rows.append(f"| {name} | {', '.join(where)} | {NOTES.get(key, 'Not explained.')} |")
    head = ["| cell | outside in | why, and what a study says |", "|---|---|---|"]
    return "\n".join([*head, *rows]) if rows else "None."


def _cell_row(row: pd.Series) -> str:
    coverage = f"{100 * row['coverage']:.1f}% ({100 * row['coverage_error']:.1f})"
    bias = f"{row['bias_in_sd']:+.3f} ({row['bias_error']:.3f})"
    return (
        f"| {row['design'].replace('_', ' ')} | {row['cell'].replace('_', ' ')} "
        f"| {row['simulations']:,} | {row['truth']:g} | {coverage} | {100 * row['rejected']:.1f}% "
        f"| {bias} | {_error_share(row)} | {row['refused']} | `{row['code']}` |"
    )


def _error_share(row: pd.Series) -> str:
    if pd.isna(row["error_ratio"]):
        return "by placebo"
    return f"{row['error_ratio']:.2f} ({row['error_ratio_error']:.2f})"


START, END = "<!-- staff wellbeing: begin -->", "<!-- staff wellbeing: end -->"


def _between(page: str) -> str:
    """Return the tables of the staff wellbeing study as they stand on the page."""
    if START in page:
        return page.split(START)[1].split(END)[0].strip()
    return page[page.index("| world |") : page.index("**Reading it.**")].strip()
