"""Health gain: by hand, with known truth, against published gains, and what is refused."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.measures.proms import adjust_gains, fit_case_mix, flag_outliers, tabulate_gains

CENTRING = {"oxford_hip_score": 0.004, "eq_vas": 0.005, "eq5d_index": 0.001}
"""Published to three decimals, and centred on a few dozen records that the file leaves out."""
THREE_ERRORS = 3.3
"""Standard errors that the mean of a simulation may be off by."""


@pytest.fixture(scope="module")
def published_gains() -> ModuleType:
    """Return the module that compares with the published gains."""
    path = Path(__file__).with_name("published_gains.py")
    spec = importlib.util.spec_from_file_location("published_gains", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def draw_records(seed: int, *, units: int = 12, patients: int = 60) -> pd.DataFrame:
    """Return records whose case mix differs by unit, and whose units do not."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), patients)
    frail = rng.random(len(unit)) < 0.1 + 0.6 * unit / units
    before = rng.normal(20 - 4 * frail, 5)
    after = 30 + 0.3 * before - 6 * frail + rng.normal(0, 4, len(unit))
    text = pd.Series(np.where(frail, "frail", "well"))
    return pd.DataFrame({"unit": unit, "before": before, "after": after, "frailty": text})


def test_gain_by_hand() -> None:
    """Gains 4, 0 and -2: mean 2/3, one in three improved, one the same, one worse."""
    records = pd.DataFrame(
        {"unit": "A", "before": [10.0, 20, 30, 9], "after": [14.0, 20, 28, np.nan]}
    )
    found = tabulate_gains(records, by=["unit"]).iloc[0]
    assert found[["n", "incomplete"]].tolist() == [3, 1]
    assert found["gain"] == pytest.approx(2 / 3)
    shares = found[["improved", "unchanged", "worse"]].tolist()
    assert shares == pytest.approx([100 / 3] * 3)


def test_gain_that_matters_is_a_parameter() -> None:
    """With 8 points mattering, gains of 4 and -2 are neither better nor worse."""
    records = pd.DataFrame({"unit": "A", "before": [10.0, 30, 5], "after": [14.0, 28, 15]})
    found = tabulate_gains(records, by=["unit"], least_gain=8).iloc[0]
    assert found[["improved", "worse"]].tolist() == pytest.approx([100 / 3, 0])


def test_adjusted_gain_by_hand() -> None:
    """Unit A is 1 above prediction, B 1 below; mean gain of all 11: so 12 and 10."""
    records = pd.DataFrame(
        {
            "unit": ["A", "A", "B", "B"],
            "before": [10.0, 12, 20, 22],
            "after": [22.0, 24, 30, 32],
            "predicted": [21.0, 23, 31, 33],
        }
    )
    found = adjust_gains(records, fewest=1)
    assert found["adjusted_gain"].tolist() == [12.0, 10.0]
    assert found["std_error"].tolist() == pytest.approx([np.sqrt(4 / 3) / np.sqrt(2)] * 2)


def test_predictions_that_are_all_too_low_change_nothing() -> None:
    """Five points less predicted for everybody leave every adjusted gain as it was."""
    table = fit_case_mix(draw_records(5), ["frailty"]).table
    low = table.assign(predicted=table["predicted"] - 5)
    found, lowered = (adjust_gains(t)["adjusted_gain"].to_numpy() for t in (table, low))
    np.testing.assert_allclose(found, lowered, rtol=1e-12)
    weights = table.groupby("unit").size().to_numpy()
    overall = float((table["after"] - table["before"]).mean())
    assert np.average(found, weights=weights) == pytest.approx(overall)


def test_units_alike_are_levelled() -> None:
    """Units that differ only in their patients differ in gain, and not once adjusted."""
    slopes = []
    for seed in range(40):
        records = draw_records(seed)
        found = adjust_gains(fit_case_mix(records, ["frailty"]).table)
        plain = np.polyfit(found["unit"].astype(float), found["gain"], 1)[0]
        adjusted = np.polyfit(found["unit"].astype(float), found["adjusted_gain"], 1)[0]
        slopes.append((plain, adjusted))
    mean = np.mean(slopes, axis=0)
    error = np.std(slopes, axis=0, ddof=1) / np.sqrt(len(slopes))
    assert abs(mean[1]) < THREE_ERRORS * error[1]
    assert abs(mean[0]) > THREE_ERRORS * error[0]


def test_flags_hold_their_level() -> None:
    """Units alike are flagged one time in twenty, within three errors of a simulation."""
    flagged = []
    for seed in range(120):
        found = adjust_gains(fit_case_mix(draw_records(seed), ["frailty"]).table)
        flagged.append(float(np.mean(found["flag"] != "as expected")))
    error = np.std(flagged, ddof=1) / np.sqrt(len(flagged))
    assert abs(np.mean(flagged) - 0.05) < THREE_ERRORS * error + 0.01


def test_flags_by_hand() -> None:
    """Two errors are an alert, four an alarm, one is nothing."""
    words = flag_outliers(np.array([-4.0, -2, 1, 2, 4]))
    assert words == [
        "worse, alarm",
        "worse, alert",
        "as expected",
        "better, alert",
        "better, alarm",
    ]


def test_few_records_are_not_judged() -> None:
    """A unit with fewer records than asked for has its number of records and no gain."""
    records = draw_records(1).assign(predicted=lambda t: t["before"])
    small = records[(records["unit"] != 0) | (records.index < 5)]
    found = adjust_gains(small).set_index("unit")
    assert found.loc[0, "flag"] == "too few records"
    assert found.loc[0, ["adjusted_gain", "z"]].isna().all()
    assert found.loc[0, "n"] == 5


def test_own_model_is_never_official() -> None:
    """A case-mix model made here says that it is not the publisher's."""
    model = fit_case_mix(draw_records(2), ["frailty"])
    assert model.official is False
    assert 0 < model.explained < 1


@pytest.mark.parametrize(
    ("covariates", "message"),
    [
        (["after"], "the score after treatment"),
        (["nothing"], "1 of 3 columns are not there"),
        (["age"], "1 values of age are missing"),
    ],
)
def test_case_mix_is_refused(covariates: list[str], message: str) -> None:
    """What happened after treatment, lacking columns and missing numbers are refused."""
    records = draw_records(3).assign(age=lambda t: t["before"].where(t.index != 4))
    with pytest.raises(AnalysisError, match=message):
        fit_case_mix(records, covariates)


def test_one_unit_is_refused() -> None:
    """One provider has nobody to be compared with."""
    records = draw_records(4, units=1).assign(predicted=30.0)
    with pytest.raises(AnalysisError, match="1 units with records"):
        adjust_gains(records)


@pytest.mark.parametrize("year", [2016, 2017])
@pytest.mark.parametrize("outcome", ["oxford_hip_score", "eq_vas", "eq5d_index"])
@pytest.mark.parametrize("procedure", ["Hip Replacement Primary", "Hip Replacement Revision"])
def test_published_gains(
    data_root: Path, published_gains: ModuleType, year: int, outcome: str, procedure: str
) -> None:
    """Published gains and flags of every provider follow from the records' predicted scores."""
    official, own = published_gains.compare(data_root, year, outcome, procedure)
    assert official["same_n"] == official["units"]
    assert official["largest"] <= CENTRING[outcome]
    assert official["same_flag"] == official["units"]
    assert own["correlation"] < official["correlation"]


@pytest.mark.parametrize("outcome", ["oxford_hip_score", "eq_vas"])
def test_published_gains_of_the_incomplete_year(
    data_root: Path, published_gains: ModuleType, outcome: str
) -> None:
    """In 2018/19 records are of another cut: half the providers differ in number, some in flag."""
    official, _ = published_gains.compare(data_root, 2018, outcome, "Hip Replacement Primary")
    assert official["same_n"] < official["units"] / 2
    assert official["correlation"] > 0.99
    assert official["same_flag"] >= 0.97 * official["units"]
