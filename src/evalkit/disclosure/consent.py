"""People's own words: only of those who agreed, and only while the register still says so."""

from collections.abc import Iterator
from pathlib import Path

from evalkit.data.files import hash_file
from evalkit.disclosure.history import history_folder
from evalkit.disclosure.sealed import SealedStudy
from evalkit.errors import DisclosureError, EvalkitError
from evalkit.project import project_root, resolve_data_path
from evalkit.record.files import WITHHELD_FILE, make_private, write_file
from evalkit.record.withheld import (
    Withheld,
    free_text_sources,
    read_withheld,
    withheld_bytes,
)
from evalkit.study.schema import SCHEMAS, StudyParameters

NOT_AGREED = "words of a person who did not agree to their being shown, or took it back"


def read_consent(study: SealedStudy) -> Withheld:
    """Return what a run may not show of people's words, or refuse what cannot be told any more.

    Raises `DisclosureError` where people's words were read and the run does not say which may be
    shown, or where their file is not as it was read: somebody may have withdrawn since.
    """
    parameters = SCHEMAS.get(str(study.record["notebook"]), StudyParameters).model_construct(
        **study.record["parameters"]
    )
    sources = free_text_sources(parameters)
    path = study.folder / WITHHELD_FILE
    if sources and not path.is_file():
        raise DisclosureError(
            f"{study.study}: people's own words were read, and the run does not say which of them "
            "may be shown. Run the study again."
        )
    worded = [entry for entry in study.record["sources"] if entry["name"] in sources]
    changed = [entry["name"] for entry in worded if _moved(entry, parameters)]
    if changed:
        raise DisclosureError(
            f"{study.study}: not released. The file of people's words ({', '.join(changed)}) is "
            "not as it was when the study was run, so a consent may have been withdrawn since. "
            "Run the study again."
        )
    return read_withheld(path)


def consent_leaks(text: str, place: str, withheld: Withheld) -> Iterator[tuple[str, str, int]]:
    """Yield a text that holds words which nobody agreed to show."""
    if withheld.count(text):
        yield place, NOT_AGREED, 1


def keep_withheld(home: Path, study: str, withheld: Withheld) -> None:
    """Keep what a release may not show beside its history, for the exports made of it later."""
    folder = history_folder(home, study)
    make_private(folder.parent, folder)
    write_file(folder / WITHHELD_FILE, withheld_bytes(withheld))


def kept_withheld(home: Path, study: str) -> Withheld:
    """Return what a released study may not show; nothing where its history is elsewhere."""
    return read_withheld(history_folder(home, study) / WITHHELD_FILE)


def _moved(source: dict[str, str], parameters: StudyParameters) -> bool:
    """Say whether a source's file is gone or changed; a database cannot be asked here."""
    file = getattr(parameters, f"{source['name']}_file", None)
    if file is None:
        return False
    try:
        return hash_file(resolve_data_path(file, project_root())) != source["sha256"]
    except (OSError, EvalkitError):
        return True
