"""One run of a study at a time, and nothing left lying about by runs that died."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from evalkit.errors import LockedError
from evalkit.record.files import make_private, room_for

WORK_FOLDER = ".work"
REPLACED = "replaced-"


@contextmanager
def locked(runs: Path, study: str) -> Iterator[Path]:
    """Hold the lock of a study and yield a new, empty work folder on the same disk.

    The lock is the operating system's: it ends with its process, so that of a dead run is
    free at once. Work folders of dead runs are swept away first.
    """
    work = runs / WORK_FOLDER
    with room_for(work):
        handle = _take(work / f"{study}.lock", study)
    try:
        _sweep(work, runs / study)
        with room_for(work):
            folder = Path(tempfile.mkdtemp(prefix=f"{study}-", dir=work))
        yield folder
    finally:
        _sweep(work, runs / study)
        (work / f"{study}.lock").unlink(missing_ok=True)
        os.close(handle)
        for emptied in (runs / study, work, runs, runs.parent):
            with suppress(OSError):
                emptied.rmdir()


def _take(path: Path, study: str) -> int:
    """Lock the file; take it anew if another run removed it, or its folder, in between."""
    while True:
        try:
            make_private(path.parent.parent, path.parent)
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(handle, 20).decode() or "unknown"
            os.close(handle)
            raise LockedError(
                f"{study}: another run of this study is under way (process {holder}). "
                "Wait until it has ended, then run again."
            ) from None
        if path.exists() and os.fstat(handle).st_ino == path.stat().st_ino:
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
            return handle
        os.close(handle)


def _sweep(work: Path, sealed: Path) -> None:
    """Remove work folders left over; put back a sealed run whose replacing was cut short."""
    for left in work.glob(f"{sealed.name}-*"):
        for old in left.glob(f"{REPLACED}*"):
            final = sealed / old.name.removeprefix(REPLACED)
            if not final.exists():
                make_private(sealed)
                old.rename(final)
        shutil.rmtree(left, ignore_errors=True)
