"""What differs between two sealed runs: estimates, counts, conclusions, parameters, versions."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from evalkit.runs.listing import SealedRun

LABELS = ("term", "outcome", "facet", "group", "method", "label")
NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "n", "clusters")


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not the same; None where one of the runs does not have it."""

    what: str
    first: Any
    second: Any


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side; each list is empty where nothing differs.

    `conclusion` says that the claim, or a check's verdict, changed: what a reader would act on.
    """

    conclusion: list[Difference] = field(default_factory=list)
    estimates: list[Difference] = field(default_factory=list)
    data: list[Difference] = field(default_factory=list)
    parameters: list[Difference] = field(default_factory=list)
    versions: list[Difference] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        """Nothing differs."""
        return not any(asdict(self).values())


def compare_runs(
    first: SealedRun, second: SealedRun, *, relative: float = 1e-9, absolute: float = 1e-12
) -> Comparison:
    """Compare two runs; numbers count as equal within either tolerance."""
    one, other = first.record, second.record

    def differs(a: Any, b: Any) -> bool:
        if isinstance(a, int | float) and isinstance(b, int | float):
            return not math.isclose(a, b, rel_tol=relative, abs_tol=absolute)
        return bool(a != b)

    def among(name: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Difference]:
        names = [*a, *(extra for extra in b if extra not in a)]
        pairs = [(key, a.get(key), b.get(key)) for key in names]
        return [Difference(name.format(key), x, y) for key, x, y in pairs if differs(x, y)]

    return Comparison(
        conclusion=[
            *among("{}", _conclusion(one), _conclusion(other)),
            *among("check, {}", _verdicts(one), _verdicts(other)),
        ],
        estimates=among("{}", _numbers(one), _numbers(other)),
        data=among("{}", _data(one), _data(other)),
        parameters=among("{}", one["parameters"], other["parameters"]),
        versions=among("{}", _versions(first), _versions(second)),
    )


def _conclusion(record: Mapping[str, Any]) -> dict[str, Any]:
    return {"claim": record["finding"]["claim"]}


def _verdicts(record: Mapping[str, Any]) -> dict[str, str]:
    return {check["question"]: check["verdict"] for check in record["checks"]}


def _numbers(record: Mapping[str, Any]) -> dict[str, Any]:
    """Every number of every estimate, by what it is of; the same label twice is counted."""
    found: dict[str, Any] = {}
    for row in record["estimates"]:
        label = ", ".join(str(row[name]) for name in LABELS if row.get(name))
        times = sum(key.startswith(f"{label}: estimate") for key in found)
        label = f"{label} ({times + 1})" if times else label
        found |= {f"{label}: {name}": row[name] for name in NUMBERS if name in row}
    return found


def _data(record: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for source in record["sources"]:
        found |= {f"{source['name']}, {what}": source[what] for what in ("rows", "sha256")}
    return found


def _versions(run: SealedRun) -> dict[str, Any]:
    hashes = {name: run.record["hashes"][name] for name in ("code", "notebook")}
    return {"python": run.run["python"], **run.run["versions"], **hashes}
