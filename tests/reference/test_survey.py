"""Survey estimates against R's survey package."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.fits.survey_design import SurveyDesign, effective_sample_size, make_survey_design
from evalkit.fits.survey_means import (
    fit_design_effect,
    fit_survey_jackknife,
    fit_survey_mean,
    fit_survey_ratio,
    fit_survey_total,
)
from evalkit.fits.survey_regression import fit_survey_regression
from evalkit.fits.survey_weights import post_stratify, rake
from evalkit.measures.standardised_scores import score_standardised

JOBS = ("survey",)
AGE_SHARES = np.array([0.2, 0.25, 0.3, 0.25])
FEMALE_SHARES = np.array([0.48, 0.52])
FAMILIES = {"svyglm": ("linear", "score"), "svyglm_logit": ("logistic", "top_box")}


def test_value(
    value: dict[str, Any],
    agree: Callable[[dict[str, Any], Mapping[str, float]], None],
    table: Callable[[str], pd.DataFrame],
) -> None:
    """Each survey value stored is found by the public functions."""
    agree(value, reproduce(value["name"], table("survey")))


def reproduce(name: str, people: pd.DataFrame) -> Mapping[str, float]:
    """Return the value of that name."""
    score, top_box, age = (people[c].to_numpy() for c in ("score", "top_box", "age_group"))
    design = make_design(people)
    kind, _, part = name.partition(":")
    if kind in FAMILIES:
        return regress(people, design, kind, part)
    if name.startswith("mean_score_age"):
        return asdict(fit_survey_mean(score, design, domain=age == int(name[-1])))
    if name.startswith("standardised_mean_trust"):
        return standardised(people, int(name[-1]))
    calls: dict[str, Callable[[], Any]] = {
        "mean_score": lambda: fit_survey_mean(score, design),
        "prop_topbox": lambda: fit_survey_mean(top_box, design),
        "total_topbox": lambda: fit_survey_total(top_box, design),
        "ratio_topbox_score": lambda: fit_survey_ratio(top_box, score, design),
        "deff_mean_score": lambda: fit_design_effect(score, design),
        "kish_neff": lambda: effective_sample_size(design.weight),
        "weights_only_mean": lambda: fit_survey_mean(score, make_survey_design(design.weight)),
        "jkn_mean": lambda: fit_survey_jackknife(lambda w: float(w @ score / w.sum()), design),
        "poststrat_mean": lambda: fit_survey_mean(
            score, post_stratify(design, age - 1, AGE_SHARES)
        ),
        "rake_mean": lambda: fit_survey_mean(score, raked(people, design)),
        "lonely_psu_adjust_mean": lambda: lonely_mean(people, "adjust"),
        "lonely_psu_certainty_mean": lambda: lonely_mean(people, "certainty"),
    }
    found = calls[name]()
    return {"estimate": found} if isinstance(found, float) else asdict(found)


def make_design(people: pd.DataFrame, lonely: Any = "refuse") -> SurveyDesign:
    """Return the design that R was given."""
    weight, stratum, unit = (people[c].to_numpy() for c in ("weight", "stratum", "psu"))
    return make_survey_design(weight, stratum=stratum, unit=unit, lonely=lonely)


def raked(people: pd.DataFrame, design: SurveyDesign) -> SurveyDesign:
    """Return the design raked to age and sex."""
    age, female = people["age_group"].to_numpy() - 1, people["female"].to_numpy()
    return rake(design, [(age, AGE_SHARES), (female, FEMALE_SHARES)])


def lonely_mean(people: pd.DataFrame, lonely: str) -> Any:
    """Return the mean with stratum 1 cut to its first sampling unit."""
    first = people.loc[people["stratum"] == 1, "psu"].min()
    rest = people[(people["stratum"] != 1) | (people["psu"] == first)]
    return fit_survey_mean(rest["score"].to_numpy(), make_design(rest, lonely))


def regress(
    people: pd.DataFrame, design: SurveyDesign, kind: str, term: str
) -> Mapping[str, float]:
    """Return one coefficient of a survey regression."""
    family, outcome = FAMILIES[kind]
    x = np.column_stack([np.ones(len(people)), people["age_group"], people["female"]])
    names = ("(Intercept)", "age_group", "female")
    y = people[outcome].to_numpy(float)
    return asdict(fit_survey_regression(y, x, names, design, family=family).estimate(term))


def standardised(people: pd.DataFrame, trust: int) -> Mapping[str, float]:
    """Return the standardised mean of one trust (a stratum of the survey)."""
    table = score_standardised(
        people, "score", unit="stratum", cells=["age_group", "female"], small_sample=False
    )
    row = table.set_index("stratum").loc[trust]
    return {"estimate": row["score"], "std_error": row["std_error"]}


def test_replicates_and_linearisation_agree(table: Callable[[str], pd.DataFrame]) -> None:
    """Two unrelated ways to the error of a mean differ by less than one in a thousand."""
    people = table("survey")
    design, score = make_design(people), people["score"].to_numpy()
    replicated = fit_survey_jackknife(lambda w: float(w @ score / w.sum()), design)
    assert replicated.std_error == pytest.approx(fit_survey_mean(score, design).std_error, rel=1e-3)
