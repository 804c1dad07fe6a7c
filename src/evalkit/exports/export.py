"""Make an export, read it back, and only then put it in its place."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from evalkit.errors import DisclosureError
from evalkit.exports.allowed import Allowed, Found, allow
from evalkit.exports.check_office import document_leaks, workbook_leaks
from evalkit.exports.check_page import page_leaks
from evalkit.exports.document import make_document
from evalkit.exports.page import make_page, page_styles, report_script
from evalkit.exports.released import ReleasedStudy, open_released
from evalkit.exports.spreadsheet import make_spreadsheet
from evalkit.exports.summary import make_summary, summary_styles
from evalkit.record.files import room_for, sync_folder, write_file


@dataclass(frozen=True, slots=True)
class Format:
    """How one kind of export is called, made and checked."""

    ending: str
    make: Callable[[ReleasedStudy], bytes]
    check: Callable[[bytes, Allowed], Iterator[Found]]


def _check_page(content: bytes, allowed: Allowed) -> Iterator[Found]:
    allowed = replace(allowed, numbers=allowed.numbers | allowed.earlier)
    return page_leaks(content, allowed, frozenset({page_styles(), report_script()}))


def _check_summary(content: bytes, allowed: Allowed) -> Iterator[Found]:
    return page_leaks(content, allowed, frozenset({summary_styles()}))


FORMATS = {
    "html": Format(".html", make_page, _check_page),
    "xlsx": Format(".xlsx", make_spreadsheet, workbook_leaks),
    "docx": Format(".docx", make_document, document_leaks),
    "summary": Format("_summary.html", make_summary, _check_summary),
}


def export_study(home: Path, study: str, formats: list[str], folder: Path) -> list[Path]:
    """Write a released study in some formats into `folder`, and return the files.

    `home` is the folder of releases. Raises `DisclosureError`, before anything is written, where
    a file would hold what was not released. The same bundle gives the same bytes.
    """
    released = open_released(home, study)
    allowed = allow(released)
    made = {name: FORMATS[name].make(released) for name in formats}
    leaks = [
        (study + FORMATS[name].ending, *found)
        for name, content in made.items()
        for found in FORMATS[name].check(content, allowed)
    ]
    if leaks:
        raise DisclosureError(_describe(study, leaks))
    return [_put_in_place(folder / f"{study}{FORMATS[n].ending}", made[n]) for n in formats]


def _put_in_place(path: Path, content: bytes) -> Path:
    """Write a file beside its place, wait for the disk, and move it in: whole, or not at all."""
    with room_for(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=path.parent) as beside:
            fresh = Path(beside) / path.name
            write_file(fresh, content)
            fresh.replace(path)
        sync_folder(path.parent)
    return path


def _describe(study: str, leaks: list[tuple[str, str, str, int]]) -> str:
    lines = [f"  {file}, {place}: {reason}" for file, place, reason, _ in leaks]
    return (
        f"{study}: not exported, {len(leaks)} things may not be shown. Nothing was changed.\n"
        + "\n".join(dict.fromkeys(lines))
        + "\nRelease the study again, then export it."
    )
