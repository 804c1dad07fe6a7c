"""The panel: joined, ordered and with sampling variances, worked by hand."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.data.panel import make_panel, panel_coverage, sampling_variance
from evalkit.data.periods import calendar_index
from evalkit.data.sources import read_sources
from evalkit.errors import DataError
from evalkit.study.schema import StaffWellbeing

Build = Callable[..., StaffWellbeing]
STAFF = "trust,year,burnt_out,answers,london\n"
PATIENTS = "trust,year,overall,answers\n"


def test_panel_by_hand(project: Path, make_parameters: Build) -> None:
    """Four rows are in both; variances are p(100-p)/n and sd^2/n; unknown bases leave gaps."""
    parameters = make_parameters()
    panel = make_panel(read_sources(parameters), parameters)
    assert " ".join(panel.columns) == (
        "unit unit_name period time exposure exposure_base exposure_variance "
        "outcome outcome_base outcome_variance london"
    )
    assert panel["unit"].tolist() == ["007", "007", "R0A", "R0A"]
    assert panel["unit_name"].tolist() == panel["unit"].tolist()
    assert panel["time"].tolist() == [2021, 2022, 2021, 2022]
    expected = [35.5 * 64.5 / 200, np.nan, 25 * 75 / 400, 30 * 70 / 410]
    np.testing.assert_allclose(panel["exposure_variance"], expected)
    np.testing.assert_allclose(panel["outcome_variance"], [4 / 250, np.nan, 4 / 500, 4 / 510])
    assert panel["london"].dtype == bool
    assert panel["london"].tolist() == [False, False, True, True]


def test_sources_are_left_alone(project: Path, make_parameters: Build) -> None:
    """Making the panel alters neither source."""
    parameters = make_parameters(periods=["2021"])
    sources = read_sources(parameters)
    before = {name: source.frame.copy() for name, source in sources.items()}
    make_panel(sources, parameters)
    panel_coverage(sources, parameters)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(sources[name].frame, frame)


def test_coverage_by_hand(project: Path, make_parameters: Build) -> None:
    """R0C is with staff only, R0D with patients only; two trusts and four rows are in both."""
    parameters = make_parameters()
    coverage = panel_coverage(read_sources(parameters), parameters)
    counts = coverage.set_index(["counted", "found_in"])["count"].to_dict()
    assert counts == {
        ("units", "staff only"): 1,
        ("units", "patients only"): 1,
        ("units", "both"): 2,
        ("rows", "staff only"): 1,
        ("rows", "patients only"): 1,
        ("rows", "both"): 4,
    }


def test_periods_are_chosen_and_known(project: Path, make_parameters: Build) -> None:
    """Only the chosen periods stay; one that no source has is refused by name."""
    sources = read_sources(make_parameters())
    panel = make_panel(sources, make_parameters(periods=["2021"]))
    assert panel["period"].tolist() == ["2021", "2021"]
    with pytest.raises(DataError) as caught:
        make_panel(sources, make_parameters(periods=["2021", "2031"]))
    assert str(caught.value).splitlines() == [
        "periods: 2 problems.",
        *(
            f"  - 1 are not in the {name} results (2031). Take them out, or give data for them."
            for name in ("staff", "patient")
        ),
    ]


def test_names_facets_mediator_and_adjustments(project: Path, make_parameters: Build) -> None:
    """Names come from the staff file; a facet takes the outcome's base and spread."""
    (project / "data/staff.csv").write_text(
        "trust,name,year,burnt_out,answers,stress,occupancy,london\n"
        "R0A,Alpha,2021-Q4,25,400,40,0.9,1\nR0A,Alpha,2022-Q1,26,400,41,0.8,1\n"
        "R0B,Beta,2021-Q4,27,100,42,0.7,0\nR0B,Beta,2022-Q1,28,100,43,,0\n"
    )
    (project / "data/patients.csv").write_text(
        "trust,year,overall,answers,felt\nR0A,2021Q4,8,500,9\nR0B,2022Q1,7,400,8\n"
    )
    parameters = make_parameters(
        adjust_for=["occupancy"],
        mediator_name="stress",
        staff_columns={
            "unit": "trust",
            "unit_name": "name",
            "period": "year",
            "exposure": "burnt_out",
            "exposure_base": "answers",
            "mediator": "stress",
            "occupancy": "occupancy",
            "london": "london",
        },
        patient_columns={
            "unit": "trust",
            "period": "year",
            "outcome": "overall",
            "outcome_base": "answers",
            "felt": "felt",
        },
    )
    panel = make_panel(read_sources(parameters), parameters)
    assert panel["unit_name"].tolist() == ["Alpha", "Beta"]
    assert panel["time"].tolist() == [2021 * 4 + 3, 2022 * 4]
    assert panel["mediator"].tolist() == [40.0, 43.0]
    assert panel["mediator_variance"].isna().all()
    np.testing.assert_allclose(panel["felt_variance"], [4 / 500, 4 / 400])
    assert panel["occupancy"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("patients", "message"),
    [
        ("R1A,2021,8,10\nR1B,2021,7,10\n", "0 are in both for the same period; two are needed"),
        ("R0A,2021,8,10\nR1B,2021,7,10\n", "1 are in both for the same period; two are needed"),
        ("R0A,2021Q1,8,10\nR0B,2021Q2,7,10\n", "staff periods are years and patient periods quar"),
        ("R0A,2021,8,10\nR0B,2021,8,10\nR1A,2021,7,10\n", "outcome is constant"),
        ("R0A,2021,,10\nR0B,2021,,10\nR1A,2021,7,10\nR1B,2021,6,10\n", "no unit and period has"),
    ],
)
def test_joins_that_leave_nothing_to_compare(
    project: Path, make_parameters: Build, patients: str, message: str
) -> None:
    """What the join leaves must be two units at least, and must vary."""
    staff = STAFF + "R0A,2021,25,40,yes\nR0B,2021,26,40,no\n"
    (project / "data/staff.csv").write_text(staff)
    (project / "data/patients.csv").write_text(PATIENTS + patients)
    parameters = make_parameters()
    with pytest.raises(DataError, match=message):
        make_panel(read_sources(parameters), parameters)


def test_percentages_at_the_ends_keep_a_variance() -> None:
    """At 0 of 46, two answers of each kind make 2 of 50: 4 x 96 / 50; at 100 the same."""
    values, base = pd.Series([0.0, 100.0, 50.0]), pd.Series([46.0, 46.0, 50.0])
    variance = sampling_variance(values, base, "percentage", None)
    np.testing.assert_allclose(variance, [4 * 96 / 50, 4 * 96 / 50, 50.0])


def test_percentage_variance_is_that_of_simulated_shares() -> None:
    """The formula gives the variance of shares among simulated answers."""
    shares = 100 * np.random.default_rng(1).binomial(200, 0.3, size=20_000) / 200
    variance = sampling_variance(pd.Series([30.0]), pd.Series([200.0]), "percentage", None)
    # the relative standard error of a variance from 20,000 draws is 1%
    assert variance[0] == pytest.approx(shares.var(), rel=0.04)


def test_unknown_spread_leaves_the_variance_unknown() -> None:
    """A score without a spread between people has no known sampling variance."""
    assert sampling_variance(pd.Series([7.0]), pd.Series([10.0]), "score", None).isna().all()


@pytest.mark.parametrize(
    ("periods", "steps"),
    [
        (["2021", "2022"], [1]),
        (["2021Q4", "2022-Q1", "2022Q2"], [1, 1]),
        (["2021-12", "2022-01", "2022-03"], [1, 2]),
    ],
)
def test_consecutive_periods_differ_by_one(periods: list[str], steps: list[int]) -> None:
    """The calendar index counts years, quarters or months across the turn of the year."""
    assert np.diff(calendar_index(pd.Series(periods, dtype="str"))).tolist() == steps
