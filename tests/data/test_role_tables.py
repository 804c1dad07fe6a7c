"""The tables of a topic: roles as columns, typed, and faults told without a value."""

from pathlib import Path
from typing import ClassVar

import pandas as pd
import pytest

from evalkit.data import make_role_tables, read_sources
from evalkit.errors import DataError
from evalkit.study.schemas.topic_study import SourceRoles, TopicStudy, with_sources


@with_sources
class Stories(TopicStudy):
    """A topic with one source of every kind of role."""

    SOURCES: ClassVar[dict[str, SourceRoles]] = {
        "stories": SourceRoles(
            "stories",
            {
                "story": "text",
                "period": "period",
                "theme": "label",
                "told": "free_text",
                "due": "day",
                "closed": "yes_no",
            },
            needed=("story",),
            others="item",
            one_row_per=("story",),
        )
    }


COLUMNS = {name: name for name in ("story", "period", "theme", "told", "due", "closed", "kindness")}
ROWS = "story,period,theme,told,due,closed,kindness\n"


def read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: str, **more: object
) -> pd.DataFrame:
    """Write rows to a file of a project, and read them as a topic's source."""
    monkeypatch.setenv("EVALKIT_DATA_ROOT", str(tmp_path))
    (tmp_path / "stories.csv").write_text(ROWS + rows, encoding="utf-8")
    texts = dict.fromkeys(
        ("title", "question", "population", "estimand", "outcome_name", "outcome_unit"), "x"
    )
    given = texts | {
        "study": "made",
        "notebook": "made",
        "co_production": [],
        "seed": 1,
        "stories_file": "{data_root}/stories.csv",
        "stories_profile": "gss_default",
        "stories_columns": COLUMNS,
    }
    parameters = Stories.model_validate(given | more)
    return make_role_tables(read_sources(parameters), parameters)["stories"]


def test_each_kind_has_its_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Days are dates, answers numbers, text stays as written, and a period has its index."""
    rows = 's1,2024-01,food,"<b>kind</b>, =1+1",2024-03-31,yes,1\ns2,2024-02,,,,no,\n'
    table = read(tmp_path, monkeypatch, rows)
    assert list(table.columns) == [*COLUMNS, "time"]
    assert table["told"][0] == "<b>kind</b>, =1+1"
    assert table["due"][0] == pd.Timestamp(2024, 3, 31)
    assert table["due"].isna().to_list() == [False, True]
    assert table["closed"].to_list() == [True, False]
    assert table["kindness"].isna().to_list() == [False, True]
    assert table["time"].diff()[1] == 1


def test_only_the_periods_asked_for_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other periods are left out, and one that is not there is told."""
    rows = "s1,2024-01,a,b,,yes,1\ns2,2024-02,a,b,,no,2\n"
    assert len(read(tmp_path, monkeypatch, rows, periods=["2024-02"])) == 1
    with pytest.raises(DataError, match="2024-05: not among the periods of stories"):
        read(tmp_path, monkeypatch, rows, periods=["2024-05"])


def test_faults_are_told_without_a_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day that is none, an option that is no number, a row twice: by number, never by value."""
    rows = "s1,2024-01,a,b,31/03/2024,yes,1\ns1,2024-01,a,b,2024-02-30,no,1.5\n"
    with pytest.raises(DataError) as refusal:
        read(tmp_path, monkeypatch, rows)
    told = str(refusal.value)
    assert "column 'due' (due): values that are no days: 2 (rows 2, 3)" in told
    assert "column 'kindness' (kindness): values that are no whole numbers from 0: 1" in told
    assert "story: values that stand more than once: 2" in told
    assert "31/03" not in told and "1.5" not in told
