"""An address chooses among what there is, and nothing else."""

from urllib.parse import urlsplit

import pytest

from evalkit.reports.links import View, choose_view, read_query, write_address

FACETS, ORGANISATIONS = ["overall", "felt"], ["R1A", "R&D"]


def test_an_address_leads_back_to_its_view() -> None:
    """Writing a view into an address and reading it gives the same view, also with odd codes."""
    view = View("study_a", "felt", "R&D", "table")
    asked, notices = read_query(urlsplit(write_address(view)).query)
    assert notices == []
    assert choose_view(asked, FACETS, ORGANISATIONS) == (view, [])


def test_without_a_choice_the_first_facet_and_all_organisations_show() -> None:
    """An address that names only the study shows the first facet of all, as a chart."""
    assert choose_view({"study": "s"}, FACETS, ORGANISATIONS) == (View("s", "overall"), [])


@pytest.mark.parametrize(
    "query",
    ["facet=__import__('os')", "organisation=<script>", "view=raw", "organisation=R1A;DROP"],
)
def test_unknown_values_are_ignored_and_said(query: str) -> None:
    """A value that the bundle does not hold is left out; the notice does not repeat it."""
    asked, _ = read_query(query)
    view, notices = choose_view(asked, FACETS, ORGANISATIONS)
    assert view == View("", "overall")
    assert len(notices) == 1
    assert query.split("=")[1] not in notices[0]


@pytest.mark.parametrize(
    "query",
    ["template=reveal", "facet=felt&facet=overall", "facet=%ff", "a=" * 3000],
)
def test_unknown_names_are_ignored_and_said(query: str) -> None:
    """Unknown, repeated, broken and endless parts of an address are left out with one notice."""
    asked, notices = read_query(query)
    assert asked == {}
    assert len(notices) == 1
