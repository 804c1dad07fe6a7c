"""Names that nearly match, and names that stand twice."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(name: str, known: Iterable[str]) -> str:
    """Offer the nearest known names: ` Did you mean seed?`, or nothing."""
    near = get_close_matches(name, list(known), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(near)}?" if near else ""


def repeated(items: list[str]) -> list[str]:
    """Return, in order, each item that stands more than once."""
    return sorted({item for item in items if items.count(item) > 1})
