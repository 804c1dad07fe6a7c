"""Release a study: protect, draw again, scan, and only then move the folder into place."""

import datetime
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from evalkit.disclosure.approval import (
    UNLISTED,
    approve,
    decision_to_log,
    refuse_refused,
    unlisted_sources,
)
from evalkit.disclosure.bundle import Files, main_is_hidden, make_files, parameter_numbers
from evalkit.disclosure.consent import keep_withheld, read_consent
from evalkit.disclosure.crate import CRATE_FILE, make_crate
from evalkit.disclosure.decision import rule_numbers
from evalkit.disclosure.earlier import Earlier
from evalkit.disclosure.history import (
    keep_decision,
    keep_release,
    last_version,
    make_decision,
    read_decisions,
    read_earlier,
)
from evalkit.disclosure.parts import Part
from evalkit.disclosure.profiles import NOTHING_MEASURED, Profile, strictest
from evalkit.disclosure.review import Review, review_outputs, reviews_json
from evalkit.disclosure.scan import Expected, Leak, scan_folder
from evalkit.disclosure.scan_json import RELEASE_SCHEMA, SYNTHETIC_DATA
from evalkit.disclosure.sealed import (
    SealedStudy,
    read_sealed,
    read_table,
    source_profiles,
    whole_base,
)
from evalkit.disclosure.sentences import sentence_faults
from evalkit.disclosure.study_tables import protect_and_prove
from evalkit.disclosure.suppress import ProtectedTable
from evalkit.disclosure.versions import keep_version
from evalkit.errors import DisclosureError
from evalkit.project import project_root
from evalkit.record.files import json_bytes, make_private, room_for, sync_folder, write_file
from evalkit.record.hashes import hash_bytes
from evalkit.record.withheld import Withheld

RELEASE_FILE = "release.json"
PLAN = "plan_a_study"
"""The notebook whose studies need no data."""


@dataclass(frozen=True, slots=True)
class ReleaseOutcome:
    """What was released: where, which version, and what was hidden, in counts and words."""

    study: str
    folder: Path
    version: int
    unchanged: bool
    approval: Literal["person", "synthetic by rule", "without data"]
    files: int
    rules: dict[str, dict[str, int]]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """All that a release would hold, before anybody has approved it."""

    study: SealedStudy
    profiles: dict[str, Profile]
    rules: Profile
    tables: dict[str, ProtectedTable]
    parts: list[Part]
    files: Files
    reviews: list[Review]
    withheld: Withheld


def released_home(released: Path | None = None) -> Path:
    """Return the folder of all released studies: `reports/released` of the project."""
    return released or project_root() / "reports" / "released"


def review_study(run_folder: Path, *, released: Path | None = None) -> list[Review]:
    """Return the state of every output that a release of a run would hold; nothing is written."""
    return _prepare(read_sealed(run_folder), released_home(released)).reviews


def refuse_study(run_folder: Path, by: str, reason: str, *, released: Path | None = None) -> None:
    """Log that a person refuses the release of a run; no rule releases it then."""
    study = read_sealed(run_folder)
    decision = make_decision(study.study, "refused", by, reason, study.record_sha256)
    keep_decision(released_home(released), study.study, decision)


def release_study(
    run_folder: Path,
    *,
    approved_by: str | None = None,
    reason: str | None = None,
    released: Path | None = None,
) -> ReleaseOutcome:
    """Release what may be shown of a sealed run, or raise `DisclosureError` and change nothing.

    `released` is the folder of all released studies (default: `reports/released` of the
    project). The earlier release of the study is replaced in one step; `release.json` of
    the new one names its hash. A `reason` is logged with the name of the person who approves.
    """
    study, home = read_sealed(run_folder), released_home(released)
    approval = approve(study, approved_by)
    log = read_decisions(home, study.study)
    refuse_refused(study, log, approval)
    decision = decision_to_log(study, approved_by, reason)
    prepared = _prepare(study, home)
    _refuse_failed(study, prepared.reviews)
    profiles, rules, tables = prepared.profiles, prepared.rules, prepared.tables
    approval = {**approval, "date": datetime.datetime.now(datetime.UTC).date().isoformat()}
    crate = make_crate(study, prepared.files, approval, [*log, *decision])
    files = {**prepared.files, **crate}
    previous = _previous(home / study.study)
    paper = _release_paper(study, profiles, tables, files, approval, previous)
    paper["version"] = max(paper["version"], last_version(home, study.study) + 1)
    paper["outputs"] = reviews_json(prepared.reviews)
    paper["decisions"] = [*log, *decision]
    same = previous is not None and _unchanged(paper, previous[0], home / study.study)
    if not same:
        expected = Expected(
            tables,
            {entry["name"]: entry["table"] for entry in study.record["figures"]},
            parameter_numbers(study.record) | rule_numbers(project_root(), study.study),
            study.record["synthetic"],
            rules.file_types,
            rules.most_bytes,
            prepared.withheld,
        )
        _put_in_place({**files, RELEASE_FILE: json_bytes(paper)}, home, study.study, expected)
        keep_release(home, study.study, paper, study.record["hashes"]["data"], prepared.parts)
        keep_withheld(home, study.study, prepared.withheld)
        for made in decision:
            keep_decision(home, study.study, made)
    version = previous[0]["version"] if same and previous else paper["version"]
    keep_version(home, study.study, version)
    return ReleaseOutcome(
        study=study.study,
        folder=home / study.study,
        version=version,
        unchanged=same,
        approval=approval["kind"],
        files=len(files) + 1,
        rules=paper["rules"],
        remarks=_remarks(study, tables),
    )


def _prepare(study: SealedStudy, home: Path) -> _Prepared:
    """Protect a run's tables beside what earlier releases told, and make and judge its files."""
    _refuse_false_label(study)
    _refuse_hidden_source(study)
    _refuse_false_sentences(study)
    withheld = read_consent(study)
    profiles = source_profiles(study.record)
    guarding = NOTHING_MEASURED if study.without_data else profiles
    rules = strictest(guarding.values())
    earlier = read_earlier(home, study.study, study.record["hashes"]["data"])
    tables, parts = _protected_tables(study, guarding, rules, earlier)
    files = make_files(study, tables, profiles, rules)
    figures = json.loads(files["bundle.json"])["figures"]
    reviews = review_outputs(tables, figures, files, guarding, rules)
    return _Prepared(study, profiles, rules, tables, parts, files, reviews, withheld)


def _refuse_failed(study: SealedStudy, reviews: list[Review]) -> None:
    failed = [r for r in reviews if r.state == "fail"]
    if failed:
        lines = "\n".join(f"  {r.kind} {r.name}: {'; '.join(r.reasons)}" for r in failed)
        raise DisclosureError(
            f"{study.study}: not released, {len(failed)} outputs fail. Nothing was changed.\n"
            f"{lines}\nMend each, or leave it out, and run the study again."
        )


def _refuse_false_sentences(study: SealedStudy) -> None:
    """Refuse a finding whose sentences say otherwise than its own numbers, or more than it may."""
    faults = list(dict.fromkeys(sentence_faults(study.record, sizes=False)))
    if faults:
        lines = "\n".join(f"  {fault}" for fault in faults)
        raise DisclosureError(
            f"{study.study}: not released, {len(faults)} faults in the sentences of its finding. "
            f"Nothing was changed.\n{lines}\nMend the sentences, then run the study again."
        )


def _refuse_false_label(study: SealedStudy) -> None:
    """Refuse a record that calls the whole synthetic and not each source, or the reverse."""
    if study.record["synthetic"] != study.synthetic:
        raise DisclosureError(
            f"{study.study}: the record says otherwise of the study than of its sources which data "
            "are synthetic. Run the study again."
        )


def _refuse_hidden_source(study: SealedStudy) -> None:
    """Refuse a record that names no source where its parameters have a place for one.

    A plan alone may leave its places empty.
    """
    given = study.record["parameters"]
    places = [n for n in given if n.endswith(("_file", "_connection"))]
    if study.record["notebook"] == PLAN:
        places = [name for name in places if given[name] is not None]
    if study.without_data and places:
        raise DisclosureError(
            f"{study.study}: the record names no source, and the parameters have places for them "
            f"({', '.join(places)}). Run the study again."
        )


def _protected_tables(
    study: SealedStudy, profiles: Mapping[str, Profile], rules: Profile, earlier: Earlier
) -> tuple[dict[str, ProtectedTable], list[Part]]:
    tables = []
    for entry in study.record["tables"]:
        spec, frame = read_table(study, entry)
        if rules.most_rows and len(frame) > rules.most_rows:
            raise DisclosureError(
                f"table {spec.name}: {len(frame)} rows, where {rules.name} allows "
                f"{rules.most_rows}. Make it smaller, or leave it out."
            )
        tables.append((spec, frame))
    return protect_and_prove(tables, profiles, whole_base(study.record), earlier)


def _release_paper(
    study: SealedStudy,
    profiles: Mapping[str, Profile],
    tables: Mapping[str, ProtectedTable],
    files: Files,
    approval: Mapping[str, Any],
    previous: tuple[dict[str, Any], str] | None,
) -> dict[str, Any]:
    """Return `release.json`; the date of the approval stands here and in the crate."""
    return {
        "schema": RELEASE_SCHEMA,
        "study": study.study,
        "version": previous[0]["version"] + 1 if previous else 1,
        "record_sha256": study.record_sha256,
        "previous": previous[1] if previous else None,
        "synthetic": study.record["synthetic"],
        "data": SYNTHETIC_DATA if study.record["synthetic"] else None,
        "profiles": {name: profile.name for name, profile in profiles.items()},
        "rules": {name: table.log for name, table in tables.items() if table.log},
        "files": {name: hash_bytes(content) for name, content in sorted(files.items())},
        "approval": dict(approval),
    }


def _previous(folder: Path) -> tuple[dict[str, Any], str] | None:
    """Return the release in place and the hash of its paper."""
    try:
        content = (folder / RELEASE_FILE).read_bytes()
        paper = json.loads(content)
    except (OSError, ValueError):
        return None
    return (paper, hash_bytes(content)) if isinstance(paper.get("version"), int) else None


def _unchanged(paper: Mapping[str, Any], before: Mapping[str, Any], folder: Path) -> bool:
    """Say whether the release in place is the same, file by file, and so approved.

    The crate holds the date, so it need only be there and be as it was listed.
    """
    kept = ("record_sha256", "profiles", "rules", "data")
    same = all(paper[key] == before.get(key) for key in kept)
    listed = before.get("files", {})
    same = same and {**paper["files"], CRATE_FILE: listed.get(CRATE_FILE)} == listed
    approved = all(paper["approval"][k] == before["approval"].get(k) for k in ("by", "kind"))
    found = {
        path.relative_to(folder).as_posix(): hash_bytes(path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and path.name != RELEASE_FILE
    }
    return same and approved and found == listed


def _put_in_place(files: Files, home: Path, study: str, expected: Expected) -> None:
    """Write the files beside their place, scan them there, and move them in if they are safe.

    Until they have been scanned, their owner alone may read them.
    """
    closed, old, final = home / f".{study}.new", home / f".{study}.old", home / study
    fresh = closed / study
    with room_for(final):
        home.mkdir(parents=True, exist_ok=True)
        if old.exists() and not final.exists():
            old.rename(final)
        for left in (closed, old):
            shutil.rmtree(left, ignore_errors=True)
        make_private(closed)
    try:
        for name, content in files.items():
            write_file(fresh / name, content)
        leaks = scan_folder(fresh, expected)
        if leaks:
            raise DisclosureError(leak_message(study, leaks))
        for folder in (*(p for p in fresh.rglob("*") if p.is_dir()), fresh):
            sync_folder(folder)
        with room_for(final):
            if final.exists():
                final.rename(old)
            fresh.rename(final)
            sync_folder(home)
    finally:
        shutil.rmtree(closed, ignore_errors=True)
        if final.exists():
            shutil.rmtree(old, ignore_errors=True)


def leak_message(study: str, leaks: list[Leak]) -> str:
    """List everything that stopped a release: file, place, reason and count, never a value."""
    lines = [
        f"  {leak.file}, {leak.place}: {leak.reason}"
        + (f" ({leak.count} times)" if leak.count > 1 else "")
        for leak in leaks
    ]
    return (
        f"{study}: not released, {len(leaks)} things may not be shown. Nothing was changed.\n"
        + "\n".join(lines)
        + "\nPut each number into a table of the study, or take it out of the words, then run "
        "the study again."
    )


def _remarks(study: SealedStudy, tables: Mapping[str, ProtectedTable]) -> tuple[str, ...]:
    """Say in words what a reader will miss."""
    empty = [f"Table {name}: no number may be shown." for name, t in tables.items() if t.is_empty]
    main = main_is_hidden(study.record, tables)
    unlisted = unlisted_sources(study)
    return (
        *([f"Data {UNLISTED}: {', '.join(unlisted)}."] if unlisted else []),
        *(["The main estimate is hidden: it rests on too few."] if main else []),
        *empty,
    )
