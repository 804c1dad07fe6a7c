"""Write files whole, and say plainly when there is no room for them."""

import errno
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evalkit.errors import ResourceError

STAGING_VARIABLE = "EVALKIT_STAGING"
STAGED_FILE = "staged.json"
WITHHELD_FILE = "withheld.bin"

_OWNER_ALONE = 0o700
_OTHERS = 0o077

_NO_ROOM = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would pass the size limit",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "writing there is not permitted",
    errno.EPERM: "writing there is not permitted",
}


def is_no_room(number: int | None) -> bool:
    """Tell whether an operating system's error number means that nothing can be written."""
    return number in _NO_ROOM


@contextmanager
def room_for(path: Path) -> Iterator[None]:
    """Turn a disk that is full, read-only or forbidden into one plain message."""
    try:
        yield
    except OSError as fault:
        if fault.errno not in _NO_ROOM:
            raise
        raise ResourceError(
            f"{path.name}: cannot be written, {_NO_ROOM[fault.errno]}. Nothing was changed; "
            f"make room or mend the permissions of {path.parent}, then run again."
        ) from None


def write_file(path: Path, content: bytes) -> None:
    """Write a file and wait until it is on the disk."""
    with room_for(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())


def make_private(*folders: Path) -> None:
    """Make folders that their owner alone may enter, whatever the umask; the outermost first.

    A folder that is there already is closed to all others.
    """
    for folder in folders:
        if not folder.exists():
            folder.mkdir(mode=_OWNER_ALONE, parents=True, exist_ok=True)
            folder.chmod(_OWNER_ALONE)
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & _OTHERS:
            folder.chmod(mode & ~_OTHERS)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def json_bytes(content: Any) -> bytes:
    """Render JSON in one form only: sorted names, no NaN, LF at the end."""
    text = json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()
