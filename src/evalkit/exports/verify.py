"""Verify exported files: each is byte for byte what the release gives when it is exported again."""

from pathlib import Path

from evalkit.exports.export import FORMATS
from evalkit.exports.released import open_released


def changed_exports(home: Path, study: str, folder: Path) -> tuple[list[str], list[str], int]:
    """Return which exports differ, which files are no exports, and how many are as they should be.

    An export that another version of the code made differs as well: export it again.
    """
    if not folder.is_dir():
        return [], [], 0
    released = open_released(home, study)
    makers = {f"{study}{form.ending}": form.make for form in FORMATS.values()}
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if not p.is_dir()}
    known = sorted(found.keys() & makers.keys())
    changed = [n for n in known if found[n].read_bytes() != makers[n](released)]
    return changed, sorted(found.keys() - makers.keys()), len(known) - len(changed)
