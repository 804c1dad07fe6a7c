"""Carers' scores, dyads and EQ-5D: by hand, against real records, and what is refused."""

import itertools
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.data.nhs_proms import read_nhs_proms
from evalkit.data.valuation_tables import (
    ValuationTable,
    describe_valuation,
    read_valuation_table,
)
from evalkit.errors import AnalysisError, DataError
from evalkit.measures.carer_groups import (
    band_hours,
    compare_dyads,
    fit_dyads,
    tabulate_identification,
)
from evalkit.measures.carers import (
    CARERQOL_DOMAINS,
    SACE_DOMAINS,
    score_sace,
    score_with_tariff,
)
from evalkit.measures.eq5d import join_states, score_eq5d, tabulate_problems

DESCRIPTION: dict[str, object] = {
    "instrument": "EQ-5D-3L",
    "country": "Nowhere",
    "version": "made up",
    "dated": "2020-01-01",
    "licence": "none",
    "citation": "this test",
}
SAME = 1e-6
"""Two ways of finding one maximum of a likelihood."""


def make_value_set(digits: str = "123", **other: object) -> ValuationTable:
    """Return a made-up value set: each step away from 1 costs a tenth."""
    states = ["".join(s) for s in itertools.product(digits, repeat=5)]
    worth = [1 - sum(int(d) - 1 for d in s) / 10 for s in states]
    return describe_valuation(
        pd.DataFrame({"state": states, "value": worth}), {**DESCRIPTION, **other}
    )


def make_tariff() -> ValuationTable:
    """Return a made-up tariff: in each of seven domains 14, 7 or 0, and a constant of 2."""
    rows = [(d, level, 7.0 * (3 - level)) for d in CARERQOL_DOMAINS for level in (1, 2, 3)]
    table = pd.DataFrame([*rows, ("constant", 0, 2.0)], columns=["item", "level", "value"])
    return describe_valuation(table, {**DESCRIPTION, "instrument": "CarerQol-7D"})


def test_sace_by_hand() -> None:
    """All first options 12, all last 0, mixed 2+1+0+2+1+0 = 6; five answers give no score."""
    rows = [[1] * 6, [3] * 6, [1, 2, 3, 1, 2, 3], [1, 1, 1, 1, 1, np.nan]]
    found = score_sace(pd.DataFrame(rows, columns=list(SACE_DOMAINS)))
    assert found[:3].tolist() == [12, 0, 6]
    assert found.isna().tolist() == [False, False, False, True]


def test_sace_has_no_seventh_domain() -> None:
    """A score out of 14, as one publication has it, is refused."""
    answers = pd.DataFrame([[1] * 7], columns=[*SACE_DOMAINS, "seventh"])
    with pytest.raises(AnalysisError, match="7 domains are named, and it has six"):
        score_sace(answers, [*SACE_DOMAINS, "seventh"])


def test_sace_refuses_no_option() -> None:
    """An option 4 does not exist, and its column is named."""
    answers = pd.DataFrame([[1, 1, 1, 1, 1, 4]], columns=list(SACE_DOMAINS))
    with pytest.raises(AnalysisError, match="1 answers are no option of their item, in sace_enc"):
        score_sace(answers)


def test_tariff_by_hand() -> None:
    """Best in all is 7 x 14 + 2 = 100, worst 2; one domain missing, no score."""
    rows = [[1] * 7, [3] * 7, [1, 1, 1, 1, 1, 1, np.nan]]
    answers = pd.DataFrame(rows, columns=list(CARERQOL_DOMAINS))
    found = score_with_tariff(answers, make_tariff(), "CarerQol-7D")
    assert found[:2].tolist() == [100, 2]
    assert np.isnan(found[2])


def test_no_tariff_no_score() -> None:
    """Without a tariff, with another's, or with a gap in it, nothing is scored."""
    answers = pd.DataFrame([[1] * 7], columns=list(CARERQOL_DOMAINS))
    with pytest.raises(AnalysisError, match="no tariff is named"):
        score_with_tariff(answers, None, "CarerQol-7D")
    with pytest.raises(AnalysisError, match="the tariff is for CarerQol-7D"):
        score_with_tariff(answers, make_tariff(), "ASCOT-Carer")
    whole = make_tariff()
    gap = ValuationTable(
        whole.rows[1:], "CarerQol-7D", "Nowhere", "1", date(2020, 1, 1), "none", "none"
    )
    with pytest.raises(AnalysisError, match="1 domains lack levels"):
        score_with_tariff(answers, gap, "CarerQol-7D")


def test_eq5d_by_hand() -> None:
    """Full health is 1, three steps away 0.7, and a state with an unanswered digit has none."""
    found = score_eq5d(pd.Series(["11111", "12311", "19111", None]), make_value_set())
    assert found[:2].tolist() == pytest.approx([1.0, 0.7])
    assert found[2:].isna().all()


def test_states_and_problems_by_hand() -> None:
    """Answers join to a state; half have a problem with pain, and nobody the worst."""
    answers = pd.DataFrame(
        [[1, 1, 1, 2, 1], [1, 1, 1, 1, np.nan]],
        columns=["mobility", "self_care", "usual_activities", "pain", "anxiety"],
    )
    assert join_states(answers, 3)[0] == "11121"
    assert join_states(answers, 3).isna().tolist() == [False, True]
    pain = tabulate_problems(answers, 3).set_index("dimension").loc["pain"]
    assert pain.tolist() == [50.0, 0.0, 2]


@pytest.mark.parametrize(
    ("states", "values", "message"),
    [
        (["11111"], None, "no value set is named"),
        (["11141"], make_value_set(), "1 of 1 states are none of EQ-5D-3L"),
        (["11111"], make_value_set("12"), "211 states are missing"),
        (["11111"], make_value_set(instrument="SF-6D"), "the value set is for SF-6D"),
    ],
)
def test_index_is_refused(states: list[str], values: ValuationTable | None, message: str) -> None:
    """No value set, states of another version, and a value set with gaps give no index."""
    with pytest.raises(AnalysisError, match=message):
        score_eq5d(pd.Series(states), values)


def test_value_set_is_read_with_its_description(tmp_path: Path) -> None:
    """The file and its description make one table, which names itself."""
    make_value_set().rows.to_csv(tmp_path / "values.csv", index=False)
    (tmp_path / "values.yml").write_text(
        "\n".join(f"{name}: {value}" for name, value in DESCRIPTION.items()), "utf-8"
    )
    found = read_valuation_table(tmp_path / "values.csv")
    assert found.named == "EQ-5D-3L, Nowhere, made up, 2020-01-01"
    assert score_eq5d(pd.Series(["33333"]), found).tolist() == pytest.approx([0.0])


@pytest.mark.parametrize(
    ("described", "message"),
    [
        (None, "no file values.yml says whose values these are"),
        ("country: Nowhere", "lacks 5 entries"),
        ("- list", "is no list of names and values"),
    ],
)
def test_value_set_without_description_is_refused(
    tmp_path: Path, described: str | None, message: str
) -> None:
    """Values that do not say whose they are and from when are not read."""
    make_value_set().rows.to_csv(tmp_path / "values.csv", index=False)
    if described is not None:
        (tmp_path / "values.yml").write_text(described, "utf-8")
    with pytest.raises(DataError, match=message):
        read_valuation_table(tmp_path / "values.csv")


def test_hours_bands() -> None:
    """Bands start at 1, 10, 20, 35 and 50 hours; missing stays missing."""
    hours = pd.Series([0, 0.5, 1, 9, 10, 34, 35, 50, 168, np.nan])
    expected = ["none", "none", "1-9", "1-9", "10-19", "20-34", "35-49", "50+", "50+"]
    assert band_hours(hours)[:9].tolist() == expected
    assert band_hours(hours).isna().tolist() == [False] * 9 + [True]
    with pytest.raises(AnalysisError, match="1 of 1 are not between 0 and 168"):
        band_hours(pd.Series([200]))


def test_identification_by_hand() -> None:
    """1,000 people of whom 9% care: 45 recorded is 50 per 100; a group with none recorded is 0."""
    population = pd.DataFrame(
        {"age": ["old", "young"], "people": [1000, 500], "carer_share": [0.09, 0.04]}
    )
    recorded = pd.DataFrame({"age": ["old"], "carers": [45]})
    found = tabulate_identification(recorded, population, by=["age"])
    assert found["identified"].tolist() == pytest.approx([50, 0])
    assert (found["conf_low"] <= found["identified"]).all()
    with pytest.raises(AnalysisError, match="1 groups have no population"):
        tabulate_identification(recorded.assign(age="other"), population, by=["age"])


def draw_dyads(seed: int, dyads: int = 60) -> pd.DataFrame:
    """Return dyads whose carers score 1 less, the two answers going together at 0.5."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=dyads)
    parts = [
        pd.DataFrame(
            {
                "dyad": np.arange(dyads),
                "role": role,
                "outcome": 7 - gap + shared + rng.normal(size=dyads),
            }
        )
        for role, gap in (("patient", 0), ("carer", 1))
    ]
    return pd.concat(parts, ignore_index=True)


def test_dyads_by_hand() -> None:
    """Differences -1 and -3: mean -2, error 1; an incomplete dyad is left out."""
    table = pd.DataFrame(
        {
            "dyad": [1, 1, 2, 2, 3],
            "role": ["patient", "carer", "patient", "carer", "carer"],
            "outcome": [5.0, 4, 8, 5, 9],
        }
    )
    found = compare_dyads(table)
    assert (found.estimate, found.std_error, found.df) == (-2.0, 1.0, 1)


def test_random_intercept_equals_pairs_where_complete() -> None:
    """In complete dyads the random intercept gives the paired difference and error."""
    table = draw_dyads(1)
    paired, (fitted, share) = compare_dyads(table), fit_dyads(table)
    assert fitted.estimate == pytest.approx(paired.estimate, rel=SAME)
    assert fitted.std_error == pytest.approx(paired.std_error, rel=1e-4)
    assert 0.2 < share < 0.8


def test_dyads_are_refused() -> None:
    """A role that stands twice in a dyad, and dyads of one role only, are said."""
    table = draw_dyads(2, 5)
    with pytest.raises(AnalysisError, match="5 rows repeat a role"):
        compare_dyads(pd.concat([table, table[table["role"] == "carer"]]))
    with pytest.raises(AnalysisError, match="of 1 roles"):
        fit_dyads(table[table["role"] == "carer"])
    with pytest.raises(AnalysisError, match="0 have both patient and carer"):
        compare_dyads(table[table["role"] == "carer"])


def test_index_of_real_records(data_root: Path) -> None:
    """A value set gathered from the records of one year scores those of the next as published."""
    folder = data_root / "proms"
    state, index = "Post-Op Q EQ5D Index Profile", "Post-Op Q EQ5D Index"
    one, other = (
        read_nhs_proms(folder / name, "eq5d_index", case_mix=(state, index)).dropna(
            subset=["after"]
        )
        for name in (
            "Hip Replacement Provider 1617.csv.zip",
            "Hip Replacements Provider 1718.csv.zip",
        )
    )
    seen = one.groupby(state)["after"]
    assert (seen.min() == seen.max()).all()
    gathered = dict(seen.first())
    every = ["".join(s) for s in itertools.product("123", repeat=5)]
    worth = [float(gathered.get(s, -0.5)) for s in every]
    value_set = describe_valuation(
        pd.DataFrame({"state": every, "value": worth}), {**DESCRIPTION, "country": "England"}
    )
    known = other[other[state].isin(list(gathered))]
    assert len(known) > 0.99 * len(other)
    found = score_eq5d(known[state], value_set)
    np.testing.assert_allclose(found, known["after"], atol=1e-9)
