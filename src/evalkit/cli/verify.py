"""`evalkit verify`: whether a release is as it was released, and whether it can be made again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evalkit.errors import AnalysisError, DisclosureError

if TYPE_CHECKING:
    from evalkit.disclosure.verify import Verified
    from evalkit.runs.again import Again

_KINDS = {
    "changed": "changed since the release",
    "added": "added: the release does not list it",
    "missing": "missing: the release lists it",
    "contradicting": "is about another record than the release",
}


def verify(
    study: Annotated[str, typer.Argument(help="Name of a released study, or a folder of one.")],
    rerun: Annotated[
        bool, typer.Option("--rerun", help="Also run the study again from what the release names.")
    ] = False,
) -> None:
    """Compute each hash of a release again, and with --rerun the study itself."""
    from evalkit.disclosure.verify import read_provenance, verify_release
    from evalkit.results.words import counted

    folder = _folder(study)
    found = verify_release(folder)
    faults = [
        f"  {name}: {words}" for kind, words in _KINDS.items() for name in getattr(found, kind)
    ]
    if not faults:
        faults = _export_faults(folder, found)
    if faults:
        raise DisclosureError(
            f"{found.study}: not verified. Not as released: {counted(len(faults), 'file')}.\n"
            + "\n".join(faults)
            + "\nDo not use it: release and export the study again, or ask for a fresh copy."
        )
    _print_verified(found)
    if rerun:
        from evalkit.runs.again import run_again

        _tell(found.study, run_again(read_provenance(folder), _sealed_record(found)))


def _folder(study: str) -> Path:
    """Return the folder of a released study: by its name, or by its path."""
    from evalkit.disclosure.release import released_home

    path = Path(study)
    return path.resolve() if path.is_dir() else released_home() / path.name


def _export_faults(folder: Path, found: "Verified") -> list[str]:
    """Say which exports beside the release are not what it gives."""
    from evalkit.exports.verify import changed_exports

    exports = folder.parent.parent / "exports" / found.study
    if folder.name != found.study or not exports.is_dir():
        return []
    changed, added, same = changed_exports(folder.parent, found.study, exports)
    if same:
        print(f"Exports that are as the release gives them: {same}.")
    return [
        *(
            f"  exports/{n}: not what the release gives now; changed, or of other code"
            for n in changed
        ),
        *(f"  exports/{n}: added; it is no export" for n in added),
    ]


def _print_verified(found: "Verified") -> None:
    print(f"{found.study}: version {found.version} is as it was released ({found.files} files).")
    print(f"release.json: sha256 {found.paper_sha256}")
    if found.compared:
        print("It is the same as the copy that was kept when it was released.")
    else:
        print("No copy of release.json is kept here: compare this hash with whoever released it.")


def _sealed_record(found: "Verified") -> dict[str, Any] | None:
    """Return the record of the run that was released, if that run is still here."""
    from evalkit.record.hashes import hash_file
    from evalkit.runs.listing import RECORD_FILE, list_runs

    for run in list_runs(study=found.study):
        if hash_file(run.folder / RECORD_FILE) == found.record_sha256:
            return run.record
    return None


def _tell(study: str, again: "Again") -> None:
    """Say what came of the run; raise where the results are not the released ones."""
    if again.same:
        print("Run again: the record is the same, to the last digit.")
        return
    causes = "; ".join(again.causes) or "no cause was found in code, notebook, packages or data"
    if again.results_same:
        print(
            f"Run again: all results are the same, to the last digit. The hashes differ: {causes}."
        )
        return
    where = (
        ", ".join(again.differs) or "in what, cannot be told: the run that was released is not here"
    )
    raise AnalysisError(
        f"{study}: run again, and the record differs ({where}). Causes: {causes}. Put the code, "
        "the notebook and the packages of the release in place, then verify again."
    )
