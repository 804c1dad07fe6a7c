"""Files are written whole, or a plain message says why not."""

import errno
import os
import stat
from pathlib import Path

import pytest

from evalkit.errors import EXIT_CODES, ResourceError, Status
from evalkit.record.files import is_no_room, json_bytes, make_private, room_for, write_file


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG])
def test_no_room_is_a_resource_fault(number: int, tmp_path: Path) -> None:
    """A full, limited or read-only disk ends with exit code 5 and the file's name."""
    assert is_no_room(number)
    path = tmp_path / "record.json"
    with pytest.raises(ResourceError, match=r"record\.json: cannot be") as caught, room_for(path):
        raise OSError(number, os.strerror(number))
    assert caught.value.exit_code == EXIT_CODES[Status.NO_SPACE] == 5


def test_another_fault_is_not_hidden(tmp_path: Path) -> None:
    """A fault that has nothing to do with room goes on as it is."""
    with pytest.raises(IsADirectoryError):
        write_file(tmp_path, b"")


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_private_folders_are_their_owners_alone(umask: int, tmp_path: Path) -> None:
    """New or old, and whatever the umask, nobody else may enter; an owner's own limit stays."""
    for name, mode in (("open", 0o755), ("shared", 0o2770), ("locked", 0o500)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
    names = ("new", "open", "shared", "locked")
    before = os.umask(umask)
    try:
        make_private(*(tmp_path / name for name in names))
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) & 0o777 for name in names]
    assert modes == [0o700, 0o700, 0o700, 0o500]


def test_json_has_one_form() -> None:
    """By hand: sorted names, LF at the end, letters as they are, no NaN."""
    assert json_bytes({"b": 1, "a": "é"}) == '{\n "a": "é",\n "b": 1\n}\n'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_bytes(float("nan"))
