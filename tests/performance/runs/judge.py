"""What blocks of runs say together: the figures that are asked for, and whether they are kept."""

from collections.abc import Sequence
from statistics import median
from typing import Any

MOST_OVERHEAD = 0.4
LEAST_RATIOS = {"loop": 8.0, "two": 5.0}
MOST_COLD = 1.1
SHORT = "about_1_second"
WORDS = {"loop": "the papermill command in a loop", "two": "the command two at a time"}
Block = dict[str, dict[str, float]]
"""By way (`ours, floor, loop, two`): `runs, seconds, processor`."""


def a_run(block: Block, way: str) -> float:
    """Seconds on the wall a run."""
    return block[way]["seconds"] / block[way]["runs"]


def overhead(block: Block) -> float:
    """Seconds a run that `evalkit run` takes more than the analysis alone, two at a time."""
    return a_run(block, "ours") - a_run(block, "floor")


def ratio(block: Block, way: str) -> float:
    """Runs per second of `evalkit run`, in parts of another way's."""
    return a_run(block, way) / a_run(block, "ours")


def tell_size(size: str, blocks: Sequence[Block]) -> tuple[str, bool]:
    """Say what the blocks of one size of run show, and whether bounds were kept."""
    first = blocks[0]
    compute = [block["floor"]["processor"] / block["floor"]["runs"] for block in blocks]
    over = [overhead(block) for block in blocks]
    ours = [a_run(block, "ours") for block in blocks]
    floor = [a_run(block, "floor") for block in blocks]
    kept = median(over) <= MOST_OVERHEAD
    words = [
        f"`{size}.yml`, {median(compute):.1f} s of compute a run: {first['ours']['runs']:.0f} runs "
        f"by `evalkit run` {spread(ours)} s a run, the floor {spread(floor)}; overhead "
        f"{spread(over)}, at most {MOST_OVERHEAD:g}: {say(kept)}"
    ]
    for way, least in LEAST_RATIOS.items():
        found = [ratio(block, way) for block in blocks]
        told = f"{WORDS[way]} ({first[way]['runs']:.0f} runs) {spread(found)} times as long"
        if size == SHORT:
            enough = median(found) >= least
            told += f", at least {least:g}: {say(enough)}"
            kept = kept and enough
        words.append(told)
    return "; ".join(words), kept


def tell_cold(pairs: Sequence[Block]) -> tuple[str, bool]:
    """Say what a single run from cold takes beside the papermill command on the same notebook."""
    found = [a_run(pair, "ours") / a_run(pair, "loop") for pair in pairs]
    kept = median(found) <= MOST_COLD
    return (
        f"One `evalkit run` from cold {spread([a_run(p, 'ours') for p in pairs])} s, the papermill "
        f"command on the same notebook {spread([a_run(p, 'loop') for p in pairs])} s; ratio of "
        f"{len(pairs)} pairs {spread(found)}, at most {MOST_COLD:g}: {say(kept)}"
    ), kept


def spread(values: Sequence[float]) -> str:
    """Write the median, and the range of several."""
    if len(values) == 1:
        return f"{values[0]:.3g}"
    return f"{median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def say(kept: bool) -> str:
    """Say whether a bound was kept."""
    return "kept" if kept else "**not kept**"


def as_json(**spent: Any) -> Block:
    """Write out what each way took."""
    return {
        way: {"runs": one.runs, "seconds": one.seconds, "processor": one.processor}
        for way, one in spent.items()
    }
