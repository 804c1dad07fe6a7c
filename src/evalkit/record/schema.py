"""The form of `record.json`: a versioned JSON schema, checked when a run is sealed."""

import json
from importlib.resources import files
from typing import Any

from evalkit.errors import AnalysisError

RECORD_SCHEMA = "evalkit-record/1"
_SCHEMA_FILE = "record.schema.json"


def read_record_schema() -> dict[str, Any]:
    """Return the JSON schema of `record.json`."""
    text = files("evalkit.record").joinpath(_SCHEMA_FILE).read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def check_record(record: Any) -> None:
    """Refuse a record that does not have the form; name every place, and no value."""
    from jsonschema import Draft202012Validator

    found = Draft202012Validator(read_record_schema()).iter_errors(record)
    faults = sorted(
        {f"{'/'.join(map(str, e.absolute_path)) or 'top'} ({e.validator})" for e in found}
    )
    if faults:
        raise AnalysisError(
            f"record.json: {len(faults)} places do not have the form {RECORD_SCHEMA}: "
            f"{'; '.join(faults[:20])}. Conclude the notebook with staging.conclude()."
        )
