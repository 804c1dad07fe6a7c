"""Keep what each release showed, so that a reader of an earlier one can be told what changed.

`reports/versions/<number>/<study>/` holds the bundle and the paper of a release as they were
scanned: released files, and nothing of the closed history. One that was withdrawn is taken away,
with all before it, and a note stands in its place.
"""

import json
import shutil
from pathlib import Path

from evalkit.record.files import json_bytes, write_file

KEPT = ("bundle.json", "release.json")
WITHDRAWN = "withdrawn.json"


def versions_folder(home: Path) -> Path:
    """Return the folder of all versions; `home` is the folder of released studies."""
    return home.parent / "versions"


def keep_version(home: Path, study: str, version: int) -> None:
    """Copy what the release in place shows; a copy that is there already is left as it is."""
    folder = versions_folder(home) / f"{version:06d}" / study
    if (folder / KEPT[-1]).exists():
        return
    for name in KEPT:
        write_file(folder / name, (home / study / name).read_bytes())


def close_versions(home: Path, study: str, version: int) -> None:
    """Take away what a release and those before it showed, and note that they were withdrawn."""
    for number in range(1, version + 1):
        folder = versions_folder(home) / f"{number:06d}" / study
        if folder.exists() or number == version:
            shutil.rmtree(folder, ignore_errors=True)
            note = {"study": study, "version": number, "withdrawn": True}
            write_file(folder / WITHDRAWN, json_bytes(note))


def drop_sweeps(home: Path, study: str) -> None:
    """Delete what was worked out from a study together with other runs of its sweep."""
    for path in (home.parent / "released_sweeps").glob("*.json"):
        try:
            runs = json.loads(path.read_text("utf-8"))["runs"]
            holds = any(run["study"] == study for run in runs)
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if holds:
            path.unlink()
