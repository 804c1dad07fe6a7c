"""Costs and consequences: by hand, what is refused, and worlds of known truth."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.value_for_money import check_value
from evalkit.data.periods import calendar_index
from evalkit.errors import AnalysisError
from evalkit.findings.value_for_money import conclude_value
from evalkit.findings.value_rubric import NOT_MEASURED, tabulate_rubric
from evalkit.measures.cost_lines import tabulate_contributions, tabulate_costs
from evalkit.measures.value_by_design import (
    estimate_answering,
    estimate_by_design,
    estimate_earlier,
)
from evalkit.measures.value_cohorts import make_sample
from evalkit.measures.value_for_money import Value, fit_changes, study_value
from evalkit.measures.value_sample import ValueSample
from evalkit.results import Check, Finding, pick_row
from evalkit.study import load_parameters
from evalkit.study.schemas.value_for_money import ValueForMoney
from evalkit.synthetic.linked.causes import WORLDS
from evalkit.synthetic.linked.make import make_table
from evalkit.synthetic.linked.places import Places, Size, make_places
from evalkit.synthetic.linked.truth import tell_truth

FILE = Path(__file__).resolve().parents[2] / "parameters" / "value_for_money.yml"
SOURCES = {
    "costs": "costs",
    "activity": "activity",
    "answers": "patients",
    "units": "wards",
    "carers": "carers",
}
PEOPLE, SEED = 16_000, 5


def study(**changes: Any) -> ValueForMoney:
    """Return the embedded study's parameters, with fewer draws and with changes."""
    parameters = load_parameters(FILE)
    assert isinstance(parameters, ValueForMoney)
    return parameters.model_copy(update={"draws": 499, **changes})


def by_hand() -> dict[str, pd.DataFrame]:
    """Six wards over two months, three with the programme from the second month on.

    10 people a month; answers rise from 6 to 8 with it and from 6 to 7 without: a gain of 1. It
    costs 30 a ward, of which carers bear 10; 20 / 10 = 2 a person for the payer.
    """
    wards, months = [f"W{n}" for n in range(6)], ["2023-12", "2024-01"]
    cells = pd.DataFrame([(w, m) for w in wards for m in months], columns=["unit", "period"])
    cells["time"] = calendar_index(cells["period"])
    treated, after = cells["unit"].isin(wards[:3]), cells["period"] == months[1]
    spent = cells[treated & after]
    lines = [
        spent.assign(item=item, payer=payer, amount=amount, price_year=2024.0)
        for item, payer, amount in (
            ("programme_staff", "nhs", 15.0),
            ("lived_experience_payment", "nhs", 5.0),
            ("carer_time", "carers", 10.0),
        )
    ]
    score = 6.0 + after + (treated & after)
    return {
        "costs": pd.concat(lines, ignore_index=True),
        "activity": cells.assign(people=10.0),
        "answers": cells.assign(outcome=score),
        "units": pd.DataFrame({"unit": wards, "start": ["2024-01"] * 3 + [None] * 3}),
    }


def tables_of(places: Places, parameters: ValueForMoney) -> dict[str, pd.DataFrame]:
    """Return a world's tables by their roles."""
    tables = {}
    for source, name in SOURCES.items():
        columns = parameters.model_dump()[f"{source}_columns"]
        made = make_table(places, name)
        table = pd.DataFrame({role: made[column] for role, column in columns.items()})
        if "period" in table:
            table = table.assign(time=calendar_index(table["period"]))
        if "start" in table:
            table["start"] = table["start"].replace("", None)
        tables[source] = table
    return tables


@cache
def solve(
    world: str, people: int = PEOPLE
) -> tuple[Finding, dict[str, Check], Value, dict[str, Any]]:
    """Answer a world's question as the notebook does."""
    parameters = study()
    places = make_places(WORLDS[world], SEED, Size(people, 12, 4))
    tables = tables_of(places, parameters)
    sample = make_sample(tables, parameters)
    value = study_value(sample, parameters)
    checks = check_value(sample, tables["units"], value, parameters)
    finding = conclude_value(value, checks, parameters)
    truth = tell_truth(world, SEED, places, labels=False)
    return finding, {check.name: check for check in checks}, value, truth


def sample_of(tables: dict[str, pd.DataFrame], **changes: Any) -> tuple[ValueSample, ValueForMoney]:
    """Return the sample of tables made by hand."""
    parameters = study(imd_version=None, **changes)
    return make_sample(tables, parameters), parameters


def test_consequences_by_hand() -> None:
    """A gain of 1 for 2 a person to the NHS and 1 to carers: 0.2 for each 0.1."""
    sample, parameters = sample_of(by_hand())
    value = study_value(sample, parameters)
    rows = value.consequences.set_index("key")["difference"]
    assert rows["outcome"] == pytest.approx(1.0)
    assert rows["cost: nhs"] == pytest.approx(2.0)
    assert rows["cost: carers"] == pytest.approx(1.0)
    assert rows["cost: everybody"] == pytest.approx(3.0)
    assert value.per_gain is not None
    assert value.per_gain.estimate == pytest.approx(0.2)
    row = pick_row(value.consequences, key="outcome")
    assert (row["with"], row["without"]) == (pytest.approx(8.0), pytest.approx(7.0))


def test_lines_of_cost_by_hand() -> None:
    """Payments to people with lived experience and carers' time are lines of their own."""
    sample, parameters = sample_of(by_hand())
    lines = tabulate_costs(sample, parameters).set_index(["payer", "item"])
    assert lines["amount"].to_dict() == {
        ("carers", "carer_time"): 30.0,
        ("nhs", "lived_experience_payment"): 15.0,
        ("nhs", "programme_staff"): 45.0,
    }
    assert lines["per_person"]["nhs", "lived_experience_payment"] == pytest.approx(0.5)
    assert lines["per_unit_period"]["carers", "carer_time"] == pytest.approx(10.0)


def test_set_up_before_the_start_is_a_cost() -> None:
    """An extra cost of 20 a ward in the month before counts, and makes nothing cheaper."""
    tables = by_hand()
    costs = tables["costs"]
    early = costs[costs["item"] == "programme_staff"].assign(
        item="training", amount=20.0, period="2023-12"
    )
    early["time"] = calendar_index(early["period"])
    tables["costs"] = pd.concat([costs, early], ignore_index=True)
    sample, parameters = sample_of(tables)
    found = fit_changes(sample, parameters)
    at = found.names.index("cost: nhs")
    assert found.estimate[at] == pytest.approx(4.0)
    changed = study(imd_version=None, costs_are="all")
    assert fit_changes(make_sample(tables, changed), changed).estimate[at] == pytest.approx(0.0)


def test_the_second_year_is_discounted_and_the_first_is_not() -> None:
    """Of 22 and 44 spent on 10 people a year, 3.5% off the second: (22 + 44 d) / (10 + 10 d)."""
    tables = by_hand()
    for name in ("costs", "activity", "answers"):
        table = tables[name].assign(period=tables[name]["period"].str[:4])
        later = table[table["period"] == "2024"].assign(period="2025")
        if name == "costs":
            table, later = table.assign(amount=22.0 / 3), later.assign(amount=44.0 / 3)
            table["payer"], later["payer"] = "nhs", "nhs"
        made = pd.concat([table, later], ignore_index=True)
        tables[name] = made.assign(time=calendar_index(made["period"]))
    tables["units"] = tables["units"].assign(start=tables["units"]["start"].str[:4])
    sample, parameters = sample_of(tables)
    found = fit_changes(sample, parameters)
    d = 1 / 1.035
    expected = (22 + 44 * d) / (10 + 10 * d)
    assert found.estimate[found.names.index("cost: nhs")] == pytest.approx(expected)


def test_cost_and_gain_of_the_effect_world_hold_the_truth() -> None:
    """Cost to the NHS, the gain in relational experience and each line hold what was made."""
    finding, _, value, truth = solve("effect_relational")
    cost, gain = (pick_row(value.consequences, key=k) for k in ("cost: nhs", "outcome"))
    assert cost["conf_low"] <= truth["value"]["nhs_cost_per_patient"] <= cost["conf_high"]
    assert gain["conf_low"] <= truth["effect"]["shown"]["relational"] <= gain["conf_high"]
    assert finding.claim.startswith("better and dearer")
    assert "cost the NHS" in " ".join(finding.meaning)
    assert "carers' time" in " ".join(finding.meaning)
    least, said = 0.2, next(text for text in finding.meaning if text.startswith("The gain"))
    crosses = gain["conf_low"] < least < gain["conf_high"]
    assert ("may or may not be as large as" in said) == crosses
    lines = value.costs.groupby("item")["per_unit_period"].sum()
    for item, amount in truth["value"]["per_ward_and_month"].items():
        assert lines[item] == pytest.approx(amount, rel=0.05)


def test_no_cost_of_a_gain_where_there_is_no_gain() -> None:
    """In the world without an effect, costs stand without a shown benefit."""
    finding, _, _, _ = solve("null")
    assert finding.claim.startswith("no gain shown")
    assert "Costs without a shown benefit" in finding.answer
    assert not any("cost the NHS" in said for said in finding.meaning)


def test_the_gain_favours_neither_side() -> None:
    """Where the other wards are said to have begun, the same gain stands with the other sign.

    So that, where lots say who begins and nothing is done, its error is none on average.
    """
    parameters = study(draws=99)
    tables = tables_of(make_places(WORLDS["null"], 2, Size(2300, 12, 4)), parameters)
    start = tables["units"]["start"]
    others = start.where(start.isna(), None).mask(start.isna(), start.dropna().iloc[0])
    swapped = tables | {"units": tables["units"].assign(start=others)}
    gain, turned = (
        pick_row(study_value(make_sample(of, parameters), parameters).consequences, key="outcome")
        for of in (tables, swapped)
    )
    assert abs(gain["difference"]) > 0.01
    assert turned["difference"] == pytest.approx(-gain["difference"], rel=1e-9)


@pytest.mark.parametrize("world", ["confounded", "worst_chosen"])
def test_a_gain_that_came_anyway_has_no_cost(world: str) -> None:
    """Where experience moved before the start already, no cost of a gain is given."""
    finding, checks, _, _ = solve(world)
    assert checks["earlier"].verdict == "concern"
    assert finding.claim.startswith("cannot be told")
    assert not any("cost the NHS" in said for said in finding.meaning)


def test_a_scale_without_room_tells_nothing() -> None:
    """Where half give the best value, a gain cannot be told from none."""
    finding, checks, _, _ = solve("ceiling")
    assert checks["scale"].verdict == "concern"
    assert finding.claim.startswith("cannot be told")


def test_the_poor_who_stop_answering_make_no_gain() -> None:
    """Where the mean rises because the poorest no longer answer, no cost of a gain is given."""
    finding, checks, value, _ = solve("nonresponse_by_deprivation", 40_000)
    assert pick_row(value.consequences, key="outcome")["conf_low"] > 0, "it would look better"
    assert checks["answering"].verdict == "concern"
    assert finding.claim.startswith("cannot be told")
    assert not any("cost the NHS" in said for said in finding.meaning)


@pytest.mark.parametrize("world", ["effect_relational", "null"])
def test_those_who_answer_as_before_raise_no_concern(world: str) -> None:
    """Where the poorest answer as often as before, the same check passes."""
    _, checks, _, _ = solve(world)
    assert checks["answering"].verdict == "passes"


def test_what_who_answered_does_to_a_gain_by_hand() -> None:
    """Half of answers poor (6) and half not (8); none poor later with it: 2 x .5 = 1 of the gain.

    Two of the wards are asked after a start of their own, and the same is found.
    """
    for starts in (["2024-01"] * 6, ["2024-01"] * 3 + ["2024-02"] * 3):
        tables, parameters = leavers(starts)
        found = estimate_answering(make_sample(tables, parameters), parameters)
        assert found is not None
        assert found[:3] == pytest.approx((1.0, 1.0, 1.0))


def leavers(starts: list[str]) -> tuple[dict[str, pd.DataFrame], ValueForMoney]:
    """Twelve wards asked in three months, half with the programme, whose poorest then fall silent.

    In each month two poor people would say 6 and two others 8; nothing else ever changes.
    """
    wards, months = [f"W{n:02}" for n in range(12)], ["2023-12", "2024-01", "2024-02"]
    cells = pd.DataFrame([(w, m) for w in wards for m in months], columns=["unit", "period"])
    cells["time"] = calendar_index(cells["period"])
    units = pd.DataFrame({"unit": wards, "start": [*starts, *[None] * 6]})
    begun = cells["unit"].map(units.set_index("unit")["start"]).fillna("9999") <= cells["period"]
    poor = cells[~begun].assign(outcome=6.0, deprivation_decile=1.0)
    rest = cells.assign(outcome=8.0, deprivation_decile=9.0)
    answers = pd.concat([poor, poor, rest, rest], ignore_index=True).assign(imd_version="2019")
    costs = cells[begun].assign(item="training", payer="nhs", amount=1.0, price_year=2024.0)
    tables = {"answers": answers, "costs": costs, "activity": cells.assign(people=10.0)}
    return tables | {"units": units}, study()


def test_a_gap_that_widened_is_said_beside() -> None:
    """A gain on average does not hide that the most deprived fifth fell behind."""
    finding, _, _, truth = solve("gap_wider")
    assert truth["gap"]["change_of_gap"] < 0
    assert "gap wider" in finding.claim
    assert "The most deprived fifth fell behind" in finding.answer


def test_carers_who_lost_are_said_beside() -> None:
    """Patients' gain stands beside carers' loss, and is not set off against it."""
    finding, _, _, _ = solve("carer_harm")
    assert "carers worse off" in finding.claim
    assert "Carers lost" in finding.answer


def test_prices_of_two_years_are_refused() -> None:
    """Amounts in another year's prices are counted and refused."""
    tables = by_hand()
    tables["costs"].loc[0, "price_year"] = 2019.0
    with pytest.raises(AnalysisError, match="1 of 9 amounts are not in prices of 2024"):
        sample_of(tables)


@pytest.mark.parametrize(
    ("source", "column", "value", "message"),
    [
        ("costs", "amount", np.nan, "9 of 9 are missing"),
        ("costs", "payer", "carers", "no cost is borne by this payer"),
        ("units", "start", None, "no unit began"),
        ("units", "start", "2031-01", "outside the periods of activity"),
        ("units", "start", "2024-01", "6 clusters with the intervention and 0 without"),
    ],
)
def test_refusals(source: str, column: str, value: object, message: str) -> None:
    """What cannot be compared is refused, with what is wrong."""
    tables = by_hand()
    tables[source] = tables[source].assign(**{column: value})
    with pytest.raises(AnalysisError, match=message):
        sample, parameters = sample_of(tables)
        fit_changes(sample, parameters)


def two_starts() -> dict[str, pd.DataFrame]:
    """Ten wards over four months: three begin in the second, three in the last, four never.

    Answers rise by 1 a month everywhere; the first three gain 1, the others 2. Each pays 20 a month
    for 10 people. Those who never begin care for 40 in the last month, so that they weigh
    otherwise beside either start.
    """
    wards, months = [f"W{n}" for n in range(10)], ["2023-10", "2023-11", "2023-12", "2024-01"]
    starts = [months[1]] * 3 + [months[3]] * 3 + [None] * 4
    cells = pd.DataFrame([(w, m) for w in wards for m in months], columns=["unit", "period"])
    cells["time"] = calendar_index(cells["period"])
    start = cells["unit"].map(dict(zip(wards, starts, strict=True)))
    on = start.notna() & (cells["period"] >= start.fillna("9"))
    gain = on * start.map({months[1]: 1.0, months[3]: 2.0}).fillna(0.0)
    crowd = start.isna() & (cells["period"] == months[3])
    spent = cells[on].assign(item="programme_staff", payer="nhs", amount=20.0, price_year=2024.0)
    return {
        "costs": spent,
        "activity": cells.assign(people=np.where(crowd, 40.0, 10.0)),
        "answers": cells.assign(outcome=6.0 + cells["time"] - cells["time"].min() + gain),
        "units": pd.DataFrame({"unit": wards, "start": starts}),
    }


def test_two_starts_by_hand() -> None:
    """A gain of 1 for 90 people and of 2 for 30 is one of 1.25 each, for 2 a person."""
    tables = two_starts()
    sample, parameters = sample_of(tables)
    value = study_value(sample, parameters)
    rows = value.consequences.set_index("key")["difference"]
    assert rows["outcome"] == pytest.approx(1.25)
    assert rows["cost: nhs"] == pytest.approx(2.0)
    assert value.costs["per_person"].sum() == pytest.approx(2.0)
    assert value.per_gain is not None
    assert value.per_gain.estimate == pytest.approx(0.16)
    assert estimate_earlier(sample, tables["units"], parameters) is None


def test_an_earlier_movement_is_looked_for_before_each_start() -> None:
    """Units of two starts that move by 3 half-way to their own are found to, in every resample.

    What moves everybody by 5 in August falls before the second start alone, and is held fixed.
    """
    tables = two_starts()
    months = [f"2023-{n:02d}" for n in range(1, 13)]
    cells = pd.DataFrame(
        [(w, m) for w in tables["units"]["unit"] for m in months], columns=["unit", "period"]
    )
    cells["time"] = calendar_index(cells["period"])
    tables["units"]["start"] = ["2023-07"] * 3 + ["2023-11"] * 3 + [None] * 4
    half = cells["unit"].map(
        dict(
            zip(tables["units"]["unit"], ["2023-04"] * 3 + ["2023-06"] * 3 + ["9"] * 4, strict=True)
        )
    )
    score = 5.0 + 3.0 * (cells["period"] >= half) + 5.0 * (cells["period"] >= "2023-08")
    tables["activity"], tables["answers"] = cells.assign(people=10.0), cells.assign(outcome=score)
    tables["costs"] = tables["costs"].assign(period="2023-12", time=cells["time"].max())
    sample, parameters = sample_of(tables)
    found = estimate_earlier(sample, tables["units"], parameters)
    assert found is not None
    assert found[0] == pytest.approx(3.0)
    assert found[3] == pytest.approx(0.0, abs=1e-9)


def test_several_starts_have_a_design_of_their_own() -> None:
    """Staggered adoption, each ward counted once, finds the mean of 1 and 2 and some noise."""
    tables = two_starts()
    noise = np.random.default_rng(1).normal(0, 0.01, len(tables["answers"]))
    tables["answers"] = tables["answers"].assign(outcome=tables["answers"]["outcome"] + noise)
    sample, parameters = sample_of(tables, draws=99)
    row = estimate_by_design(sample, parameters)
    assert row["estimate"] == pytest.approx(1.5, abs=0.03)
    assert row["method"] == "callaway_santanna"


def test_several_starts_need_units_that_never_began() -> None:
    """Without such units several starts are refused, and the way on is named."""
    tables = two_starts()
    tables["units"]["start"] = tables["units"]["start"].fillna("2023-12")
    with pytest.raises(AnalysisError, match="3 different periods and none never began"):
        sample_of(tables)


def rubric_of(world: str) -> pd.DataFrame:
    """Return a world's five questions."""
    _, checks, value, _ = solve(world)
    return tabulate_rubric(value, list(checks.values()), study())


def test_five_questions_hold_the_numbers_of_the_study() -> None:
    """Each is asked in its order, its numbers are the study's, and no words hold a number."""
    rubric = rubric_of("effect_relational")
    value = solve("effect_relational")[2]
    heads = ["Economy", "Efficiency", "Effectiveness", "Cost-effectiveness", "Equity"]
    assert list(rubric["head"].unique()) == heads
    first = rubric.drop_duplicates("head").set_index("head")
    gain, cost = (pick_row(value.consequences, key=k) for k in ("outcome", "cost: nhs"))
    assert first["found"]["Effectiveness"].startswith("Better, beyond chance")
    assert first["conf_low"]["Effectiveness"] == gain["conf_low"]
    assert first["estimate"]["Efficiency"] == cost["difference"]
    assert value.per_gain is not None
    assert first["estimate"]["Cost-effectiveness"] == value.per_gain.estimate
    nhs = value.costs[value.costs["payer"] == "nhs"]
    assert first["estimate"]["Economy"] == pytest.approx(nhs["per_unit_period"].sum())
    assert not rubric["found"].str.contains(r"\d").any()


@pytest.mark.parametrize(
    ("world", "head", "found"),
    [
        ("null", "Effectiveness", "Not told apart from no change"),
        ("null", "Cost-effectiveness", "Not given: no gain is shown"),
        ("confounded", "Effectiveness", "Cannot be told"),
        ("confounded", "Cost-effectiveness", "Not given: whose gain it is cannot be told"),
        ("gap_wider", "Equity", "The most deprived fifth fell behind"),
        ("carer_harm", "Equity", "Carers lost"),
    ],
)
def test_what_the_five_questions_find_in_the_worlds(world: str, head: str, found: str) -> None:
    """Each trap world is told as it was made, and no cost of a gain stands where none is shown."""
    rubric = rubric_of(world)
    of = rubric[rubric["head"] == head]
    assert of["found"].str.startswith(found).any()
    if found.startswith("Not given"):
        assert of["estimate"].isna().all()


def test_what_nobody_measured_is_said_and_has_no_number() -> None:
    """Without deprivation, carers and sickness each stands as not measured, and bears no number."""
    sample, parameters = sample_of(by_hand())
    value = study_value(sample, parameters)
    rubric = tabulate_rubric(value, [], parameters)
    absent = rubric[rubric["found"] == NOT_MEASURED]
    assert {"Days of staff sickness", "Carers' own quality of life"} <= set(absent["looked_at"])
    assert absent["looked_at"].str.contains("most deprived").any()
    assert absent[["estimate", "conf_low", "conf_high", "n"]].isna().all(axis=None)


def test_inputs_are_left_alone() -> None:
    """The tables given are not altered."""
    tables = by_hand()
    held = {name: table.copy() for name, table in tables.items()}
    sample, parameters = sample_of(tables)
    study_value(sample, parameters)
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, held[name])


def test_the_shares_of_the_two_largest_units_by_hand() -> None:
    """Three wards spend alike: a third each; one then pays 70 of 100 and the next 15.

    The total of everybody has the shares of its worst payer.
    """
    tables = by_hand()
    alike = tabulate_contributions(*sample_of(tables)).set_index(["payer", "item"])
    assert alike.to_numpy() == pytest.approx(100 / 3)
    costs = tables["costs"]
    staff = (costs["item"] == "programme_staff") & (costs["unit"] == "W0")
    tables["costs"] = costs.assign(amount=costs["amount"].where(~staff, 70.0))
    lines = tabulate_contributions(*sample_of(tables)).set_index(["payer", "item"])
    assert lines.loc[("nhs", "programme_staff")].tolist() == pytest.approx([70.0, 15.0])
    nhs = [100 * 75 / 115, 100 * 20 / 115]
    assert lines.loc[("nhs", "")].tolist() == pytest.approx(nhs)
    assert lines.loc[("everybody", "")].tolist() == pytest.approx(nhs)
    assert lines.loc[("carers", "")].tolist() == pytest.approx([100 / 3, 100 / 3])
