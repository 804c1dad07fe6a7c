"""Write the choices of a protocol in words: what was settled before the analysis."""

from typing import Any

from evalkit.reports.words import say, sentence_case, show_value

_NAMES = {
    "question": "Question",
    "population": "Who it is about",
    "estimand": "What is estimated",
    "exposure_name": "What is measured of staff",
    "exposure_unit": "Unit of the staff measure",
    "exposure_better": "Better direction of the staff measure",
    "exposure_kind": "Kind of staff measure",
    "exposure_person_sd": "Spread between members of staff (standard deviation)",
    "exposure_step": "Difference in the staff measure to report for",
    "exposure_lag": "Staff measured this many periods before patients",
    "mediator_name": "What may carry the effect",
    "mediator_kind": "Kind of measure of what may carry the effect",
    "mediator_person_sd": "Spread between people of what may carry it (standard deviation)",
    "mediator_noise_correlation": "Correlation over people of staff measure and what may carry it",
    "outcome_name": "Outcome that is measured",
    "outcome_unit": "Unit of the outcome",
    "outcome_facet": "Part of experience that it measures",
    "outcome_person_sd": "Spread between patients (standard deviation)",
    "primary_analysis": "Comparison that gives the answer",
    "adjust_for": "Measured causes allowed for",
    "minimum_important_difference": "Smallest difference that matters",
    "subgroups": "Groups of trusts compared",
    "confidence_level": "Level of every interval",
    "periods": "Periods used",
    "alternatives": "What the plan allows besides",
    "allocation": "Who has it, or when",
    "data_rows": "Rows of the data",
    "data_until": "Last period of the past that is used",
    "person_sd": "Spread of all answers (standard deviation)",
    "unit_sd": "Spread of units' lasting levels",
    "drift_sd": "Spread of units' own ups and downs",
    "drift_correlation": "Correlation of ups and downs with those of the period before",
    "period_sd": "Spread of what a period brings to all",
    "icc": "Correlation of two answers of a unit in one period",
    "cac": "Share of that correlation that lasts",
    "people": "Answers in each unit and period",
    "effects": "True differences tried",
    "numbers_of_units": "Numbers of units tried",
    "simulations": "Made-up studies for each number of units",
    "power_wanted": "How often what matters is to be found",
    "intervention_name": "What was done",
    "outcome_better": "Better direction of the outcome",
    "outcome_least": "Lowest value that the outcome can have",
    "outcome_most": "Highest value that the outcome can have",
    "fewest": "Fewest people in a group that is estimated",
    "imd_version": "Edition of the Index of Multiple Deprivation",
    "row_name": "What a row of the data is",
    "plus_chosen_by": "Who chose the PLUS groups, and when",
    "strata": "Characteristics that are combined",
    "answers_counted": "Answers that are counted",
    "asked_counts": "People asked, as the data count them",
    "break_points": "Move of a way of asking that marks a break, in percentage points",
    "nonresponse_points": "How far those who did not answer may differ, in percentage points",
    "start_period": "First period with it",
    "target": "Target",
    "units": "Units",
    "fewest_coded": "Fewest comments with a label, below which it is not corrected",
    "human_coders": "People who coded",
    "machine_coder": "Machine that coded",
    "label_list": "List of labels",
    "later_from": "First period of the later time",
    "theme": "Theme that is asked about",
    "group": "Groups that are compared",
    "designed_sources": "Sources that rest on a designed comparison",
    "reference_source": "Source that the others are set beside",
    "lived_experience_coder": "Coder with lived experience",
    "explained": "What explains a disagreement",
    "overall_themes": "Themes measured by overall experience",
    "relational_themes": "Themes measured by its relational part",
    "functional_themes": "Themes measured by its functional part",
    "felt_themes": "Themes measured by its felt part",
    "respondents": "Whose answers are used",
    "respondent": "Whose answers are used",
    "always_target": "Target of an Always Event, per cent",
    "audience": "Readers whom the page is for",
    "as_of": "Day by which it is judged",
    "share": "Share that the target is for",
    "chart": "Kind of process chart",
    "done_when": "Statuses that count as done",
    "new_limits_reason": "Why targets are judged by limits since the start",
    "programme": "Programme",
    "value_kind": "Kind of value of the measures",
    "estimand_for": "Whose quality of life gives the answer",
    "imputations": "How often answers that nobody gave are filled in",
    "lost_shift": "How far those lost may differ before the answer is unsure",
    "moderators": "Groups of carers that are compared",
    "gain_unit": "Gain that the cost is given for",
    "price_year": "Year of prices",
    "currency": "Currency",
    "costs_are": "What the costs are",
    "perspective": "Payer whose costs are set against the gain",
    "items_expected": "Lines of cost that are looked for",
    "discount_percent": "Discount from the second year on, per cent a year",
    "prices": "Amounts that a gain may be worth",
    "sickness_day_cost": "Cost of a day of staff sickness",
    "tariff_described": "What the tariff of CarerQol is",
}
_VALUES = {
    ("primary_analysis", "within"): "Each trust with itself over time (within trusts)",
    ("primary_analysis", "first_difference"): "Change on change, from one period to the next",
    ("exposure_kind", "score"): "Score: a mean over people",
    ("mediator_kind", "score"): "Score: a mean over people",
    ("exposure_kind", "percentage"): "Percentage of people",
    ("mediator_kind", "percentage"): "Percentage of people",
    ("serial_correlation", "reml_averaged"): "averaged over",
    ("serial_correlation", "reml"): "taken as likeliest",
    ("serial_correlation", "prais_winsten"): "by Prais and Winsten's method",
    ("season", "harmonics"): "waves over the year",
    ("season", "dummies"): "each part of the year by itself",
    ("comparison", "never_treated"): "units that never have it",
    ("comparison", "not_yet_treated"): "units that do not have it yet",
    ("average", "group"): "every unit the same",
    ("average", "simple"): "every unit and period the same",
    ("weight_by", "base"): "number of answers",
    ("inference", "chosen_by_data"): "what holds with as many clusters",
    ("inference", "cr2"): "CR2 errors",
    ("inference", "clustered"): "clustered errors",
    ("small_sample", "kenward_roger"): "Kenward-Roger",
    ("small_sample", "satterthwaite"): "Satterthwaite",
    ("allocation", "random"): "By lot",
    ("allocation", "not_random"): "Not by lot",
    ("data_rows", "panel"): "A row a unit and period",
    ("data_rows", "people"): "A row an answer",
    ("asked_counts", "row"): "in each row",
    ("asked_counts", "unit_and_period"): "once a unit and period",
    ("costs_are", "extra"): "what the intervention adds, its beginning included",
    ("costs_are", "all"): "all costs of the units",
    ("chart", "xmr"): "XmR chart (of single values)",
    ("chart", "percentages"): "p' chart (of percentages)",
    ("estimand_for", "while_caring"): "those who still care",
    ("estimand_for", "treatment_policy"): "all who were asked, whatever became of their caring",
}
_ALL = {"periods": "All in the data"}


def write_choices(protocol: dict[str, Any]) -> str:
    """Return the choices that were made, one under the other; those that do not apply are left."""
    carried = protocol.get("mediator_name") is not None
    items = "".join(
        f"<div><dt>{say(name_choice(name))}</dt><dd>{say(show_choice(name, value))}</dd></div>"
        for name, value in protocol.items()
        if (value is not None or name in _ALL) and (carried or not name.startswith("mediator_"))
    )
    return f"<dl>{items}</dl>"


def name_choice(name: str) -> str:
    """Return what a choice is called on the page, without escaping."""
    return _NAMES.get(name, sentence_case(name))


def show_choice(name: str, value: Any) -> str:
    """Return what was chosen, in words and without escaping."""
    if value is None:
        return _ALL.get(name, "None")
    if isinstance(value, dict):
        told = (
            f"{name_choice(key)}: "
            + (_show_alternatives(key, held) if isinstance(held, list) else show_choice(key, held))
            for key, held in value.items()
        )
        return "; ".join(told) or "Nothing"
    if isinstance(value, list):
        return ", ".join(show_choice(name, entry) for entry in value) or "None"
    if name == "confidence_level" and isinstance(value, float):
        return f"{100 * value:g}%"
    if isinstance(value, str):
        return _VALUES.get((name, value), value.replace("_", " ")) or "None"
    return show_value(value) if isinstance(value, int | float) else str(value)


def _show_alternatives(name: str, values: list[Any]) -> str:
    """Return what a choice may be besides; a stretch of periods by its ends."""
    if name == "periods":
        values = [f"{window[0]} to {window[-1]}" for window in values]
    shown = (show_choice(name, value) for value in values)
    return " or ".join(text[:1].lower() + text[1:] for text in shown)
