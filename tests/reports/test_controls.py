"""The controls change the view in place, and only to what the bundle holds."""

from typing import Any

import ipywidgets
import pytest

from evalkit.reports.bundle import Bundle
from evalkit.reports.controls import make_controls
from evalkit.reports.explore import write_organisation
from evalkit.reports.links import View
from evalkit.reports.organisation import list_facets, list_organisations, write_view

VIEW = View("staff_wellbeing", "Overall patient experience")


def _parts(box: ipywidgets.Box) -> tuple[Any, Any, Any]:
    fields, matches, shown = box.children
    return fields.children, matches, shown


def test_choosing_replaces_the_view(bundle: Bundle) -> None:
    """Choosing organisation, facet, period and form shows exactly the view of that address."""
    (_, organisation, facet, period, form), _, shown = _parts(make_controls(bundle, VIEW))
    organisation.value = "S07"
    facet.value = "Felt experience"
    period.value = "2023 Q2"
    form.value = "table"
    chosen = View("staff_wellbeing", "Felt experience", "S07", "table", "2023 Q2")
    assert shown.value == write_view(bundle, chosen)


def test_search_narrows_the_list_and_keeps_the_choice(bundle: Bundle) -> None:
    """Searching lists what matches beside what is chosen, and changes no view by itself."""
    (search, organisation, *_), matches, shown = _parts(
        make_controls(bundle, View("staff_wellbeing", "Overall patient experience", "S07"))
    )
    before = shown.value
    search.value = "TRUST 042"
    values = [value for _, value in organisation.options]
    assert values == ["", "S07", "S42"]
    assert organisation.value == "S07"
    assert "1 organisation matches" in matches.value
    assert shown.value == before
    search.value = ""
    assert len(organisation.options) == 131


def test_no_part_is_an_output_or_a_slider(bundle: Bundle) -> None:
    """The fields are plain and labelled; Output widgets can hang and sliders have no label."""
    fields, matches, shown = _parts(make_controls(bundle, VIEW))
    assert {type(part).__name__ for part in (*fields, matches, shown)} == {
        "Text",
        "Dropdown",
        "HTML",
    }
    assert all(field.description for field in fields)


def test_form_without_scripts_offers_the_same(bundle: Bundle) -> None:
    """The plain form holds every organisation and facet, with the present choice selected."""
    written = write_organisation(bundle, View("staff_wellbeing", "Felt experience", "S07"))
    assert written.count("<option") == 131 + len(list_facets(bundle)) + 17 + 2
    assert '<option value="S07" selected>' in written
    assert '<option value="Felt experience" selected>' in written


def test_view_of_one_organisation_by_hand(bundle: Bundle) -> None:
    """The latest value stands in words with interval and base, and the table has each period."""
    row = [
        r
        for r in bundle.tables["organisations"].rows
        if r["unit"] == "S07" and r["measure"] == "Felt experience"
    ][-1]
    written = write_view(bundle, View("staff_wellbeing", "Felt experience", "S07", "table"))
    expected = f"{row['value']:.2f} ({row['conf_low']:.2f} to {row['conf_high']:.2f})"
    assert f"2024 Q4: <strong>{expected}</strong>, from {row['base']} responses" in written
    assert written.count("<tr>") == 17
    assert list_organisations(bundle)["S07"] in written


def test_average_is_the_released_one(bundle: Bundle) -> None:
    """All trusts together are shown from the released trend; where none is, the page says so."""
    assert "8.20" in write_view(
        bundle, View("staff_wellbeing", "Overall patient experience", "", "table")
    )
    without = write_view(bundle, View("staff_wellbeing", "Felt experience", "", "table"))
    assert "No table over all trusts" in without


@pytest.mark.parametrize("form", ["chart", "table"])
def test_suppressed_quarter_is_marked(bundle: Bundle, form: str) -> None:
    """A suppressed quarter shows as [c], explained, in the chart's words and in the table."""
    written = write_view(bundle, View("staff_wellbeing", "Overall patient experience", "S03", form))
    assert "2022 Q2: [c]" in written or '<td class="number">[c]</td>' in written
    assert "[c] means confidential" in written
