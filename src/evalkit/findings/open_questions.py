"""What stayed open: assumptions in doubt in these data, and those that nobody can tell."""

from evalkit.results import Check
from evalkit.results.words import lowered


def list_open_questions(
    checks: list[Check], cannot_tell: str = "Could not be told"
) -> tuple[str, ...]:
    """Say in one sentence each what is of concern, and what could not be told; none is no line."""
    headings = {"concern": "In doubt in these data", "cannot tell": cannot_tell}
    return tuple(
        f"{heading}: that {'; that '.join(found)}."
        for verdict, heading in headings.items()
        if (found := [lowered(c.assumption) for c in checks if c.verdict == verdict])
    )


def list_not_shown(checks: list[Check]) -> list[str]:
    """Say in one sentence all that is not shown to hold, whether it fails or cannot be told."""
    untold = [lowered(check.assumption) for check in checks if check.verdict != "passes"]
    return [f"Not shown to hold: {'; '.join(untold)}."] if untold else []
