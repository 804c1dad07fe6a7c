"""The record: what a notebook stages, how it is written, and what it is hashed from."""

from typing import TYPE_CHECKING, Any

from evalkit.record.tables import Column, Margin, TableSpec

if TYPE_CHECKING:
    from evalkit.record.staging import Staging, open_staging

__all__ = ["Column", "Margin", "Staging", "TableSpec", "open_staging"]


def __getattr__(name: str) -> Any:
    """Import what needs the plotting stack only where it is used: the runner never does."""
    if name not in ("Staging", "open_staging"):
        raise AttributeError(name)
    from evalkit.record import staging

    return getattr(staging, name)
