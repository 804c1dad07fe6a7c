"""Which groups are named as worse off, which as too few, and when a gap is taken apart."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from evalkit.equity.study import Inequalities, Opened, study_inequalities
from evalkit.findings.health_inequalities import conclude_inequalities, list_not_measured
from evalkit.study.schemas.health_inequalities import HealthInequalities
from tests.equity.conftest import Maker

NAN = float("nan")


@pytest.fixture
def found(maker: Maker, parameters: HealthInequalities) -> Inequalities:
    """Return a study of groups where nothing was changed."""
    opened = Opened(maker(3)[0], None, pd.DataFrame(), pd.DataFrame(), pd.DataFrame())
    return study_inequalities(opened, parameters)


def groups(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    """Make a table of groups: characteristic, group, difference, half its interval."""
    made: list[dict[str, Any]] = [
        {
            "dimension": dimension,
            "group": group,
            "mean": 8 + size,
            "difference": size,
            "difference_low": size - half,
            "difference_high": size + half,
        }
        for dimension, group, size, half in rows
    ]
    return pd.DataFrame(made)


def test_plus_groups_that_fare_worse_together_are_named(
    found: Inequalities, parameters: HealthInequalities
) -> None:
    """People of no PLUS group fare better by more than any other group fares worse."""
    table = groups(
        ("Deprivation", "Second fifth", -0.31, 0.2),
        ("PLUS group", "coastal community", -0.36, 0.5),
        ("PLUS group", "None", 0.5, 0.4),
    )
    said = conclude_inequalities(replace(found, groups=table), [], parameters).meaning
    line = next(text for text in said if text.startswith("Clearly worse"))
    together = "PLUS groups taken together (no one of them by itself)"
    assert line.endswith(f"the worst first: {together}, Deprivation (Second fifth).")


def test_people_of_no_plus_group_who_fare_worse_are_no_plus_group(
    found: Inequalities, parameters: HealthInequalities
) -> None:
    """Where those of no PLUS group fare worse, no group is named for it."""
    table = groups(("PLUS group", "carers", 0.5, 0.4), ("PLUS group", "None", -0.5, 0.4))
    said = conclude_inequalities(replace(found, groups=table), [], parameters).meaning
    assert "No group fares clearly worse than everybody else." in said


def test_a_group_of_too_few_is_told_as_not_measured(parameters: HealthInequalities) -> None:
    """A group without an estimate is named; those whose group is not known are none."""
    table = groups(
        ("PLUS group", "inclusion health", NAN, NAN),
        ("Sex", "Not known", NAN, NAN),
        ("Sex", "female", 0.1, 0.2),
    )
    absent = list_not_measured(table, parameters)
    assert [line for line in absent if "too few" in line] == [
        "PLUS group (inclusion health): too few answers"
    ]


@pytest.mark.parametrize(("half", "said"), [(0.1, True), (0.9, False)])
def test_a_gap_is_taken_apart_where_it_is_clear(
    found: Inequalities, parameters: HealthInequalities, half: float, said: bool
) -> None:
    """Parts of a gap that may be none are not told, and are no values of the finding."""
    gap = found.gaps["measure"] == "gap"
    gaps = found.gaps.copy()
    gaps.loc[gap, "conf_low"] = gaps.loc[gap, "estimate"] - half
    gaps.loc[gap, "conf_high"] = gaps.loc[gap, "estimate"] + half
    finding = conclude_inequalities(replace(found, gaps=gaps), [], parameters)
    assert any(line.startswith("Of the gap") for line in finding.meaning) is said
    assert ("gap_within" in set(finding.values["name"])) is said
