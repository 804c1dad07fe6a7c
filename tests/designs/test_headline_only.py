"""The headline alone: the same row as beside all others, for every design that can give it so."""

from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evalkit.data import make_table, read_sources
from evalkit.designs.headline_only import as_one_row, headline_of
from evalkit.errors import AnalysisError
from evalkit.results import Result
from evalkit.study import load_parameters

ROOT = Path(__file__).resolve().parents[2]
CASES: list[tuple[str, dict[str, Any]]] = [
    ("difference_in_differences", {}),
    ("difference_in_differences", {"inference": "wild_bootstrap"}),
    ("difference_in_differences", {"weight_by": "people"}),
    ("staggered_adoption", {}),
    ("staggered_adoption", {"average": "simple"}),
    ("staggered_adoption", {"comparison": "never_treated"}),
    ("weighted_comparison", {}),
    ("weighted_comparison", {"method": "matching"}),
]


def study(name: str, change: dict[str, Any]) -> tuple[Any, pd.DataFrame, Any]:
    """Return a design's module, and the table and parameters of its study, changed as asked."""
    design = import_module(f"evalkit.designs.{name}")
    parameters = load_parameters(ROOT / "parameters" / f"{name}.yml")
    table = make_table(read_sources(parameters), parameters)
    return design, table, parameters.model_copy(update={"draws": 199, **change})


@pytest.mark.parametrize(("name", "change"), CASES)
def test_the_row_is_the_same(name: str, change: dict[str, Any]) -> None:
    """One row, and each value in it is the very value of the headline beside all others."""
    design, table, parameters = study(name, change)
    alone = headline_of(design.estimate)(table, parameters)
    whole = design.estimate(table, parameters)
    assert len(alone.estimates) == 1
    assert len(whole.estimates) > 1
    assert alone.permits_cause == whole.permits_cause
    assert alone.headline.dropna().to_dict() == whole.headline.dropna().to_dict()


@pytest.mark.parametrize("name", ["difference_in_differences", "staggered_adoption"])
def test_few_changed_clusters(name: str) -> None:
    """Where the interval comes from handing the change to others, it is the same one."""
    design, table, parameters = study(name, {})
    units = table["unit"].unique()
    changed = [unit for unit, own in table.groupby("unit") if own["first_treated"].notna().any()]
    kept = [*changed[:6], *[unit for unit in units if unit not in set(changed)][:14]]
    few = table[table["unit"].isin(kept)]
    few = few.assign(cluster=few["unit"])
    alone = headline_of(design.estimate)(few, parameters).headline
    whole = design.estimate(few, parameters).headline
    assert alone.dropna().to_dict() == whole.dropna().to_dict()


def test_what_the_design_refuses_is_refused() -> None:
    """A table without the intervention has no headline, with or without what stands beside it."""
    design, table, parameters = study("difference_in_differences", {})
    nobody = table.assign(first_treated=float("nan"), treated=False)
    with pytest.raises(AnalysisError, match="no unit has the intervention"):
        headline_of(design.estimate)(nobody, parameters)


def test_a_design_that_gives_all_or_nothing_is_asked_as_it_is() -> None:
    """Without the keyword nothing is changed; with it the call carries it."""

    def all_or_nothing(table: pd.DataFrame, parameters: Any) -> Result:
        raise NotImplementedError

    def either(table: pd.DataFrame, parameters: Any, *, headline_only: bool = False) -> Result:
        raise NotImplementedError

    assert headline_of(all_or_nothing) is all_or_nothing
    alone = headline_of(either)
    assert isinstance(alone, partial)
    assert alone.keywords == {"headline_only": True}


def test_one_row_keeps_its_values() -> None:
    """By hand: a number, a count, a word and nothing, each as it was given."""
    row = as_one_row({"estimate": 0.25, "n": 12, "term": "effect", "period": None}).iloc[0]
    assert row.to_dict() == {"estimate": 0.25, "n": 12, "term": "effect", "period": None}
