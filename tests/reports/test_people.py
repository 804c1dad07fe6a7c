"""What people decided stands on the page, right after what the answer means."""

from dataclasses import replace

from evalkit.reports.bundle import Bundle
from evalkit.reports.people import write_not_final, write_people
from evalkit.reports.summary import write_summary
from evalkit.reports.words import escape


def test_both_views_of_a_decision_are_shown(bundle: Bundle) -> None:
    """What people with lived experience and professionals held stands side by side."""
    written = write_people(bundle)
    assert "Anything below 0.2 would not be felt on a ward" in written
    assert "Preferred 0.1, as nearer to what programmes have reached" in written
    assert "14 January 2026" in written
    assert "Adapted" in written


def test_decisions_come_right_after_the_meaning(bundle: Bundle) -> None:
    """The order of the page is answer, meaning, people; then the figures."""
    written = write_summary(bundle, [])
    names = ("answer-heading", "meaning-heading", "people-heading", "facets-heading")
    places = [written.index(f'id="{name}"') for name in names]
    assert places == sorted(places)


def test_report_without_co_production_is_not_final(bundle: Bundle) -> None:
    """Without recorded decisions the answer itself says that it is not final."""
    written = write_summary(replace(bundle, co_production=[]), [])
    answer = written.split('class="answer"')[1].split("</section>")[0]
    assert "Not final." in answer
    assert "Nobody with lived experience of care has decided anything in this study yet." in answer
    assert "this report is not final" in written
    assert write_not_final(bundle) == ""


def test_texts_are_escaped(bundle: Bundle) -> None:
    """No text of a decision becomes markup."""
    payload = "<script>alert(1)</script>"
    hostile = [dict.fromkeys(entry, payload) for entry in bundle.co_production]
    written = write_people(replace(bundle, co_production=hostile))
    assert "<script>" not in written
    assert escape(payload) in written
