"""Figures and tables that a page does not draw itself: alternative text, table, nothing fetched."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalkit.reports.bundle import read_bundle
from evalkit.reports.figures import list_shown, write_figures

SVG = '<svg xmlns="http://www.w3.org/2000/svg"></svg>'


@pytest.fixture
def released(
    content: dict[str, Any],
    write: Callable[[dict[str, Any]], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Return a folder of releases whose study has one drawn table and one without a figure."""
    columns = [
        {"name": "label", "label": "What", "kind": "label", "unit": "", "decimals": None},
        {"name": "value", "label": "Value", "kind": "estimate", "unit": "", "decimals": 1},
    ]
    table = {"title": "A & B", "description": "Seen.", "columns": columns, "rows": [["x", 1.5]]}
    content["tables"] |= {"series": table, "weights": table | {"title": "Weights"}}
    content["figures"] = {
        "series": {
            "title": "A & B",
            "alt": 'It "rose" <b>',
            "table": "series",
            "svg": "figures/series.svg",
            "png": None,
        }
    }
    folder = write(content)
    place = folder / content["study"] / "figures" / "series.svg"
    place.parent.mkdir(exist_ok=True)
    place.write_text(SVG, "utf-8")
    monkeypatch.setenv("EVALKIT_RELEASED", str(folder))
    return folder


def test_the_figure_is_in_the_page_with_its_words_and_table(released: Path) -> None:
    """The drawing is held by the page itself; its alternative text and table are escaped."""
    bundle = read_bundle(released, "staff_wellbeing")
    page = write_figures(bundle)
    assert 'alt="It &quot;rose&quot; &lt;b&gt;"' in page
    assert 'src="data:image/svg+xml;base64,' in page
    assert "A &amp; B" in page
    assert 'role="region" aria-label="Chart: A &amp; B" tabindex="0"' in page
    assert page.count("<details>") == 2


def test_what_has_a_place_of_its_own_is_not_shown_twice(released: Path) -> None:
    """Headline, estimates, facets and checks are elsewhere; the drawn table comes first."""
    shown = list_shown(read_bundle(released, "staff_wellbeing"))
    assert shown == ["series", "weights"]


def test_a_drawing_s_words_are_not_said_twice(
    released: Path, content: dict[str, Any], write: Callable[[dict[str, Any]], Path]
) -> None:
    """A title and a tag that stand in the drawing are left to it; a table alone keeps both."""
    for name in ("series", "weights"):
        content["tables"][name] = content["tables"][name] | {"description": "Synthetic data. Seen."}
    page = write_figures(read_bundle(write(content), "staff_wellbeing"))
    drawn, alone = page.split('<div class="shown">')[1:]
    assert '<span class="visually-hidden">A &amp; B. </span>Seen.</figcaption>' in drawn
    assert "<strong>Weights</strong><br>Synthetic data. Seen." in alone
