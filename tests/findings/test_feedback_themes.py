"""The claim on a theme follows the rule: agreement, enough codes, who wrote, then the interval."""

from typing import Any

import pandas as pd
import pytest

from evalkit.findings.feedback_themes import choose_claim
from evalkit.results import Check, Result, Verdict


def made_result(low: float, high: float, same: tuple[float, float] | None = None) -> Result:
    """A corrected change, and the one had the groups written in the same numbers."""
    rows: list[dict[str, Any]] = [{"method": "corrected", "conf_low": low, "conf_high": high}]
    if same:
        rows.append({"method": "same_mix", "conf_low": same[0], "conf_high": same[1]})
    frame = pd.DataFrame(rows).assign(term="change", group="all", estimate=(low + high) / 2)
    return Result(
        "feedback_themes", frame, {"term": "change", "group": "all", "method": "corrected"}
    )


def made_check(name: str, verdict: Verdict, *, blocks: bool = False) -> Check:
    """A check of a name, a verdict, and whether it blocks."""
    return Check("", "", verdict, "", "", "", name=name, blocks=blocks)


MOVED = [made_check("mix", "concern")]
ALIKE = [made_check("mix", "passes")]


@pytest.mark.parametrize(
    ("result", "checks", "claim"),
    [
        (made_result(1, 3), ALIKE, "rose"),
        (made_result(-3, -1), ALIKE, "fell"),
        (made_result(-1, 3), ALIKE, "no clear change"),
        (made_result(1, 3, (0.5, 2)), MOVED, "rose"),
        (made_result(1, 3, (-1, 2)), MOVED, "not to be told from a change in who wrote"),
        (made_result(1, 3), MOVED, "not to be told from a change in who wrote"),
        (made_result(1, 3, (-1, 2)), ALIKE, "rose"),
        (
            made_result(1, 3),
            [made_check("agreement", "concern", blocks=True)],
            "people do not agree",
        ),
        (made_result(1, 3), [made_check("enough", "concern", blocks=True)], "too few to correct"),
        (made_result(float("nan"), float("nan")), ALIKE, "too few to correct"),
    ],
)
def test_claims_by_rule(result: Result, checks: list[Check], claim: str) -> None:
    """Each claim by the first rule that holds."""
    assert choose_claim(result, checks) == claim
