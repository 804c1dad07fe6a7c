"""What the runs of a sweep found, as one tidy table, and what they say together."""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.fits.pooling import Pooled, fit_pooled
from evalkit.fits.site_shrinkage import shrink_sites
from evalkit.inference.arrays import Floats
from evalkit.inference.multiplicity import adjust_holm
from evalkit.planning.specification_curve import Summary, summarise_curve
from evalkit.record.files import make_private, write_file
from evalkit.runs.listing import SealedRun, changed_files, list_runs
from evalkit.sweeps.files import SweepRun

NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "level", "n", "clusters", "df")
FEWEST = 3
"""Runs below which there is nothing to pool."""


@dataclass(frozen=True, slots=True)
class SweepResults:
    """One row a run that is sealed, and the names of those that are not.

    `unlike` names runs of other data, code, notebook or packages than the newest of the sweep.
    """

    rows: pd.DataFrame
    missing: tuple[str, ...]
    unlike: tuple[str, ...] = ()


def collect_results(runs: Iterable[SweepRun], root: Path | None = None) -> SweepResults:
    """Read the newest sealed run of each study that has the sweep's parameters.

    Columns: `study, key`, each varied parameter in words, the headline's numbers (`estimate,
    std_error, conf_low, conf_high, level, n, clusters, df`), `claim`, and how many checks give
    `concern` and `cannot_tell`. A run whose files changed since it was sealed counts as missing.
    """
    rows, missing, found = [], [], list[SealedRun]()
    for run in runs:
        sealed = _find(run, root)
        if sealed is None:
            missing.append(run.study)
        else:
            found.append(sealed)
            rows.append(_row(run, sealed))
    return SweepResults(pd.DataFrame(rows), tuple(missing), tuple(_unlike(found)))


def pool_results(rows: pd.DataFrame) -> tuple[pd.DataFrame, Pooled]:
    """Add to each run its shrunk estimate, and whether it lies outside the funnel; and pool all.

    For runs of different sites: they must share no data. Columns added: `shrunk, shrunk_low,
    shrunk_high`, `z` (distance from the pooled effect in its own standard deviations, between
    sites among them) and `p_holm` of that distance. Raises AnalysisError below three runs.
    """
    known = rows.dropna(subset=["estimate", "std_error"])
    if len(known) < FEWEST:
        raise AnalysisError(
            f"sweep: {len(known)} runs have an estimate with a standard error, and pooling needs "
            f"{FEWEST}. Run more, or read them one by one."
        )
    estimates = known["estimate"].to_numpy(float)
    variances = known["std_error"].to_numpy(float) ** 2
    pooled = fit_pooled(estimates, variances, level=float(known["level"].iloc[0]))
    shrunk = shrink_sites(estimates, variances, pooled)
    z = (estimates - pooled.effect.estimate) / np.sqrt(variances + pooled.tau2)
    added = pd.DataFrame(
        {
            "shrunk": shrunk.estimate,
            "shrunk_low": shrunk.conf_low,
            "shrunk_high": shrunk.conf_high,
            "z": z,
            "p_holm": adjust_holm(_two_sided(z)),
        },
        index=known.index,
    )
    return rows.join(added), pooled


def curve_of(rows: pd.DataFrame) -> Summary:
    """Sum up runs that ask one question of the same data in several ways."""
    return summarise_curve(rows.dropna(subset=["estimate"]))


def write_results(rows: pd.DataFrame, folder: Path) -> list[Path]:
    """Write the table as `results.csv` and `results.parquet`, each whole or not at all."""
    make_private(folder)
    parquet = io.BytesIO()
    rows.to_parquet(parquet, index=False)
    contents = {
        "results.csv": rows.to_csv(index=False, lineterminator="\n").encode(),
        "results.parquet": parquet.getvalue(),
    }
    for name, content in contents.items():
        write_file(folder / name, content)
    return [folder / name for name in contents]


def _two_sided(z: Floats) -> Floats:
    return np.asarray(2 * stats.norm.sf(np.abs(z)))


def _unlike(found: list[SealedRun]) -> Iterator[str]:
    """Yield each study that rests on something else than the newest run that had it from there."""
    newest: dict[tuple[str, str], object] = {}
    for sealed in sorted(found, key=lambda run: str(run.run["finished"]), reverse=True):
        inputs = sealed.run["inputs"]
        rests_on = {(name, ""): inputs[name] for name in ("code", "environment")}
        rests_on["notebook", str(sealed.record["parameters"]["notebook"])] = inputs["notebook"]
        for name, digest in inputs["sources"].items():
            rests_on[name, str(sealed.record["parameters"].get(f"{name}_file"))] = digest
        if any(newest.setdefault(place, digest) != digest for place, digest in rests_on.items()):
            yield sealed.study


def _find(run: SweepRun, root: Path | None) -> SealedRun | None:
    """Return the newest whole run of a study with all of the sweep's parameters."""
    for sealed in list_runs(root, run.study):
        asked = sealed.record["parameters"]
        if all(asked.get(name) == value for name, value in run.parameters.items()):
            return None if changed_files(sealed) else sealed
    return None


def _row(run: SweepRun, sealed: SealedRun) -> dict[str, Any]:
    record = sealed.record
    headline = _headline(record)
    verdicts = [check["verdict"] for check in record["checks"]]
    return {
        "study": run.study,
        "key": sealed.key,
        **{name: _plain(value) for name, value in run.varied.items()},
        **{name: headline.get(name) for name in NUMBERS},
        "claim": record["finding"]["claim"],
        "concern": verdicts.count("concern"),
        "cannot_tell": verdicts.count("cannot tell"),
    }


def _headline(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the first estimate that the record's conclusion rests on."""
    wanted = record["primary"].items()
    rows: list[Mapping[str, Any]] = record["estimates"]
    return next(row for row in rows if all(row.get(name) == value for name, value in wanted))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(part)}" for name, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else value
