"""A whole study in words, for whoever reads a notebook's output and nothing else."""

from collections.abc import Sequence

from evalkit.results import Check, Finding
from evalkit.results.words import lowered
from evalkit.study.fields import StudyParameters


def say_study(parameters: StudyParameters, finding: Finding, absent: Sequence[str]) -> str:
    """Say what was asked, of whom, what was found, what limits it, and what was not measured."""
    lines = [
        f"Asked: {parameters.question}",
        f"Of whom: {parameters.population}.",
        f"Looked at: {parameters.estimand}.",
        f"Found: {finding.answer}",
        *finding.meaning,
        "Limits:",
        *(f"- {said}" for said in finding.limits),
        "Not measured:" if absent else "Not measured: nothing that the study names.",
        *(f"- {said}." for said in absent),
    ]
    return "\n".join(lines)


def say_checks(checks: Sequence[Check]) -> str:
    """Say of each check whether it passes, what it assumes, what was seen, and what follows."""
    return "\n".join(
        f"{check.verdict}: {check.assumption}. {check.finding}. {_what_follows(check)}."
        for check in checks
    )


def _what_follows(check: Check) -> str:
    """Say what follows as a fact only where the check raises a concern."""
    words = check.consequence
    if check.verdict == "concern" or words.startswith("If "):
        return words
    name = words[1:2].isupper()
    return f"Were it not so: {words if name else lowered(words)}"
