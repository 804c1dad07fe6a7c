"""What is released of stories by teller does not give back a teller of whom there are few."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from evalkit.disclosure.release import release_study
from evalkit.runs.run import run_study

ROOT = Path(__file__).resolve().parents[2]
STORIES = ROOT / "data" / "synthetic" / "linked" / "effect_relational" / "stories.csv"
HIDDEN = "[c]"
FEWEST = 10
"""Fewest people that may be counted, by the rules of the register."""


@pytest.fixture
def tables(empty_project: Path, forks: str | None) -> Path:
    """Return the released tables of a register in which one member of staff told a story."""
    shutil.copy(ROOT / "notebooks" / "patient_stories.ipynb", empty_project / "notebooks")
    told = pd.read_csv(STORIES, dtype=str)
    staff = told.index[told["teller"] == "staff"]
    told.drop(staff[1:]).to_csv(empty_project / "stories.csv", index=False)
    values = yaml.safe_load((ROOT / "parameters" / "patient_stories.yml").read_text("utf-8"))
    values["stories_file"] = "stories.csv"
    (empty_project / "parameters" / "made.yml").write_text(yaml.safe_dump(values), "utf-8")
    run = run_study(empty_project / "parameters" / "made.yml", force=True, warm=forks)
    return release_study(run.sealed.folder, approved_by="A person who looked").folder / "tables"


def test_a_lone_teller_is_not_had_by_subtraction(tables: Path) -> None:
    """Of each share all less the tellers shown leaves two tellers or more, and ten people."""
    whole = pd.read_csv(tables / "estimates.csv").set_index("term")
    tellers = pd.read_csv(tables / "by_teller.csv", dtype=str)
    assert set(tellers["term"]) == set(whole.index)
    for name in ("n", "estimate"):
        hidden = tellers[tellers[name] == HIDDEN]
        assert "staff" in set(hidden["group"])
        for term, rows in hidden.groupby("term"):
            shown = tellers[(tellers["term"] == term) & (tellers[name] != HIDDEN)]
            left = int(whole.loc[term, "n"]) - shown["n"].replace(HIDDEN, "0").astype(int).sum()
            assert len(rows) > 1 and left >= FEWEST, (term, name)
