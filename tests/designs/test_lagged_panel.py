"""Within and between, side by side: against R, by hand, in worlds of known truth, and refusals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.designs import lagged_panel
from evalkit.errors import AnalysisError
from evalkit.results import ESTIMATE_COLUMNS, pick_row
from evalkit.study.schema import StaffWellbeing

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
ESTIMATE = 1e-6  # plm's between is printed to about seven digits


@pytest.fixture
def golden_panel() -> pd.DataFrame:
    """Return the simulated reference panel under the panel's names."""
    names = {"site": "unit", "month": "time", "treated": "exposure", "score": "outcome"}
    panel = pd.read_csv(REFERENCE / "panel_fe.csv").rename(columns=names)
    return panel.assign(unit=panel["unit"].astype(str), period=panel["time"].astype(str))


@pytest.fixture
def golden() -> dict[str, dict[str, float]]:
    """Return the values that R computed, by name."""
    content = json.loads((REFERENCE / "panel_fe.json").read_text("utf-8"))
    return {value["name"]: value for value in content["values"]}


@pytest.mark.parametrize(
    ("method", "name", "error"),
    [
        ("within", "twfe_cl_site_fixest_nested:treated", True),
        ("between", "plm_between:treated", False),
    ],
)
def test_rows_agree_with_r(
    golden_panel: pd.DataFrame,
    golden: dict[str, dict[str, float]],
    simple: StaffWellbeing,
    method: str,
    name: str,
    error: bool,
) -> None:
    """The within and between rows equal R's; between uses robust errors, so its differ."""
    parameters = simple.model_copy(update={"adjust_for": ["staffing"]})
    row = pick_row(lagged_panel.estimate(golden_panel, parameters).estimates, method=method)
    assert row["estimate"] == pytest.approx(golden[name]["estimate"], rel=ESTIMATE)
    if error:
        assert row["std_error"] == pytest.approx(golden[name]["se"], rel=ESTIMATE)
        assert row["conf_low"] == pytest.approx(golden[name]["ci_low"], rel=ESTIMATE)
        assert row["conf_high"] == pytest.approx(golden[name]["ci_high"], rel=ESTIMATE)


def test_two_periods_within_is_change_on_change(simple: StaffWellbeing) -> None:
    """With two periods the within slope is that of change on change, here by hand 0.5."""
    panel = pd.DataFrame(
        {
            "unit": ["A", "A", "B", "B", "C", "C"],
            "period": ["2021", "2022"] * 3,
            "time": [0, 1] * 3,
            "exposure": [5.0, 6.0, 3.0, 5.0, 4.0, 7.0],
            "outcome": [1.0, 2.0, 8.0, 9.0, 3.0, 5.0],
        }
    )
    table = lagged_panel.estimate(panel, simple).estimates
    for method in ("within", "first_difference"):
        assert pick_row(table, method=method)["estimate"] == pytest.approx(0.5)


def test_table_is_tidy_and_inputs_are_left_alone(
    golden_panel: pd.DataFrame, simple: StaffWellbeing
) -> None:
    """The table has the agreed columns, one row a method, and the panel is not altered."""
    before = golden_panel.copy()
    result = lagged_panel.estimate(golden_panel, simple)
    assert list(result.estimates.columns[: len(ESTIMATE_COLUMNS)]) == list(ESTIMATE_COLUMNS)
    assert result.estimates["method"].is_unique
    assert not result.permits_cause
    pd.testing.assert_frame_equal(golden_panel, before)


def test_lower_is_better_turns_the_sign(golden_panel: pd.DataFrame, simple: StaffWellbeing) -> None:
    """Where lower staff values are better, a step towards better has the opposite sign."""
    higher = lagged_panel.estimate(golden_panel, simple).headline
    lower = lagged_panel.estimate(
        golden_panel, simple.model_copy(update={"exposure_better": "lower"})
    ).headline
    assert lower["estimate"] == pytest.approx(-higher["estimate"])
    assert lower["conf_low"] == pytest.approx(-higher["conf_high"])


def test_step_scales_estimate_and_interval(
    golden_panel: pd.DataFrame, simple: StaffWellbeing
) -> None:
    """Estimates are reported for the step that the protocol names."""
    one = lagged_panel.estimate(golden_panel, simple).headline
    fifth = lagged_panel.estimate(
        golden_panel, simple.model_copy(update={"exposure_step": 0.2})
    ).headline
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        assert fifth[name] == pytest.approx(0.2 * one[name])


def test_few_trusts_use_small_sample_inference(
    golden_panel: pd.DataFrame, simple: StaffWellbeing
) -> None:
    """Below 40 trusts the within row has Satterthwaite's degrees of freedom."""
    few = golden_panel[golden_panel["unit"].astype(int) <= 20]
    table = lagged_panel.estimate(few, simple).estimates
    assert pick_row(table, method="within")["df"] < 19
    assert pick_row(table, method="first_difference")["df"] < 19
    whole = lagged_panel.estimate(golden_panel, simple).estimates
    assert pick_row(whole, method="within")["df"] == 59


def test_unreliable_scores_are_not_corrected(
    golden_panel: pd.DataFrame, simple: StaffWellbeing
) -> None:
    """Where nearly all movement is noise, the corrected row is left out, not blown up."""
    spread = golden_panel.groupby("unit")["exposure"].transform("std").mean() ** 2
    noisy = golden_panel.assign(exposure_variance=0.9 * spread)
    result = lagged_panel.estimate(noisy, simple)
    assert "within_corrected" not in set(result.estimates["method"])
    assert result.headline["method"] == "within"


@pytest.mark.parametrize("method", ["within", "first_difference"])
def test_leaving_one_trust_out_is_refitting(
    golden_panel: pd.DataFrame, simple: StaffWellbeing, method: str
) -> None:
    """The estimate without a trust equals the estimate on a panel that never had it."""
    left_out = lagged_panel.leave_one_out(golden_panel, simple, method)
    rest = golden_panel[golden_panel["unit"] != "7"]
    refitted = pick_row(lagged_panel.estimate(rest, simple).estimates, method=method)
    found = left_out.set_index("unit")["estimate"]["7"]
    assert found == pytest.approx(refitted["estimate"], rel=1e-9)


def test_a_gap_gives_no_change(golden_panel: pd.DataFrame, simple: StaffWellbeing) -> None:
    """Where a period is missing for every trust, changes across the gap are not counted."""
    gapped = golden_panel[golden_panel["time"] != 12]
    row = pick_row(lagged_panel.estimate(gapped, simple).estimates, method="first_difference")
    ordered = gapped.sort_values(["unit", "time"])
    change = ordered.groupby("unit")[["exposure", "outcome", "time"]].diff()
    change["later"] = ordered["time"]
    kept = change[change["time"] == 1]
    x = np.column_stack([kept["exposure"], pd.get_dummies(kept["later"]).to_numpy(float)])
    by_hand, *_ = np.linalg.lstsq(x, kept["outcome"].to_numpy(), rcond=None)
    assert row["estimate"] == pytest.approx(by_hand[0])
    assert row["n"] == len(kept)


def test_noise_known_in_part_is_not_taken_out(
    golden_panel: pd.DataFrame, simple: StaffWellbeing
) -> None:
    """One unknown variance is enough: partly corrected would be neither right nor plain."""
    known = golden_panel.assign(exposure_variance=0.01)
    assert lagged_panel.corrects_noise(known, simple)
    known.loc[known.index[3], "exposure_variance"] = np.nan
    assert not lagged_panel.corrects_noise(known, simple)


def test_a_period_of_one_trust_is_left_out(
    golden_panel: pd.DataFrame, simple: StaffWellbeing
) -> None:
    """One trust that reports early changes nothing: that period has nobody to compare with."""
    early = golden_panel.iloc[[0]].assign(time=0, period="0")
    with_early = pd.concat([early, golden_panel], ignore_index=True)
    before = lagged_panel.estimate(golden_panel, simple).estimates
    after = lagged_panel.estimate(with_early, simple).estimates
    np.testing.assert_allclose(after["estimate"], before["estimate"], rtol=1e-9)
    assert np.isfinite(lagged_panel.leave_one_out(with_early, simple, "within")["estimate"]).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"exposure": 3.0}, "exposure: does not change within any trust"),
        ({"outcome": 3.0}, "outcome: does not change within any trust"),
    ],
)
def test_constant_series_are_refused(
    golden_panel: pd.DataFrame, simple: StaffWellbeing, change: dict[str, float], words: str
) -> None:
    """A series that never moves within a trust is named, with what to do."""
    with pytest.raises(AnalysisError, match=words):
        lagged_panel.estimate(golden_panel.assign(**change), simple)


def test_collinear_adjustment_is_refused(
    golden_panel: pd.DataFrame, simple: StaffWellbeing
) -> None:
    """An adjustment that repeats the exposure cannot be told from it, and is refused."""
    twice = golden_panel.assign(again=2 * golden_panel["exposure"] + 1)
    parameters = simple.model_copy(update={"adjust_for": ["again"]})
    with pytest.raises(AnalysisError, match="cannot be told apart"):
        lagged_panel.estimate(twice, parameters)


def test_nothing_in_common_is_refused(golden_panel: pd.DataFrame, simple: StaffWellbeing) -> None:
    """Without any complete rows the message says which columns were needed."""
    empty = golden_panel.assign(exposure=np.nan)
    with pytest.raises(AnalysisError, match="exposure and outcome all known"):
        lagged_panel.estimate(empty, simple)


@pytest.mark.parametrize(("trusts", "words"), [(1, "no two trusts"), (2, "needs at least 3")])
def test_too_few_trusts_are_refused(
    golden_panel: pd.DataFrame, simple: StaffWellbeing, trusts: int, words: str
) -> None:
    """One trust has nobody to be compared with, and two cannot be compared with each other."""
    few = golden_panel[golden_panel["unit"].astype(int) <= trusts]
    with pytest.raises(AnalysisError, match=words):
        lagged_panel.estimate(few, simple)
