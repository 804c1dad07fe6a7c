"""Write files whole, and say plainly when there is no room for them."""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evalkit.errors import ResourceError

STAGING_VARIABLE = "EVALKIT_STAGING"
STAGED_FILE = "staged.json"

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
