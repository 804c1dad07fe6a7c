"""Checks that read what a design shows beside its estimate: each passes, worries or cannot tell."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.carried import check_lead, check_unmeasured
from evalkit.checks.doses import (
    check_dose_moves,
    check_dose_overlap,
    check_one_way,
    check_straight,
)
from evalkit.checks.groups import check_groups
from evalkit.checks.judging import Estimate
from evalkit.checks.left_out import check_left_out
from evalkit.checks.likeness import check_doubly_robust, check_likeness, check_overlap
from evalkit.checks.matched import check_control_course, check_match
from evalkit.checks.placebo_units import check_placebo_units
from evalkit.checks.threshold import (
    check_bandwidth,
    check_jumps_of_causes,
    check_placebo_thresholds,
    check_placing,
)
from evalkit.results import Check, Result
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

Make = Callable[..., pd.DataFrame]
Stand = Callable[[Check], None]
ROW = {
    "term": "effect",
    "estimate": 0.5,
    "std_error": 0.1,
    "conf_low": 0.3,
    "conf_high": 0.7,
    "level": 0.95,
    "n": 400,
    "clusters": 40,
    "method": "own",
    "df": np.inf,
}


def result_of(rows: list[dict[str, Any]] | None = None, **tables: pd.DataFrame) -> Result:
    """Return a result of 0.5 (0.3 to 0.7) with more rows and these tables."""
    frame = pd.DataFrame([ROW, *[ROW | row for row in rows or []]])
    return Result("made_up", frame, {"term": "effect", "method": "own"}, tables=tables)


def jump(size: float, half: float, **names: str) -> dict[str, Any]:
    """Return a row of jumps with its interval."""
    return {"estimate": size, "conf_low": size - half, "conf_high": size + half, **names}


def pairs(values: Mapping[str, float], key: str = "name") -> pd.DataFrame:
    """Return a table of names and values."""
    return pd.DataFrame({key: list(values), "value": list(values.values())})


@pytest.mark.parametrize(
    ("short", "beyond", "p_value", "verdict"),
    [(510, 490, 0.5, "passes"), (300, 700, 1e-6, "concern"), (25, 24, 0.9, "cannot tell")],
)
def test_placing(
    parameters: DifferenceInDifferences,
    small: Estimate,
    numbers_stand: Stand,
    short: int,
    beyond: int,
    p_value: float,
    verdict: str,
) -> None:
    """Even sides pass, piling up worries, and 49 rows near the threshold cannot tell."""
    density = pd.DataFrame({"n_short": [short], "n_beyond": [beyond], "p_value": [p_value]})
    check = check_placing(pd.DataFrame(), result_of(density=density), parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


@pytest.mark.parametrize(
    ("size", "half", "verdict"),
    [(0.02, 0.08, "passes"), (0.6, 0.1, "concern"), (0.02, 0.6, "cannot tell")],
)
def test_jumps_of_causes(
    parameters: DifferenceInDifferences,
    small: Estimate,
    numbers_stand: Stand,
    size: float,
    half: float,
    verdict: str,
) -> None:
    """In standard deviations of a cause: small, large, and not known."""
    ends = {"lower_end": size - half, "upper_end": size + half}
    jumps = pd.DataFrame([{"cause": "age", "difference": size, **ends}])
    result = result_of(jumps_of_causes=jumps)
    check = check_jumps_of_causes(pd.DataFrame(), result, parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


def test_no_cause_named(parameters: DifferenceInDifferences, small: Estimate) -> None:
    """Without measured causes nothing can be looked at."""
    empty = pd.DataFrame(columns=["cause", "difference", "lower_end", "upper_end"])
    result = result_of(jumps_of_causes=empty)
    check = check_jumps_of_causes(pd.DataFrame(), result, parameters, small)
    assert check.verdict == "cannot tell"


@pytest.mark.parametrize(
    ("size", "half", "verdict"),
    [(0.05, 0.2, "passes"), (0.4, 0.2, "concern"), (0.1, 2.0, "cannot tell")],
)
def test_placebo_thresholds(
    parameters: DifferenceInDifferences,
    small: Estimate,
    numbers_stand: Stand,
    size: float,
    half: float,
    verdict: str,
) -> None:
    """No jump passes where one as large as the answer would be seen; a jump worries."""
    places = pd.DataFrame([jump(0.0, half, side="short"), jump(size, half, side="beyond")])
    check = check_placebo_thresholds(
        pd.DataFrame(), result_of(placebo_thresholds=places), parameters, small
    )
    assert check.verdict == verdict
    numbers_stand(check)


@pytest.mark.parametrize(("half_width", "verdict"), [(0.55, "passes"), (1.2, "concern")])
def test_bandwidth(
    parameters: DifferenceInDifferences,
    small: Estimate,
    numbers_stand: Stand,
    half_width: float,
    verdict: str,
) -> None:
    """An estimate at half the width outside the interval of 0.3 to 0.7 is a concern."""
    widths = pd.DataFrame({"multiple": [0.5, 1.0, 2.0], "estimate": [half_width, 0.5, 0.45]})
    check = check_bandwidth(pd.DataFrame(), result_of(bandwidths=widths), parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


@pytest.mark.parametrize(
    ("lead", "half", "verdict"),
    [(0.02, 0.1, "passes"), (0.3, 0.1, "concern"), (0.1, 0.9, "cannot tell")],
)
def test_lead(
    parameters: DifferenceInDifferences,
    small: Estimate,
    numbers_stand: Stand,
    lead: float,
    half: float,
    verdict: str,
) -> None:
    """Nothing after the outcome passes, something worries, and a wide interval cannot tell."""
    rows = [{"term": "lead", "method": "lead", **jump(lead, half)}]
    check = check_lead(pd.DataFrame(), result_of(rows), parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


def test_lead_not_seen(parameters: DifferenceInDifferences, small: Estimate) -> None:
    """A result without leads cannot tell what comes first."""
    assert check_lead(pd.DataFrame(), result_of(), parameters, small).verdict == "cannot tell"


def test_unmeasured_is_never_passed(
    parameters: DifferenceInDifferences, small: Estimate, numbers_stand: Stand
) -> None:
    """The check says at which correlation nothing sure is left, and that no data can test it."""
    vanishing = pd.DataFrame({"what": ["estimate", "interval"], "rho": [0.4, -0.25]})
    for result in (result_of(vanishing=vanishing), result_of()):
        check = check_unmeasured(pd.DataFrame(), result, parameters, small)
        assert check.verdict == "cannot tell"
        numbers_stand(check)
    assert (
        "0.25"
        in check_unmeasured(
            pd.DataFrame(), result_of(vanishing=vanishing), parameters, small
        ).finding
    )


@pytest.mark.parametrize(
    ("misfit", "others", "before", "verdict"),
    [(0.1, 20, 30, "passes"), (0.4, 20, 30, "concern"), (0.1, 30, 20, "cannot tell")],
)
def test_match(
    parameters: DifferenceInDifferences,
    small: Estimate,
    numbers_stand: Stand,
    misfit: float,
    others: int,
    before: int,
    verdict: str,
) -> None:
    """Close passes, far worries, and a match from more others than periods may be chance."""
    fit = pairs({"misfit": misfit, "donors": others, "pre_periods": before})
    check = check_match(pd.DataFrame(), result_of(fit=fit), parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


@pytest.mark.parametrize(
    ("slope", "half", "verdict"),
    [(0.001, 0.01, "passes"), (0.1, 0.02, "concern"), (0.01, 0.1, "cannot tell")],
)
def test_control_course(
    make: Make,
    parameters: DifferenceInDifferences,
    small: Estimate,
    numbers_stand: Stand,
    slope: float,
    half: float,
    verdict: str,
) -> None:
    """A difference in slope is judged by what it comes to over the eight periods after."""
    row = {"label": "Difference in slope before", "level": 0.95, **jump(slope, half)}
    check = check_control_course(make(), result_of(baseline=pd.DataFrame([row])), parameters, small)
    assert check.verdict == verdict
    assert check.table.set_index("name").loc["seen", "value"] == pytest.approx(8 * slope, abs=0.005)
    numbers_stand(check)


def test_no_control_series(
    make: Make, parameters: DifferenceInDifferences, small: Estimate
) -> None:
    """Without a control series nothing is said of its course."""
    assert check_control_course(make(), result_of(), parameters, small).verdict == "cannot tell"


@pytest.mark.parametrize(
    ("moving", "left", "verdict"), [(30, 0.2, "passes"), (5, 0.2, "concern"), (30, 0.01, "concern")]
)
def test_dose_moves(
    parameters: DifferenceInDifferences,
    small: Estimate,
    numbers_stand: Stand,
    moving: int,
    left: float,
    verdict: str,
) -> None:
    """Few units that move, or little that is left of their movement, are a concern."""
    said = {
        "units": 40.0,
        "units whose dose changes": float(moving),
        "share left within units, periods and adjusters": left,
    }
    variation = pairs(said, "measure")
    check = check_dose_moves(pd.DataFrame(), result_of(dose_variation=variation), parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


@pytest.mark.parametrize(
    ("bend", "p_value", "verdict"),
    [(0.1, 0.6, "passes"), (0.1, 0.001, "concern"), (0.6, 0.3, "cannot tell")],
)
def test_straight(
    parameters: DifferenceInDifferences,
    small: Estimate,
    numbers_stand: Stand,
    bend: float,
    p_value: float,
    verdict: str,
) -> None:
    """Curves near the straight one pass, a bend worries, and curves far from it cannot tell."""
    shapes = ["linear", "linear", "quadratic", "quadratic"]
    curve = pd.DataFrame(
        {"shape": shapes, "dose": [0.0, 1.0] * 2, "difference": [0.0, 1.0, 0.0, 1 + bend]}
    )
    tests = pd.DataFrame({"shape": ["quadratic"], "p_value": [p_value]})
    check = check_straight(
        pd.DataFrame(), result_of(curve=curve, bend_tests=tests), parameters, small
    )
    assert check.verdict == verdict
    numbers_stand(check)


@pytest.mark.parametrize(
    ("units", "average", "verdict"),
    [([30, 12], 7.0, "passes"), ([30, 4], 7.0, "cannot tell"), ([30, 12], np.nan, "concern")],
)
def test_dose_overlap(
    parameters: DifferenceInDifferences,
    small: Estimate,
    numbers_stand: Stand,
    units: list[int],
    average: float,
    verdict: str,
) -> None:
    """A band that nobody links with the others worries; one of four units cannot tell."""
    bands = pd.DataFrame({"band": ["less", "more"], "units": units, "mean_outcome": [7, average]})
    check = check_dose_overlap(pd.DataFrame(), result_of(dose_bands=bands), parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


@pytest.mark.parametrize(
    ("steps", "half", "verdict"),
    [
        ([0.5, 0.4], 0.1, "passes"),
        ([0.5, -0.1], 0.15, "passes"),
        ([0.9, -0.5], 0.1, "concern"),
        ([0.5, 0.1], 0.8, "cannot tell"),
        ([3.0, 2.0], 0.8, "passes"),
    ],
    ids=["with it", "little against it", "against it", "wide", "wide and far with it"],
)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_one_way(
    parameters: DifferenceInDifferences,
    small: Estimate,
    numbers_stand: Stand,
    steps: list[float],
    half: float,
    verdict: str,
    sign: float,
) -> None:
    """Only a step against the slope, by as much as the 0.3 that matters, is looked for."""
    table = pd.DataFrame([jump(sign * step, half) for step in steps])
    table = table.rename(columns={"estimate": "difference"})
    slope = result_of(dose_steps=table)
    slope.estimates["estimate"] *= sign
    check = check_one_way(pd.DataFrame(), slope, parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


def test_no_steps_of_dose(parameters: DifferenceInDifferences, small: Estimate) -> None:
    """One band has no steps, and is compared with no other."""
    none = pd.DataFrame(columns=["difference", "conf_low", "conf_high"])
    one = pd.DataFrame({"band": ["all"], "units": [30], "mean_outcome": [7.0]})
    result = result_of(dose_steps=none, dose_bands=one)
    for check in (check_one_way, check_dose_overlap):
        assert check(pd.DataFrame(), result, parameters, small).verdict == "cannot tell"


@pytest.mark.parametrize(("after", "verdict"), [(0.05, "passes"), (-0.2, "concern")])
def test_likeness(
    parameters: DifferenceInDifferences,
    small: Estimate,
    numbers_stand: Stand,
    after: float,
    verdict: str,
) -> None:
    """A cause that still differs by more than a tenth of a deviation is a concern."""
    balance = pd.DataFrame(
        {"cause": ["age", "need"], "difference_before": [0.5, 0.1], "difference_after": [after, 0]}
    )
    check = check_likeness(pd.DataFrame(), result_of(balance=balance), parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


@pytest.mark.parametrize(("worth", "verdict"), [(150.0, "passes"), (12.0, "concern")])
def test_overlap(
    parameters: DifferenceInDifferences,
    small: Estimate,
    numbers_stand: Stand,
    worth: float,
    verdict: str,
) -> None:
    """A group worth a dozen rows is a concern."""
    groups = pd.DataFrame(
        {"group": ["treated", "untreated"], "n": [200, 300], "effective_n": [worth, 250.0]}
    )
    check = check_overlap(pd.DataFrame(), result_of(sample=groups), parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


@pytest.mark.parametrize(("other", "verdict"), [(0.6, "passes"), (0.9, "concern")])
def test_doubly_robust(
    parameters: DifferenceInDifferences,
    small: Estimate,
    numbers_stand: Stand,
    other: float,
    verdict: str,
) -> None:
    """Another estimate by more than the 0.3 that matters is a concern."""
    rows = [{"method": "doubly_robust", "estimate": other}]
    check = check_doubly_robust(pd.DataFrame(), result_of(rows), parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


@pytest.mark.parametrize(
    ("others", "effect", "verdict"),
    [(30, 2.0, "passes"), (30, 0.4, "concern"), (9, 2.0, "cannot tell")],
)
def test_own_placebos(
    make: Make,
    parameters: DifferenceInDifferences,
    small: Estimate,
    numbers_stand: Stand,
    others: int,
    effect: float,
    verdict: str,
) -> None:
    """A design's own placebos are ranked by effect over match; nine cannot reach one in twenty."""
    rng = np.random.default_rng(3)
    placebos = pd.DataFrame(
        {
            "treated": [True] + [False] * others,
            "effect": [effect, *rng.uniform(-1, 1, others)],
            "pre_rmspe": 0.5,
        }
    )
    check = check_placebo_units(make(), result_of(placebos=placebos), parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


def test_own_left_out(
    make: Make, parameters: DifferenceInDifferences, small: Estimate, numbers_stand: Stand
) -> None:
    """A design's own estimates without each unit are used, not made again."""
    own = pd.DataFrame({"unit": ["U001", "U002"], "effect": [0.45, 0.52]})
    check = check_left_out(make(), result_of(leave_one_out=own), parameters, small)
    assert check.table.set_index("name").loc["largest_shift", "value"] == pytest.approx(0.05)
    numbers_stand(check)


@pytest.mark.parametrize(("fewest", "verdict"), [(8, "passes"), (3, "concern")])
def test_groups_by_lot(
    make: Make,
    parameters: DifferenceInDifferences,
    small: Estimate,
    numbers_stand: Stand,
    fewest: int,
    verdict: str,
) -> None:
    """A trial knows how many clusters it needs."""
    lots = pd.DataFrame({"fewest": [fewest], "needed": [6], "enough": [fewest >= 6]})
    check = check_groups(make(), result_of(clusters=lots), parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)
