"""Pack an office file so that the same parts give the same bytes."""

import datetime
import io
import re
import zipfile
from collections.abc import Mapping

STAMP = datetime.datetime(1980, 1, 1)
"""The date of every part and of the file's properties: a file has none of its own."""

AUTHOR = "Experience of Care Evaluation Workbench"
LANGUAGE = "en-GB"
_PROGRAM = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    b"<Application>evalkit</Application></Properties>"
)
"""What made the file, without a version, which would be in the bytes."""

_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def read_parts(content: bytes) -> dict[str, bytes]:
    """Return each part of an office file by its name, in the order of the file."""
    with zipfile.ZipFile(io.BytesIO(content)) as held:
        return {name: held.read(name) for name in held.namelist()}


def pack_parts(parts: Mapping[str, bytes]) -> bytes:
    """Return an office file of these parts, with the one fixed date everywhere."""
    date = f"{STAMP.isoformat()}Z".encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, STAMP.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            entry.external_attr = 0o600 << 16
            if name == "docProps/core.xml":
                content = _DATES.sub(rb"\g<1>" + date + rb"\g<2>", content)
            packed.writestr(entry, _PROGRAM if name == "docProps/app.xml" else content)
    return target.getvalue()
