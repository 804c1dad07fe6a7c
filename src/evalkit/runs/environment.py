"""The environment that a notebook's kernel sees: a short list, and never a secret."""

import re
from collections.abc import Mapping

_EXACT = frozenset(
    {
        "PATH",
        "HOME",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "VIRTUAL_ENV",
        "IPYTHONDIR",
        "MPLBACKEND",
        "EVALKIT_PROJECT",
        "EVALKIT_DATA_ROOT",
        "EVALKIT_STAGING",
        "EVALKIT_EXTRACTS",
    }
)
_PREFIXES = ("LC_", "PYTHON", "JUPYTER")
_SECRET = re.compile(r"TOKEN|PASSWORD|PASSWD|SECRET|CREDENTIAL|_KEY", re.IGNORECASE)
_FIXED = {"PYTHONHASHSEED": "0"}
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Sums of linear algebra depend, in their last digit, on how many threads share them."""


def kernel_environment(
    outer: Mapping[str, str], added: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the variables that a kernel may see, out of those around the runner."""
    kept = {name: value for name, value in outer.items() if _allowed(name)}
    return _FIXED | kept | ONE_THREAD | dict(added or {})


def _allowed(name: str) -> bool:
    listed = name in _EXACT or name.startswith(_PREFIXES)
    return listed and not _SECRET.search(name)
