"""One place on one page: its released figures beside those of all, and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalkit.reports import page
from evalkit.reports.bundle import Bundle, read_bundle
from evalkit.reports.links import View
from evalkit.reports.one_page import list_places, write_one_page


def test_a_period_stands_beside_all_by_hand(bundle: Bundle) -> None:
    """The value, interval and answers of a measure, and the released average of all."""
    (row,) = [
        r
        for r in bundle.tables["organisations"].rows
        if (r["unit"], r["period"], r["measure"])
        == ("S07", "2022 Q3", "Overall patient experience")
    ]
    written = write_one_page(bundle, View("s", organisation="S07", period="2022 Q3"))
    here = f"{row['value']:.2f} ({row['conf_low']:.2f} to {row['conf_high']:.2f})"
    assert (
        f'<th scope="row">Overall patient experience</th><td class="number">{here}</td>'
        f'<td class="number">{row["base"]}</td><td class="number">8.02</td>'
    ) in written


def test_small_numbers_stay_hidden(bundle: Bundle) -> None:
    """A suppressed period shows [c] for value and answers, and what [c] means."""
    written = write_one_page(bundle, View("s", organisation="S03", period="2022 Q2"))
    assert written.count('<td class="number">[c]</td>') == 8
    assert "[c] means confidential" in written


def test_wards_of_any_released_table_have_a_page(
    content: dict[str, Any], write: Callable[[dict[str, Any]], Path]
) -> None:
    """Where a table has rows by ward, each ward's rows stand on its page, and no others."""
    del content["tables"]["organisations"]
    columns = [
        {"name": "ward", "label": "Ward", "kind": "label"},
        {"name": "mean", "label": "Average", "kind": "mean", "decimals": 1},
    ]
    rows = [["Ash", 7.1], ["Birch", "[c]"]]
    content["tables"]["wards"] = {"title": "By ward", "columns": columns, "rows": rows}
    bundle = read_bundle(write(content), "staff_wellbeing")
    assert list_places(bundle) == {"Ash": "Ash", "Birch": "Birch"}
    written = write_one_page(bundle, View("s", organisation="Birch"))
    assert "[c]" in written
    assert "7.1" not in written


@pytest.mark.parametrize("query", ["organisation=<img>", "organisation=S07&period=1999"])
def test_a_wrong_place_is_told_and_not_repeated(
    query: str, released: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place or period that the bundle does not hold is ignored, in words without it."""
    shown: list[str] = []
    monkeypatch.setenv("EVALKIT_RELEASED", str(released))
    monkeypatch.setattr(page, "display", lambda part: shown.append(part.data))
    page.show_one_page(query)
    (written,) = shown
    assert "is not in this report and was ignored" in written
    assert query.rsplit("=", 1)[1] not in written
    assert written.count("<h1>") == 1
