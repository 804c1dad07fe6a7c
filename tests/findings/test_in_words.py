"""A notebook's output alone says what was asked, of whom, what was found, and what was not."""

from pathlib import Path

import nbformat
import pytest

from evalkit.findings.in_words import say_checks, say_study
from evalkit.results import Check, Finding, Verdict
from evalkit.study import load_parameters

ROOT = Path(__file__).resolve().parents[2]
TOPICS = (
    "journey",
    "friends_and_family",
    "insight_triangulation",
    "feedback_themes",
    "patient_stories",
    "co_production",
    "health_inequalities",
    "unpaid_carers",
    "priority_programmes",
    "value_for_money",
)


def test_every_part_is_said_in_its_order() -> None:
    """Question, people, estimand, answer, meaning, limits and gaps, each by its own words."""
    parameters = load_parameters(ROOT / "parameters" / "journey.yml")
    finding = Finding("claim", "The answer.", ("It means.",), ("A limit.",))
    said = say_study(parameters, finding, ["A gap"]).splitlines()
    assert said == [
        f"Asked: {parameters.question}",
        f"Of whom: {parameters.population}.",
        f"Looked at: {parameters.estimand}.",
        "Found: The answer.",
        "It means.",
        "Limits:",
        "- A limit.",
        "Not measured:",
        "- A gap.",
    ]


def test_a_check_is_said_with_what_was_seen_and_what_follows() -> None:
    """Verdict first, then the assumption, the finding and the consequence."""
    check = Check("It holds", "Does it?", "concern", "It was seen", "", "If not, beware")
    assert say_checks([check]) == "concern: It holds. It was seen. If not, beware."


@pytest.mark.parametrize("verdict", ["passes", "cannot tell"])
def test_what_would_follow_is_no_fact_where_nothing_failed(verdict: Verdict) -> None:
    """A consequence stands as a condition, unless the check raises a concern."""
    check = Check("It holds", "Does it?", verdict, "It was seen", "", "Intervals are too narrow")
    told = f"{verdict}: It holds. It was seen. Were it not so: intervals are too narrow."
    assert say_checks([check]) == told
    named = Check("It holds", "Does it?", verdict, "It was seen", "", "SACE is not comparable")
    assert say_checks([named]).endswith("Were it not so: SACE is not comparable.")


@pytest.mark.parametrize("study", TOPICS)
def test_the_output_alone_tells_the_study(study: str) -> None:
    """What a notebook printed holds its question, people, estimand, an answer, limits and gaps."""
    parameters = load_parameters(ROOT / "parameters" / f"{study}.yml")
    cells = nbformat.read(ROOT / "notebooks" / f"{study}.ipynb", 4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    said = "".join(output.get("text", "") for output in outputs).splitlines()
    assert f"Asked: {parameters.question}" in said
    assert f"Of whom: {parameters.population}." in said
    assert f"Looked at: {parameters.estimand}." in said
    assert any(line.startswith("Found: ") for line in said)
    assert said.index("Limits:") < said.index("Not measured:") < len(said) - 1
    assert any(line.startswith(("passes: ", "concern: ", "cannot tell: ")) for line in said)
