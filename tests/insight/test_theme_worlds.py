"""Themes in worlds with known truth: corrected shares hold it, the machine's own do not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.feedback_themes import check_themes
from evalkit.findings.feedback_themes import conclude_themes
from evalkit.insight.coding import Coding, code_study
from evalkit.insight.theme_result import SAME_MIX, estimate_study
from evalkit.insight.theme_tables import (
    ALL,
    tabulate_agreement_of,
    tabulate_carers,
    tabulate_themes,
)
from evalkit.insight.themes import CARERS_LABEL
from evalkit.results import Finding, Result, pick_row
from evalkit.study import load_parameters
from evalkit.study.schemas.feedback_themes import FeedbackThemes
from evalkit.synthetic.linked.causes import WORLDS
from evalkit.synthetic.linked.comments import make_codes, make_comments
from evalkit.synthetic.linked.places import MONTHS, Size, make_places

ROOT = Path(__file__).resolve().parents[2]
PEOPLE, TRUSTS, SEED = 24_000, 4, 20260301
ENOUGH = 0.85
"""Share of 95% intervals of one world that hold the truth; chance moves 32 labels by 0.04."""


@dataclass(frozen=True)
class World:
    """Comments and codes of a world, which labels each truly has, and the study's parameters."""

    tables: dict[str, pd.DataFrame]
    true: np.ndarray
    parameters: FeedbackThemes

    def coding(self) -> Coding:
        """The codes as a study gathers them."""
        return code_study(self.tables, self.parameters)


def make_world(name: str, **changes: object) -> World:
    """Make comments and codes of a named world, large enough for carers to be corrected."""
    places = make_places(WORLDS[name], SEED, Size(PEOPLE, TRUSTS, 2))
    comments, codes, true = [], [], []
    for trust in range(TRUSTS):
        for month in range(len(MONTHS)):
            wrote, labels = make_comments(places, trust, month)
            comments.append(wrote)
            codes.append(make_codes(places, wrote, labels, trust, month))
            true.append(labels)
    wrote = pd.concat(comments, ignore_index=True).rename(columns={"month": "period"})
    wrote["time"] = wrote["period"].map({month: place for place, month in enumerate(MONTHS)})
    parameters = load_parameters(ROOT / "parameters" / "feedback_themes.yml")
    assert isinstance(parameters, FeedbackThemes)
    chosen = parameters.model_copy(update={"draws": 399, **changes})
    tables = {"comments": wrote, "codes": pd.concat(codes, ignore_index=True)}
    return World(tables, np.concatenate(true), chosen)


def conclude(world: World) -> tuple[Result, Finding, pd.DataFrame]:
    """Answer the study's question by its own functions."""
    coding = world.coding()
    result, found = estimate_study(coding, world.parameters)
    agreement = tabulate_agreement_of(coding, world.parameters)
    checks = check_themes(coding, found, agreement, result, world.parameters)
    themes = tabulate_themes(found)
    finding = conclude_themes(result, found, themes, checks, world.parameters)
    return result, finding, tabulate_carers(found)


@pytest.fixture(scope="module")
def carers_missed() -> Iterator[World]:
    """The world whose machine hears carers least, asked about them."""
    yield make_world("classifier_misses_carers", theme=CARERS_LABEL, group="carer")


def test_corrected_shares_hold_the_truth_and_the_machines_own_do_not() -> None:
    """Where nothing changes, of all labels by all; people err too, on both sides alike."""
    world = make_world("null")
    _, found = estimate_study(world.coding(), world.parameters)
    shares, truth = found.cells[ALL, "whole"].shares, world.true.mean(axis=0)
    known = ~shares.too_few
    held = (shares.conf_low <= truth) & (truth <= shares.conf_high)
    naive = (shares.naive_low <= truth) & (truth <= shares.naive_high)
    assert known.sum() >= 25
    assert held[known].mean() >= ENOUGH
    assert naive[known].mean() < held[known].mean() - 0.1


def test_nothing_is_claimed_to_change_where_nothing_does() -> None:
    """In the world without any effect there is no clear change; one that matters may be left."""
    world = make_world("null")
    for least, left in ((0.1, True), (50.0, False)):
        changed = {"minimum_important_difference": least, "draws": 99}
        asked = world.parameters.model_copy(update=changed)
        _, finding, _ = conclude(World(world.tables, world.true, asked))
        assert finding.claim == "no clear change"
        assert ("which would matter, is not ruled out" in finding.answer) is left
    assert "% could not be labelled." in finding.meaning[0]


def test_carers_are_heard_though_the_machine_misses_them(carers_missed: World) -> None:
    """The corrected share among carers holds the truth; the machine's own is a third of it."""
    result, finding, carers = conclude(carers_missed)
    wrote = carers_missed.tables["comments"]
    at = carers_missed.coding().labels.index(CARERS_LABEL)
    truth = 100 * carers_missed.true[(wrote["group"] == "carer").to_numpy(), at].mean()
    row = pick_row(carers, group="carer", span="whole")
    assert row["conf_low"] <= truth <= row["conf_high"]
    assert row["machine"] < truth / 3
    assert row["recall"] < 30
    assert result.primary["method"] == "corrected"
    assert np.isfinite(carers["recall"][carers["coded_with_it"] > 0]).all()
    headline = f"{row['machine']:.1f}%"
    assert headline not in finding.answer


def test_the_rise_among_carers_is_found(carers_missed: World) -> None:
    """Carers write more of it once the programme starts; the corrected change holds how much."""
    result, finding, _ = conclude(carers_missed)
    wrote = carers_missed.tables["comments"]
    at = carers_missed.coding().labels.index(CARERS_LABEL)
    carer, later = wrote["group"] == "carer", wrote["period"] >= "2024-01"
    after, before = (
        100 * carers_missed.true[(carer & span).to_numpy(), at].mean() for span in (later, ~later)
    )
    row = result.headline
    assert row["conf_low"] <= after - before <= row["conf_high"]
    machine = pick_row(result.estimates, term="change", group="carer", method="machine_alone")
    assert machine["conf_high"] < after - before
    assert finding.claim == "rose"


def test_a_few_coded_comments_claim_nothing(carers_missed: World) -> None:
    """With a hundredth of the coded comments it is too few to correct, and no share is told."""
    codes = carers_missed.tables["codes"]
    kept = set(codes.loc[codes["sampled"] == "yes", "comment"].drop_duplicates().iloc[::100])
    few = codes[(codes["coder"] == "machine") | codes["comment"].isin(kept)]
    tables = {**carers_missed.tables, "codes": few}
    _, finding, _ = conclude(World(tables, carers_missed.true, carers_missed.parameters))
    assert finding.claim == "too few to correct"
    assert not any(letter.isdigit() for letter in finding.answer.replace(CARERS_LABEL, ""))


def test_what_the_machine_finds_of_few_is_not_told(carers_missed: World) -> None:
    """Of seven comments that people coded so, fewer than may be told, no sentence gives a share."""
    codes = carers_missed.tables["codes"]
    people = codes["coder"] != "machine"
    about = codes.loc[people & (codes["label"] == CARERS_LABEL), "comment"].unique()
    few = codes[~people | ~codes["comment"].isin(about[7:])]
    world = World({**carers_missed.tables, "codes": few}, carers_missed.true, _asked_of_staff())
    coding = world.coding()
    result, found = estimate_study(coding, world.parameters)
    themes = tabulate_themes(found)
    assert np.isfinite(pick_row(themes, label=CARERS_LABEL)["recall"])
    agreement = tabulate_agreement_of(coding, world.parameters)
    checks = check_themes(coding, found, agreement, result, world.parameters)
    finding = conclude_themes(result, found, themes, checks, world.parameters)
    said = next(line for line in finding.meaning if line.startswith(CARERS_LABEL))
    assert "the machine found" not in said and "too few for it to be told" in said
    assert not finding.values["name"].str.startswith("carers_").any()
    heard = next(check for check in checks if check.name == "carers_heard")
    assert heard.verdict == "cannot tell" and heard.table.empty


def _asked_of_staff() -> FeedbackThemes:
    parameters = load_parameters(ROOT / "parameters" / "feedback_themes.yml")
    assert isinstance(parameters, FeedbackThemes)
    return parameters.model_copy(update={"draws": 199})


@pytest.mark.parametrize(("kept_in", "known"), [(2, True), (6, False)])
def test_a_change_in_who_wrote_is_no_rise(kept_in: int, known: bool) -> None:
    """Where carers write more often later, and no group more about it, nothing is said to rise."""
    world = make_world("null", theme=CARERS_LABEL, fewest_coded=5)
    wrote = world.tables["comments"]
    carer, later = wrote["group"] == "carer", wrote["period"] >= "2024-01"
    kept = (carer & later) | (~carer & ~later) | (np.arange(len(wrote)) % kept_in == 0)
    codes = world.tables["codes"]
    fewer = wrote[kept].reset_index(drop=True)
    group = fewer["group"].where(fewer["group"] == "carer", "not a carer")
    tables = {
        "comments": fewer.assign(group=group),
        "codes": codes[codes["comment"].isin(set(fewer["comment"]))],
    }
    result, finding, _ = conclude(World(tables, world.true, world.parameters))
    assert (result.estimates["method"] == SAME_MIX).any() == known
    assert finding.claim in ("no clear change", "not to be told from a change in who wrote")
