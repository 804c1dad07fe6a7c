"""Are carers identified, supported, better off: the answer by rule, in words.

A gain of patients does not answer it: where patients gained and their carers lost, the answer says
both and calls it a trade-off. Where the two estimands disagree, nothing is claimed.
Shares of the carers counted stand in tables alone: a release may show them from rounded counts,
and a sentence with the share itself would give the count away.
"""

from typing import Literal

import pandas as pd

from evalkit.findings.beside_least import beside_least, value_beside_least
from evalkit.findings.open_questions import list_not_shown
from evalkit.measures.carers_effect import MODERATORS, TRADE
from evalkit.measures.carers_lost import ESTIMANDS
from evalkit.measures.carers_study import Compared, Described, pick_estimand
from evalkit.measures.carers_waves import GROUPS
from evalkit.results import Check, Finding, pick_row
from evalkit.results.words import interval, listed, number, values_table
from evalkit.study.schemas.unpaid_carers import UnpaidCarers

Claim = Literal[
    "patients gained, carers harmed",
    "carers harmed",
    "carers better off, patients harmed",
    "carers better off",
    "no change that matters",
    "unclear",
    "cannot be told",
    "described",
]
_PATIENTS = "patient_overall"
_GROUPS = {
    "long_hours": "carers of thirty-five hours a week or more",
    "most_deprived": "carers from the most deprived fifth",
    "older": "carers of sixty-six years or older",
}
_BANDS = {
    "none": "no hours",
    "1-9": "one to nine hours",
    "10-19": "ten to nineteen hours",
    "20-34": "twenty to thirty-four hours",
    "35-49": "thirty-five to forty-nine hours",
    "50+": "fifty hours or more",
}


def conclude_carers(
    described: Described, compared: Compared, checks: list[Check], parameters: UnpaidCarers
) -> Finding:
    """Choose the claim that the numbers and the checks allow, and say it in plain English."""
    claim = choose_claim(compared, checks, parameters)
    answer = _answer(claim, described, compared, checks, parameters)
    meaning = (
        _say_estimands(compared, parameters),
        _say_dyads(compared, parameters),
        _say_lost(compared),
        _say_moderation(compared, parameters),
        _say_for_carers(compared, parameters),
        _say_carers(described, parameters),
        _say_same(checks),
        _say_identified(described),
    )
    kept = tuple(said for said in meaning if said)
    limits = (*_limits(compared, parameters), *list_not_shown(checks))
    return Finding(claim, answer, kept, limits, _values(described, compared, parameters))


def choose_claim(compared: Compared, checks: list[Check], parameters: UnpaidCarers) -> Claim:
    """Decide by rule: carers' quality of life, then patients', which checks must allow."""
    if compared.is_empty:
        return "described"
    row = pick_estimand(compared.estimands, parameters.estimand_for)
    if any(check.blocks and check.verdict != "passes" for check in checks):
        return "cannot be told"
    carers, patients = _side(row), _patients_side(compared)
    if carers < 0:
        return "patients gained, carers harmed" if patients > 0 else "carers harmed"
    if carers > 0:
        return "carers better off, patients harmed" if patients < 0 else "carers better off"
    least = parameters.minimum_important_difference
    small = least is not None and max(-row["conf_low"], row["conf_high"]) < least
    return "no change that matters" if small else "unclear"


def _side(row: "pd.Series[float]") -> int:
    return int(row["conf_low"] > 0) - int(row["conf_high"] < 0)


def _patients_side(compared: Compared) -> int:
    found = _effect(compared, _PATIENTS)
    return 0 if found is None else _side(found)


def _effect(compared: Compared, outcome: str) -> "pd.Series[float] | None":
    effects = compared.effects
    there = not effects.empty and (effects["outcome"] == outcome).any()
    return pick_row(effects, outcome=outcome) if there else None


def _answer(
    claim: Claim,
    described: Described,
    compared: Compared,
    checks: list[Check],
    parameters: UnpaidCarers,
) -> str:
    if claim == "described":
        whole = described.groups.iloc[0]
        ends = interval(whole["mean_low"], whole["mean_high"], parameters.confidence_level)
        return (
            f"Carers' quality of life is {number(whole['mean'])} of twelve ({ends}). This "
            "describes how carers fare, not why."
        )
    row = pick_estimand(compared.estimands, parameters.estimand_for)
    change, name = _sized(row, parameters.outcome_unit, parameters), _programme(parameters)
    known = _and_identified(compared, parameters)
    with_it = f"with {name} carers' quality of life"
    patients = _effect(compared, _PATIENTS)
    if claim == "cannot be told":
        failed = [c for c in checks if c.blocks and c.verdict != "passes"]
        return (
            f"Whether carers are better off with {name} cannot be told: "
            f"{failed[0].finding[0].lower()}{failed[0].finding[1:]}{known}."
        )
    if claim == "patients gained, carers harmed" and patients is not None:
        gain = _sized(patients, "points", parameters)
        return (
            f"A trade-off: patients gained and their carers were harmed. With {name} patients' "
            f"experience rose by {gain} more than without it, and the quality of life of their "
            f"carers fell by {change}{known}."
        )
    if claim == "carers better off, patients harmed" and patients is not None:
        loss = _sized(patients, "points", parameters)
        return (
            f"A trade-off: carers gained and patients were harmed. With {name} carers' quality of "
            f"life rose by {change} more than without it, and patients' experience fell by "
            f"{loss}{known}."
        )
    if claim == "carers harmed":
        return f"Carers fared worse: {with_it} fell by {change} against the others{known}."
    if claim == "carers better off":
        return f"Carers fared better: {with_it} rose by {change} more than without it{known}."
    if claim == "no change that matters":
        return f"Carers gained or lost less than matters: {with_it} moved by {change}{known}."
    way = "up" if row["estimate"] > 0 else "down"
    return (
        f"Whether carers are better off is unclear: {with_it} went {way} by {change} against the "
        f"others, which chance alone could make{known}."
    )


def _and_identified(compared: Compared, parameters: UnpaidCarers) -> str:
    """Say what became of identification, where it clearly moved."""
    row = _effect(compared, "identified")
    if row is None or _side(row) == 0:
        return ""
    word = "more" if row["estimate"] > 0 else "fewer"
    sized = _sized(row, "percentage points", parameters, 1)
    return f"; {word} of them came to be identified, by {sized}"


def _programme(parameters: UnpaidCarers) -> str:
    return parameters.intervention_name or "the programme"


def _sized(row: "pd.Series[float]", unit: str, parameters: UnpaidCarers, decimals: int = 2) -> str:
    """Write a size without its sign, with the interval on the same side."""
    sign = -1 if row["estimate"] < 0 else 1
    low, high = sorted((sign * row["conf_low"], sign * row["conf_high"]))
    ends = interval(low, high, parameters.confidence_level, decimals)
    return f"{number(abs(row['estimate']), decimals)} {unit} ({ends})"


def _signed(row: "pd.Series[float]", parameters: UnpaidCarers) -> str:
    ends = interval(row["conf_low"], row["conf_high"], parameters.confidence_level)
    return f"{number(row['estimate'])} ({ends})"


def _say_estimands(compared: Compared, parameters: UnpaidCarers) -> str:
    if compared.is_empty:
        return ""
    both = {name: pick_estimand(compared.estimands, name) for name in ESTIMANDS}
    said = (
        "Effect on quality of life, in points of twelve: on those who still care "
        f"{_signed(both['while_caring'], parameters)}; on all who were asked, whatever became of "
        f"their caring, {_signed(both['treatment_policy'], parameters)}. "
        f"The first answers the question."
    )
    if parameters.estimand_for == "treatment_policy":
        said = said.replace("The first", "The second")
    least = parameters.minimum_important_difference
    if least is None:
        return said
    row = both[parameters.estimand_for]
    size, ends = float(row["estimate"]), (float(row["conf_low"]), float(row["conf_high"]))
    return f"{said} It is {beside_least(size, least, parameters.outcome_unit, ends)}."


def _say_dyads(compared: Compared, parameters: UnpaidCarers) -> str:
    patients, apart = _effect(compared, _PATIENTS), _effect(compared, TRADE)
    if patients is None or apart is None:
        return ""
    said = (
        f"Patients of the same dyads: {_signed(patients, parameters)} points of ten. Within dyads "
        f"the carer's change less the patient's is {_signed(apart, parameters)} standard "
        f"deviations; patient and carer answer alike by a correlation of {number(compared.alike)}."
    )
    least = parameters.minimum_important_difference
    row = pick_estimand(compared.estimands, parameters.estimand_for)
    gained = _side(patients) > 0
    if gained and least is not None and _side(row) >= 0 and row["conf_low"] < -least:
        said += " Patients gained, and harm to carers that matters is not ruled out."
    return said


def _say_lost(compared: Compared) -> str:
    if compared.is_empty:
        return ""
    return (
        "By the second wave some were bereaved, for some caring had ended, and some did not "
        'answer: the table "Who was lost" counts them, with the programme and without it.'
    )


def _say_moderation(compared: Compared, parameters: UnpaidCarers) -> str:
    said = [
        f"{_GROUPS[name]} {_signed(row, parameters)}"
        for name in MODERATORS
        if (row := _difference(compared.moderation, name)) is not None
    ]
    if not said:
        return ""
    return (
        "How the effect on quality of life differs from that on other carers, in points of twelve: "
        f"{listed(said)}."
    )


def _say_for_carers(compared: Compared, parameters: UnpaidCarers) -> str:
    """Say apart what patients who are carers gained: their experience, on a scale of its own."""
    row = _difference(compared.for_carers, "carer")
    if row is None:
        return ""
    return (
        "How the effect on patients' overall experience, in points of ten, differs between "
        f"patients who are carers themselves and other patients: {_signed(row, parameters)}."
    )


def _difference(table: pd.DataFrame, name: str) -> "pd.Series[float] | None":
    group = f"{name}:difference"
    if table.empty or not (table["group"] == group).any():
        return None
    return pick_row(table, group=group)


def _say_same(checks: list[Check]) -> str:
    """Say that groups' scores may be compared, where the fit of the questions shows no less."""
    if all(check.verdict == "passes" for check in checks if check.name == "same_measure"):
        return "The six questions measure the same in both kinds of unit, as far as fit can tell."
    return ""


def _say_carers(described: Described, parameters: UnpaidCarers) -> str:
    whole = described.groups.iloc[0]
    said = f"When first asked, carers' quality of life was {_mean(whole, parameters)} of twelve"
    lowest = _lowest(described)
    if lowest is None:
        return f"{said}."
    hours = _BANDS[str(lowest["group"])]
    return f"{said}, lowest by hours of caring at {hours} a week: {_mean(lowest, parameters)}."


def _lowest(described: Described) -> "pd.Series[float] | None":
    groups = described.groups
    bands = groups[groups["group"].isin(list(_BANDS)) & groups["mean"].notna()]
    if bands.empty:
        return None
    return bands.sort_values("mean", kind="stable").iloc[0]


def _mean(row: "pd.Series[float]", parameters: UnpaidCarers) -> str:
    ends = interval(row["mean_low"], row["mean_high"], parameters.confidence_level)
    return f"{number(row['mean'])} ({ends})"


def _say_identified(described: Described) -> str:
    support = "What support carers had is not in these data."
    if described.identified.empty:
        return support
    return (
        "How many of the carers asked the service has on record as carers stands in the table "
        '"Are carers identified?". It counts all who answered at each wave; a change is told of '
        f"those who answered at both, so that the two may differ a little. {support}"
    )


def _limits(compared: Compared, parameters: UnpaidCarers) -> list[str]:
    said = [
        "Carers whom nobody knows of were not asked, and are in no figure here.",
        "The score counts only those who answered all six domains.",
    ]
    if compared.is_empty:
        return said
    said += [
        "Tables count different carers: all who were asked, those who answered all six domains, "
        "and those who still care and answered at both waves.",
        "With one wave before, nobody can see whether both kinds of unit would have changed alike: "
        "this compares them, and does not show that the programme made the difference.",
        "No measure of carers' quality of life has been shown to respond clearly within a year.",
        f"The answer is for {ESTIMANDS[parameters.estimand_for].lower()}. The programme may also "
        "have changed whether caring goes on.",
    ]
    if _effect(compared, _PATIENTS) is not None:
        said.append(
            "Where a carer answered for the patient, both answers are one person's: the data do "
            "not say where."
        )
    return said


def _values(described: Described, compared: Compared, parameters: UnpaidCarers) -> pd.DataFrame:
    """Each number of the sentences, by name, rounded as it is said."""
    rows: dict[str, float] = {"level": parameters.confidence_level}
    decimals: dict[str, int] = {}
    for name, group in (("all_carers", described.groups.iloc[0]), ("lowest", _lowest(described))):
        if group is not None:
            rows |= {name: group["mean"]}
            rows |= {f"{name}_low": group["mean_low"], f"{name}_high": group["mean_high"]}
    if compared.is_empty:
        return values_table(rows, dict.fromkeys(rows, 2) | decimals)
    answer = pick_estimand(compared.estimands, parameters.estimand_for)
    rows |= {"difference": answer["estimate"]}
    rows |= {"low": answer["conf_low"], "high": answer["conf_high"]}
    for name in ESTIMANDS:
        rows |= _ends(name, pick_estimand(compared.estimands, name))
    for name in ("identified", _PATIENTS, TRADE):
        row = _effect(compared, name)
        if row is not None:
            rows |= _ends(f"effect_{name}", row)
    if "effect_identified" in rows:
        decimals |= {f"effect_identified{end}": 1 for end in ("", "_low", "_high")}
    if pd.notna(compared.alike):
        rows["correlation_in_dyads"] = compared.alike
    for table, names in ((compared.moderation, list(MODERATORS)), (compared.for_carers, ["carer"])):
        for name in names:
            row = _difference(table, name)
            if row is not None:
                rows |= _ends(f"difference_{name}", row)
    least = parameters.minimum_important_difference
    if least is not None:
        rows["minimum_important_difference"] = least
        name, value, places = value_beside_least(rows[parameters.estimand_for], least)
        rows[name], decimals[name] = value, places
    return values_table(rows, dict.fromkeys(rows, 2) | decimals)


def _ends(name: str, row: "pd.Series[float]") -> dict[str, float]:
    return {
        name: row["estimate"],
        f"{name}_low": row["conf_low"],
        f"{name}_high": row["conf_high"],
    }


def list_not_measured(described: Described, compared: Compared) -> list[str]:
    """List what a statement on carers would hold, and these data do not."""
    rows = described.carers.rows
    said = [f"Carers by {words.lower()}" for name, words in GROUPS.items() if name not in rows]
    if described.identified.empty:
        said.append("Whether carers are identified")
    if described.expected.empty:
        said.append("Carers recorded, against those that a census would lead one to expect")
    if "carerqol" not in rows:
        said.append("CarerQol as one figure: no tariff is given")
    if compared.for_carers.empty:
        said.append("What patients who are carers themselves gained, against others")
    return [
        *said,
        "What support each carer had",
        "How the bereaved fare, and those whose caring ended",
        "Young carers",
    ]
