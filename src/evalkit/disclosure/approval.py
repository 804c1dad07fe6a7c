"""Who approves a release: a person, or a rule where no person's data are read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalkit.disclosure.history import is_name, make_decision
from evalkit.disclosure.sealed import SealedStudy
from evalkit.errors import DisclosureError, EnvironmentFault, ParameterError
from evalkit.project import project_root, resolve_data_path

_BY_RULE = "the rule for synthetic data"
_WITHOUT_DATA = "the rule for studies without data"
UNLISTED = "are called synthetic, and no datapackage.json lists them with the hash that was read"
_LONGEST_NAME = 100


def approve(study: SealedStudy, approved_by: str | None) -> dict[str, Any]:
    """Say who approves: a person; or the rule, where all is and was synthetic, or no data are."""
    name = (approved_by or "").strip()
    if approved_by is not None and not is_name(name):
        raise DisclosureError(
            f"{study.study}: --approved-by is no name of a person. Give a name of at most "
            f"{_LONGEST_NAME} letters."
        )
    if name:
        return {"by": name, "kind": "person"}
    if study.without_data:
        return {"by": _WITHOUT_DATA, "kind": "without data"}
    real = [source["name"] for source in study.record["sources"] if not source["synthetic"]]
    unlisted = unlisted_sources(study)
    if study.synthetic and not unlisted:
        return {"by": _BY_RULE, "kind": "synthetic by rule"}
    faults = [
        f"{len(names)} of its sources {what} ({', '.join(names)})"
        for names, what in ((real, "are not synthetic"), (unlisted, UNLISTED))
        if names
    ]
    raise DisclosureError(
        f"{study.study}: {'; '.join(faults)}, so a person must approve the release. Look through "
        f'the run, then type: evalkit release {study.study} --approved-by "YOUR NAME"'
    )


def decision_to_log(
    study: SealedStudy, approved_by: str | None, reason: str | None
) -> list[dict[str, Any]]:
    """Return the decision to log: none where no reason is given."""
    if approved_by is None or reason is None:
        return []
    made = make_decision(study.study, "approved", approved_by, reason, study.record_sha256)
    return [made]


def refuse_refused(
    study: SealedStudy, log: list[dict[str, Any]], approval: Mapping[str, Any]
) -> None:
    """Refuse what a person refused, unless a person approves it now."""
    own = [d["decision"] for d in log if d["record_sha256"] == study.record_sha256]
    if own and own[-1] != "approved" and approval["kind"] != "person":
        raise DisclosureError(
            f"{study.study}: a person decided on this run ({own[-1]}), so no rule releases it. "
            f"Change the study and run it again, or type: evalkit release {study.study} --approve "
            '"YOUR NAME" --reason "WHY"'
        )


def unlisted_sources(study: SealedStudy) -> list[str]:
    """Name the sources that the record calls synthetic and no datapackage.json lists by its hash.

    The record alone is not believed: a declaration may have been withdrawn since, or the
    record written by somebody who may write to the folder of runs.
    """
    parameters, root = study.record["parameters"], project_root()
    claimed = [source for source in study.record["sources"] if source["synthetic"]]
    return [
        source["name"]
        for source in claimed
        if not _is_listed(parameters.get(f"{source['name']}_file"), source["sha256"], root)
    ]


def _is_listed(file: str | None, sha256: str, root: Path) -> bool:
    from evalkit.data.datapackage import is_synthetic

    try:
        return file is not None and is_synthetic(resolve_data_path(file, root), sha256, root)
    except (EnvironmentFault, ParameterError):
        return False
