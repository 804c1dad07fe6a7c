"""Time the report's pages in Chromium, let many readers in, and write docs/performance.md.

`make pages` runs it (some minutes) on the release of one study, which must be there. It ends with 1
if a bound was not kept.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent))
from comparisons.machine import describe_measuring
from comparisons.page import describe_section, is_kept, keep_section
from pages.served import CHROMIUM, FLAGS, ROOT, Served, serve_ours, serve_plain
from pages.speed import measure_pages
from pages.visits import gather, is_sound, kernels_left, tell
from playwright.sync_api import sync_playwright

from evalkit.exports.export import export_study
from evalkit.reports.bundle import read_bundle
from evalkit.reports.organisation import list_organisations

STUDY = "staff_wellbeing"
PAIRS = 7
PROGRAMS = ("voila", "jupyter-server", "ipykernel", "playwright")
MOST_KERNELS = 6
"""Two at a time on two cores, those that are ending, and the one kept ready."""


def main() -> int:
    """Measure pages and visits, write the page, and say whether all bounds were kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", default=STUDY, help="a released study (%(default)s)")
    parser.add_argument("--pairs", type=int, default=PAIRS, help="visits of each (%(default)s)")
    parser.add_argument("--visits", type=int, default=100, help="in a row (%(default)s)")
    parser.add_argument("--note", default="", help="what else ran meanwhile, for the page")
    parser.add_argument("--print", action="store_true", help="print and write nothing")
    parser.add_argument("--only", choices=("pages", "visits"), help="measure one of the two")
    options = parser.parse_args()
    released = ROOT / "reports" / "released"
    if not (released / options.study / "bundle.json").is_file():
        print(f"{options.study}: not released. Run make study first.", file=sys.stderr)
        return 6
    kept = True
    with tempfile.TemporaryDirectory() as made:
        for name, measure in (("pages", _measure_pages), ("visits", _measure_visits)):
            if options.only in (None, name):
                measuring = describe_measuring(options.note, *PROGRAMS)
                section = {**measuring, **measure(released, Path(made), options)}
                print(describe_section(section))
                kept = kept and section.pop("kept")
                if not options.print:
                    keep_section(name, section)
    return 0 if kept else 1


def _measure_pages(released: Path, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    static = export_study(released, options.study, ["html"], folder / "static")[0]
    with (
        serve_ours(released, folder / "log") as ours,
        serve_plain(released, folder) as plain,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        rows = measure_pages(browser, ours, plain, static, options.study, options.pairs)
        browser.close()
    return {"comparisons": rows, "kept": all(map(is_kept, rows))}


def _measure_visits(released: Path, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    named = list(list_organisations(read_bundle(released, options.study)).items())
    units = [named[number % len(named)] for number in range(options.visits)]
    told, sound = [], True
    with serve_ours(released, folder / "log") as server:
        for title, readers, at_once in (
            ("One after another", units, False),
            ("At once", named[-20:], True),
            ("At once, more than can be drawn together", named[:50], True),
        ):
            sound &= _let_in(server, options.study, readers, title, told, at_once=at_once)
    with serve_ours(released, folder / "log", "--readers", "10") as server:
        title = "At once, where 10 may wait (`--readers 10`)"
        sound &= _let_in(server, options.study, named[:50], title, told, at_once=True)
    return {"told": told, "kept": sound}


def _let_in(
    server: Served,
    study: str,
    units: list[tuple[str, str]],
    title: str,
    told: list[str],
    *,
    at_once: bool,
) -> bool:
    crowd = gather(server, study, units, at_once=at_once)
    left = kernels_left(server)
    told.append(tell(title, len(units), crowd, left))
    return is_sound(len(units), crowd, MOST_KERNELS, left)


if __name__ == "__main__":
    sys.exit(main())
