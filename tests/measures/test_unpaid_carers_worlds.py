"""Linked worlds of known truth: what became of carers is told as it was made, traps fool nobody."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.unpaid_carers import check_carers
from evalkit.findings.unpaid_carers import conclude_carers
from evalkit.measures.carers_effect import estimate_change, while_caring
from evalkit.measures.carers_study import Compared, compare_carers, describe_carers, pick_estimand
from evalkit.measures.carers_waves import read_carers
from evalkit.results import Check, Finding, pick_row
from evalkit.study import load_parameters
from evalkit.study.schemas.unpaid_carers import UnpaidCarers
from evalkit.synthetic.linked.causes import WORLDS
from evalkit.synthetic.linked.make import make_table
from evalkit.synthetic.linked.places import Size, make_places
from evalkit.synthetic.linked.truth import tell_truth

FILE = Path(__file__).resolve().parents[2] / "parameters" / "unpaid_carers.yml"
SIZE = Size(2400, 20, 1)
"""Twenty trusts of eighty carers: the interval is about a quarter of a point to either side."""
SEED = 3


def make(world: str) -> tuple[pd.DataFrame, Any]:
    """Make a world's carers by their roles, and its truth about them."""
    places = make_places(WORLDS[world], SEED, SIZE)
    table = make_table(places, "carers")
    carers = table.rename(columns={"trust": "unit", "month": "period"})
    return carers.assign(offered=carers["offered"] == "yes"), tell_truth(world, SEED, places)[
        "carers"
    ]


def answer(
    carers: pd.DataFrame, estimand_for: str = "while_caring"
) -> tuple[Finding, dict[str, Check], Compared]:
    """Answer the question as the notebook does, by the embedded study's parameters."""
    parameters = load_parameters(FILE)
    assert isinstance(parameters, UnpaidCarers)
    parameters = parameters.model_copy(update={"estimand_for": estimand_for, "imputations": 8})
    tables = {"carers": carers}
    described = describe_carers(tables, parameters)
    compared = compare_carers(described, tables, parameters)
    checks = check_carers(described, compared, parameters)
    finding = conclude_carers(described, compared, checks, parameters)
    return finding, {check.name: check for check in checks}, compared


def test_carers_who_gain_are_said_to_gain() -> None:
    """Where carers gained and more were identified, both are said, and each truth is covered."""
    carers, truth = make("effect_relational")
    finding, _, compared = answer(carers)
    assert finding.claim == "carers better off"
    assert "more of them came to be identified" in finding.answer
    said = " ".join(finding.meaning)
    assert "What support carers had is not in these data" in said
    for estimand in ("while_caring", "treatment_policy"):
        row = pick_estimand(compared.estimands, estimand)
        assert row["conf_low"] <= truth["effect_on_sace"] <= row["conf_high"]
    row = pick_row(compared.effects, outcome="identified")
    assert row["conf_low"] <= 100 * truth["effect_on_identified"] <= row["conf_high"]


def test_what_patients_gained_is_told_on_their_own_scale() -> None:
    """Patients who are carers stand in a sentence of their own, of ten, and not among carers'."""
    parameters = load_parameters(FILE)
    assert isinstance(parameters, UnpaidCarers)
    parameters = parameters.model_copy(update={"imputations": 8})
    tables = {"carers": make("effect_relational")[0]}
    described = describe_carers(tables, parameters)
    row = {"group": "carer:difference", "estimate": -0.8, "conf_low": -2.9, "conf_high": 1.3}
    compared = compare_carers(described, tables, parameters)
    compared = replace(compared, for_carers=pd.DataFrame([row]))
    said = conclude_carers(described, compared, [], parameters).meaning
    own = next(text for text in said if "patients who are carers themselves" in text)
    assert "in points of ten" in own and "-0.80" in own
    carers = next(text for text in said if "carers of thirty-five hours" in text)
    assert "in points of twelve" in carers and "-0.80" not in carers


def test_harm_to_carers_is_flagged_where_patients_gained() -> None:
    """In the trap world, where patients gained, the answer says that their carers were harmed."""
    carers, truth = make("carer_harm")
    finding, _, compared = answer(carers)
    assert finding.claim == "patients gained, carers harmed"
    assert finding.answer.startswith("A trade-off: patients gained and their carers were harmed")
    row = pick_estimand(compared.estimands, "while_caring")
    assert row["conf_low"] <= truth["effect_on_sace"] <= row["conf_high"]
    patients = pick_row(compared.effects, outcome="patient_overall")
    assert patients["conf_low"] <= truth["patient_effect"] <= patients["conf_high"]
    assert pick_row(compared.effects, outcome="trade_off")["conf_high"] < 0


def test_nothing_is_claimed_where_nothing_happened() -> None:
    """In the world without an effect no gain, harm or change in identification is claimed."""
    finding, _, _ = answer(make("null")[0])
    assert finding.claim in ("unclear", "no change that matters")
    assert "identified" not in finding.answer


@pytest.mark.parametrize("estimand_for", ["while_caring", "treatment_policy"])
def test_carers_who_stop_because_of_the_programme_make_no_answer(estimand_for: str) -> None:
    """Where the programme ends the caring of those worst off, no effect on the rest is claimed.

    Those left in its units began better and fall back to their mean, which looks like harm.
    """
    carers, _ = make("null")
    six = carers.filter(like="sace_").notna().all(axis=1)
    score = (3 - carers.filter(like="sace_")).sum(axis=1).where(six)
    low = carers.loc[(carers["wave"] == "before") & carers["offered"] & (score <= 7), "dyad"]
    ended = carers["dyad"].isin(low) & (carers["wave"] == "after")
    answers = carers.filter(regex="sace_|carerqol_|happiness|patient_overall|identified").columns
    carers.loc[ended, "status"] = "ended"
    carers.loc[ended, answers] = None
    finding, checks, _ = answer(carers, estimand_for)
    assert finding.claim == "cannot be told"
    assert checks["estimands_agree"].verdict == "concern"
    assert checks["lost_alike"].verdict == "concern"


def test_the_effect_on_carers_has_no_bias() -> None:
    """Over 24 seeds of 40 trusts the mean error is within 3.3 of its errors; 0.08 would be seen."""
    parameters = load_parameters(FILE)
    assert isinstance(parameters, UnpaidCarers)
    errors = []
    for seed in range(101, 125):
        places = make_places(WORLDS["effect_relational"], seed, Size(2400, 40, 1))
        carers = make_table(places, "carers").rename(columns={"trust": "unit", "month": "period"})
        carers = carers.assign(offered=carers["offered"] == "yes")
        pairs = while_caring(read_carers({"carers": carers}, parameters).pairs)
        found = float(estimate_change(pairs, "sace", parameters)["estimate"])
        errors.append(found - WORLDS["effect_relational"].carer)
    error = np.std(errors, ddof=1) / np.sqrt(len(errors))
    assert 3.3 * error < 0.08
    assert abs(np.mean(errors)) < 3.3 * error
