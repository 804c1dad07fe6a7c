"""Figures as files: SVG and PNG, the same bytes from the same figure, each with its words."""

import re
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from evalkit.charts.style import FONT_STACK, chart_style
from evalkit.errors import DisclosureError

_FAMILIES = re.compile(r'(<text style="[^"]*?font-family: )[^;"]*')
_NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))


def save_figure(figure: Figure, folder: Path, name: str, *, alt: str) -> list[Path]:
    """Write `name.svg` and `name.png` into a folder, with the alternative text inside both."""
    paths = []
    for suffix, content in render_figure(figure, name, alt=alt).items():
        path = folder / f"{name}.{suffix}"
        path.write_bytes(content)
        paths.append(path)
    return paths


def render_figure(figure: Figure, name: str, *, alt: str) -> dict[str, bytes]:
    """Return a figure's `svg` and `png` bytes, without date, host or random identifiers."""
    words = alt.strip()
    if not words:
        raise DisclosureError(
            f"figure {name}: it has no alternative text. Describe it in words; describe() of its "
            "chart does so from the same table."
        )
    title = str(figure.get_label() or name.replace("_", " "))
    with chart_style(), rc_context({"svg.hashsalt": f"evalkit-{name}"}):
        png = _render(figure, "png", {"Software": None, "Title": title, "Description": words})
        svg = _render(figure, "svg", _NO_METADATA).decode()
    return {"svg": _with_words(svg, name, title, words).encode(), "png": png}


def _render(figure: Figure, suffix: str, metadata: dict[str, Any]) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format=suffix, metadata=metadata)
    return buffer.getvalue()


def _with_words(svg: str, name: str, title: str, words: str) -> str:
    """Put title and description first, and name the fonts that a reader's machine may have."""
    stack = ", ".join(f"'{font}'" for font in FONT_STACK)
    named = _FAMILIES.sub(rf"\g<1>{stack}, sans-serif", svg[svg.index("<svg") :])
    head, _, body = named.partition(">")
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n{head} role="img" lang="en-GB" '
        f'aria-labelledby="{name}-title {name}-description">\n'
        f' <title id="{name}-title">{escape(title, quote=False)}</title>\n'
        f' <desc id="{name}-description">{escape(words, quote=False)}</desc>{body}'
    )
