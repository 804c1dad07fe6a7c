"""Figures: each draws a tidy frame and can tell it in words; nothing is computed here."""

from evalkit.charts.acceptability import (
    acceptability_height,
    describe_acceptability,
    plot_acceptability,
)
from evalkit.charts.balance import balance_height, describe_balance, plot_balance
from evalkit.charts.convergence import (
    convergence_height,
    describe_convergence,
    plot_convergence,
)
from evalkit.charts.cost_effect_plane import (
    cost_effect_plane_height,
    describe_cost_effect_plane,
    plot_cost_effect_plane,
)
from evalkit.charts.dose_curve import describe_dose_curve, dose_curve_height, plot_dose_curve
from evalkit.charts.effects import describe_effects, effects_height, plot_effects
from evalkit.charts.emotional_map import (
    describe_emotional_map,
    emotional_map_height,
    plot_emotional_map,
)
from evalkit.charts.estimates import describe_estimates, estimates_height, plot_estimates
from evalkit.charts.event_study import (
    describe_event_study,
    event_study_height,
    plot_event_study,
)
from evalkit.charts.facets import describe_facets, facets_height, plot_facets
from evalkit.charts.feedback import describe_feedback, feedback_height, plot_feedback
from evalkit.charts.figure import Chart, draw
from evalkit.charts.files import render_figure, save_figure
from evalkit.charts.group_differences import (
    describe_group_differences,
    group_differences_height,
    plot_group_differences,
)
from evalkit.charts.journey_grid import (
    describe_journey_grid,
    journey_grid_height,
    plot_journey_grid,
)
from evalkit.charts.lines import describe_lines, lines_height, plot_lines
from evalkit.charts.power import describe_power, plot_power, power_height
from evalkit.charts.process_chart import describe_process, plot_process, process_height
from evalkit.charts.process_rows import (
    describe_process_rows,
    plot_process_rows,
    process_rows_height,
)
from evalkit.charts.rollout import describe_rollout, plot_rollout, rollout_height
from evalkit.charts.shares import describe_shares, plot_shares, shares_height
from evalkit.charts.sites import describe_sites, plot_sites, sites_height
from evalkit.charts.specification_curve import (
    describe_specification_curve,
    plot_specification_curve,
    specification_curve_height,
)
from evalkit.charts.subgroups import describe_subgroups, plot_subgroups, subgroups_height
from evalkit.charts.threshold import describe_threshold, plot_threshold, threshold_height
from evalkit.charts.timing import describe_timing, plot_timing, timing_height
from evalkit.charts.trend import describe_trend, plot_trend, trend_height
from evalkit.charts.variation import describe_variation, plot_variation, variation_height

CHARTS: dict[str, Chart] = {
    "acceptability": Chart(plot_acceptability, describe_acceptability, acceptability_height),
    "cost_effect_plane": Chart(
        plot_cost_effect_plane, describe_cost_effect_plane, cost_effect_plane_height
    ),
    "estimates": Chart(plot_estimates, describe_estimates, estimates_height),
    "facets": Chart(plot_facets, describe_facets, facets_height),
    "timing": Chart(plot_timing, describe_timing, timing_height),
    "subgroups": Chart(plot_subgroups, describe_subgroups, subgroups_height),
    "trend": Chart(plot_trend, describe_trend, trend_height),
    "balance": Chart(plot_balance, describe_balance, balance_height),
    "convergence": Chart(plot_convergence, describe_convergence, convergence_height),
    "dose_curve": Chart(plot_dose_curve, describe_dose_curve, dose_curve_height),
    "effects": Chart(plot_effects, describe_effects, effects_height),
    "event_study": Chart(plot_event_study, describe_event_study, event_study_height),
    "feedback": Chart(plot_feedback, describe_feedback, feedback_height),
    "emotional_map": Chart(plot_emotional_map, describe_emotional_map, emotional_map_height),
    "journey_grid": Chart(plot_journey_grid, describe_journey_grid, journey_grid_height),
    "lines": Chart(plot_lines, describe_lines, lines_height),
    "group_differences": Chart(
        plot_group_differences, describe_group_differences, group_differences_height
    ),
    "power": Chart(plot_power, describe_power, power_height),
    "process_chart": Chart(plot_process, describe_process, process_height),
    "process_rows": Chart(plot_process_rows, describe_process_rows, process_rows_height),
    "rollout": Chart(plot_rollout, describe_rollout, rollout_height),
    "shares": Chart(plot_shares, describe_shares, shares_height),
    "sites": Chart(plot_sites, describe_sites, sites_height),
    "specification_curve": Chart(
        plot_specification_curve, describe_specification_curve, specification_curve_height
    ),
    "threshold": Chart(plot_threshold, describe_threshold, threshold_height),
    "variation": Chart(plot_variation, describe_variation, variation_height),
}

__all__ = ["CHARTS", "Chart", "draw", "render_figure", "save_figure"]
