"""A released study in a folder of its own: pictures, hashes, hidden cells, six organisations."""

import json
import runpy
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalkit.exports.released import ReleasedStudy, open_released
from evalkit.record.hashes import hash_bytes

STUDY = "staff_wellbeing"
_MADE = runpy.run_path(str(Path(__file__).parents[1] / "reports" / "made_bundle.py"))
_KEPT_TRUSTS = {"S00", "S01", "S02", "S03", "S04", "S05"}
_SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><text x="1" y="9">Synthetic data'
    b"</text></svg>"
)


def _png() -> bytes:
    def part(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data))
            + kind
            + data
            + struct.pack(">I", zlib.crc32(kind + data) & 0xFFFFFFFF)
        )

    head = struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0\0\0" * 2)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", rows) + part(b"IEND", b"")


@pytest.fixture
def content() -> dict[str, Any]:
    """Return the content of a bundle with two figures, to be changed at will."""
    made: dict[str, Any] = _MADE["make_bundle"]()
    rows = made["tables"]["organisations"]["rows"]
    made["tables"]["organisations"]["rows"] = [row for row in rows if row[0] in _KEPT_TRUSTS]
    made["tables"]["spread"] = {**made["tables"]["trend"], "title": "Spread over time"}
    for name, alt in (("spread", "Synthetic data. Two lines."), ("facets", "Four estimates.")):
        files = {kind: f"figures/{name}.{kind}" for kind in ("svg", "png")}
        made["figures"][name] = {"title": name.title(), "alt": alt, "table": name, **files}
    return made


@pytest.fixture
def write(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Return a function that releases a bundle, and returns the folder of releases."""

    def put(content: dict[str, Any]) -> Path:
        home: Path = _MADE["write_bundle"](tmp_path / "released", content)
        folder = home / str(content["study"])
        (folder / "figures").mkdir(exist_ok=True)
        for name in content["figures"]:
            (folder / "figures" / f"{name}.svg").write_bytes(_SVG)
            (folder / "figures" / f"{name}.png").write_bytes(_png())
        files = [path for path in folder.rglob("*") if path.is_file()]
        listed = {p.relative_to(folder).as_posix(): hash_bytes(p.read_bytes()) for p in files}
        listed.pop("release.json", None)
        paper = {"files": listed, "approval": {"kind": "synthetic by rule"}}
        (folder / "release.json").write_text(json.dumps(paper), "utf-8")
        return home

    return put


@pytest.fixture
def home(content: dict[str, Any], write: Callable[[dict[str, Any]], Path]) -> Path:
    """Return the folder of releases that holds the study."""
    return write(content)


@pytest.fixture
def released(home: Path) -> ReleasedStudy:
    """Return the study as it is opened for export."""
    return open_released(home, STUDY)
