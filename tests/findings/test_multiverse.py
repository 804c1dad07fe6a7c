"""What all analyses say, in words: every number stored, chance and other causes kept apart."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evalkit.disclosure.numerals import Known, unknown_numerals
from evalkit.findings.design_effect import conclude
from evalkit.findings.multiverse import add_multiverse
from evalkit.planning.multiverse import Multiverse
from evalkit.results import Finding, Result
from evalkit.study import load_parameters
from evalkit.study.schemas.design_study import DesignStudy

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def parameters() -> DesignStudy:
    """Return a study whose outcome has points."""
    loaded = load_parameters(ROOT / "parameters" / "difference_in_differences.yml")
    assert isinstance(loaded, DesignStudy)
    return loaded


def finding(claim: str = "improved") -> Finding:
    """Return a finding with one number."""
    values = pd.DataFrame({"name": ["difference"], "value": [0.3]})
    return Finding(claim, "It improved by 0.3.", ("That matters.",), (), values)


def multiverse(ends: list[tuple[float, float]], p_value: float | None, failed: int = 0) -> Any:
    """Return analyses with these intervals, each estimate in the middle, and a joint test."""
    curve = pd.DataFrame(ends, columns=["conf_low", "conf_high"])
    curve["estimate"] = curve.mean(axis=1)
    names = ["median estimate", "share of intervals beyond zero"]
    joint = pd.DataFrame({"statistic": names, "p_value": p_value, "draws": 99})
    return Multiverse(curve, failed, pd.DataFrame() if p_value is None else joint)


def said(found: Finding) -> str:
    """Return what was added."""
    return found.meaning[-1]


def test_words_by_hand(parameters: DesignStudy) -> None:
    """Three of four analyses could be done, all above zero, and chance hardly explains them."""
    given = multiverse([(0.1, 0.3), (0.2, 0.4), (0.3, 0.5)], 0.01, failed=1)
    assert said(add_multiverse(finding(), given, parameters)) == (
        "The plan allowed 4 analyses of the question, of which these data allowed 3. Their "
        "estimates run from 0.20 to 0.40 points, with 0.30 in the middle; every interval lies "
        "wholly above zero. Were the intervention handed to others by lot (99 tries), a middle "
        "estimate as far from zero would be rare (p = 0.010): chance alone hardly explains all of "
        "them together."
    )


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ([(-0.1, 0.3), (-0.2, 0.4)], "none of their intervals leaves out zero."),
        ([(-0.3, -0.1), (-0.4, -0.1)], "every interval lies wholly below zero."),
        ([(0.1, 0.3), (-0.2, 0.4)], "of their intervals, 1 lies wholly above zero."),
        (
            [(0.1, 0.3), (0.1, 0.4), (-0.3, -0.1), (-0.1, 0.1)],
            "of their intervals, 2 lie wholly above zero and 1 lies wholly below zero.",
        ),
    ],
)
def test_sides_of_zero_are_told(
    parameters: DesignStudy, ends: list[tuple[float, float]], words: str
) -> None:
    """All, none, some, or both sides."""
    assert words in said(add_multiverse(finding(), multiverse(ends, None), parameters))


def test_chance_and_other_causes_are_kept_apart(parameters: DesignStudy) -> None:
    """What chance hardly explains is no effect where none is claimed; else chance may explain."""
    ends = [(0.1, 0.3), (0.2, 0.4)]
    unclear = add_multiverse(finding("cannot be told"), multiverse(ends, 0.01), parameters)
    assert said(unclear).endswith("hardly explains all of them together; other causes may.")
    chance = add_multiverse(finding("unclear"), multiverse(ends, 0.4), parameters)
    assert "nothing unusual (p = 0.400): chance alone may explain" in said(chance)
    untested = add_multiverse(finding(), multiverse(ends, None), parameters)
    assert "They are not tested together" in said(untested)
    assert "p =" not in said(untested)


@pytest.mark.parametrize("p_value", [None, 0.00005, 0.01, 0.337])
@pytest.mark.parametrize("failed", [0, 2])
def test_every_number_said_is_stored(
    parameters: DesignStudy, p_value: float | None, failed: int
) -> None:
    """The release refuses a number that no table holds; here none is said that is not stored."""
    ends = [(-0.3, 0.0042), (0.1, 0.3123), (0.2004, 0.4), (0.21, 0.77)]
    found = add_multiverse(finding(), multiverse(ends, p_value, failed), parameters)
    known = Known(exact=frozenset(abs(v) for v in found.values["value"]))
    assert len(re.findall(r"\d", said(found))) > 4
    assert unknown_numerals(said(found), known) == 0
    assert found.values["name"].is_unique


def test_nothing_is_added_of_nothing(parameters: DesignStudy) -> None:
    """A plan without alternatives leaves the finding as it was."""
    plain = finding()
    assert add_multiverse(plain, None, parameters) is plain
    longer = add_multiverse(plain, multiverse([(0.1, 0.3)], None), parameters)
    assert (longer.claim, longer.answer, longer.limits) == (plain.claim, plain.answer, ())
    assert longer.meaning[:-1] == plain.meaning


def test_a_conclusion_carries_it(parameters: DesignStudy) -> None:
    """What all analyses say follows the remarks of the design, and changes no claim."""
    row = {"term": "effect", "estimate": 0.3, "std_error": 0.1, "conf_low": 0.1, "conf_high": 0.5}
    row |= {"level": 0.95, "n": 40, "clusters": 10, "method": "m", "df": 9.0}
    key = {"term": "effect", "method": "m"}
    result = Result("difference_in_differences", pd.DataFrame([row]), key, True, {}, ("Noted.",))
    table = pd.DataFrame({"unit": ["a", "b"], "time": [1, 2], "period": ["2021Q1", "2021Q2"]})
    given = multiverse([(-0.3, 0.1), (0.1, 0.3)], 0.6)
    plain = conclude(table, result, [], parameters)
    found = conclude(table, result, [], parameters, given)
    assert (found.claim, found.answer) == (plain.claim, plain.answer)
    assert found.meaning[:-1] == plain.meaning
    assert found.meaning[-2] == "Noted."
    assert said(found).startswith("The plan allowed 2 analyses")
