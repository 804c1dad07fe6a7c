"""The form of `record.json`: a versioned JSON schema, checked when a run is sealed."""

import json
import sys
from importlib.resources import files
from typing import Any

from evalkit.errors import AnalysisError

RECORD_SCHEMA = "evalkit-record/1"
_SCHEMA_FILE = "record.schema.json"
_GRAMMARS = "rfc3987_syntax"
"""What jsonschema checks international addresses with, if it is there."""


def import_jsonschema() -> Any:
    """Import jsonschema without its parser of international addresses, and return it.

    That parser compiles 38 grammars when it is imported: more than a second of each process, for
    a format that no schema here has. Whoever imports jsonschema later (papermill does) gains too.
    """
    loaded: dict[str, Any] = sys.modules
    stood = loaded.setdefault(_GRAMMARS, None)  # None tells Python that it cannot be imported
    try:
        import jsonschema
    finally:
        if stood is None:
            del loaded[_GRAMMARS]
    return jsonschema


def read_record_schema() -> dict[str, Any]:
    """Return the JSON schema of `record.json`."""
    text = files("evalkit.record").joinpath(_SCHEMA_FILE).read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def check_record(record: Any) -> None:
    """Refuse a record that does not have the form; name every place, and no value."""
    validator = import_jsonschema().Draft202012Validator
    found = validator(read_record_schema()).iter_errors(record)
    faults = sorted(
        {f"{'/'.join(map(str, e.absolute_path)) or 'top'} ({e.validator})" for e in found}
    )
    if faults:
        raise AnalysisError(
            f"record.json: {len(faults)} places do not have the form {RECORD_SCHEMA}: "
            f"{'; '.join(faults[:20])}. Conclude the notebook with staging.conclude()."
        )
