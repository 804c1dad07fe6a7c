"""Which items make each sub-score of the NHS Staff Survey, and which sub-scores each element.

Read from the survey's published words, and checked on the workbook of 2024: sub-scores worked out
so from its shares of options agree with its own (`docs/methods/measures.md`).
"""

from evalkit.errors import AnalysisError

SUB_SCORES: dict[str, tuple[str, ...]] = {
    "motivation": ("look_forward", "enthusiastic", "time_passes"),
    "involvement": ("show_initiative", "suggest_improvements", "make_improvements"),
    "advocacy": ("patients_priority", "recommend_work", "standard_of_care"),
    "thinking_about_leaving": ("think_of_leaving", "look_for_job", "leave_soon"),
    "work_pressure": ("meet_demands", "adequate_materials", "enough_staff"),
    "stressors": (
        "responsibilities_clear",
        "involved_in_changes",
        "unrealistic_pressures",
        "choice_in_work",
        "strained_relationships",
        "respect_from_colleagues",
        "manager_encourages",
    ),
    "compassionate_culture": (
        "role_makes_difference",
        "patients_priority",
        "acts_on_concerns",
        "recommend_work",
        "standard_of_care",
    ),
    "compassionate_leadership": (
        "manager_understands",
        "manager_listens",
        "manager_cares",
        "manager_helps",
    ),
    "diversity_and_equality": (
        "fair_careers",
        "discrimination_public",
        "discrimination_staff",
        "differences_respected",
    ),
    "inclusion": ("valued_by_team", "attached_to_team", "kind_colleagues", "polite_colleagues"),
    "recognised": (
        "recognition",
        "valued_by_organisation",
        "pay",
        "appreciation",
        "manager_values",
    ),
    "autonomy_and_control": (
        "responsibilities_clear",
        "trusted",
        "show_initiative",
        "suggest_improvements",
        "involved_in_changes",
        "make_improvements",
        "choice_in_work",
    ),
    "raising_concerns": (
        "secure_raising",
        "confident_addressed",
        "safe_to_speak",
        "speak_up_addressed",
    ),
    "health_and_safety_climate": (
        "meet_demands",
        "adequate_materials",
        "enough_staff",
        "unrealistic_pressures",
        "wellbeing_action",
        "violence_reported",
        "harassment_reported",
    ),
    "burnout": (
        "emotionally_exhausting",
        "burnt_out",
        "work_frustrates",
        "exhausted_at_thought",
        "worn_out",
        "hours_tiring",
        "no_energy_for_family",
    ),
    "negative_experiences": (
        "musculoskeletal",
        "unwell_from_stress",
        "worked_while_unwell",
        "violence_public",
        "violence_managers",
        "violence_colleagues",
        "harassment_public",
        "harassment_managers",
        "harassment_colleagues",
    ),
    "development": (
        "challenging_work",
        "develop_career",
        "improve_skills",
        "supported_potential",
        "access_learning",
    ),
    "appraisals": ("appraisal_job", "appraisal_objectives", "appraisal_valued"),
    "work_life_balance": ("balance_commitment", "good_balance", "approach_manager"),
    "flexible_working": ("flexible_patterns",),
    "team_working": (
        "shared_objectives",
        "team_meets",
        "respect_from_colleagues",
        "roles_understood",
        "enjoy_team",
        "team_freedom",
        "disagreements_constructive",
        "teams_work_well",
    ),
    "line_management": (
        "manager_encourages",
        "manager_feedback",
        "manager_asks_opinion",
        "manager_wellbeing",
    ),
}
"""Sub-scores and their items. `recognised` has no sub-scores of its own, and is its element."""

ELEMENTS: dict[str, tuple[str, ...]] = {
    "engagement": ("motivation", "involvement", "advocacy"),
    "morale": ("thinking_about_leaving", "work_pressure", "stressors"),
    "compassionate_and_inclusive": (
        "compassionate_culture",
        "compassionate_leadership",
        "diversity_and_equality",
        "inclusion",
    ),
    "recognised_and_rewarded": ("recognised",),
    "voice_that_counts": ("autonomy_and_control", "raising_concerns"),
    "safe_and_healthy": ("health_and_safety_climate", "burnout", "negative_experiences"),
    "always_learning": ("development", "appraisals"),
    "work_flexibly": ("work_life_balance", "flexible_working"),
    "we_are_a_team": ("team_working", "line_management"),
}
"""Themes and People Promise elements, and the sub-scores that each is the mean of."""


def items_of(score: str) -> tuple[str, ...]:
    """Keys of the items that make a sub-score or an element, with whether an appraisal was held."""
    if score not in SUB_SCORES and score not in ELEMENTS:
        raise AnalysisError(
            f"Staff Survey: there is no score {score}. "
            f"Scores: {', '.join([*ELEMENTS, *SUB_SCORES])}."
        )
    parts = ELEMENTS.get(score, (score,))
    held = ("appraisal_held",) if "appraisals" in parts else ()
    return (*(item for part in parts for item in SUB_SCORES[part]), *held)
