"""What a programme did to carers: change by wave in units that offer it, less that in others.

Difference-in-differences (`designs.difference_in_differences`) on the answers of carers who
answered in both waves, errors by unit as its rule for few clusters chooses.
Must hold: without the programme both kinds of unit would have changed alike, which one wave before
cannot show; carers who are compared were lost alike in both.
Patients and carers of one dyad are compared in standard deviations of the first wave: the change
of the carer less that of the patient, so that what the two share cancels within the dyad.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from evalkit.designs import difference_in_differences
from evalkit.designs.by_group import estimate_groups
from evalkit.errors import AnalysisError
from evalkit.measures.carer_groups import fit_dyads
from evalkit.measures.carers_waves import AFTER, BEFORE, Carers
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences
from evalkit.study.schemas.unpaid_carers import UnpaidCarers

OUTCOMES = {
    "happiness": ("Carers' happiness", "points of ten"),
    "carerqol": ("CarerQol", "points of a hundred"),
    "identified": ("Carers who are identified", "percentage points"),
    "patient_overall": ("Patients' overall experience, in the same dyads", "points of ten"),
}
TRADE = "trade_off"
EFFECTS = ("outcome", "label", "unit", "estimate", "conf_low", "conf_high", "carers", "units")
MODERATORS = {
    "long_hours": "35 hours of caring or more",
    "most_deprived": "Most deprived fifth",
    "older": "66 years or older",
}


def estimate_change(
    pairs: pd.DataFrame, outcome: str, parameters: UnpaidCarers
) -> "pd.Series[float]":
    """Estimate the effect on `outcome` of the carers in `pairs` who have it in both waves.

    Returns the design's headline row. Raises AnalysisError as the design does.
    """
    table = stack_waves(pairs, outcome)
    made = make_design(parameters, parameters.outcome_unit, start=AFTER)
    return difference_in_differences.estimate(table, made).headline


def stack_waves(pairs: pd.DataFrame, outcome: str, groups: Sequence[str] = ()) -> pd.DataFrame:
    """Make the design's table of the carers who have `outcome` in both waves: a row an answer.

    `person` counts those carers in the order of `pairs`.
    """
    both = [f"{outcome}_{wave}" for wave in (BEFORE, AFTER)]
    used = pairs.dropna(subset=both)
    if used.empty:
        raise AnalysisError(
            f"{outcome}: no carer has it in both waves. Give both waves of the same carers."
        )
    first = np.where(used["offered"].astype(bool), 1.0, np.nan)
    waves = [
        pd.DataFrame(
            {
                "person": np.arange(len(used)),
                "unit": used["unit"],
                "unit_name": used["unit"],
                "cluster": used["unit"],
                "period": wave,
                "time": time,
                "outcome": used[f"{outcome}_{wave}"].astype(float),
                "outcome_base": np.nan,
                "weight": 1.0,
                "first_treated": first,
                "treated": (time == 1) & np.isfinite(first),
                **{name: used[name].astype(bool) for name in groups},
            }
        )
        for time, wave in enumerate((BEFORE, AFTER))
    ]
    stacked = pd.concat(waves, ignore_index=True)
    return stacked.sort_values(["unit", "time"], kind="stable", ignore_index=True)


def tabulate_effects(carers: Carers, parameters: UnpaidCarers) -> pd.DataFrame:
    """Estimate the effect on every other outcome of those who still care, and on their patients.

    One row an outcome: `outcome, label, unit, estimate, conf_low, conf_high, carers, units, ...`.
    The last row, `trade_off`, is the carer's change less the patient's within dyads.
    """
    caring = while_caring(carers.pairs)
    names = [name for name in OUTCOMES if f"{name}_before" in caring]
    rows = [_row(caring, name, *OUTCOMES[name], parameters) for name in names]
    if "patient_overall" in names:
        label = "Carer's change less the patient's, within dyads"
        apart = set_dyads_apart(caring)
        rows.append(_row(apart, TRADE, label, "standard deviations", parameters))
    return pd.DataFrame(rows, columns=None if rows else list(EFFECTS))


def while_caring(pairs: pd.DataFrame) -> pd.DataFrame:
    """Those who still care at the second wave."""
    return pairs[pairs["status"] == "caring"]


def _row(
    pairs: pd.DataFrame, outcome: str, label: str, unit: str, parameters: UnpaidCarers
) -> dict[str, object]:
    found = estimate_change(pairs, outcome, parameters)
    return {str(name): value for name, value in found.items()} | {
        "outcome": outcome,
        "label": label,
        "unit": unit,
        "carers": float(found["n"]) / 2,
        "units": found["clusters"],
    }


def set_dyads_apart(pairs: pd.DataFrame) -> pd.DataFrame:
    """Give each dyad the carer's score less the patient's, in the first wave's deviations."""
    used = pairs.dropna(
        subset=[f"{n}_{w}" for n in ("sace", "patient_overall") for w in (BEFORE, AFTER)]
    )
    spread = {n: float(used[f"{n}_before"].std(ddof=1)) for n in ("sace", "patient_overall")}
    if not min(spread.values(), default=0.0) > 0:
        raise AnalysisError(
            f"dyads: in {len(used)} whole dyads carers or patients all answer alike. Give more "
            "dyads, or leave patient_overall out."
        )
    apart = {
        f"{TRADE}_{wave}": used[f"sace_{wave}"] / spread["sace"]
        - used[f"patient_overall_{wave}"] / spread["patient_overall"]
        for wave in (BEFORE, AFTER)
    }
    return used.assign(**apart)


def correlate_dyads(pairs: pd.DataFrame) -> float:
    """Correlation of patient's and carer's answers within dyads at the first wave, not below 0."""
    parts = []
    for role, name in (("carer", "sace_before"), ("patient", "patient_overall_before")):
        values = pairs[name]
        score = (values - values.mean()) / values.std(ddof=1)
        parts.append(pd.DataFrame({"dyad": pairs["dyad"], "role": role, "outcome": score}))
    return fit_dyads(pd.concat(parts, ignore_index=True))[1]


def estimate_moderation(carers: Carers, parameters: UnpaidCarers) -> pd.DataFrame:
    """Estimate the effect on SACE of those who still care in each moderator's two groups.

    Rows as from `estimate_groups`: the difference first, then each group; empty where there are
    too few of them.
    """
    names = [str(name) for name in parameters.moderators]
    table = stack_waves(while_caring(carers.pairs), "sace", names)
    made = make_design(parameters, parameters.outcome_unit, start=AFTER, groups=names)
    found = estimate_groups(table, made, difference_in_differences.estimate)  # type: ignore[arg-type]
    return _label_groups(found, MODERATORS)


def estimate_for_carers(
    answers: pd.DataFrame, units: pd.DataFrame, parameters: UnpaidCarers
) -> pd.DataFrame:
    """Estimate the programme's effect on patients who are carers themselves, and on the others.

    `answers` has `unit, period, time, outcome, carer` and perhaps `provider`, then the cluster;
    `units` has `unit, start`. Raises AnalysisError where units began at several times.
    """
    start = units.set_index("unit")["start"]
    began = sorted(start.dropna().unique())
    if len(began) != 1:
        raise AnalysisError(
            f"start: units began in {len(began)} different periods. Give units with one start, or "
            "use the notebook staggered_adoption with carer as a subgroup."
        )
    used = answers[answers["carer"].isin(["yes", "no"]) & answers["outcome"].notna()]
    at = dict(zip(used["period"], used["time"], strict=True)).get(began[0], np.nan)
    first = np.where(used["unit"].map(start).notna(), at, np.nan)
    table = used.assign(
        unit_name=used["unit"],
        cluster=used.get("provider", used["unit"]),
        outcome_base=np.nan,
        weight=1.0,
        first_treated=first,
        treated=used["time"].to_numpy(float) >= first,
        carer=used["carer"] == "yes",
    ).sort_values(["unit", "time"], kind="stable", ignore_index=True)
    made = make_design(parameters, "points", start=str(began[0]), groups=["carer"])
    found = estimate_groups(table, made, difference_in_differences.estimate)  # type: ignore[arg-type]
    words = {"carer": "Patients who are carers themselves"}
    return _label_groups(found, words)


def _label_groups(found: pd.DataFrame, words: dict[str, str]) -> pd.DataFrame:
    if found.empty:
        return pd.DataFrame(columns=["group", "term", "label", "estimate", "conf_low", "conf_high"])
    said = {"yes": "{0}", "no": "Not: {0}", "difference": "{0}: difference from the others"}
    labels = []
    for group in found["group"]:
        name, _, part = str(group).partition(":")
        labels.append(said[part].format(words[name]))
    return found.assign(label=labels)


def make_design(
    parameters: UnpaidCarers, unit: str, *, start: str, groups: Sequence[str] = ()
) -> DifferenceInDifferences:
    """Make the parameters of the design that the effect is estimated by."""
    shared = ("study", "title", "question", "population", "estimand", "outcome_name")
    also = ("confidence_level", "draws", "seed")
    values: dict[str, Any] = {name: getattr(parameters, name) for name in (*shared, *also)}
    roles = ("unit", "period", "outcome", "treated", *groups)
    return DifferenceInDifferences.model_validate(
        values
        | {
            "notebook": "difference_in_differences",
            "co_production": [],
            "intervention_name": parameters.intervention_name or "the programme",
            "outcome_unit": unit,
            "outcome_facet": "felt",
            "outcome_kind": "number",
            "minimum_important_difference": parameters.minimum_important_difference or 1.0,
            "start_period": start,
            "subgroups": list(groups),
            "data_rows": "people",
            "data_profile": parameters.model_dump()["carers_profile"],
            "data_columns": {name: name for name in roles},
        }
    )
