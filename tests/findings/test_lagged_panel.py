"""The answer in words: the rule of the claim, sentences bound to numbers, no causal verb."""

import re
from pathlib import Path

import pandas as pd
import pytest

from evalkit.checks.staff_wellbeing import check_all
from evalkit.data import make_panel, panel_coverage, read_sources
from evalkit.designs import lagged_panel
from evalkit.findings.lagged_panel import choose_claim, conclude
from evalkit.findings.not_measured import list_not_measured
from evalkit.results import Check, Finding
from evalkit.study import load_parameters
from evalkit.study.schema import StaffWellbeing

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?")
CAUSAL = re.compile(
    r"\b(caus(?:es|ed|ing)|improv|led to|because of|impact|effect of|reduc|rais)", re.I
)


def row(estimate: float, half: float) -> pd.Series:
    """Return an estimate with a symmetric interval."""
    return pd.Series(
        {"estimate": estimate, "conf_low": estimate - half, "conf_high": estimate + half}
    )


def verdicts(**by_name: str) -> list[Check]:
    """Return checks with the given verdicts."""
    return [
        Check("", "", verdict, "", "", "", name=name)  # type: ignore[arg-type]
        for name, verdict in by_name.items()
    ]


@pytest.mark.parametrize(
    ("estimate", "half", "checks", "claim"),
    [
        (0.05, 0.01, {"order": "passes"}, "came before"),
        (-0.05, 0.01, {"order": "passes"}, "came before worse"),
        (0.05, 0.01, {"order": "concern"}, "cannot be told"),
        (0.05, 0.01, {"order": "cannot tell"}, "cannot be told"),
        (0.05, 0.01, {"influence": "concern"}, "cannot be told"),
        (0.05, 0.01, {"between": "concern", "mediation": "cannot tell"}, "came before"),
        (0.01, 0.05, {"order": "passes"}, "not seen"),
        (0.01, 0.25, {"order": "passes"}, "unclear"),
        (0.01, 0.05, {"variation": "concern"}, "cannot be told"),
        (0.01, 0.05, {"order": "cannot tell"}, "cannot be told"),
        (0.05, 0.01, {"clusters": "concern"}, "cannot be told"),
    ],
)
def test_claim_by_rule(estimate: float, half: float, checks: dict[str, str], claim: str) -> None:
    """The claim follows from interval, minimum important difference 0.2, and three checks."""
    assert choose_claim(row(estimate, half), verdicts(**checks), 0.2) == claim


@pytest.fixture(scope="module", params=["effect", "null", "confounded_moving", "reverse"])
def study(request: pytest.FixtureRequest) -> tuple[str, Finding, list[Check], StaffWellbeing]:
    """Return the finding of each committed world."""
    parameters = load_parameters(ROOT / "parameters" / "staff_wellbeing.yml")
    assert isinstance(parameters, StaffWellbeing)
    folder = f"data/synthetic/staff_wellbeing/{request.param}"
    files = {"staff_file": f"{folder}/staff.csv", "patient_file": f"{folder}/patients.csv"}
    parameters = parameters.model_copy(update=files)
    tables = read_sources(parameters)
    panel, coverage = make_panel(tables, parameters), panel_coverage(tables, parameters)
    result = lagged_panel.estimate(panel, parameters)
    checks, _ = check_all(panel, coverage, result, parameters)
    return request.param, conclude(panel, result, checks, parameters), checks, parameters


def test_no_order_is_claimed_within_one_period() -> None:
    """With no lag, even the world with an effect is answered: it cannot be told."""
    parameters = load_parameters(ROOT / "parameters" / "staff_wellbeing.yml")
    assert isinstance(parameters, StaffWellbeing)
    same = parameters.model_copy(update={"exposure_lag": 0})
    tables = read_sources(same)
    panel, coverage = make_panel(tables, same), panel_coverage(tables, same)
    result = lagged_panel.estimate(panel, same)
    checks, _ = check_all(panel, coverage, result, same)
    finding = conclude(panel, result, checks, same)
    assert result.headline["conf_low"] > 0
    assert finding.claim == "cannot be told"
    assert "which of the two moves first could not be tested" in finding.answer


def numbers_in(text: str) -> set[float]:
    """Return every number of a text."""
    return {float(token.replace(",", "")) for token in NUMBER.findall(text)}


Study = tuple[str, Finding, list[Check], StaffWellbeing]


def test_committed_worlds_are_answered_rightly(study: Study) -> None:
    """The effect is found in its world, and claimed in no other."""
    world, finding, _, _ = study
    assert (finding.claim == "came before") == (world == "effect")
    if world == "confounded_moving":
        assert finding.claim == "cannot be told"
        assert finding.answer.startswith("It cannot be told")


def test_every_number_said_stands_in_a_table(study: Study) -> None:
    """A sentence's numbers are the finding's values, or those of the check it quotes."""
    _, finding, checks, _ = study
    headline = {abs(v) for v in finding.values["value"]}
    sentences = " ".join([finding.answer, *finding.meaning, *finding.limits])
    assert {abs(n) for n in numbers_in(sentences)} <= headline
    for check in checks:
        values = {abs(v) for v in check.table["value"]} if len(check.table) else set()
        words = f"{check.question} {check.finding} {check.power}"
        assert {abs(n) for n in numbers_in(words)} <= values | headline, check.name


def test_no_causal_verb_in_the_answer(study: Study) -> None:
    """The design permits no causal verb in the answer, in any world."""
    _, finding, _, _ = study
    assert not CAUSAL.search(finding.answer)


def test_not_measured_names_absent_facets(study: Study) -> None:
    """A facet that is not in the panel is listed as not measured; carers always are."""
    parameters = study[3]
    panel = pd.DataFrame({"relational": [1.0], "mediator": [1.0]})
    listed = list_not_measured(panel, parameters)
    assert "Felt experience by itself" in listed
    assert not any(item.startswith("Relational") for item in listed)
    assert "Unpaid carers' experience" in listed
