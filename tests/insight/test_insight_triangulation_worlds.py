"""Linked worlds of known truth: agreement is told, and sources in dissonance are never strong."""

from pathlib import Path

import pandas as pd
import pytest

from evalkit.checks.insight_triangulation import check_triangulation
from evalkit.data.periods import calendar_index
from evalkit.findings.insight_triangulation import conclude_triangulation, list_not_heard
from evalkit.insight.triangulation import (
    Triangulated,
    study_triangulation,
    tabulate_cells,
    tabulate_matrix,
)
from evalkit.measures.coder_agreement import tabulate_agreement_on
from evalkit.results import Check, Finding
from evalkit.study import load_parameters
from evalkit.study.schemas.insight_triangulation import InsightTriangulation
from evalkit.synthetic.linked.causes import WORLDS
from evalkit.synthetic.linked.make import LinkedWorld, make_table
from evalkit.synthetic.linked.places import Size, make_places
from evalkit.synthetic.linked.truth import tell_truth

FOLDER = Path(__file__).resolve().parents[2] / "parameters"
PEOPLE = 6_000
MOSTLY = 0.85
"""Share of cells whose code most of three coders get right, each right nine times in ten."""


def make_world(name: str, seed: int = 5) -> LinkedWorld:
    """Make the tables of a world that the study reads, and the truth behind them."""
    places = make_places(WORLDS[name], seed, Size(PEOPLE))
    tables = {table: make_table(places, table) for table in ("evidence", "patients", "wards")}
    return LinkedWorld(name, seed, tables, tell_truth(name, seed, places, labels=False))


def answer(
    world: LinkedWorld, file: str = "insight_triangulation.yml", **changes: object
) -> tuple[Finding, Triangulated, dict[str, Check]]:
    """Answer a world's question as the notebook does, by an embedded study's parameters."""
    loaded = load_parameters(FOLDER / file)
    assert isinstance(loaded, InsightTriangulation)
    parameters = loaded.model_copy(update={"draws": 99, **changes})
    found = study_triangulation(_tables(world, parameters), parameters)
    held = found.evidence
    agreement = tabulate_agreement_on(held.said, held.codes, held.coders, parameters)
    checks = check_triangulation(found, agreement, parameters)
    finding = conclude_triangulation(found, agreement, checks, parameters)
    assert list_not_heard(found)
    return finding, found, {check.name: check for check in checks}


def _tables(world: LinkedWorld, parameters: InsightTriangulation) -> dict[str, pd.DataFrame]:
    tables = {}
    for source, name in {"evidence": "evidence", "answers": "patients", "units": "wards"}.items():
        columns = parameters.model_dump()[f"{source}_columns"]
        if not columns:
            continue
        made = world.tables[name]
        tables[source] = pd.DataFrame({role: made[column] for role, column in columns.items()})
    evidence = tables["evidence"]
    tables["evidence"] = evidence.assign(detectable=evidence["detectable"] == "yes")
    if "answers" in tables:
        answers = tables["answers"]
        tables["answers"] = answers.assign(time=calendar_index(answers["period"]))
        tables["units"] = tables["units"].assign(start=tables["units"]["start"].replace("", None))
    return tables


@pytest.fixture(scope="module")
def dissonant() -> LinkedWorld:
    """Return the world in which the survey got better, and comments and complaints worse."""
    return make_world("dissonant")


@pytest.mark.parametrize(
    "file", ["insight_triangulation.yml", "insight_triangulation_dissonant.yml"]
)
def test_dissonant_sources_are_contested_and_never_strong(
    dissonant: LinkedWorld, file: str
) -> None:
    """Every theme that moved is contested, its two sides are named, and no side is the answer."""
    finding, found, _ = answer(dissonant, file)
    assert finding.claim == "contested"
    moved = {
        theme
        for theme, codes in dissonant.truth["convergence_with_survey"].items()
        if "dissonance" in codes.values()
    }
    labels = found.labels.set_index("theme")["label"]
    assert moved and set(labels[list(moved)]) == {"contested"}
    said = [text for text in finding.meaning if text.startswith("Contested, waiting")]
    assert "patient survey" in said[0] and "complaints and PALS say worse" in said[0]
    assert "Nobody has written down what explains it" in said[0]


def test_what_explains_a_dissonance_is_said(dissonant: LinkedWorld) -> None:
    """The words that explain a theme stand in the finding; the check asks for the others."""
    words = "waiting: complaints come from the wards that opened beds"
    finding, found, checks = answer(dissonant, explained=[words])
    assert any("wards that opened beds" in text for text in finding.meaning)
    assert checks["explained"].verdict == "concern" and "waiting" not in checks["explained"].finding
    assert "wards that opened beds" in found.joint.set_index("theme")["together"]["waiting"]


def test_a_relational_gain_that_all_sources_see_is_strong() -> None:
    """Where sources agree and the sites' figures bear it out, listening is strong and better."""
    world = make_world("effect_relational")
    finding, found, checks = answer(world)
    row = found.labels.set_index("theme").loc["being listened to"]
    assert (row["label"], row["direction"]) == ("strong", "better")
    assert finding.claim == "sources agree"
    assert checks["borne_out"].verdict == "passes"
    assert checks["explained"].finding == "No theme is contested"
    said = " ".join(finding.meaning)
    assert "One figure, relational, measures being listened to and kept informed together" in said
    assert "No designed comparison bears out what is said of" in said
    effect = found.sites["relational"].effect
    assert effect.conf_low <= world.truth["effect"]["shown"]["relational"] <= effect.conf_high


def test_agreement_that_nothing_changed_is_not_called_a_gain() -> None:
    """In the world without an effect no theme is better, nor contested, and silence is apart."""
    finding, found, _ = answer(make_world("null"))
    assert finding.claim in ("sources agree", "sources agree in part")
    assert not found.labels["direction"].isin(["better", "worse"]).any()
    deaf = found.silence.set_index(["theme", "source"])["meaning"]
    assert deaf["carers involved", "patient survey"] == "could not have heard of it"
    assert any("could not have heard" in text for text in finding.meaning)


def test_codes_are_recovered_from_coders_who_err(dissonant: LinkedWorld) -> None:
    """Of the cells beside the survey, most coders' code is the true one nearly always."""
    _, found, checks = answer(dissonant, "insight_triangulation_dissonant.yml")
    said = found.evidence.said[found.evidence.said["source"] != "patient survey"]
    truth = dissonant.truth["convergence_with_survey"]
    right = [truth[row["theme"]][row["source"]] == row["code"] for _, row in said.iterrows()]
    assert sum(right) / len(right) >= MOSTLY
    assert checks["coders"].verdict == "passes"
    assert tabulate_matrix(found.evidence)["theme"].nunique() == len(truth)


def test_coders_who_guess_conclude_nothing() -> None:
    """Where codes are shuffled among cells, and nothing is in dissonance, nothing is concluded."""
    world = make_world("null")
    evidence = world.tables["evidence"]
    for at, coder in enumerate(("a", "b", "lived_experience")):
        own = (evidence["coder"] == coder).to_numpy()
        codes = evidence.loc[own, "code"].replace("dissonance", "partial")
        evidence.loc[own, "code"] = codes.sample(frac=1.0, random_state=at).to_numpy()
    finding, _, checks = answer(world)
    assert checks["coders"].verdict == "concern"
    assert finding.claim == "cannot be told"


def test_who_speaks_where_the_survey_is_silent_is_not_drawn_as_silent() -> None:
    """On carers the survey was not asked: it is silent, and the others that speak are not."""
    _, found, _ = answer(make_world("null"))
    cells = tabulate_cells(found.evidence).set_index(["theme", "source"])["code"]
    assert cells["carers involved", "patient survey"] == "silence"
    assert cells["carers involved", "patient stories"] == "speaks"
    assert cells["waiting", "patient survey"] == "reference"
