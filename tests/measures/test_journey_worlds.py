"""The journey in made-up worlds: the parts made poor are found, and words follow them."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.journey import check_journey
from evalkit.findings.journey import conclude_journey, list_not_measured_on_journey
from evalkit.measures.journey_emotions import EmotionalMap, draw_map
from evalkit.measures.journey_grid import (
    BETTER,
    NOT_MEASURED,
    POORER,
    find_how_often_poorest,
    fit_grid,
)
from evalkit.measures.journey_result import estimate_journey
from evalkit.measures.journey_scores import (
    score_journey,
    tabulate_always_events,
    tabulate_respondents,
)
from evalkit.results import Check, Finding
from evalkit.study import load_parameters
from evalkit.study.schemas.journey import Journey
from evalkit.synthetic.linked.items import FACET_ITEMS
from evalkit.synthetic.linked.make import make_linked_world

ROOT = Path(__file__).resolve().parents[2]
WORLDS = ("effect_relational", "null")
SEED = 20260301


@lru_cache(maxsize=2)
def study(name: str, seed: int) -> tuple[pd.DataFrame, list[Check], Finding, EmotionalMap]:
    """Return what the notebook's calls find in a world."""
    parameters = load_parameters(ROOT / "parameters" / "journey.yml")
    assert isinstance(parameters, Journey)
    made = make_linked_world(name, seed).tables
    items = made["items"].assign(always_event=made["items"]["always_event"] == "yes")
    tables = {"items": items, "answers": made["patients"].rename(columns={"ward": "unit"})}
    tables["emotions"] = made["emotions"]
    rng = np.random.default_rng(parameters.seed)
    scores = score_journey(tables, parameters)
    grid = fit_grid(scores, rng)
    again = find_how_often_poorest(grid, scores, rng)
    result = estimate_journey(grid, scores, parameters, poorest_again=again)
    checks = check_journey(result, scores, tabulate_respondents(tables), parameters.respondent)
    always = tabulate_always_events(tables, parameters)
    emotions = draw_map(tables, parameters)
    return (
        grid,
        checks,
        conclude_journey(result, checks, always, emotions.apart, parameters),
        emotions,
    )


@pytest.mark.parametrize("name", WORLDS)
def test_parts_made_poor_and_good_are_found(name: str) -> None:
    """The question lowered most is the poorest part; none raised is poor, none lowered good."""
    grid, _, finding, _ = study(name, SEED)
    parts = grid.set_index(["touchpoint", "facet"])
    shifts = pd.DataFrame([(i.touchpoint, i.facet, i.shift) for i in FACET_ITEMS])
    mean = shifts.groupby([0, 1])[2].mean()
    assert mean.idxmin() == ("T03", "functional")
    assert finding.claim == "a part is poorer than the rest"
    assert "poorest at waiting, how it worked" in finding.answer
    raised, lowered = mean[mean >= 0.1].index, mean[mean <= -0.1].index
    assert not (parts.loc[raised, "place"] == POORER).any()
    assert not (parts.loc[lowered, "place"] == BETTER).any()
    assert (parts.loc[mean[mean <= -0.6].index, "difference"] < 0).all()
    assert (parts.loc[mean[mean >= 0.35].index, "place"] == BETTER).any()


def test_what_was_not_asked_is_listed_and_never_called_poor_or_good() -> None:
    """The 22 parts without a question are not measured, and the page lists them by moment."""
    grid, checks, finding, _ = study("null", SEED)
    assert int((grid["place"] == NOT_MEASURED).sum()) == 22
    assert "14 were measured and 22 were not" in " ".join(finding.meaning)
    assert "14 of 36 parts" in next(c for c in checks if c.name == "whole_journey").finding
    assert "Waiting: between people and how it felt" in list_not_measured_on_journey(grid)


def test_numbers_of_the_answer_are_on_record() -> None:
    """Scores, distance and interval that are said stand among the finding's values."""
    _, _, finding, _ = study("null", SEED)
    values = dict(zip(finding.values["name"], finding.values["value"], strict=True))
    for name in ("poorest", "best", "difference", "difference_low", "difference_high"):
        assert f"{abs(values[name]):.1f}" in finding.answer


def test_map_shows_only_those_who_agreed_to_the_board() -> None:
    """Fewer people stand on the map than made marks, in each role."""
    *_, emotions = study("effect_relational", SEED)
    assert (emotions.marks["agreed"] < emotions.marks["people"]).all()
    assert emotions.table["n"].max() <= emotions.marks["agreed"].max()


def test_map_of_few_people_is_not_told_in_a_sentence() -> None:
    """With fewer than ten of each role no moment is named; the words say why."""
    _, _, finding, _ = study("effect_relational", SEED)
    assert "too few patients and staff who agreed" in " ".join(finding.meaning)
