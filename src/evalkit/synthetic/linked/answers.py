"""What a study may conclude in each world: the right answer, notebook by notebook."""

NOTEBOOKS = (
    "journey",
    "friends_and_family",
    "insight_triangulation",
    "feedback_themes",
    "patient_stories",
    "co_production",
    "health_inequalities",
    "unpaid_carers",
    "priority_programmes",
    "value_for_money",
)

_NO_CHANGE = {
    "journey": "no change in any facet is claimed",
    "friends_and_family": "no change beyond chance is claimed",
    "insight_triangulation": "sources agree that nothing changed; silence is not agreement",
    "feedback_themes": "no change in what people write about",
    "health_inequalities": "a gap stands, and no change in it is claimed",
    "unpaid_carers": "no effect on carers is claimed",
    "priority_programmes": "common cause variation: no measure changed",
    "value_for_money": "costs without a shown benefit: no cost per point is claimed",
}
_DESCRIPTIVE = {
    "patient_stories": "what was told, and whether it was acted on; never how common it is",
    "co_production": "lived-experience partners joined late and rate it lower than professionals",
}

RIGHT_ANSWERS: dict[str, dict[str, str]] = {
    "effect_relational": {
        "journey": "the relational facet improved; the functional and the felt did not",
        "friends_and_family": "slightly better within each way of asking; the mix did not move",
        "insight_triangulation": "sources agree on being listened to, and none disagrees",
        "feedback_themes": "more is written about being listened to",
        "health_inequalities": "the mean improved and the gap stayed",
        "unpaid_carers": "carers are better off, and more of them are identified",
        "priority_programmes": "some measures changed when programmes started, and one got worse",
        "value_for_money": "a cost per 0.1 point, with carers' time and payments shown apart",
    },
    "null": _NO_CHANGE,
    "confounded": _NO_CHANGE
    | {
        "journey": "treated trusts were already improving: no effect is claimed",
        "value_for_money": "treated trusts were already improving: no cost per point is claimed",
    },
    "reverse": _NO_CHANGE
    | {"insight_triangulation": "staff follow patients; staff wellbeing is not the cause"},
    "worst_chosen": _NO_CHANGE
    | {
        "journey": "the worst wards were chosen after a bad half-year and came back by themselves",
        "priority_programmes": "a change after a choice of the worst is regression to the mean",
        "value_for_money": "the gain is regression to the mean: no cost per point is claimed",
    },
    "mode_shift": _NO_CHANGE
    | {"friends_and_family": "the way of asking moved; within each way nothing changed"},
    "ceiling": _NO_CHANGE
    | {
        "journey": "scores stand at the end of the scale: whether it improved cannot be told",
        "value_for_money": "the scale cannot show the benefit: not told, rather than none",
    },
    "nonresponse_by_deprivation": _NO_CHANGE
    | {
        "journey": "the most deprived stopped answering: the rise of the mean is not claimed",
        "health_inequalities": "the most deprived stopped answering: change cannot be told",
    },
    "gap_wider": _NO_CHANGE
    | {
        "journey": "the mean improved, and the most deprived got worse",
        "friends_and_family": "better within each way of asking",
        "insight_triangulation": "sources agree that it is better on average",
        "health_inequalities": "the mean improved and the gap widened: both are said",
        "value_for_money": "a cost per 0.1 point, beside a gap that widened",
    },
    "carer_harm": _NO_CHANGE
    | {
        "journey": "every facet improved, the relational most",
        "friends_and_family": "better within each way of asking",
        "insight_triangulation": "patients report better and carers worse: contested",
        "health_inequalities": "the mean improved and the gap stayed",
        "unpaid_carers": "patients gained and carers were harmed: a trade-off",
        "value_for_money": "patients' gain stands beside carers' loss",
    },
    "dissonant": _NO_CHANGE
    | {
        "journey": "every facet improved in the survey",
        "friends_and_family": "better within each way of asking, while comments got worse",
        "insight_triangulation": "contested: survey better, comments and complaints worse",
        "health_inequalities": "the mean improved and the gap stayed",
        "value_for_money": "a cost per 0.1 point that other sources contest",
    },
    "classifier_misses_carers": _NO_CHANGE
    | {
        "feedback_themes": "carers write about twice as much of how staff deal with families; "
        "the machine misses it, and the corrected share shows it or says too few",
    },
}


def answers_of(world: str) -> dict[str, str]:
    """Return the right answer of each notebook in a world."""
    given = _DESCRIPTIVE | RIGHT_ANSWERS[world]
    return {notebook: given[notebook] for notebook in NOTEBOOKS}
