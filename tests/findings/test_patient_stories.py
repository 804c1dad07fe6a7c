"""The claim on stories follows from the target and the interval; a rate of a theme is refused."""

from pathlib import Path

import pytest
import yaml

from evalkit.errors import ParameterError
from evalkit.findings.patient_stories import choose_claim, conclude_stories
from evalkit.insight.stories import Register, estimate_study, open_register
from evalkit.results import Check
from evalkit.study.parameters import validate
from evalkit.study.schemas.patient_stories import PatientStories

ROOT = Path(__file__).resolve().parents[2]


def made_parameters(**changes: object) -> PatientStories:
    """The study's own parameters, some of them changed."""
    values = yaml.safe_load((ROOT / "parameters" / "patient_stories.yml").read_text("utf-8"))
    parameters = validate(values | changes, "made")
    assert isinstance(parameters, PatientStories)
    return parameters


def made_register(in_time: int, late: int) -> Register:
    """Stories whose actions were done in time, or too late."""
    import pandas as pd

    day = pd.Timestamp("2024-03-01")
    closed = [day] * in_time + [day + pd.Timedelta(days=9)] * late
    count = in_time + late
    return open_register(
        pd.DataFrame(
            {
                "story": [f"S{place}" for place in range(count)],
                "consent": "public",
                "withdrawn": False,
                "teller": "patient",
                "touchpoint": "T01",
                "date": day - pd.Timedelta(days=60),
                "action": "Ask first",
                "due": day,
                "closed": closed,
                "fed_back": pd.NaT,
            }
        ),
        "public",
    )


@pytest.mark.parametrize(
    ("in_time", "late", "claim"),
    [
        (40, 0, "as aimed at"),
        (5, 35, "less than aimed at"),
        (32, 8, "cannot be told from it"),
    ],
)
def test_claims_by_rule(in_time: int, late: int, claim: str) -> None:
    """40 of 40, 5 of 40 and 32 of 40, where 80% was aimed at."""
    parameters = made_parameters()
    result = estimate_study(made_register(in_time, late), parameters)
    assert choose_claim(result, [], parameters) == claim


def test_too_few_stories_claim_nothing() -> None:
    """Where the check on their number blocks there is no claim."""
    parameters = made_parameters()
    result = estimate_study(made_register(5, 0), parameters)
    few = Check("", "", "concern", "", "", "", name="number", blocks=True)
    assert choose_claim(result, [few], parameters) == "too few stories"


def test_a_share_says_first_of_what_it_is_and_open_checks_are_limits() -> None:
    """Five of 40 actions were done in time; that some places were not heard of is a limit."""
    parameters = made_parameters()
    register = made_register(5, 35)
    result = estimate_study(register, parameters)
    silent = Check("Stories are heard everywhere", "", "concern", "", "", "", name="journey")
    finding = conclude_stories(register, result, [silent], parameters)
    assert finding.answer.startswith("Of actions that were due, 12% were done by the day")
    assert finding.meaning[0].startswith("Of stories, 100% had an action agreed")
    assert finding.limits[-1] == "Not shown to hold: stories are heard everywhere."


@pytest.mark.parametrize("share", ["theme", "touchpoint", "waiting"])
def test_a_rate_of_what_stories_are_about_is_refused(share: str) -> None:
    """The parameter file may not ask for it, and the message says what may be asked."""
    with pytest.raises(ParameterError) as refusal:
        made_parameters(share=share)
    assert "with_action, closed_on_time or fed_back" in str(refusal.value)
