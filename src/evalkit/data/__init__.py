"""Data in: files and databases, checked against their contracts, joined into a panel."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evalkit.data.design_table import make_table
    from evalkit.data.panel import make_panel, panel_coverage
    from evalkit.data.role_tables import make_role_tables
    from evalkit.data.sources import Source, extract_connections, read_sources

__all__ = [
    "Source",
    "extract_connections",
    "make_panel",
    "make_role_tables",
    "make_table",
    "panel_coverage",
    "read_sources",
]
_HOME = {
    "Source": "sources",
    "extract_connections": "sources",
    "make_panel": "panel",
    "make_role_tables": "role_tables",
    "make_table": "design_table",
    "panel_coverage": "panel",
    "read_sources": "sources",
}


def __getattr__(name: str) -> Any:
    """Import what needs pandas only where it is used: a runner, which hashes files, needs none."""
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"evalkit.data.{_HOME[name]}"), name)
