"""One text for one value, so that equal values have equal hashes on every machine."""

import hashlib
import json


def canonical_text(value: object) -> str:
    """Write plain values as JSON with sorted names, no spaces and no NaN."""
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def hash_text(text: str) -> str:
    """Give the SHA-256 of the text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
