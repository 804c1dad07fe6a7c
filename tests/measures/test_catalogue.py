"""The catalogue of measures: whole, placed, and said in the docs."""

from pathlib import Path

from evalkit.measures.catalogue import MEASURES, tabulate_measures
from evalkit.study.fields import TOUCHPOINTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods" / "measures.md"


def test_every_measure_is_placed() -> None:
    """Each measure has a facet, touchpoints of the journey, a rule, and a key of its own."""
    assert len({m.key for m in MEASURES}) == len(MEASURES)
    for measure in MEASURES:
        assert measure.facets, measure.key
        assert set(measure.touchpoints) <= set(TOUCHPOINTS)
        assert measure.rule


def test_recalled_rules_say_what_is_not_verified() -> None:
    """A rule from memory says what of it nobody has checked."""
    assert all(m.unverified for m in MEASURES if m.source == "recalled")


def test_page_lists_every_measure() -> None:
    """The methods page has a row for each measure, with its source and what is not verified."""
    page = PAGE.read_text("utf-8")
    for row in tabulate_measures().itertuples():
        line = next((line for line in page.splitlines() if f"`{row.measure}`" in line), "")
        assert row.rule in line, row.measure
        assert f"| {row.source} |" in line, row.measure
        assert row.unverified in line, row.measure
