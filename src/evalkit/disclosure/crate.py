"""Write where a release comes from, as an RO-Crate: enough to make the study again, and no data.

RO-Crate 1.1 with the Process Run Crate profile 0.5. What a person or a program needs to run the
study again is named with its hash: parameters, code, notebook, packages, data, record.
"""

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from evalkit.disclosure.scan_json import SYNTHETIC_DATA
from evalkit.disclosure.sealed import SealedStudy
from evalkit.record.files import json_bytes

CRATE_FILE = "ro-crate-metadata.json"
PARAMETERS_FILE = "provenance/parameters.json"
PARAMETERS_SCHEMA = "evalkit-parameters/1"
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
UNSTATED = "Ask the publisher of the data. evalkit itself is under the MIT licence."
OPEN_LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
_CLOSED = ("_connection", "_query")

Entity = dict[str, Any]


def make_crate(
    study: SealedStudy,
    files: Iterable[str],
    approval: Mapping[str, Any],
    decisions: Iterable[Mapping[str, Any]],
) -> dict[str, bytes]:
    """Return the crate's two files: its description, and the parameters to run the study with."""
    names = [*sorted(files), PARAMETERS_FILE]
    people = _people(approval, decisions)
    graph = [
        _descriptor(),
        _root(study, names, approval),
        *({"@id": name, "@type": "File", "name": name} for name in names),
        *_tools(study),
        *_data(study),
        *people,
        _run(study, names, people),
    ]
    return {
        CRATE_FILE: json_bytes({"@context": CONTEXT, "@graph": graph}),
        PARAMETERS_FILE: json_bytes(told_parameters(study.record)),
    }


def told_parameters(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters without addresses of databases and queries, which are named only."""
    given = record["parameters"]
    closed = sorted(n for n, v in given.items() if n.endswith(_CLOSED) and v is not None)
    return {
        "schema": PARAMETERS_SCHEMA,
        "data": SYNTHETIC_DATA if record["synthetic"] else None,
        "withheld": closed,
        "parameters": {name: value for name, value in given.items() if name not in closed},
    }


def _descriptor() -> Entity:
    return {
        "@id": CRATE_FILE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": [{"@id": SPECIFICATION}],
    }


def _root(study: SealedStudy, names: list[str], approval: Mapping[str, Any]) -> Entity:
    synthetic = study.record["synthetic"]
    origin = f"{SYNTHETIC_DATA}. " if synthetic else ""
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": study.record["title"],
        "description": f"{origin}{study.record['question']}",
        "identifier": _sha256(study.record_sha256),
        "datePublished": approval["date"],
        "license": {"@id": OPEN_LICENCE} if synthetic else UNSTATED,
        "conformsTo": [{"@id": PROFILE}],
        "hasPart": [{"@id": name} for name in names],
        "mentions": [{"@id": "#run"}],
    }


def _tools(study: SealedStudy) -> list[Entity]:
    """Describe what made the numbers: the code, the notebook and the packages."""
    hashes = study.record["hashes"]
    return [
        {
            "@id": "#code",
            "@type": "SoftwareApplication",
            "name": "evalkit",
            "version": version("evalkit"),
            "identifier": _sha256(hashes["code"]),
            "softwareRequirements": {"@id": "#environment"},
        },
        {
            "@id": "#notebook",
            "@type": "SoftwareSourceCode",
            "name": study.record["notebook"],
            "identifier": _sha256(hashes["notebook"]),
        },
        {
            "@id": "#environment",
            "@type": "CreativeWork",
            "name": "requirements.lock",
            "description": "The lock file, Python and the packages installed, as one hash.",
            "identifier": _sha256(hashes["environment"]),
        },
    ]


def _data(study: SealedStudy) -> list[Entity]:
    """Name each source, the place it was read from and its hash; none of its rows."""
    given = study.record["parameters"]
    return [
        {
            "@id": f"#data-{source['name']}",
            "@type": "CreativeWork",
            "name": source["name"],
            "alternateName": given.get(f"{source['name']}_file") or "a database",
            "description": SYNTHETIC_DATA if source["synthetic"] else "Data of people; not here",
            "identifier": _sha256(source["sha256"]),
        }
        for source in study.record["sources"]
    ]


def _people(approval: Mapping[str, Any], decisions: Iterable[Mapping[str, Any]]) -> list[Entity]:
    """Return who decided about the release; a rule is no person."""
    made = {(entry["by"], entry["decision"]) for entry in decisions}
    if approval["kind"] == "person":
        made.add((approval["by"], "approved"))
    names = sorted({name for name, _ in made})
    return [
        {
            "@id": f"#person-{place}",
            "@type": "Person",
            "name": name,
            "description": ", ".join(sorted(done for by, done in made if by == name)),
        }
        for place, name in enumerate(names, start=1)
    ]


def _run(study: SealedStudy, names: list[str], people: list[Entity]) -> Entity:
    read = [PARAMETERS_FILE, *(f"#data-{s['name']}" for s in study.record["sources"])]
    made = [name for name in names if name != PARAMETERS_FILE]
    return {
        "@id": "#run",
        "@type": "CreateAction",
        "name": study.study,
        "description": "The study was run, and what may be shown of it was released.",
        "instrument": [{"@id": "#notebook"}, {"@id": "#code"}],
        "object": [{"@id": name} for name in read],
        "result": [{"@id": name} for name in made],
        "agent": [{"@id": person["@id"]} for person in people],
    }


def _sha256(digest: str) -> str:
    return f"sha256:{digest}"
