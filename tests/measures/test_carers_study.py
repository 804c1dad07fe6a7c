"""A study of carers by hand: waves side by side, who was lost, the tipping point, refusals."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.findings.unpaid_carers import choose_claim, conclude_carers, list_not_measured
from evalkit.measures.carers import CARERQOL_DOMAINS, SACE_DOMAINS
from evalkit.measures.carers_described import (
    tabulate_carers,
    tabulate_domains,
    tabulate_expected,
    tabulate_identified,
)
from evalkit.measures.carers_effect import (
    correlate_dyads,
    estimate_change,
    estimate_for_carers,
    set_dyads_apart,
)
from evalkit.measures.carers_lost import find_tipping_point, tabulate_lost
from evalkit.measures.carers_study import compare_carers, describe_carers
from evalkit.measures.carers_waves import read_carers
from evalkit.results import pick_row
from evalkit.study import load_parameters
from evalkit.study.schemas.unpaid_carers import UnpaidCarers

FILE = Path(__file__).resolve().parents[2] / "parameters" / "unpaid_carers.yml"


@pytest.fixture(scope="module")
def parameters() -> UnpaidCarers:
    """Return the embedded study's parameters."""
    read = load_parameters(FILE)
    assert isinstance(read, UnpaidCarers)
    return read


def made(carers: int = 24, units: int = 6) -> pd.DataFrame:
    """Carers in half of the units gain two points, all others none; every option is the middle."""
    at = np.arange(carers)
    unit = at % units
    rows = []
    for wave in ("before", "after"):
        gain = (wave == "after") & (unit < units // 2)
        frame = pd.DataFrame({name: np.full(carers, 2.0) for name in SACE_DOMAINS})
        frame["sace_social"] = np.where(gain, 1.0, 2.0)
        frame["sace_safety"] = np.where(gain, 1.0, 2.0)
        frame["sace_control"] = 1.0 + at % 3
        rows.append(
            frame.assign(
                dyad=[f"D{number}" for number in at],
                unit=[f"U{number}" for number in unit],
                wave=wave,
                status="caring",
                offered=unit < units // 2,
                hours_band=np.where(at % 2 == 0, "1-9", "50+"),
                identified=np.where(gain, "yes", "no"),
                patient_overall=5.0 + at % 4 - 1.0 * gain,
            )
        )
    return pd.concat(rows, ignore_index=True)


def test_effect_is_the_change_with_less_the_change_without(parameters: UnpaidCarers) -> None:
    """Two points more in units with the programme and none in others is an effect of two."""
    carers = read_carers({"carers": made()}, parameters)
    row = estimate_change(carers.pairs, "sace", parameters)
    assert row["estimate"] == pytest.approx(2.0)
    row = estimate_change(carers.pairs, "identified", parameters)
    assert row["estimate"] == pytest.approx(100.0)


def test_dyads_are_compared_in_deviations_of_the_first_wave(parameters: UnpaidCarers) -> None:
    """A carer's two points less a patient's minus one, each over its deviation when first asked."""
    pairs = read_carers({"carers": made()}, parameters).pairs
    spread = pairs["sace_before"].std(), pairs["patient_overall_before"].std()
    row = estimate_change(set_dyads_apart(pairs), "trade_off", parameters)
    assert row["estimate"] == pytest.approx(2 / spread[0] + 1 / spread[1])


def test_dyads_that_answer_alike_correlate(parameters: UnpaidCarers) -> None:
    """Where patients answer as their carers do, up to scale, the correlation is one."""
    rows = made()
    rows["patient_overall"] = 4.0 - rows["sace_control"]
    pairs = read_carers({"carers": rows}, parameters).pairs
    assert correlate_dyads(pairs) == pytest.approx(1.0, abs=1e-3)


def test_lost_are_counted_by_arm(parameters: UnpaidCarers) -> None:
    """Of twelve carers with the programme, three bereaved are a quarter of those asked."""
    rows = made()
    gone = rows["dyad"].isin(["D0", "D1", "D2"]) & (rows["wave"] == "after")
    rows.loc[gone, "status"] = "bereaved"
    table = tabulate_lost(read_carers({"carers": rows}, parameters).pairs)
    row = pick_row(table, arm="With the programme", status="bereaved")
    assert (row["carers"], row["asked"], row["share"]) == (3, 12, 25.0)
    assert row["sace_before"] == pytest.approx((7 + 6 + 5) / 3)
    assert pick_row(table, arm="Without it", status="bereaved")["carers"] == 0


def test_carers_without_a_second_row_did_not_answer(parameters: UnpaidCarers) -> None:
    """A carer who has a first row alone counts among those asked, as one who did not answer."""
    rows = made()
    rows = rows[~((rows["dyad"] == "D0") & (rows["wave"] == "after"))]
    pairs = read_carers({"carers": rows}, parameters).pairs
    assert len(pairs) == 24
    assert pick_row(pairs, dyad="D0")["status"] == "not_answered"


def _tried(ends: list[float], side: int) -> pd.DataFrame:
    shift = [-2.0, -1.0, 0.0, 1.0, 2.0]
    end = "conf_low" if side > 0 else "conf_high"
    table = pd.DataFrame({"estimand": "treatment_policy", "shift": shift})
    return table.assign(conf_low=-9.0, conf_high=9.0).assign(**{end: ends})


def test_tipping_point_lies_where_the_interval_reaches_zero() -> None:
    """A low end of 0.3 that falls by 0.4 a point is zero 0.75 points worse; a loss is a mirror."""
    gain = _tried([-0.5, -0.1, 0.3, 0.7, 1.1], 1)
    assert find_tipping_point(gain, 1) == pytest.approx(-0.75)
    loss = _tried([-1.1, -0.7, -0.3, 0.1, 0.5], -1)
    assert find_tipping_point(loss, -1) == pytest.approx(0.75)


def test_tipping_point_beyond_what_was_tried_is_infinite() -> None:
    """Where no shift tried takes the interval to zero, none is named; without a side, zero."""
    assert find_tipping_point(_tried([0.1, 0.2, 0.3, 0.4, 0.5], 1), 1) == np.inf
    assert find_tipping_point(_tried([-0.5, -0.4, -0.3, -0.2, -0.1], 1), 1) == 0.0


def test_groups_are_described_as_first_asked(parameters: UnpaidCarers) -> None:
    """A group's mean is that of its first answers; small groups are only counted."""
    rows = read_carers({"carers": made()}, parameters).rows
    table = tabulate_carers(rows, 0.95, 12)
    first = rows[(rows["wave"] == "before") & (rows["hours_band"] == "1-9")]
    row = pick_row(table, group="1-9")
    assert (row["carers"], row["mean"]) == (12, pytest.approx(first["sace"].mean()))
    other = pick_row(table, group="50+")["mean"]
    assert row["difference"] == pytest.approx(row["mean"] - other)
    assert np.isnan(pick_row(tabulate_carers(rows, 0.95, 13), group="1-9")["mean"])


def test_domains_know_their_best_end(parameters: UnpaidCarers) -> None:
    """A lot of fulfilment is the best answer, a lot of problems the worst."""
    rows = made().assign(**dict.fromkeys(CARERQOL_DOMAINS, 3.0))
    table = tabulate_domains(read_carers({"carers": rows}, parameters).rows)
    assert pick_row(table, domain="Fulfilment")["best"] == 100.0
    assert pick_row(table, domain="Financial problems")["worst"] == 100.0
    assert pick_row(table, domain="Occupation")["middle"] == 100.0


def test_identified_are_a_share_of_those_asked(parameters: UnpaidCarers) -> None:
    """Everybody with the programme is identified at the second wave, nobody else."""
    table = tabulate_identified(read_carers({"carers": made()}, parameters).rows, 0.95)
    assert list(table["share"]) == [0.0, 100.0, 0.0, 0.0]


def test_identification_rate_rests_on_a_census_share() -> None:
    """Of 1,000 people with a share of 9% ninety carers are expected; 45 recorded are 50 per 100."""
    people = pd.DataFrame({"group": ["a"], "recorded": 45.0, "people": 1000.0, "carer_share": 0.09})
    row = tabulate_expected({"population": people}, 0.95).iloc[0]
    assert (row["expected"], row["identified"]) == (pytest.approx(90), pytest.approx(50))


def test_a_tariff_that_is_given_is_used(parameters: UnpaidCarers) -> None:
    """With a described tariff the CarerQol is one figure, and its effect stands with the others."""
    rows = made().assign(**dict.fromkeys(CARERQOL_DOMAINS, 2.0))
    rows.loc[rows["sace_social"] == 1.0, "carerqol_1"] = 3.0
    values = pd.DataFrame(
        [(name, level, 5.0 * level) for name in CARERQOL_DOMAINS for level in (1, 2, 3)],
        columns=["item", "level", "value"],
    )
    described = {
        "country": "made up",
        "version": "1",
        "dated": "2024-01-01",
        "licence": "none",
        "citation": "made up",
    }
    given = parameters.model_copy(update={"tariff_described": described})
    carers = read_carers({"carers": rows, "tariff": values}, given)
    assert estimate_change(carers.pairs, "carerqol", given)["estimate"] == pytest.approx(5.0)


def test_one_wave_is_described_and_nothing_is_claimed(parameters: UnpaidCarers) -> None:
    """Without a second wave the study says how carers fare, and claims no effect."""
    tables = {"carers": made().query("wave == 'before'")}
    described = describe_carers(tables, parameters)
    compared = compare_carers(described, tables, parameters)
    finding = conclude_carers(described, compared, [], parameters)
    assert choose_claim(compared, [], parameters) == finding.claim == "described"
    assert "not why" in finding.answer
    assert not compared.result.permits_cause
    assert {"label", "estimate"} <= set(compared.for_carers)
    assert list_not_measured(described, compared)[0] == "Carers by age"


def test_effect_on_patients_who_are_carers(parameters: UnpaidCarers) -> None:
    """Where the programme adds one point to carers and none to others, they differ by one."""
    rng = np.random.default_rng(3)
    count = 2400
    unit, time = rng.integers(0, 8, count), rng.integers(0, 4, count)
    carer, on = rng.random(count) < 0.5, (unit < 4) & (time >= 2)
    answers = pd.DataFrame(
        {
            "unit": [f"W{u}" for u in unit],
            "period": [f"2024-0{t + 1}" for t in time],
            "time": time,
            "outcome": 5.0 + 1.0 * (carer & on) + rng.normal(0, 0.2, count),
            "carer": np.where(carer, "yes", "no"),
        }
    )
    starts = pd.DataFrame(
        {"unit": [f"W{u}" for u in range(8)], "start": ["2024-03"] * 4 + [None] * 4}
    )
    table = estimate_for_carers(answers, starts, parameters)
    row = pick_row(table, group="carer:difference")
    assert row["conf_low"] < 1.0 < row["conf_high"]
    assert row["conf_low"] > 0.5
    starts.loc[0, "start"] = "2024-02"
    with pytest.raises(AnalysisError, match="2 different periods"):
        estimate_for_carers(answers, starts, parameters)


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("wave", "later", "1 rows are neither before nor after"),
        ("status", "gone", "status: 1 rows are none of caring"),
        ("hours_band", "many", "hours_band: 1 rows are none of"),
        ("dyad", "D1", "1 rows repeat a carer and wave"),
        ("unit", "U9", "1 carers are in two units"),
        ("offered", False, "1 carers are in two units"),
        ("deprivation_decile", 11.0, "1 rows are no whole number from 1 to 10"),
        ("sace_social", 4.0, "SACE"),
    ],
)
def test_answers_that_are_none_are_refused(
    column: str, value: str | float | bool, says: str, parameters: UnpaidCarers
) -> None:
    """What is no wave, status, band, tenth or option is refused, and a carer who moved."""
    rows = made().assign(deprivation_decile=5.0)
    rows.loc[0, column] = value
    with pytest.raises(AnalysisError, match=says):
        read_carers({"carers": rows}, parameters)


def test_nobody_to_compare_with_is_refused(parameters: UnpaidCarers) -> None:
    """Where every unit offers the programme there is no comparison, and the message says so."""
    tables = {"carers": made().assign(offered=True)}
    described = describe_carers(tables, parameters)
    with pytest.raises(AnalysisError, match="every unit offers the programme"):
        compare_carers(described, tables, parameters)
