"""Data in: files and databases, checked against their contracts, joined into a panel."""

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
