"""Files are written whole, or a plain message says why not."""

import errno
import os
from pathlib import Path

import pytest

from evalkit.errors import EXIT_CODES, ResourceError, Status
from evalkit.record.files import is_no_room, json_bytes, room_for, write_file


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


def test_json_has_one_form() -> None:
    """By hand: sorted names, LF at the end, letters as they are, no NaN."""
    assert json_bytes({"b": 1, "a": "é"}) == '{\n "a": "é",\n "b": 1\n}\n'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_bytes(float("nan"))
