"""Counts are one thing in every design: rates per so many of their base, in the same words."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.data import make_table, read_sources
from evalkit.designs.outcome_rates import rate_of, say_rates
from evalkit.study import load_parameters
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.design_study import DesignStudy

ROOT = Path(__file__).resolve().parents[2]
DESIGNS = {name: schema for name, schema in SCHEMAS.items() if issubclass(schema, DesignStudy)}
SAID = "Events are compared as a rate per 10 of outcome_base."


def embedded(design: str, **changes: Any) -> tuple[DesignStudy, pd.DataFrame]:
    """Return the embedded study of a design and its table."""
    parameters = load_parameters(ROOT / "parameters" / f"{design}.yml")
    assert isinstance(parameters, DesignStudy)
    table = make_table(read_sources(parameters), parameters)
    return parameters.model_copy(update={"draws": 99, **changes}), table


def test_ten_designs_take_counts_alike() -> None:
    """Each reads a base and has the same parameter, with one default."""
    assert len(DESIGNS) == 10
    assert {schema.model_fields["rate_per"].default for schema in DESIGNS.values()} == {1000.0}
    assert all("outcome_base" in schema.ROLES for schema in DESIGNS.values())
    assert all("rate_per" not in vars(schema) for schema in DESIGNS.values())


@pytest.mark.parametrize(
    "design",
    ["synthetic_control", "weighted_comparison", "regression_discontinuity", "stepped_wedge"],
)
def test_twice_the_events_of_twice_the_base_is_no_difference(design: str) -> None:
    """Counts made of the embedded outcomes and uneven bases: ten times their effect, per ten."""
    parameters, table = embedded(design)
    base = np.random.default_rng(3).integers(20, 90, len(table)).astype(float)
    plain = table.assign(outcome_base=base)
    counts = plain.assign(outcome=table["outcome"] * base)
    asked = parameters.model_copy(update={"outcome_kind": "count", "rate_per": 10.0})
    estimate = import_module(f"evalkit.designs.{design}").estimate
    rates, before = estimate(counts, asked), estimate(plain, parameters)
    for name in ("estimate", "conf_low", "conf_high"):
        assert rates.headline[name] == pytest.approx(10 * before.headline[name], rel=1e-4)
    assert SAID in rates.remarks
    assert not any("Events" in remark for remark in before.remarks)


def test_counts_without_a_base_are_told() -> None:
    """Nothing is divided; the sentence says per unit and period, or per person."""
    parameters, table = embedded("synthetic_control", outcome_kind="count", rate_per=10.0)
    bare = table.assign(outcome_base=np.nan)
    assert rate_of(bare, parameters).tolist() == bare["outcome"].tolist()
    assert "as they are, per unit and period: no outcome_base" in say_rates(bare, parameters)[0]
    twice = pd.concat([bare, bare])
    assert "as they are, per person: no outcome_base" in say_rates(twice, parameters)[0]
    result = import_module("evalkit.designs.synthetic_control").estimate(bare, parameters)
    assert say_rates(bare, parameters)[0] in result.remarks


def test_rows_without_a_base_are_counted() -> None:
    """Where other rows have one they cannot be compared with, and are said to be left out."""
    parameters, table = embedded("synthetic_control", outcome_kind="count", rate_per=10.0)
    some = table.assign(outcome_base=np.where(table.index < 3, np.nan, 2.0))
    rates = rate_of(some, parameters)
    assert np.isnan(rates[:3]).all()
    assert rates[3:].tolist() == (5 * table["outcome"][3:]).tolist()
    assert say_rates(some, parameters) == (SAID, "3 rows left out: outcome_base is missing.")
