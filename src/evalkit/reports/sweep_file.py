"""Read what was worked out from the released runs of a sweep."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.errors import DataError

SCHEMA = "evalkit-sweep/1"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_LARGEST = 5_000_000
_NUMBERS = ("estimate", "conf_low", "conf_high", "shrunk", "shrunk_low", "shrunk_high")


@dataclass(frozen=True, slots=True)
class ReleasedSweep:
    """A sweep's runs, each `{study, record_sha256, varied, estimate, ...}`, and them together.

    Every number was worked out from released numbers alone. `asked` is how many runs there were
    to be; `sites` says that the runs are of different sites.
    """

    sweep: str
    sites: bool
    asked: int
    decimals: int
    runs: list[dict[str, Any]]
    together: dict[str, float]


def sweeps_folder(released: Path) -> Path:
    """Return the folder of released sweeps, beside the folder of released studies."""
    return released.parent / "released_sweeps"


def sweep_path(released: Path, sweep: str) -> Path:
    """Return the file of a released sweep."""
    return sweeps_folder(released) / f"{sweep}.json"


def released_sweeps(released: Path) -> list[str]:
    """List the released sweeps, by name."""
    folder = sweeps_folder(released)
    if not folder.is_dir():
        return []
    found = (p.stem for p in folder.glob("*.json") if p.is_file() and p.stat().st_size < _LARGEST)
    return sorted(name for name in found if _NAME.fullmatch(name))


def read_sweep(released: Path, sweep: str) -> ReleasedSweep:
    """Read a released sweep, refusing one that departs from the contract."""
    if sweep not in released_sweeps(released):
        raise DataError("Report: no released sweep has this name. Choose one from the list.")
    try:
        content = json.loads(sweep_path(released, sweep).read_text("utf-8"))
    except (OSError, ValueError):
        content = {}
    if not _is_sweep(content, sweep):
        raise DataError(f"{sweep}: the sweep cannot be read. Release it again.")
    return ReleasedSweep(**{name: content[name] for name in ReleasedSweep.__slots__})


def members(released: Path) -> set[str]:
    """Name the studies that are runs of a released sweep; one that cannot be read has none."""
    found: set[str] = set()
    for sweep in released_sweeps(released):
        try:
            found |= {run["study"] for run in read_sweep(released, sweep).runs}
        except DataError:
            continue
    return found


def _is_sweep(content: Any, sweep: str) -> bool:
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        return False
    kinds = {"sites": bool, "asked": int, "decimals": int, "runs": list, "together": dict}
    if content.get("sweep") != sweep:
        return False
    if not all(isinstance(content.get(name), kind) for name, kind in kinds.items()):
        return False
    numbers = all(isinstance(v, int | float) for v in content["together"].values())
    return numbers and bool(content["runs"]) and all(map(_is_run, content["runs"]))


def _is_run(run: Any) -> bool:
    return (
        isinstance(run, dict)
        and bool(_NAME.fullmatch(str(run.get("study"))))
        and isinstance(run.get("record_sha256"), str)
        and isinstance(run.get("varied"), dict)
        and all(isinstance(run.get(n), int | float | None) for n in _NUMBERS)
    )
