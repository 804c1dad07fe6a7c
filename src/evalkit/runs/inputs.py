"""What a run depends on, as hashes: the run's key, and what changed since another run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.record.hashes import (
    hash_code,
    hash_data,
    hash_environment,
    hash_json,
    hash_notebook,
)
from evalkit.runs.listing import KEY_LENGTH, SealedRun
from evalkit.runs.sources import find_profiles, find_synthetic


@dataclass(frozen=True, slots=True)
class Inputs:
    """Hashes of everything that can change a result; `sources` has one for each source.

    `synthetic` and `profiles` say of each source what it may be called and whose rules protect
    it: a declaration that is withdrawn makes a new run due.
    """

    notebook: str
    code: str
    parameters: str
    sources: dict[str, str]
    synthetic: dict[str, bool]
    profiles: dict[str, str]
    environment: str
    register: str

    @property
    def data(self) -> str:
        """One hash for all sources."""
        return hash_data(self.sources)

    @property
    def key(self) -> str:
        """The run's key: the hash of all inputs."""
        return hash_json(self.as_json())

    @property
    def short_key(self) -> str:
        """The name of the folder that a run with this key is sealed in."""
        return self.key[:KEY_LENGTH]

    def as_json(self) -> dict[str, Any]:
        """Write the inputs out for `run.json`."""
        return {
            "notebook": self.notebook,
            "code": self.code,
            "parameters": self.parameters,
            "sources": dict(self.sources),
            "synthetic": dict(self.synthetic),
            "profiles": dict(self.profiles),
            "environment": self.environment,
            "register": self.register,
        }


def gather_inputs(
    *,
    notebook: Mapping[str, Any],
    parameters: Mapping[str, Any],
    sources: Mapping[str, str],
    comparison: Mapping[str, Any],
    root: Path,
    code: str | None = None,
) -> Inputs:
    """Hash what a run depends on; `code` is the hash of evalkit's source, if it was read before.

    The register is among it, because the record states how the run compares with it.
    """
    return Inputs(
        notebook=hash_notebook(notebook),
        code=code or hash_code(),
        parameters=hash_json(parameters),
        sources=dict(sources),
        synthetic=find_synthetic(parameters, sources, root),
        profiles=find_profiles(parameters, sources),
        environment=hash_environment(root),
        register=hash_json(comparison),
    )


def explain_change(inputs: Inputs, parameters: Mapping[str, Any], newest: SealedRun | None) -> str:
    """Say in words why a run is due, compared with the newest sealed run."""
    if newest is None:
        return "no sealed run of this study yet"
    before = newest.run["inputs"]
    now = inputs.as_json()
    changes = [_WORDS[name] for name in _WORDS if before.get(name) != now[name]]
    changes += _changed_names("parameters", newest.record["parameters"], parameters)
    changes += _changed_names("data of", before.get("sources", {}), inputs.sources)
    changes += _changed_names(
        "what is declared synthetic of", before.get("synthetic", {}), inputs.synthetic
    )
    if not changes:
        return "the newest sealed run is as it would be now"
    return f"changed since the newest sealed run ({newest.key}): {'; '.join(changes)}"


_WORDS = {
    "notebook": "the notebook's code",
    "code": "evalkit's own code",
    "environment": "the installed packages",
    "register": "the registered protocol",
}


def _changed_names(kind: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    both = before.keys() & now.keys()
    names = sorted((before.keys() ^ now.keys()) | {n for n in both if before[n] != now[n]})
    return [f"{kind} {', '.join(names)}"] if names else []
