"""Read a sealed run for release: its record, its tables, and whether they are as sealed."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from evalkit.disclosure.profiles import Profile, load_profiles
from evalkit.errors import DisclosureError
from evalkit.record.hashes import hash_files
from evalkit.record.schema import check_record
from evalkit.record.tables import Column, Margin, TableSpec

_RECORD, _RUN = "record.json", "run.json"


@dataclass(frozen=True, slots=True)
class SealedStudy:
    """A sealed run whose files are as they were sealed."""

    folder: Path
    record: dict[str, Any]
    run: dict[str, Any]
    record_sha256: str

    @property
    def study(self) -> str:
        """The study's name."""
        return str(self.record["study"])

    @property
    def synthetic(self) -> bool:
        """Whether there are sources, and every one is synthetic by its datasheet."""
        sources = self.record["sources"]
        return bool(sources) and all(source["synthetic"] is True for source in sources)

    @property
    def without_data(self) -> bool:
        """Whether the study reads no data at all."""
        return not self.record["sources"]


def read_sealed(folder: Path) -> SealedStudy:
    """Read a run folder; refuse one that is unsealed, changed since, or did not end well."""
    record, run = _read_json(folder, _RECORD), _read_json(folder, _RUN)
    where = f"{folder.parent.name}/{folder.name}"
    if run.get("status") != "ok":
        raise DisclosureError(
            f"{where}: the run did not end well (status {run.get('status')}), so nothing of it can "
            "be released. Mend what stopped it, and run the study again."
        )
    found = hash_files(folder)
    found.pop(_RUN)
    sealed = run.get("files", {})
    listed = _listed_files(record)
    changed = {n for n in found.keys() | sealed.keys() if found.get(n) != sealed.get(n)}
    changed |= {n for n, digest in listed.items() if found.get(n) != digest}
    if changed:
        raise DisclosureError(
            f"{where}: {len(changed)} files are not as they were sealed "
            f"({', '.join(sorted(changed)[:10])}). Run the study again."
        )
    check_record(record)
    return SealedStudy(folder, record, run, found[_RECORD])


def source_profiles(record: dict[str, Any]) -> dict[str, Profile]:
    """Return the rules of each source of a record."""
    rules = load_profiles()
    unknown = sorted({s["profile"] for s in record["sources"]} - set(rules))
    if unknown:
        raise DisclosureError(
            f"{record['study']}: unknown disclosure profiles ({len(unknown)}): "
            f"{', '.join(unknown)}. Known: {', '.join(sorted(rules))}."
        )
    return {s["name"]: rules[s["profile"]] for s in record["sources"]}


def read_table(study: SealedStudy, entry: dict[str, Any]) -> tuple[TableSpec, pd.DataFrame]:
    """Return one table of a run with its specification."""
    columns = tuple(Column(**{**c, "sources": tuple(c["sources"])}) for c in entry["columns"])
    spec = TableSpec(
        name=entry["name"],
        title=entry["title"],
        description=entry["description"],
        columns=columns,
        margins=tuple(Margin(margin["group"], margin["total"]) for margin in entry["margins"]),
        rules_by=tuple(entry["rules_by"]),
        totals_elsewhere=tuple(entry["totals_elsewhere"]),
        sums_of=entry["sums_of"],
    )
    try:
        return spec, pd.read_parquet(study.folder / "tables" / f"{spec.name}.parquet")
    except (OSError, ValueError):
        raise DisclosureError(
            f"table {spec.name}: its file is missing or cannot be read. Run the study again."
        ) from None


def whole_base(record: dict[str, Any]) -> float | None:
    """Return what the primary estimate rests on: what its own table says, or the least there is.

    The table of estimates shows the answer too, so both must show it or neither. Without that table
    it is the least of `n` and `clusters`. `df` is of the interval: where there are no clusters it
    is what a fit's rows leave over, which few of could give rows away, and it counts as well.
    """
    for row in record["estimates"]:
        if all(str(row.get(key)) == value for key, value in record["primary"].items()):
            base = _base_of_estimates(record)
            stated = [row.get(base)] if base in row else [row.get("n"), row.get("clusters")]
            stated += [row.get("df")] if row.get("clusters") is None else []
            return min((float(value) for value in stated if value is not None), default=None)
    return None


def _base_of_estimates(record: dict[str, Any]) -> str | None:
    """Return the column on which the table of estimates says that its estimates rest."""
    columns = [
        c for t in record.get("tables", ()) if t["name"] == "estimates" for c in t["columns"]
    ]
    return next((c["base"] for c in columns if c["name"] == "estimate"), None)


def _listed_files(record: dict[str, Any]) -> dict[str, str]:
    entries = [*record.get("tables", []), *record.get("figures", [])]
    return {name: digest for entry in entries for name, digest in entry["files"].items()}


def _read_json(folder: Path, name: str) -> dict[str, Any]:
    try:
        content = json.loads((folder / name).read_text("utf-8"))
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict):
        raise DisclosureError(
            f"{folder.parent.name}/{folder.name}: is not sealed ({name} is missing or cannot be "
            "read). Only a run made by `evalkit run` can be released; one made by papermill or "
            "in JupyterLab cannot."
        )
    return content
