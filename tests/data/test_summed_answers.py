"""Answers summed up where they lie give the numbers of the answers, and are held to their rules."""

import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from evalkit.cli.main import app
from evalkit.data.design_table import make_table
from evalkit.data.grouped_sums import average_all, multiply_by
from evalkit.data.relations import open_relation
from evalkit.data.sources import read_sources
from evalkit.data.summed_answers import sum_up_answers, write_summed
from evalkit.designs import before_after, difference_in_differences
from evalkit.errors import DataError, DisclosureError, EvalkitError, ParameterError
from evalkit.study.parameters import load_parameters
from evalkit.study.schemas.design_study import DesignStudy

PARAMETERS = Path(__file__).resolve().parents[2] / "parameters"
SAME = 1e-8
COLUMNS = {
    "unit": "ward",
    "period": "quarter",
    "outcome": "overall",
    "felt": "felt",
    "treated": "pathway",
    "cluster": "trust",
    "more_deprived": "deprived",
    "age_band": "age_band",
}
Ask = Callable[..., Any]


def make_answers(number: int = 3000) -> pd.DataFrame:
    """Answers of wards in trusts: gaps in either outcome, groups, and a measured cause in bands."""
    rng = np.random.default_rng(5)
    ward, quarter = rng.integers(0, 16, number), rng.integers(0, 8, number)
    band = rng.integers(1, 5, number)
    treated = ward % 2 == 0
    overall = np.clip(
        7 + 0.5 * (treated & (quarter >= 4)) - 0.2 * band + 0.05 * ward + rng.normal(size=number),
        0,
        10,
    )
    frame = {
        "ward": [f"W{code:02d}" for code in ward],
        "quarter": [f"{2021 + at // 4}Q{at % 4 + 1}" for at in quarter],
        "overall": np.where(rng.random(number) < 0.1, np.nan, overall),
        "felt": np.where(rng.random(number) < 0.3, np.nan, np.clip(overall + 0.3, 0, 10)),
        "pathway": treated,
        "trust": [f"T{code // 2}" for code in ward],
        "deprived": np.where(rng.random(number) < 0.3, "yes", "no"),
        "age_band": band,
        "weight": rng.choice([0.5, 1.0, 2.5, np.nan], number),
        "comment": "not read",
    }
    return pd.DataFrame(frame)


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    """The answers, made once."""
    return make_answers()


@pytest.fixture
def ask(project: Path, answers: pd.DataFrame) -> Ask:
    """Build a study of the answers, written to the project's data."""
    answers.to_parquet(project / "data/answers.parquet", index=False)

    def build(study: str = "difference_in_differences", **changes: Any) -> DesignStudy:
        plain = load_parameters(PARAMETERS / f"{study}.yml")
        values: dict[str, Any] = {
            "data_rows": "people",
            "data_file": "data/answers.parquet",
            "data_columns": COLUMNS,
            "adjust_for": ["age_band"],
            "subgroups": ["more_deprived"],
            "alternatives": {},
            "placebo_outcomes": [],
            "start_period": "2022Q1",
        }
        asked = plain.model_copy(update=values | changes)
        assert isinstance(asked, DesignStudy)
        return asked

    return build


def sum_and_ask_again(study: DesignStudy, project: Path) -> DesignStudy:
    """Sum up, write, and return the study of what was written."""
    summed = sum_up_answers(study)
    write_summed(summed.frame, project / "data/summed.parquet", replace=True)
    kept = {role: name for role, name in study.data_columns.items() if role not in summed.dropped}
    changes = summed.changes | {"data_columns": kept | summed.added}
    return study.model_copy(update={**changes, "data_file": "data/summed.parquet"})


def compare(study: DesignStudy, again: DesignStudy, estimate: Callable[..., Any]) -> None:
    """Estimate, error, degrees of freedom and interval of both are one."""
    tables = [make_table(read_sources(one), one) for one in (study, again)]
    assert len(tables[1]) < len(tables[0])
    one, two = (
        estimate(table, asked).estimates
        for table, asked in zip(tables, (study, again), strict=True)
    )
    for name in ("estimate", "std_error", "conf_low", "conf_high", "df"):
        expected = one[name].astype(float).to_numpy()
        assert two[name].astype(float).to_numpy() == pytest.approx(expected, rel=SAME, nan_ok=True)


@pytest.mark.parametrize("weighted", [False, True])
def test_difference_in_differences_is_that_of_the_answers(
    ask: Ask, project: Path, weighted: bool
) -> None:
    """Effect, CR2 error, degrees of freedom and every period's effect do not move."""
    columns = COLUMNS | ({"weight": "weight"} if weighted else {})
    study = ask(inference="cr2", data_columns=columns)
    compare(study, sum_and_ask_again(study, project), difference_in_differences.estimate)


def test_a_facet_with_gaps_of_its_own_is_that_of_the_answers(ask: Ask, project: Path) -> None:
    """The base of each row holds for each outcome, though their gaps differ."""
    study = ask(inference="cr2")
    again = sum_and_ask_again(study, project)
    swapped = [
        one.model_copy(
            update={"data_columns": {**one.data_columns, "outcome": "felt", "felt": "overall"}}
        )
        for one in (study, again)
    ]
    compare(swapped[0], swapped[1], difference_in_differences.estimate)


def test_before_and_after_is_that_of_the_answers(ask: Ask, project: Path) -> None:
    """The other design that weighs rows by people gives the same change and error."""
    columns = {role: name for role, name in COLUMNS.items() if role != "treated"}
    study = ask("before_after", data_columns=columns, selected="no")
    compare(study, sum_and_ask_again(study, project), before_after.estimate)


def test_units_over_time_are_averaged_as_the_study_does(ask: Ask, project: Path) -> None:
    """A series has the table that its study makes of the answers themselves."""
    columns = {"unit": "trust", "period": "quarter", "outcome": "overall", "weight": "weight"}
    study = ask("interrupted_time_series", data_columns=columns, adjust_for=[], subgroups=[])
    again = sum_and_ask_again(study, project)
    assert again.data_rows == "panel"
    assert "weight" not in again.data_columns
    own, other = (make_table(read_sources(one), one) for one in (study, again))
    assert other["outcome"].to_numpy() == pytest.approx(own["outcome"].to_numpy(), rel=SAME)
    assert other["outcome_base"].tolist() == own["outcome_base"].tolist()


def test_yes_and_no_become_percentages(ask: Ask, project: Path, answers: pd.DataFrame) -> None:
    """A share of yes by hand is the average, and the study is told to read a percentage."""
    study = ask(outcome_kind="yes_no", subgroups=[], adjust_for=[]).model_copy(
        update={
            "data_columns": {
                "unit": "ward",
                "period": "quarter",
                "outcome": "deprived",
                "treated": "pathway",
            }
        }
    )
    summed = sum_up_answers(study)
    first = summed.frame.iloc[0]
    among = answers[(answers["ward"] == first["ward"]) & (answers["quarter"] == first["quarter"])]
    assert first["deprived"] == pytest.approx(100 * (among["deprived"] == "yes").mean())
    assert first["answers"] == len(among)
    assert summed.changes["outcome_kind"] == "percentage"


def test_csv_and_a_database_give_what_parquet_gives(
    ask: Ask, project: Path, answers: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts in a CSV file, with marks for missing, and a DuckDB table are summed up alike."""
    answers.to_csv(project / "data/answers.csv", index=False, na_rep="NA")
    with duckdb.connect(str(project / "a.duckdb")) as database:
        database.execute("CREATE TABLE asked AS SELECT * FROM 'data/answers.parquet'")
    monkeypatch.setenv("EVALKIT_CONNECTION_STORE", f"duckdb://{project}/a.duckdb")
    connected = {"data_file": None, "data_connection": "store", "data_query": "asked"}
    frames = [
        sum_up_answers(ask(**changes)).frame.replace({"True": "true", "False": "false"})
        for changes in ({}, {"data_file": "data/answers.csv"}, connected)
    ]
    for other in frames[1:]:
        pd.testing.assert_frame_equal(other, frames[0], rtol=1e-12)


@pytest.mark.parametrize("name", ["answers.parquet", "answers.csv"])
def test_products_are_those_of_the_rows(project: Path, answers: pd.DataFrame, name: str) -> None:
    """Whole numbers however large, yes or no, and texts that are numbers, with gaps, by hand."""
    large = answers.assign(bed_days=answers["age_band"] * 1_000_003, asked=answers["pathway"] * 1)
    large.to_parquet(project / "data/answers.parquet", index=False)
    large.to_csv(project / "data/answers.csv", index=False)
    columns = ["bed_days", "asked", "overall"]
    with open_relation(name, file=project / "data" / name) as relation:
        about = average_all(relation, columns)
        found = multiply_by(relation, ["trust"], columns, about).set_index("trust").sort_index()
    assert about == pytest.approx(large[columns].mean().tolist())
    known = large.dropna(subset=columns)
    less = known[columns].to_numpy(float) - about
    for at, trust in enumerate(sorted(known["trust"].unique())):
        part = less[(known["trust"] == trust).to_numpy()]
        row = found.iloc[at]
        assert row["rows"] == len(part)
        for i in range(3):
            assert row[f"sum_{i}"] == pytest.approx(part[:, i].sum(), rel=SAME)
            for j in range(i, 3):
                product = (part[:, i] * part[:, j]).sum()
                assert row[f"product_{i}_{j}"] == pytest.approx(product, rel=SAME)


def spoil(answers: pd.DataFrame, column: str, value: Any, row: int = 7) -> pd.DataFrame:
    """Write one value into a copy."""
    spoilt = answers.astype({column: object}) if isinstance(value, str) else answers.copy()
    spoilt.loc[row, column] = value
    return spoilt.astype({column: str}) if isinstance(value, str) else spoilt


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("overall", 11.5, r"column 'overall' \(outcome\): values that lie outside 0 to 10"),
        ("overall", "very good", r"column 'overall' \(outcome\): values that are not numbers: 1"),
        ("quarter", "spring", r"column 'quarter' \(period\): values that are no such periods: 1"),
        ("deprived", "perhaps", r"column 'deprived' \(more_deprived\): values that are not yes or"),
    ],
)
def test_breaches_are_counted_and_not_shown(
    ask: Ask, project: Path, answers: pd.DataFrame, column: str, value: Any, told: str
) -> None:
    """One wrong value among thousands is refused by the column's name, and never repeated."""
    spoil(answers, column, value).to_parquet(project / "data/answers.parquet", index=False)
    with pytest.raises(DataError, match=told) as refused:
        sum_up_answers(ask())
    assert str(value) not in str(refused.value)


def test_weights_below_zero_are_refused(ask: Ask, project: Path, answers: pd.DataFrame) -> None:
    """A weight below zero is counted, as it is where the study reads the answers."""
    spoil(answers, "weight", -1.0).to_parquet(project / "data/answers.parquet", index=False)
    with pytest.raises(DataError, match="below zero in 1 row"):
        sum_up_answers(ask(data_columns=COLUMNS | {"weight": "weight"}))


def test_a_column_of_persons_is_refused(ask: Ask, project: Path, answers: pd.DataFrame) -> None:
    """What could identify a person stops the sums, mapped or not."""
    answers.assign(nhs_number=1).to_parquet(project / "data/answers.parquet", index=False)
    with pytest.raises(DisclosureError, match="nhs_number"):
        sum_up_answers(ask())


@pytest.mark.parametrize(
    ("study", "changes", "told"),
    [
        ("difference_in_differences", {"data_rows": "panel"}, "only people's answers"),
        ("regression_discontinuity", {}, "needs how answers differ within a unit"),
        ("difference_in_differences", {"outcome_kind": "count"}, "sum events up in a query"),
        ("difference_in_differences", {"weight_by": "units"}, "weighed by people"),
        (
            "difference_in_differences",
            {"missing_data": "multiple_imputation"},
            "fills in answers one by one",
        ),
        (
            "difference_in_differences",
            {"data_columns": COLUMNS | {"stratum": "trust"}},
            "need the answers one by one",
        ),
        (
            "difference_in_differences",
            {"data_columns": COLUMNS | {"outcome_base": "age_band"}},
            "outcome_base is counted",
        ),
    ],
)
def test_what_sums_cannot_say_is_refused(
    ask: Ask, study: str, changes: dict[str, Any], told: str
) -> None:
    """A study whose numbers would differ from those of its answers gets none."""
    with pytest.raises(ParameterError, match=told):
        sum_up_answers(ask(study, **changes))


def test_groups_that_differ_within_a_unit_and_period_are_refused(ask: Ask) -> None:
    """A row of a series cannot be yes and no at once."""
    columns = {"unit": "trust", "period": "quarter", "outcome": "overall", "more": "deprived"}
    study = ask("interrupted_time_series", data_columns=columns, adjust_for=[], subgroups=["more"])
    with pytest.raises(DataError, match="deprived: differs between the answers of a unit"):
        sum_up_answers(study)


def test_damaged_files_and_lines_are_told(ask: Ask, project: Path) -> None:
    """A Parquet file cut short and a CSV line too long are named without their content."""
    whole = (project / "data/answers.parquet").read_bytes()
    (project / "data/answers.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="the Parquet file cannot be summed up"):
        sum_up_answers(ask())
    (project / "data/short.csv").write_text(
        "ward,quarter,overall,felt,pathway,trust,deprived,age_band\n"
        "W1,2021Q1,8,8,yes,T1,no,1\nW1,2021Q1,8,8,yes,T1,no,1,secret\n"
    )
    with pytest.raises(DataError, match="has 9 columns where the header has 8") as refused:
        sum_up_answers(ask(data_file="data/short.csv"))
    assert "secret" not in str(refused.value)


def test_files_are_written_whole_for_their_owner(tmp_path: Path) -> None:
    """What is there is not written over by chance, and nothing but the file is left."""
    frame = pd.DataFrame({"a": [1]})
    write_summed(frame, tmp_path / "a.csv")
    assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o600
    for name, told in (("a.csv", "is there already"), ("a.xlsx", "neither"), ("b/a.csv", "folder")):
        with pytest.raises(EvalkitError, match=told):
            write_summed(frame, tmp_path / name)
    write_summed(frame.assign(b=2), tmp_path / "a.csv", replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_the_command_says_what_to_change(project: Path, answers: pd.DataFrame) -> None:
    """From a parameter file to the summed file, and the lines that a study of it needs."""
    answers.to_parquet(project / "data/answers.parquet", index=False)
    text = (PARAMETERS / "difference_in_differences.yml").read_text("utf-8")
    columns = {role: column for role, column in COLUMNS.items() if role != "age_band"}
    mapped = "".join(f"  {role}: {column}\n" for role, column in columns.items())
    for pattern, written in (
        (r"(?s)(?<=data_columns:\n).*?(?=draws:)", mapped),
        (r"(?s)alternatives:\n.*?(?=\n\n)", "alternatives: {}"),
        ("data_rows: panel", "data_rows: people"),
        ("data_file: .*", "data_file: data/answers.parquet"),
        ("2023Q1", "2022Q1"),
    ):
        text = re.sub(pattern, written, text)
    (project / "parameters/a.yml").write_text(text)
    found = CliRunner().invoke(app, ["data", "panel", "parameters/a.yml", "data/b.parquet"])
    assert found.exit_code == 0, found.output
    assert "3,000 answers summed up to" in found.output
    assert "weight_by: people" in found.output
    assert "outcome_base: answers" in found.output
    assert (project / "data/b.parquet").is_file()
