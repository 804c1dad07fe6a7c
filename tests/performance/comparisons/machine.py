"""The machine and the programs that were measured, in general words: no name and no path."""

import os
import platform
from datetime import date
from importlib.metadata import version

GIGABYTE = 2**30


def describe_measuring(note: str, *programs: str) -> dict[str, str]:
    """Return what stands above a section: call it first, since it says how busy the machine is."""
    return {
        "date": date.today().isoformat(),
        "machine": describe_machine(),
        "note": note,
        "versions": list_versions(*programs),
    }


def describe_machine() -> str:
    """Say what the machine has, and how busy it was."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIGABYTE
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[1]
    kind = f"{platform.system()}, {platform.machine()}"
    return f"{cores} cores, {memory:.0f} GB of memory, {kind}, load average {load:.1f}"


def list_versions(*programs: str) -> str:
    """List Python and the programs by version."""
    listed = [f"Python {platform.python_version()}", *(f"{p} {version(p)}" for p in programs)]
    return ", ".join(listed)
