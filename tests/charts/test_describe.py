"""Alternative text: hand-checked sentences, and only numbers that stand in the table."""

import re
from typing import Any

import pandas as pd
import pytest

from evalkit.charts import CHARTS

Case = tuple[pd.DataFrame, dict[str, Any]]
NUMERAL = re.compile(r"-?\d+(?:\.\d+)?")


def _numerals_of(frame: pd.DataFrame, decimals: int) -> set[str]:
    """Every numeral that a table may lend to its words: cells as shown, and the level in %."""
    numbers = frame.select_dtypes("number").to_numpy().ravel().tolist()
    words = " ".join(frame.select_dtypes(exclude="number").astype(str).to_numpy().ravel())
    shown = {f"{round(value, decimals) + 0.0:.{decimals}f}" for value in numbers}
    shown |= {f"{value:.0f}" for value in numbers if float(value).is_integer()}
    return shown | set(NUMERAL.findall(words)) | {f"{100 * value:g}" for value in numbers}


def test_estimates_are_told_as_checked_by_hand(cases: dict[str, Case]) -> None:
    """Lowest, highest, sides of zero, the minimum important difference and gaps are told."""
    frame, options = cases["estimates"]
    assert CHARTS["estimates"].describe(frame, **options) == (
        "Difference in experience when engagement is 0.15 higher, by four methods, each with "
        "its 95% interval. The lowest estimate is Each with itself, 0.05 (-0.01 to 0.12); the "
        "highest is Trust by trust, 0.24 (-9.00 to 9.50). Of the intervals, one lies wholly "
        "above zero and two lie on both sides of zero; beside the minimum important difference, "
        "one lies wholly short of it and two lie on both sides of it. Withheld or missing: "
        "Change on change."
    )


def test_facets_are_told_as_checked_by_hand(cases: dict[str, Case]) -> None:
    """An effect beyond the minimum important difference, and an interval withheld, are told."""
    frame, options = cases["facets"]
    assert CHARTS["facets"].describe(frame, **options) == (
        "Difference in experience when engagement is 0.15 higher, by facet: Overall and Felt, "
        "each with its 95% interval. The lowest estimate is Overall, -0.25 (-0.29 to -0.21); "
        "the highest is Felt, 0.10 (interval not shown). Of the intervals, one lies wholly "
        "below zero; beside the minimum important difference, one lies wholly beyond it below "
        "zero."
    )


def test_subgroups_are_told_by_their_difference(cases: dict[str, Case]) -> None:
    """The intervals counted are those of differences between groups, not of the groups."""
    frame, options = cases["subgroups"]
    assert CHARTS["subgroups"].describe(frame, **options) == (
        "Difference in experience when engagement is 0.15 higher, in two groups, and one "
        "difference between groups, each with its 95% interval. The lowest estimate in a group "
        "is London:no, 0.05 (0.01 to 0.09); the highest is London:yes, 0.08 (0.02 to 0.14). Of "
        "the differences, one lies on both sides of zero; beside the minimum important "
        "difference, one lies wholly short of it."
    )


def test_timing_is_told_from_patients_first_to_staff_first(cases: dict[str, Case]) -> None:
    """Leads and lags are put in order, named in words, and counted side by side."""
    frame, options = cases["timing"]
    assert CHARTS["timing"].describe(frame, **options) == (
        "Difference in experience when engagement is 0.15 higher, by which came first, each "
        "with its 95% interval: patients one year before 0.01 (-0.05 to 0.07), staff one year "
        "before 0.09 (0.03 to 0.15) and staff two years before 0.40 (0.30 to 0.50). Of the "
        "intervals, with staff first two lie wholly above zero; with patients first one lies on "
        "both sides of zero. Withheld or missing: same year."
    )


def test_trend_is_told_with_ends_turns_and_gaps(cases: dict[str, Case]) -> None:
    """Each line's first, last, lowest and highest value are told with their periods."""
    frame, options = cases["trend"]
    assert CHARTS["trend"].describe(frame, **options) == (
        "Averages of engagement and experience over four periods from 2021, in two panels with "
        "a scale each. Engagement went from 6.81 in 2021 to 6.90 in 2024; lowest 6.81 in 2021, "
        "highest 6.95 in 2023; withheld or missing in 2022. Experience went from 8.10 in 2021 "
        "to 8.00 in 2024; lowest 7.90 in 2023, highest 8.10 in 2021. The uncertainty of the "
        "averages is not drawn."
    )


def test_variation_is_told_measure_by_measure(cases: dict[str, Case]) -> None:
    """Both spreads of each measure are told, and the one withheld is said to be."""
    frame, options = cases["variation"]
    assert CHARTS["variation"].describe(frame, **options) == (
        "Bars of how far trusts differ from each other and from themselves over time, as "
        "standard deviations, each measure on its own scale. Engagement: 0.29 between trusts, "
        "0.13 within trusts over time; Experience: 0.32 between trusts, not shown within trusts "
        "over time. Estimates of spread are themselves uncertain; that is not drawn. Withheld "
        "or missing: Experience."
    )


def test_a_process_is_told_with_what_is_usual_and_what_is_not(cases: dict[str, Case]) -> None:
    """Ends, mean, limits of the last point, and how many points are unusual are told."""
    frame, options = cases["process_chart"]
    assert CHARTS["process_chart"].describe(frame, **options) == (
        "Positive answers over four periods from 2021 to 2024, with what was usual before. The "
        "intervention started in 2024. It went from 80.25 in 2021 to 86.50 in 2024. Usual was a "
        "mean of 81.50, with limits from 78.25 to 85.25. Unusual points: one for the better."
    )


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("decimals", [0, 1, 3])
def test_every_number_told_stands_in_the_table(
    cases: dict[str, Case], name: str, decimals: int
) -> None:
    """A chart's words hold no number that its table does not, at the precision released.

    The step of the exposure is the study's own choice, and is named in the options.
    """
    frame, options = cases[name]
    told = NUMERAL.findall(CHARTS[name].describe(frame, **options | {"decimals": decimals}))
    assert told, "the sentence holds numbers to be checked"
    constants = set(NUMERAL.findall(options.get("step", "")))
    assert set(told) <= _numerals_of(frame, decimals) | constants


@pytest.mark.parametrize("name", CHARTS)
def test_a_table_of_nothing_but_gaps_is_said_to_be_one(cases: dict[str, Case], name: str) -> None:
    """Where every cell is withheld the words say so and hold no value."""
    frame, options = cases[name]
    kept = [column for column in frame.select_dtypes("number") if column != "period"]
    blank = frame.assign(**dict.fromkeys(kept, "[c]"))
    told = CHARTS[name].describe(blank, **options | ({"step": ""} if "step" in options else {}))
    assert re.search("can be shown|is not shown|not shown between", told)
    assert "." not in "".join(NUMERAL.findall(told))


def test_a_bound_that_rounds_to_zero_counts_as_it_is_shown(cases: dict[str, Case]) -> None:
    """An interval shown as 0.00 to 0.10 is not said to lie above zero."""
    frame, options = cases["estimates"]
    near = frame.iloc[:1].assign(conf_low=0.004, conf_high=0.1)
    told = CHARTS["estimates"].describe(near, **options)
    assert "0.21 (0.00 to 0.10)" in told
    assert "one lies on both sides of zero" in told


@pytest.mark.parametrize("name", ["estimates", "facets", "subgroups", "timing"])
def test_two_decimals_are_shown_unless_a_bound_would_show_as_zero(
    cases: dict[str, Case], name: str
) -> None:
    """Without a wish a chart shows two decimals, and three where a bound of 0.004 needs them."""
    frame, options = cases[name]
    plain = {key: held for key, held in options.items() if key != "decimals"}
    shown = frame.dropna(subset=["estimate"]).iloc[[0]].assign(estimate=0.212, conf_high=0.344)
    far, near = shown.assign(conf_low=0.104), shown.assign(conf_low=0.004)
    assert "0.21 (0.10 to 0.34)" in CHARTS[name].describe(far, **plain)
    assert "0.212 (0.004 to 0.344)" in CHARTS[name].describe(near, **plain)
    assert CHARTS[name].plot(near, **plain)


def test_names_that_hold_commas_are_kept_apart(cases: dict[str, Case]) -> None:
    """Facets whose names hold commas are told with semicolons between them."""
    frame, options = cases["facets"]
    named = pd.concat([frame, frame.iloc[[0]]]).assign(label=["All, in all", "Felt", "Else"])
    assert "All, in all; Felt and Else" in CHARTS["facets"].describe(named, **options)


def test_lines_are_told_at_the_precision_of_their_values(cases: dict[str, Case]) -> None:
    """Averages released to one decimal are labelled with one; a group without any is left out."""
    frame, options = cases["lines"]
    plain = {key: held for key, held in options.items() if key != "decimals"}
    assert "With: from 8.0 in 2021 to 8.4 in 2022." in CHARTS["lines"].describe(frame, **plain)
    some = frame.assign(mean=frame["mean"].where(frame["group"] == "with"))
    assert "Without" not in CHARTS["lines"].describe(some, **plain)
