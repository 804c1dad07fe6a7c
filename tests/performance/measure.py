"""Time our statistics beside other ways to the same numbers, and write docs/performance.md.

`make performance` runs it (some minutes). It ends with 1 if a bound was not kept.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # both are read when numpy is imported, which is from here on
os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent))
from comparisons import STATISTICS
from comparisons.comparison import PAIRS, measure
from comparisons.machine import describe_measuring
from comparisons.page import (
    PAGE,
    describe_section,
    is_kept,
    keep_section,
    read_measured,
    write_page,
)

PROGRAMS = ("numpy", "pandas", "scipy", "diff-diff", "pyfixest")


def main() -> int:
    """Measure every comparison, write the page, and say whether all bounds were kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=PAIRS, help="calls of each side (%(default)s)")
    parser.add_argument("--note", default="", help="what else ran meanwhile, for the page")
    parser.add_argument("--print", action="store_true", help="print the table and write nothing")
    parser.add_argument("--page", action="store_true", help="write the page anew, time nothing")
    options = parser.parse_args()
    if options.page:
        write_page(read_measured())
        return 0
    measuring = describe_measuring(options.note, *PROGRAMS)
    rows = [
        measure(comparison, options.pairs) for compare in STATISTICS for comparison in compare()
    ]
    section = {**measuring, "comparisons": rows}
    print(describe_section(section))
    if not options.print:
        keep_section("statistics", section)
        print(f"written to docs/{PAGE.name}")
    return 0 if all(is_kept(row) for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
