"""Time runs of studies by `evalkit run`, by the papermill command and as plain calls.

`make bench` runs it (under 20 minutes on two quiet cores) and writes the section of
docs/performance.md. Blocks that were measured are kept until all are, so that it goes on where it
stopped. It ends with 1 if a bound was not kept.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from comparisons.machine import describe_measuring
from comparisons.page import describe_section, keep_section
from runs.judge import SHORT, Block, as_json, tell_cold, tell_size
from runs.ways import AT_ONCE, HERE, ROOT, Bench

from evalkit.record.hashes import hash_code

PROGRAMS = ("papermill", "nbclient", "ipykernel", "numpy", "pandas")
KEPT = ROOT / "reports" / "runs" / ".bench.json"
COLD_PAIRS = 5


@dataclass(frozen=True, slots=True)
class Size:
    """A sweep, how many blocks of it, and how many of its runs the slow ways make in each."""

    name: str
    blocks: int
    loop: int
    two: int


SIZES = (Size(SHORT, 2, 6, 8), Size("about_5_seconds", 1, 3, 4), Size("about_20_seconds", 1, 1, 2))


def main() -> int:
    """Measure what is not measured yet, write the section, say whether all bounds were kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, help="runs of each sweep (all that its file has)")
    parser.add_argument("--only", choices=[size.name for size in SIZES], help="one size of run")
    parser.add_argument("--note", default="", help="what else ran meanwhile, for the page")
    parser.add_argument("--anew", action="store_true", help="forget blocks measured before")
    parser.add_argument("--print", action="store_true", help="print and write nothing")
    options = parser.parse_args()
    if options.anew:
        KEPT.unlink(missing_ok=True)
    measuring = describe_measuring(options.note, *PROGRAMS)
    told, kept = measure([s for s in SIZES if options.only in (None, s.name)], options.runs)
    section: dict[str, Any] = {**measuring, "told": told}
    print(describe_section(section))
    if not options.print:
        keep_section("runs", section)
        KEPT.unlink(missing_ok=True)
    return 0 if kept else 1


def measure(sizes: list[Size], runs: int | None) -> tuple[list[str], bool]:
    """Measure all blocks; the sentences, and whether bounds were kept."""
    with tempfile.TemporaryDirectory(prefix="evalkit-bench-") as folder:
        bench = Bench(Path(folder))
        found = [tell_size(size.name, measure_size(bench, size, runs)) for size in sizes]
        short = bench.write_parameters(HERE / f"{SHORT}.yml")[0]
        pairs = [
            keep_block(f"cold {number}", partial(measure_cold, bench, short))
            for number in range(COLD_PAIRS if runs is None else 1)
        ]
    found.append(tell_cold(pairs))
    return [words for words, _ in found], all(kept for _, kept in found)


def measure_size(bench: Bench, size: Size, runs: int | None) -> list[Block]:
    """Measure each block of one size."""
    files = bench.write_parameters(HERE / f"{size.name}.yml")[:runs]
    blocks = []
    for number in range(size.blocks):
        make = partial(measure_block, bench, size, files, backwards=number % 2 == 1)
        blocks.append(keep_block(f"{size.name} {len(files)} {number}", make))
    return blocks


def measure_block(bench: Bench, size: Size, files: list[Path], *, backwards: bool) -> Block:
    """Make the runs in each way in turn, every second block in the other order; compare answers."""
    ways: dict[str, Callable[[], Any]] = {
        "floor": lambda: bench.run_floor(files),
        "ours": lambda: bench.run_sweep(files),
        "loop": lambda: bench.run_papermill(files[: size.loop]),
        "two": lambda: bench.run_papermill(files[: size.two], AT_ONCE),
    }
    spent = {way: ways[way]() for way in (reversed(ways) if backwards else ways)}
    for way, one in spent.items():
        if any(spent["floor"].answers[study] != said for study, said in one.answers.items()):
            raise SystemExit(f"{size.name}: {way} gives other answers than the analysis alone")
    return as_json(**spent)


def measure_cold(bench: Bench, file: Path) -> Block:
    """Make one run by `evalkit run` and by the papermill command."""
    return as_json(ours=bench.run_cold(file), loop=bench.run_papermill([file]))


def keep_block(name: str, make: Callable[[], Block]) -> Block:
    """Return a block measured before with this code, or measure it and keep it."""
    blocks = json.loads(KEPT.read_text("utf-8")) if KEPT.is_file() else {}
    key = f"{hash_code()[:12]} {name}"
    if key not in blocks:
        blocks[key] = make()
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        unfinished = KEPT.with_suffix(".part")
        unfinished.write_text(json.dumps(blocks), "utf-8")
        unfinished.replace(KEPT)
    print(f"{name}: measured", file=sys.stderr)
    found: Block = blocks[key]
    return found


if __name__ == "__main__":
    sys.exit(main())
